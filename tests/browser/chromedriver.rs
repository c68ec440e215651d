//! chromedriver, and the browsers that it starts: each has a separate profile, and all end with it.

use crate::{browser::Browser, port, program::Program};
use fantoccini::ClientBuilder;
use serde_json::{Map, Value, json};
use std::{
    io::{Read, Write},
    net::TcpStream,
    process::Command,
    sync::Mutex,
    time::Duration,
};
use tempfile::TempDir;

/// It takes the same port of both families, and ends if another program was quicker with one of
/// them.
const TRIES: usize = 20;

/// One for each test.
pub struct Chromedriver {
    port: u16,
    /// The browsers' process ids.
    browsers: Mutex<Vec<u64>>,
    _program: Program,
    /// Files of chromedriver and its browsers, profiles and all. Last, so that it is removed after
    /// they have ended.
    folder: TempDir,
}

/// Differences of a browser from the default.
#[derive(Clone, Debug, Default)]
pub struct Traits {
    /// All of Chromium. The default is its headless shell, which has the same engine. That starts
    /// in a quarter of the time, and takes two thirds of the work.
    pub is_whole: bool,
    /// A setting of all of Chromium.
    pub without_javascript: bool,
    pub user_agent: Option<&'static str>,
}

impl Chromedriver {
    pub async fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        for _ in 0..TRIES {
            let mut command = Command::new("chromedriver");
            // HOME, so that not even a crash report is written elsewhere.
            command.arg(format!("--port={}", port::free())).env("HOME", folder.path()).env("TMPDIR", folder.path());
            let mut program = Program::start(&mut command);
            let port = program.hear_unless_it_ends("chromedriver's port", |line| {
                let port = line.split_once("started successfully on port ")?.1;
                port.trim_end_matches('.').parse().ok()
            });
            if let Some(port) = port.await {
                return Self { folder, port, browsers: Mutex::default(), _program: program };
            }
        }
        panic!("chromedriver ends before it listens");
    }

    /// Returns a new browser.
    pub async fn browser(&self, origin: &str, traits: &Traits) -> Browser {
        let profile = tempfile::tempdir_in(self.folder.path()).unwrap().keep();
        let is_whole = traits.is_whole || traits.without_javascript;
        let name = if is_whole { "chrome" } else { "chrome-headless-shell" };
        let mut arguments: Vec<String> = [
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--no-proxy-server",
            // No name is looked up, even if a page or the browser itself asks.
            "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE *.localhost, EXCLUDE 127.0.0.1",
            "--lang=en-GB",
            "--window-size=1280,900",
        ]
        .map(str::to_owned)
        .to_vec();
        arguments.push(format!("--user-data-dir={}", profile.display()));
        arguments.extend(traits.user_agent.map(|agent| format!("--user-agent={agent}")));
        if is_whole {
            arguments.push("--headless=new".to_owned());
        }
        let mut options = json!({
            "binary": if is_whole { "/usr/lib/chromium/chromium" } else { "/usr/lib/chromium/chromium-headless-shell" },
            "args": arguments,
            "perfLoggingPrefs": { "enableNetwork": true, "enablePage": false },
            // Begins with an empty page, because the browser's own one loads eighty files.
            "prefs": { "session.restore_on_startup": 4, "session.startup_urls": ["about:blank"] },
        });
        if traits.without_javascript {
            options["prefs"]["profile.managed_default_content_settings.javascript"] = json!(2);
        }
        let capabilities = json!({
            "browserName": name,
            "goog:chromeOptions": options,
            "goog:loggingPrefs": { "browser": "ALL", "performance": "ALL" },
        });
        let capabilities: Map<String, Value> = serde_json::from_value(capabilities).unwrap();
        let connector = hyper_util::client::legacy::connect::HttpConnector::new();
        let client = ClientBuilder::new(connector)
            .capabilities(capabilities)
            .connect(&format!("http://127.0.0.1:{}", self.port))
            .await
            .unwrap_or_else(|error| panic!("Chromium cannot be started: {error}"));
        let id =
            client.capabilities().and_then(|capabilities| capabilities.get("goog:processID")).and_then(Value::as_u64);
        self.browsers.lock().unwrap().extend(id);
        Browser::new(client, origin.to_owned())
    }

    /// Has it end its browsers. Without a runtime, because there may be none any more.
    fn shut_down(&self) -> std::io::Result<()> {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port))?;
        stream.set_read_timeout(Some(Duration::from_secs(10)))?;
        write!(stream, "GET /shutdown HTTP/1.1\r\nHost: localhost:{}\r\nConnection: close\r\n\r\n", self.port)?;
        stream.read_to_end(&mut Vec::new())?;
        Ok(())
    }
}

impl Drop for Chromedriver {
    fn drop(&mut self) {
        if self.shut_down().is_ok() {
            return;
        }
        // It did not: then each of them by its id.
        for id in self.browsers.lock().unwrap().iter() {
            let _ = Command::new("kill").args(["-KILL", &id.to_string()]).status();
        }
    }
}
