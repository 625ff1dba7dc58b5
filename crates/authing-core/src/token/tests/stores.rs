//! Caches that share a token.

use std::path::PathBuf;

use super::*;
use crate::ErrorKind;

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

fn both(test: impl Fn(&dyn Fn() -> Box<dyn TokenStore>)) {
    let memory = MemoryTokenStore::new();
    test(&|| Box::new(memory.clone()));
    let folder = Folder::new("store");
    test(&|| Box::new(FileTokenStore::open(folder.file()).unwrap()));
}

fn block_on(future: impl Future<Output = ()>) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(future);
}

#[async_trait]
impl TokenStore for Box<dyn TokenStore> {
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

/// A store whose lock is never to be had.
#[derive(Debug)]
struct Locked;

#[async_trait]
impl TokenStore for Locked {
    async fn load(&self, _: &str) -> Result<Option<StoredToken>> {
        Ok(None)
    }

    async fn save(&self, _: &str, _: &StoredToken) -> Result<()> {
        Ok(())
    }

    async fn lock(&self, _: &str) -> Result<StoreLock> {
        std::future::pending().await
    }
}

#[tokio::test(start_paused = true)]
async fn a_store_that_fails_costs_a_fetch_and_no_call() {
    let mint = Mint::living(3600);
    for cache in [
        sharing(&mint, &hands(), Broken),
        sharing(&mint, &hands(), Locked),
    ] {
        let before = mint.fetches();
        cache.token().await.unwrap();
        cache.token().await.unwrap();
        assert_eq!(mint.fetches(), before + 1);
    }
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

fn write_private(path: &std::path::Path, text: &str) {
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
