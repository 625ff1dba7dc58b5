//! A real browser, driven over the WebDriver protocol.
//!
//! A few calls of JSON over HTTP, over the transport that is here anyway. The
//! protocol types that `fantoccini` builds on are under the MPL, which
//! `deny.toml` does not allow.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use authing::HttpTransport;
use base64::Engine;
use bytes::Bytes;
use http::Method;
use serde_json::{Value, json};

/// The key under which the protocol keeps the id of an element.
const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";

/// A headless Chromium with a profile of its own. Dropping it ends it.
#[derive(Debug)]
pub struct Chromium {
    transport: Arc<dyn HttpTransport>,
    driver: Child,
    session: String,
    profile: PathBuf,
}

impl Chromium {
    /// Starts the browser. `None`, and a line that says so, where there is none.
    ///
    /// # Panics
    ///
    /// The browser is there and does not start.
    pub async fn start(transport: Arc<dyn HttpTransport>) -> Option<Self> {
        let browser = ["chromium", "chromium-browser", "google-chrome"]
            .into_iter()
            .find_map(on_path);
        let (Some(browser), Some(driver)) = (browser, on_path("chromedriver")) else {
            // Not `eprintln!`, which a test that passes does not show.
            let line = "skipped: the browser test needs chromium and chromedriver";
            writeln!(io::stderr(), "{line}").expect("a place to write to");
            return None;
        };
        let mut driver = Command::new(driver)
            .arg("--port=0")
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("chromedriver starts");
        let lines = BufReader::new(driver.stdout.take().expect("a pipe")).lines();
        let port = lines
            .map_while(Result::ok)
            .find_map(|line| {
                let (_, port) = line.split_once("started successfully on port ")?;
                Some(port.trim_end_matches('.').to_owned())
            })
            .expect("chromedriver says its port");
        let profile = std::env::temp_dir().join(format!("authing-chromium-{port}-{}", driver.id()));
        let mut chromium = Self {
            transport,
            driver,
            session: format!("http://127.0.0.1:{port}/session"),
            profile,
        };
        let arguments = [
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-dev-shm-usage",
            "--disable-quic",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--window-size=900,800",
            &format!("--user-data-dir={}", chromium.profile.display()),
        ];
        let wishes = json!({"capabilities": {"alwaysMatch": {
            "browserName": "chrome",
            "timeouts": {"implicit": 20_000, "pageLoad": 60_000},
            "goog:chromeOptions": {"binary": browser, "args": arguments},
        }}});
        let begun = chromium.send(Method::POST, "", wishes).await;
        let id = begun["sessionId"].as_str().expect("a session");
        chromium.session = format!("{}/{id}", chromium.session);
        Some(chromium)
    }

    /// Opens an address and waits for the page.
    pub async fn open(&self, url: &str) {
        self.send(Method::POST, "/url", json!({"url": url})).await;
    }

    /// Makes the window this large, in pixels.
    pub async fn resize(&self, width: u32, height: u32) {
        let size = json!({"width": width, "height": height});
        self.send(Method::POST, "/window/rect", size).await;
    }

    /// The address of the page.
    pub async fn address(&self) -> String {
        let url = self.send(Method::GET, "/url", Value::Null).await;
        url.as_str().unwrap_or_default().to_owned()
    }

    /// Types into what this CSS selector names, instead of what was there.
    pub async fn type_into(&self, css: &str, text: &str) {
        let element = self.find(css).await;
        self.send(Method::POST, &format!("{element}/clear"), json!({}))
            .await;
        self.send(
            Method::POST,
            &format!("{element}/value"),
            json!({"text": text}),
        )
        .await;
    }

    /// Clicks on what this CSS selector names.
    pub async fn click(&self, css: &str) {
        let element = self.find(css).await;
        self.send(Method::POST, &format!("{element}/click"), json!({}))
            .await;
    }

    /// The text that is to be seen of what this CSS selector names.
    pub async fn text(&self, css: &str) -> String {
        let element = self.find(css).await;
        let text = self
            .send(Method::GET, &format!("{element}/text"), Value::Null)
            .await;
        text.as_str().unwrap_or_default().to_owned()
    }

    /// Waits until what this CSS selector names reads like this: a click may
    /// return while the page before is still there.
    ///
    /// # Panics
    ///
    /// It reads otherwise for ten seconds.
    pub async fn sees(&self, css: &str, text: &str) {
        const SCRIPT: &str = "return document.querySelector(arguments[0])?.innerText ?? null";
        let mut seen = Value::Null;
        for _ in 0..100 {
            let body = json!({"script": SCRIPT, "args": [css]});
            seen = self.send(Method::POST, "/execute/sync", body).await;
            if seen.as_str().is_some_and(|seen| seen.trim() == text) {
                return;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        panic!("{css} reads {seen}, not {text}");
    }

    /// Keeps a picture of the page as `name.png` in the folder that
    /// `AUTHING_SCREENSHOTS` names, if it is set.
    ///
    /// # Panics
    ///
    /// The picture cannot be written.
    pub async fn picture(&self, name: &str) {
        let Some(folder) = std::env::var_os("AUTHING_SCREENSHOTS") else {
            return;
        };
        let picture = self.send(Method::GET, "/screenshot", Value::Null).await;
        let text = picture.as_str().unwrap_or_default();
        let bytes = base64::engine::general_purpose::STANDARD
            .decode(text)
            .expect("base64");
        let file = PathBuf::from(folder).join(name).with_extension("png");
        std::fs::write(file, bytes).expect("a place to write to");
    }

    /// Waits for it as long as the implicit timeout says.
    async fn find(&self, css: &str) -> String {
        let wish = json!({"using": "css selector", "value": css});
        let found = self.send(Method::POST, "/element", wish).await;
        format!("/element/{}", found[ELEMENT].as_str().expect("an element"))
    }

    /// Without a runtime, since a test that fails has none any more.
    fn end_session(&self) -> io::Result<()> {
        let address = self.session.trim_start_matches("http://");
        let (host, path) = address.split_once('/').unwrap_or((address, ""));
        let mut stream = TcpStream::connect(host)?;
        stream.set_read_timeout(Some(Duration::from_secs(10)))?;
        write!(
            stream,
            "DELETE /{path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n"
        )?;
        stream.read_to_end(&mut Vec::new()).map(drop)
    }

    async fn send(&self, method: Method, path: &str, body: Value) -> Value {
        let body = match body {
            Value::Null => Bytes::new(),
            body => Bytes::from(body.to_string()),
        };
        let request = http::Request::builder()
            .method(&method)
            .uri(format!("{}{path}", self.session))
            .header("content-type", "application/json")
            .body(body)
            .expect("a request");
        let answer = self
            .transport
            .send(request)
            .await
            .expect("chromedriver answers");
        let text = String::from_utf8_lossy(answer.body());
        assert!(answer.status().is_success(), "{method} {path}: {text}");
        let mut answer: Value = serde_json::from_str(&text).expect("JSON");
        answer["value"].take()
    }
}

impl Drop for Chromium {
    fn drop(&mut self) {
        // The driver would leave its browser behind.
        let _ = self.end_session();
        let _ = self.driver.kill();
        let _ = self.driver.wait();
        let _ = std::fs::remove_dir_all(&self.profile);
    }
}

fn on_path(program: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path)
        .map(|folder| folder.join(program))
        .find(|file| file.is_file())
}
