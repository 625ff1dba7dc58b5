//! The committed corpus, and mutations of it that are the same each time.

use std::panic::catch_unwind;

use authing_tests::hostile::corpus::{root, seeds};
use authing_tests::hostile::{entry_points, mutation};
use fastrand::Rng;

/// About how many mutations each entry point gets.
const MUTATIONS: usize = 3000;

/// Feeds an input and says which one it was if that fails.
fn feed(name: &str, take: fn(&[u8]), origin: &str, bytes: &[u8]) {
    if catch_unwind(|| take(bytes)).is_err() {
        let text = String::from_utf8_lossy(bytes);
        panic!("{name} broke on {origin}: {bytes:02x?}\n{text}");
    }
}

macro_rules! entry_points {
    ($($name:ident,)+) => {
        $(#[test]
        fn $name() {
            all_of(stringify!($name));
        })+

        #[test]
        fn every_entry_point_has_a_test_and_a_folder() {
            let known: Vec<_> = entry_points().iter().map(|(name, _)| *name).collect();
            assert_eq!(known, [$(stringify!($name)),+]);
            let mut folders: Vec<_> = std::fs::read_dir(root())
                .unwrap()
                .map(|folder| folder.unwrap().file_name().into_string().unwrap())
                .collect();
            folders.sort();
            assert_eq!(known, folders);
        }
    };
}

entry_points!(
    callback,
    custom_field,
    graphql,
    headers,
    host,
    id_token,
    models,
    next_step,
    oauth,
    pages,
    password_key,
    rest,
    sm2_key,
    timestamp,
    user_token,
    verify_challenge,
    verify_introspection,
    verify_keys,
    verify_token,
    verify_webhook,
);

fn all_of(name: &str) {
    let found = entry_points().iter().find(|(known, _)| *known == name);
    let (name, take) = *found.unwrap();
    let seeds = seeds(name);
    for seed in &seeds {
        feed(name, take, &seed.name, &seed.bytes);
    }
    let mut rng = Rng::with_seed(0x5eed);
    let each = MUTATIONS.div_ceil(seeds.len());
    let mut tried = seeds.len();
    for seed in &seeds {
        for number in 0..each {
            let other = &seeds[rng.usize(0..seeds.len())];
            let bytes = mutation::mutate(&mut rng, &seed.bytes, &other.bytes);
            let origin = format!("mutation {number} of {}", seed.name);
            feed(name, take, &origin, &bytes);
            tried += 1;
        }
    }
    println!(
        "{name}: {tried} inputs, {} of them from the corpus",
        seeds.len()
    );
}
