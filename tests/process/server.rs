//! A Gatepost process and its folder.

use crate::{http::Visitor, port, source};
use gatepost::{
    config::DatabaseUrl,
    db::{Db, DbConnection, Error, Patience, migrations},
};
use std::{
    collections::BTreeMap,
    env, fs,
    io::{BufRead, BufReader},
    net::SocketAddr,
    path::PathBuf,
    process::{Child, Command, Output, Stdio},
    sync::{
        Arc, Mutex,
        atomic::{AtomicU32, Ordering},
        mpsc,
    },
    thread::{self, JoinHandle},
    time::Duration,
};
use tempfile::TempDir;

/// Places of the processes of one test: working folder, database, folder of emails, configuration.
pub struct Home {
    pub folder: TempDir,
    env: BTreeMap<String, String>,
    port: u16,
}

static DATABASES: AtomicU32 = AtomicU32::new(0);

impl Home {
    /// With SQLite.
    pub fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("mail")).unwrap();
        let port = port::free();
        let mut home = Self { env: BTreeMap::new(), port, folder };
        home.set("ROCKET_PORT", &port.to_string());
        // No load balancer watches here whether it is ready.
        home.set("GATEPOST_DRAIN", "0s");
        // Requests are answered even on a slow machine.
        home.set("GATEPOST_DATABASE_PATIENCE", "60s");
        home.set("GATEPOST_MAIL_URL", &format!("file://{}", home.mail_folder().display()));
        home
    }

    /// With a separate database on PostgreSQL, if there is a server.
    #[expect(clippy::print_stderr, reason = "says what was not tried")]
    pub fn on_postgres() -> Option<Self> {
        use diesel::{Connection, RunQueryDsl};
        let Ok(server) = env::var("TEST_POSTGRES_URL") else {
            // A test that returns without a word would be taken for one that has passed.
            assert!(env::var_os("CI").is_none(), "in CI these tests need scripts/postgres-for-tests");
            eprintln!("SKIPPED on PostgreSQL: TEST_POSTGRES_URL names no server");
            return None;
        };
        let name = format!("gatepost_process_{}_{}", std::process::id(), DATABASES.fetch_add(1, Ordering::SeqCst));
        let mut connection = diesel::PgConnection::establish(&format!("{server}/postgres")).unwrap();
        diesel::sql_query(format!("CREATE DATABASE {name}")).execute(&mut connection).unwrap();
        let mut home = Self::new();
        // A busy server may need more than the usual three seconds to accept a connection.
        home.set("GATEPOST_DATABASE_URL", &format!("{server}/{name}?connect_timeout=60"));
        Some(home)
    }

    /// Returns both, or the one there is.
    pub fn all() -> Vec<Self> {
        [Some(Self::new()), Self::on_postgres()].into_iter().flatten().collect()
    }

    /// Returns a second node on the same database, with the same key file.
    pub fn beside(other: &Self) -> Self {
        let mut home = Self::new();
        for key in ["GATEPOST_DATABASE_URL", "GATEPOST_MAIL_URL"] {
            if let Some(value) = other.env.get(key) {
                home.set(key, value);
            }
        }
        let key_file = other.folder.path().join("gatepost.key").display().to_string();
        home.set("GATEPOST_KEY_FILE", other.env.get("GATEPOST_KEY_FILE").unwrap_or(&key_file));
        home
    }

    pub fn set(&mut self, key: &str, value: &str) {
        self.env.insert(key.to_owned(), value.to_owned());
    }

    pub fn mail_folder(&self) -> PathBuf {
        self.folder.path().join("mail")
    }

    pub fn address(&self) -> SocketAddr {
        SocketAddr::from(([127, 0, 0, 1], self.port))
    }

    pub fn visitor(&self) -> Visitor {
        Visitor::new(self.address())
    }

    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_gatepost"));
        command.args(arguments).current_dir(self.folder.path()).env_clear().envs(&self.env).stdin(Stdio::null());
        command
    }

    /// Runs a command to its end.
    pub fn run(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().unwrap()
    }

    /// Runs a command to its end after a few words for the shell, such as a limit. `>/dev/full` may
    /// follow the arguments.
    pub fn run_in_shell(&self, before: &str, arguments: &str) -> Output {
        let line = format!("{before} exec {} {arguments}", env!("CARGO_BIN_EXE_gatepost"));
        let mut command = Command::new("sh");
        command.args(["-c", &line]).current_dir(self.folder.path()).env_clear().envs(&self.env).stdin(Stdio::null());
        command.output().unwrap()
    }

    /// Starts the server after a few words for the shell and waits until it answers. A pipe keeps
    /// its log.
    pub fn start_in_shell(&self, before: &str) -> Child {
        let line = format!("{before} exec {}", env!("CARGO_BIN_EXE_gatepost"));
        let mut command = Command::new("sh");
        command.args(["-c", &line]).current_dir(self.folder.path()).env_clear().envs(&self.env).stdin(Stdio::null());
        let child = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
        eventually("the server answers", || {
            self.visitor().get("/health/live").ok().filter(|answer| answer.status == 200)
        });
        child
    }

    /// Starts the server after a few words for the shell, and the shell after another program. Both
    /// become it by `exec`.
    pub fn spawn_in_shell(&self, outer: &[&str], before: &str) -> Child {
        let line = format!("{before} exec {}", env!("CARGO_BIN_EXE_gatepost"));
        let (program, arguments) = outer.split_first().unwrap();
        let mut command = Command::new(program);
        command.args(arguments).args(["sh", "-c", &line]).current_dir(self.folder.path()).env_clear().envs(&self.env);
        command.env("PATH", env::var_os("PATH").unwrap_or_default());
        command.stdin(Stdio::null()).stdout(Stdio::null()).spawn().unwrap()
    }

    /// Starts a command and lets it run.
    pub fn spawn(&self, arguments: &[&str]) -> Child {
        self.command(arguments).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
    }

    /// Starts the server, which may never answer.
    pub fn begin(&self) -> Server {
        let mut child = self.command(&[]).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
        let log: Arc<Mutex<Vec<String>>> = Arc::default();
        let (lines, shared) = (BufReader::new(child.stderr.take().unwrap()), Arc::clone(&log));
        let listening = thread::spawn(move || {
            for line in lines.lines().map_while(Result::ok) {
                shared.lock().unwrap().push(line);
            }
        });
        Server { child, log, listening: Some(listening) }
    }

    /// Starts the server and waits until it answers.
    pub fn start(&self) -> Server {
        let mut server = self.begin();
        eventually("the server answers", || {
            if let Ok(Some(status)) = server.child.try_wait() {
                panic!("the server ended with {status}: {:?}", server.log());
            }
            self.visitor().get("/health/live").ok().filter(|answer| answer.status == 200)
        });
        server
    }

    /// Starts the server under the name of another host, as behind a proxy, and waits until it
    /// answers.
    pub fn start_behind(&self, host: &str) -> Server {
        let server = self.start();
        let answer =
            self.visitor().send(&format!("GET /health/ready HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n"));
        assert_eq!(answer.unwrap().status, 200);
        server
    }

    pub fn database_url(&self) -> String {
        let default = format!("sqlite://{}", self.folder.path().join("gatepost.db").display());
        self.env.get("GATEPOST_DATABASE_URL").cloned().unwrap_or(default)
    }

    /// Works on the database as the program would, beside it.
    pub fn with_database<T: Send + 'static>(
        &self,
        work: impl Fn(&mut DbConnection) -> Result<T, Error> + Send + 'static,
    ) -> T {
        let url = DatabaseUrl::parse(&self.database_url()).unwrap();
        migrations::run(&url).unwrap();
        rocket::execute(async { Db::open_with(&url, 2, Patience::OF_OPERATORS).unwrap().write(work).await.unwrap() })
    }

    /// Returns recipients and texts of all emails in the folder, as their readers see them.
    pub fn mails(&self) -> Vec<(String, String)> {
        let mut mails = Vec::new();
        for file in fs::read_dir(self.mail_folder()).unwrap() {
            let path = file.unwrap().path();
            if path.extension().is_none_or(|kind| kind != "eml") {
                continue;
            }
            let text = source::decoded(&fs::read_to_string(&path).unwrap());
            let to = text.lines().find_map(|line| line.strip_prefix("To: ")).unwrap().trim().to_owned();
            mails.push((to, text));
        }
        mails
    }
}

/// A running server, killed when it is dropped.
pub struct Server {
    pub child: Child,
    log: Arc<Mutex<Vec<String>>>,
    listening: Option<JoinHandle<()>>,
}

impl Server {
    /// Returns what it has logged so far. A line may come a moment after the answer that it is
    /// about.
    pub fn log(&self) -> Vec<String> {
        self.log.lock().unwrap().clone()
    }

    /// Waits for a line with these words.
    pub fn line(&self, words: &str) -> String {
        eventually(words, || self.log().into_iter().find(|line| line.contains(words)))
    }

    /// Sends SIGTERM. Returns everything that it ever logged.
    pub fn last_words(mut self) -> Vec<String> {
        self.terminate();
        let _ = self.child.wait();
        if let Some(listening) = self.listening.take() {
            listening.join().unwrap();
        }
        self.log()
    }

    /// Kills it as a power cut would, as far as the process is concerned.
    pub fn kill(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }

    /// Sends SIGTERM, and waits for its end. Returns the exit code.
    pub fn stop(mut self) -> Option<i32> {
        self.terminate();
        self.child.wait().unwrap().code()
    }

    /// Sends SIGTERM.
    pub fn terminate(&self) {
        self.signal("-TERM");
    }

    pub fn signal(&self, signal: &str) {
        let status = Command::new("kill").args([signal, &self.child.id().to_string()]).status().unwrap();
        assert!(status.success());
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.kill();
    }
}

/// Returns the link of the newest sign-in email, without its origin.
pub fn link_in(text: &str) -> String {
    format!("/auth/verify?token={}", &text.split("/auth/verify?token=").nth(1).unwrap()[..43])
}

/// Tries again until it is so, for minutes if need be. It fails only if that never comes.
pub fn eventually<T>(what: &str, mut is_so: impl FnMut() -> Option<T>) -> T {
    let (tick, ticks) = mpsc::channel::<()>();
    for _ in 0..6000 {
        if let Some(value) = is_so() {
            return value;
        }
        // No sender exists: this only waits.
        let _ = ticks.recv_timeout(Duration::from_millis(50));
    }
    drop(tick);
    panic!("waited in vain: {what}");
}
