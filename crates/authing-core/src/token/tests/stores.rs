//! Caches that share a token.

use std::path::PathBuf;

use super::*;

/// A folder of its own for a test.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let unique = format!(
            "authing-{name}-{}-{:x}",
            std::process::id(),
            fastrand::u64(..)
        );
        let path = std::env::temp_dir().join(unique);
        std::fs::create_dir(&path).unwrap();
        Self(path)
    }

    fn file(&self) -> PathBuf {
        self.0.join("tokens.json")
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn sharing(mint: &Mint, hands: &Hands, store: impl TokenStore) -> Arc<TokenCache> {
    let clock = Arc::new(hands.clone());
    Arc::new(TokenCache::with_store(
        mint.clone(),
        clock,
        Arc::new(store),
        "pool@host",
    ))
}

/// Long after 1970, since the file store keeps no token that has expired by now.
fn hands() -> Hands {
    let hands = Hands::default();
    hands.turn(4_000_000_000);
    hands
}

fn both(test: impl Fn(&dyn Fn() -> Arc<dyn TokenStore>)) {
    let memory = MemoryTokenStore::new();
    test(&|| Arc::new(memory.clone()));
    let folder = Folder::new("store");
    test(&|| Arc::new(FileTokenStore::open(folder.file()).unwrap()));
}

fn block_on(future: impl Future<Output = ()>) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(future);
}

#[async_trait]
impl TokenStore for Arc<dyn TokenStore> {
    async fn load(&self, scope: &str) -> Result<Option<StoredToken>> {
        (**self).load(scope).await
    }

    async fn save(&self, scope: &str, token: &StoredToken) -> Result<()> {
        (**self).save(scope, token).await
    }

    async fn lock(&self, scope: &str) -> Result<StoreLock> {
        (**self).lock(scope).await
    }
}

#[test]
fn caches_share_a_token_and_its_renewal() {
    both(|store| {
        block_on(async {
            let (mint, hands) = (Mint::living(3600), hands());
            let first = sharing(&mint, &hands, store());
            let second = sharing(&mint, &hands, store());
            assert_eq!(first.token().await.unwrap().expose(), "t1");
            assert_eq!(second.token().await.unwrap().expose(), "t1");
            hands.turn(3600 - 200);
            assert_eq!(second.token().await.unwrap().expose(), "t2");
            assert_eq!(first.token().await.unwrap().expose(), "t2");
            assert_eq!(mint.fetches(), 2);
        });
    });
}

#[test]
fn caches_that_start_together_fetch_once() {
    both(|store| {
        block_on(async {
            let (mint, hands) = (Mint::living(3600), hands());
            let tasks: Vec<_> = (0..20)
                .map(|_| {
                    let cache = sharing(&mint, &hands, store());
                    tokio::spawn(async move { cache.token().await.unwrap() })
                })
                .collect();
            for task in tasks {
                assert_eq!(task.await.unwrap().expose(), "t1");
            }
            assert_eq!(mint.fetches(), 1);
        });
    });
}

#[test]
fn a_refused_token_is_not_taken_from_the_store_again() {
    both(|store| {
        block_on(async {
            let (mint, hands) = (Mint::living(3600), hands());
            let cache = sharing(&mint, &hands, store());
            let first = cache.get().await.unwrap();
            cache.reject(&first);
            assert_eq!(cache.token().await.unwrap().expose(), "t2");
            let other = sharing(&mint, &hands, store());
            assert_eq!(other.token().await.unwrap().expose(), "t2");
        });
    });
}

#[test]
fn a_lock_is_given_back_by_who_gives_up() {
    both(|store| {
        block_on(async {
            let (mint, hands) = (Mint::living(3600), hands());
            let first = sharing(&mint, &hands, store());
            mint.stuck.store(true, Ordering::SeqCst);
            let leaving = tokio::spawn(async move { first.token().await });
            while mint.held.load(Ordering::SeqCst) == 0 {
                tokio::task::yield_now().await;
            }
            let second = sharing(&mint, &hands, store());
            let waiting = tokio::spawn(async move { second.token().await });
            tokio::time::sleep(Duration::from_millis(5)).await;
            assert_eq!(mint.fetches(), 1, "two fetch at once");
            mint.stuck.store(false, Ordering::SeqCst);
            leaving.abort();
            assert_eq!(waiting.await.unwrap().unwrap().expose(), "t2");
        });
    });
}

#[tokio::test]
async fn scopes_are_kept_apart() {
    let folder = Folder::new("scopes");
    let store = FileTokenStore::open(folder.file()).unwrap();
    let now = hands().now();
    let token = |text: &str| StoredToken::new(text.into(), now, None);
    store.save("a", &token("ta")).await.unwrap();
    store.save("b", &token("tb")).await.unwrap();
    assert_eq!(store.load("a").await.unwrap().unwrap().token.expose(), "ta");
    assert_eq!(store.load("b").await.unwrap().unwrap().token.expose(), "tb");
    assert!(store.load("c").await.unwrap().is_none());
    assert!(!format!("{:?}", store.load("a").await).contains("ta"));
}

#[tokio::test]
async fn tokens_that_have_expired_leave_the_file() {
    let folder = Folder::new("expired");
    let store = FileTokenStore::open(folder.file()).unwrap();
    let old = epoch(1000);
    let gone = StoredToken::new("gone".into(), old, Some(epoch(2000)));
    store.save("a", &gone).await.unwrap();
    store
        .save("b", &StoredToken::new("b".into(), old, None))
        .await
        .unwrap();
    let text = std::fs::read_to_string(folder.file()).unwrap();
    assert!(!text.contains("gone") && text.contains("\"b\""), "{text}");
}

fn epoch(seconds: u64) -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(seconds)
}

/// A store that does not work.
#[derive(Debug)]
struct Broken;

#[async_trait]
impl TokenStore for Broken {
    async fn load(&self, _: &str) -> Result<Option<StoredToken>> {
        Err(Error::configuration("no"))
    }

    async fn save(&self, _: &str, _: &StoredToken) -> Result<()> {
        Err(Error::configuration("no"))
    }

    async fn lock(&self, _: &str) -> Result<StoreLock> {
        Err(Error::configuration("no"))
    }
}

/// An operation of a store.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Step {
    Load,
    Save,
    Lock,
}

/// A store of which some operations never end.
#[derive(Debug)]
struct Hanging {
    steps: &'static [Step],
    asked: Arc<AtomicUsize>,
    token: MemoryTokenStore,
}

impl Hanging {
    async fn step(&self, step: Step) {
        if self.steps.contains(&step) {
            self.asked.fetch_add(1, Ordering::SeqCst);
            std::future::pending().await
        }
    }
}

#[async_trait]
impl TokenStore for Hanging {
    async fn load(&self, scope: &str) -> Result<Option<StoredToken>> {
        self.step(Step::Load).await;
        self.token.load(scope).await
    }

    async fn save(&self, scope: &str, token: &StoredToken) -> Result<()> {
        self.step(Step::Save).await;
        self.token.save(scope, token).await
    }

    async fn lock(&self, scope: &str) -> Result<StoreLock> {
        self.step(Step::Lock).await;
        self.token.lock(scope).await
    }
}

#[tokio::test(start_paused = true)]
async fn a_store_that_fails_costs_a_fetch_and_no_call() {
    let mint = Mint::living(3600);
    let cache = sharing(&mint, &hands(), Broken);
    cache.token().await.unwrap();
    cache.token().await.unwrap();
    assert_eq!(mint.fetches(), 1);
}

/// Tokio's time that passes, which is paused, until a token is there.
async fn time_for_a_token(cache: &TokenCache) -> Duration {
    #[expect(clippy::disallowed_methods, reason = "it is Tokio's paused time")]
    let before = tokio::time::Instant::now();
    cache.token().await.unwrap();
    before.elapsed()
}

#[tokio::test(start_paused = true)]
async fn a_store_that_hangs_is_waited_for_once() {
    use Step::{Load, Lock, Save};
    let at_once = Duration::from_millis(10);
    for steps in [&[Load][..], &[Lock], &[Save], &[Load, Lock, Save]] {
        let (mint, hands) = (Mint::living(60), hands());
        let asked = Arc::new(AtomicUsize::new(0));
        let store = Hanging {
            steps,
            asked: Arc::clone(&asked),
            token: MemoryTokenStore::new(),
        };
        let cache = sharing(&mint, &hands, store);
        let spent = time_for_a_token(&cache).await;
        assert!(
            spent <= Duration::from_secs(1) + at_once,
            "{steps:?}: {spent:?}"
        );
        assert_eq!((mint.fetches(), asked.load(Ordering::SeqCst)), (1, 1));
        // The next fetch does not wait for it again.
        hands.turn(58);
        let spent = time_for_a_token(&cache).await;
        assert!(spent <= at_once, "{steps:?}: {spent:?}");
        assert_eq!((mint.fetches(), asked.load(Ordering::SeqCst)), (2, 1));
        // After a while it is asked again.
        hands.turn(58);
        let spent = time_for_a_token(&cache).await;
        assert!(
            spent <= Duration::from_secs(1) + at_once,
            "{steps:?}: {spent:?}"
        );
        assert_eq!((mint.fetches(), asked.load(Ordering::SeqCst)), (3, 2));
    }
}

#[tokio::test(start_paused = true)]
async fn a_lock_that_is_never_given_back_does_not_end_the_sharing() {
    let (mint, hands) = (Mint::living(3600), hands());
    let store = MemoryTokenStore::new();
    let _kept = store.lock("pool@host").await.unwrap();
    sharing(&mint, &hands, store.clone()).token().await.unwrap();
    let other = sharing(&mint, &hands, store);
    assert!(time_for_a_token(&other).await < Duration::from_millis(10));
    assert_eq!(mint.fetches(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_process_that_is_stuck_with_the_lock_stops_nobody() {
    let folder = Folder::new("stuck");
    let store = FileTokenStore::open(folder.file()).unwrap();
    let lock = std::fs::File::open(folder.0.join("tokens.json.lock")).unwrap();
    lock.lock().unwrap();
    let (mint, hands) = (Mint::living(60), hands());
    let cache = sharing(&mint, &hands, store);
    assert!(time_for_a_token(&cache).await < Duration::from_secs(2));
    hands.turn(58);
    assert!(time_for_a_token(&cache).await < Duration::from_millis(100));
    assert_eq!(mint.fetches(), 2);
}

#[tokio::test]
async fn a_caller_who_is_not_polled_does_not_keep_the_lock() {
    let store = MemoryTokenStore::new();
    let kept = store.lock("a").await.unwrap();
    let mut idle = pin!(store.lock("a"));
    assert!(poll_once(&mut idle).await.is_pending());
    let mut other = pin!(store.lock("a"));
    assert!(poll_once(&mut other).await.is_pending());
    drop(kept);
    let lock = match poll_once(&mut other).await {
        Poll::Ready(lock) => lock.unwrap(),
        Poll::Pending => panic!("the lock was given to one who does not take it"),
    };
    assert!(poll_once(&mut idle).await.is_pending());
    drop(lock);
    drop(idle.await.unwrap());
}

#[tokio::test]
async fn a_fetch_that_is_left_keeps_no_lock() {
    let (mint, hands) = (Mint::living(3600), hands());
    let store = MemoryTokenStore::new();
    let cache = sharing(&mint, &hands, store.clone());
    mint.stuck.store(true, Ordering::SeqCst);
    assert!(poll_once(pin!(cache.token())).await.is_pending());
    assert_eq!(mint.fetches(), 1);
    let lock = pin!(store.lock("pool@host"));
    assert!(poll_once(lock).await.is_ready());
}

#[test]
fn what_cannot_be_used_is_neither_taken_from_a_store_nor_put_there() {
    both(|store| {
        block_on(async {
            let (store, hands) = (store(), hands());
            let now = hands.now();
            let good = || Secret::from("stored".to_owned());
            let minutes = |count: u64| Duration::from_secs(60 * count);
            let mut unusable: Vec<_> = UNUSABLE
                .iter()
                .map(|text| StoredToken::new((*text).to_owned().into(), now, None))
                .collect();
            unusable.extend([
                StoredToken::new(good(), now, Some(now)),
                StoredToken::new(good(), now, Some(now - minutes(1))),
                StoredToken::new(good(), now - minutes(9), Some(now - minutes(1))),
                // An absurd expiry, long ago and in time to come.
                StoredToken::new(good(), epoch(5), Some(now + minutes(1_000_000))),
                StoredToken::new(good(), now + minutes(60), Some(now + minutes(90))),
                StoredToken::new(good(), now + minutes(60), None),
            ]);
            for stored in unusable {
                store.save("pool@host", &stored).await.unwrap();
                let mint = Mint::living(3600);
                let cache = sharing(&mint, &hands, Arc::clone(&store));
                assert_eq!(cache.token().await.unwrap().expose(), "t1", "{stored:?}");
            }
            // What the server issues is not passed on either.
            for text in UNUSABLE {
                let mint = Mint::living(3600);
                mint.issue(text);
                let scope = format!("pool {text:?}");
                let cache = |mint: &Mint| {
                    let clock = Arc::new(hands.clone());
                    TokenCache::with_store(mint.clone(), clock, Arc::clone(&store), &*scope)
                };
                cache(&mint).token().await.unwrap_err();
                assert!(store.load(&scope).await.unwrap().is_none(), "{text:?}");
                cache(&Mint::living(0)).token().await.unwrap();
                assert!(store.load(&scope).await.unwrap().is_none(), "no life");
            }
        });
    });
}

#[cfg(unix)]
#[tokio::test]
async fn whatever_stands_in_the_place_of_the_file_costs_a_fetch() {
    use std::os::unix::fs::symlink;
    type Put = fn(&std::path::Path);
    let places: [(&str, Put); 7] = [
        ("no UTF-8", |path| write_private(path, [0xff; 500])),
        ("zeros", |path| write_private(path, [0; 500])),
        ("huge", |path| write_private(path, "x".repeat(3 << 20))),
        ("a folder", |path| std::fs::create_dir(path).unwrap()),
        ("a pipe", make_pipe),
        ("a device", |path| symlink("/dev/zero", path).unwrap()),
        ("no one's link", |path| symlink("nowhere", path).unwrap()),
    ];
    for (name, put) in places {
        for file in ["tokens.json", "tokens.json.lock"] {
            let folder = Folder::new("places");
            let store = FileTokenStore::open(folder.file()).unwrap();
            let path = folder.0.join(file);
            let _ = std::fs::remove_file(&path);
            put(&path);
            let mint = Mint::living(3600);
            for _ in 0..2 {
                let cache = sharing(&mint, &hands(), store.clone());
                cache.token().await.unwrap();
            }
            // A text that is not a store's is replaced, and shared again.
            let is_mended = file == "tokens.json.lock" || !path.is_dir() && path.is_file();
            let fetches = if is_mended { 1 } else { 2 };
            assert_eq!(mint.fetches(), fetches, "{name} as {file}");
            assert!(!folder.0.join("nowhere").exists(), "{name} as {file}");
        }
    }
}

#[cfg(unix)]
fn make_pipe(path: &std::path::Path) {
    let status = std::process::Command::new("mkfifo").arg(path).status();
    assert!(status.unwrap().success());
}

#[tokio::test]
async fn nonsense_in_the_store_is_none() {
    let folder = Folder::new("nonsense");
    let store = FileTokenStore::open(folder.file()).unwrap();
    let mint = Mint::living(3600);
    let entry = r#"{"tokens":{"pool@host":{"token":"x","issued_at":5,"expires_at":-1}}}"#;
    for (number, text) in ["", "nonsense", "[]", "{\"tokens\":null}", entry]
        .into_iter()
        .enumerate()
    {
        write_private(&folder.file(), text);
        let cache = sharing(&mint, &hands(), store.clone());
        cache.token().await.unwrap();
        assert_eq!(mint.fetches(), number + 1, "{text}");
        let other = sharing(&mint, &hands(), store.clone());
        assert_eq!(
            other.token().await.unwrap().expose(),
            format!("t{}", number + 1)
        );
    }
}

fn write_private(path: &std::path::Path, text: impl AsRef<[u8]>) {
    std::fs::write(path, text).unwrap();
    #[cfg(unix)]
    set_mode(path, 0o600);
}

#[cfg(unix)]
fn set_mode(path: &std::path::Path, mode: u32) {
    use std::os::unix::fs::PermissionsExt as _;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
}

#[cfg(unix)]
#[tokio::test]
async fn only_the_owner_can_read_the_file() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = Folder::new("private");
    let store = FileTokenStore::open(folder.file()).unwrap();
    let token = StoredToken::new("t".into(), hands().now(), None);
    store.save("a", &token).await.unwrap();
    for entry in std::fs::read_dir(&folder.0).unwrap() {
        let entry = entry.unwrap();
        let mode = entry.metadata().unwrap().permissions().mode() & 0o777;
        assert_eq!(mode, 0o600, "{entry:?}");
    }
    set_mode(&folder.file(), 0o640);
    let error = store.load("a").await.unwrap_err();
    assert!(error.to_string().contains("0600"), "{error}");
    let error = FileTokenStore::open(folder.file()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Configuration);
}

#[test]
fn a_store_that_cannot_work_is_refused_at_once() {
    let folder = Folder::new("missing");
    for path in [
        folder.0.join("no such folder").join("tokens.json"),
        PathBuf::from("/"),
        PathBuf::new(),
        folder.0.clone(),
    ] {
        let error = FileTokenStore::open(&path).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Configuration, "{path:?}");
    }
}
