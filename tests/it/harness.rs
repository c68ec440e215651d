//! A whole Gatepost for each test: the real application on a separate database. Tests turn its
//! clock. They have browsers that keep cookies, and a mailbox. Tests sign in as users do.

use crate::browser::{Browser, without_whole_words};
use gatepost::{
    app::{self, App},
    config::{Config, DatabaseUrl},
    db::{self, DbConnection, Tx},
    domain::{
        Account, AuditEntry, Clock, EmailAddress, Entropy, Lifetime, Settings, Timestamp, account::AccountOrigin,
        audit::Actor,
    },
    entropy::SystemEntropy,
    outbox::Worker,
    people::{self, Giver},
    services::Services,
};
use rocket::local::asynchronous::Client;
use std::{
    env,
    fs::{self, Permissions},
    mem,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
    sync::{
        Arc, LazyLock,
        atomic::{AtomicI64, AtomicU32, Ordering},
    },
};
use tempfile::TempDir;

/// A clock that only moves when a test turns it. It can panic after `looks` reads.
pub struct TestClock {
    now: AtomicI64,
    looks: AtomicI64,
}

impl TestClock {
    /// 22 November 2026, 14:03 UTC.
    const START: i64 = 1_795_356_180_000;

    fn new() -> Self {
        Self { now: AtomicI64::new(Self::START), looks: AtomicI64::new(0) }
    }

    /// Makes the `n`th read from now panic.
    pub fn break_at_look(&self, n: i64) {
        self.looks.store(n, Ordering::SeqCst);
    }

    pub fn advance(&self, span: Lifetime) {
        self.now.fetch_add(span.as_millis(), Ordering::SeqCst);
    }

    pub fn set_back(&self, span: Lifetime) {
        self.now.fetch_sub(span.as_millis(), Ordering::SeqCst);
    }
}

impl Clock for TestClock {
    fn now(&self) -> Timestamp {
        assert!(self.looks.fetch_sub(1, Ordering::SeqCst) != 1, "the clock broke on purpose");
        Timestamp::from_millis(self.now.load(Ordering::SeqCst))
    }
}

/// A database for one test, deleted with it.
pub struct TestDatabase {
    pub url: String,
    /// Shared by all nodes and every restart, as the database is.
    pub key_file: PathBuf,
    _folder: Option<TempDir>,
}

impl Drop for TestDatabase {
    /// A thousand databases would fill the memory that the test server keeps them in. Connections
    /// of an app that is still ending go first. A server that a test ended has nothing left to
    /// delete.
    fn drop(&mut self) {
        use diesel::{Connection, RunQueryDsl};
        if self.is_sqlite() || self._folder.is_none() {
            return;
        }
        let server = self.url.rsplit_once('/').map_or("", |(server, _)| server);
        if let Ok(mut connection) = diesel::PgConnection::establish(&format!("{server}/postgres")) {
            let _gone =
                diesel::sql_query(format!("DROP DATABASE {} WITH (FORCE)", self.name())).execute(&mut connection);
        }
    }
}

static DATABASES: AtomicU32 = AtomicU32::new(0);

impl TestDatabase {
    /// Makes an SQLite file in a new folder, or a new database on the PostgreSQL server that the
    /// environment names.
    pub fn new() -> Self {
        match env::var("TEST_POSTGRES_URL") {
            Ok(server) => Self::in_folder(|_| create_postgres(&server, "template1")),
            Err(_) => Self::sqlite(),
        }
    }

    /// Makes the same with the newest schema. A copy of one migrated database takes a tenth of the
    /// time of all migrations.
    pub fn migrated() -> Self {
        let Ok(server) = env::var("TEST_POSTGRES_URL") else {
            let database = Self::sqlite();
            let file = database.url.strip_prefix("sqlite://").unwrap();
            fs::write(file, &*MIGRATED_FILE).unwrap();
            fs::set_permissions(file, Permissions::from_mode(0o600)).unwrap();
            return database;
        };
        Self::in_folder(|_| create_postgres(&server, &MIGRATED_NAME))
    }

    pub fn sqlite() -> Self {
        Self::in_folder(|folder| format!("sqlite://{}", folder.join("gatepost.db").display()))
    }

    fn in_folder(url: impl Fn(&Path) -> String) -> Self {
        let folder = tempfile::tempdir().unwrap();
        Self { url: url(folder.path()), key_file: folder.path().join("gatepost.key"), _folder: Some(folder) }
    }

    /// Returns the same database under another URL.
    pub fn with_url(&self, url: &str) -> Self {
        Self { url: url.to_owned(), key_file: self.key_file.clone(), _folder: None }
    }

    /// Returns its name on the PostgreSQL server.
    pub fn name(&self) -> String {
        let last = self.url.rsplit('/').next().unwrap();
        last.split('?').next().unwrap().to_owned()
    }

    pub fn is_sqlite(&self) -> bool {
        self.url.starts_with("sqlite:")
    }
}

/// An SQLite file with the newest schema.
static MIGRATED_FILE: LazyLock<Vec<u8>> = LazyLock::new(|| {
    let database = TestDatabase::sqlite();
    migrate(&database);
    fs::read(database.url.strip_prefix("sqlite://").unwrap()).unwrap()
});

/// The name of a PostgreSQL database with the newest schema. No test connects to it, because a
/// database in use cannot be copied.
static MIGRATED_NAME: LazyLock<String> = LazyLock::new(|| {
    // Never deleted: each test copies it.
    let database = mem::ManuallyDrop::new(TestDatabase::new());
    migrate(&database);
    database.name()
});

fn migrate(database: &TestDatabase) {
    db::migrations::run(&DatabaseUrl::parse(&database.url).unwrap()).unwrap();
}

fn create_postgres(server: &str, template: &str) -> String {
    use diesel::{Connection, RunQueryDsl};
    let name = format!("gatepost_{}_{}", std::process::id(), DATABASES.fetch_add(1, Ordering::SeqCst));
    let mut connection = diesel::PgConnection::establish(&format!("{server}/postgres")).unwrap();
    let create = format!("CREATE DATABASE {name} TEMPLATE {template} STRATEGY file_copy");
    diesel::sql_query(create).execute(&mut connection).unwrap();
    // A busy server may need more than the usual three seconds to accept a connection.
    format!("{server}/{name}?connect_timeout=60")
}

/// A Gatepost under test.
pub struct TestApp {
    pub client: Client,
    pub services: Arc<Services>,
    pub clock: Arc<TestClock>,
    pub database: Arc<TestDatabase>,
    pub base_url: String,
}

/// Differences of a test's Gatepost from the default.
pub struct Setup {
    env: Vec<(String, String)>,
    database: Arc<TestDatabase>,
    clock: Arc<TestClock>,
    entropy: Arc<dyn Entropy>,
}

impl Setup {
    pub fn new() -> Self {
        Self {
            env: vec![
                ("GATEPOST_BASE_URL".into(), "http://localhost:8000".into()),
                // Requests are answered even on a slow machine.
                ("GATEPOST_DATABASE_PATIENCE".into(), "60s".into()),
            ],
            database: Arc::new(TestDatabase::migrated()),
            clock: Arc::new(TestClock::new()),
            entropy: Arc::new(SystemEntropy),
        }
    }

    pub fn with(mut self, key: &str, value: &str) -> Self {
        self.env.push((key.into(), value.into()));
        self
    }

    /// Makes it as impatient with its database as an operator's, for tests of the errors.
    pub fn impatient(self) -> Self {
        self.with("GATEPOST_DATABASE_PATIENCE", "1s")
    }

    /// Uses the database of another Gatepost at the same time: a second node, or the first one
    /// after a restart.
    pub fn beside(mut self, app: &TestApp) -> Self {
        self.database = Arc::clone(&app.database);
        self.clock = Arc::clone(&app.clock);
        self
    }

    pub fn with_entropy(mut self, entropy: Arc<dyn Entropy>) -> Self {
        self.entropy = entropy;
        self
    }

    pub fn on(mut self, database: Arc<TestDatabase>) -> Self {
        self.database = database;
        self
    }

    /// Uses an existing SQLite file, and the key file beside it.
    pub fn on_file(self, file: &Path) -> Self {
        // Paths in our URLs are not encoded.
        let url = format!("sqlite://{}", file.display());
        self.on(Arc::new(TestDatabase { url, key_file: file.with_file_name("gatepost.key"), _folder: None }))
    }

    fn try_config(&self) -> Result<Config, String> {
        // A test's own values come later, and win.
        let mut env = vec![("GATEPOST_KEY_FILE".into(), self.database.key_file.display().to_string())];
        env.push(("GATEPOST_DATABASE_CONNECTIONS".into(), "4".into()));
        env.extend(self.env.clone());
        env.push(("GATEPOST_DATABASE_URL".into(), self.database.url.clone()));
        Config::read(None, &env).map_err(|error| error.to_string())
    }

    pub async fn start(self) -> TestApp {
        self.try_start().await.unwrap()
    }

    pub async fn try_start(self) -> Result<TestApp, String> {
        show_faults_of_a_failed_test();
        let config = self.try_config()?;
        let base_url = config.base_url.origin().to_owned();
        let clock: Arc<dyn Clock> = self.clock.clone();
        let app = app::build(config, clock, self.entropy).await;
        let App { rocket, services } = app.map_err(|error| error.to_string())?;
        let client = Client::untracked(rocket).await.map_err(|error| error.kind().to_string())?;
        Ok(TestApp { client, services, clock: self.clock, database: self.database, base_url })
    }
}

/// Prints what the server calls its own fault, which a test runner shows only if the test fails. A
/// page of status 500 keeps the reason to itself.
fn show_faults_of_a_failed_test() {
    // Fails if another test of this process was first.
    let _ = tracing_subscriber::fmt().with_test_writer().with_max_level(tracing::Level::ERROR).try_init();
}

impl TestApp {
    pub async fn new() -> Self {
        Setup::new().start().await
    }

    /// Returns a new browser.
    pub fn browser(&self) -> Browser<'_> {
        Browser::new(self)
    }

    /// Adds an account, as an invitation or the command line would.
    pub async fn add_account(&self, email: &str) -> Account {
        self.add(email, false).await
    }

    pub async fn add_admin(&self, email: &str) -> Account {
        self.add(email, true).await
    }

    async fn add(&self, email: &str, is_admin: bool) -> Account {
        let email = address(email);
        let added = self.transact(move |tx| {
            let rights = is_admin.then_some(Giver::Operator);
            people::add(tx, &email, rights, AccountOrigin::CommandLine)
        });
        added.await.account()
    }

    /// Does work as Gatepost itself does it.
    pub async fn transact<T, F>(&self, work: F) -> T
    where
        T: Send + 'static,
        F: Fn(&mut Tx<'_>) -> Result<T, db::Error> + Send + 'static,
    {
        self.services.transact(Actor::Gatepost, work).await.unwrap()
    }

    pub async fn write<T, F>(&self, work: F) -> T
    where
        T: Send + 'static,
        F: Fn(&mut DbConnection) -> Result<T, db::Error> + Send + 'static,
    {
        self.services.db.write(work).await.unwrap()
    }

    /// Changes rows as no part of Gatepost would.
    pub async fn spoil(&self, query: &str) {
        use diesel::RunQueryDsl;
        let query = query.to_owned();
        let run = move |connection: &mut DbConnection| {
            let query = diesel::sql_query(&query);
            match connection {
                DbConnection::Sqlite(sqlite) => query.execute(sqlite),
                DbConnection::Postgres(postgres) => query.execute(postgres),
            }
            .map_err(db::Error::from)
        };
        assert!(self.write(run).await > 0, "no row was changed");
    }

    pub async fn read<T, F>(&self, work: F) -> T
    where
        T: Send + 'static,
        F: Fn(&mut DbConnection) -> Result<T, db::Error> + Send + 'static,
    {
        self.services.db.read(work).await.unwrap()
    }

    pub async fn account_of(&self, email: &str) -> Option<Account> {
        let email = address(email);
        self.read(move |connection| db::accounts::find_by_email(connection, &email)).await
    }

    pub async fn audit(&self) -> Vec<AuditEntry> {
        self.read(|connection| db::audit::newest(connection, 1000)).await
    }

    pub async fn count_sessions(&self) -> i64 {
        self.read(db::sessions::count).await
    }

    /// Changes settings without the pages' knowledge, as another node would.
    pub async fn set(&self, name: &'static str, value: &'static str) {
        let now = self.services.now();
        self.write(move |connection| db::settings::store(connection, name, value, now)).await;
    }

    /// Returns the settings in the database.
    pub async fn stored_settings(&self) -> Settings {
        let start = self.services.settings.start();
        self.read(move |connection| db::settings::load(connection, &start)).await
    }

    /// Runs a mail worker until nothing is due.
    pub async fn deliver(&self) {
        let mut worker = Worker::new(Arc::clone(&self.services)).unwrap();
        while worker.round().await.unwrap() > 0 {}
    }

    /// Delivers, and returns the emails to one address, oldest first; without those about new
    /// browsers, which any second browser causes.
    pub async fn mails_to(&self, email: &str) -> Vec<Mail> {
        let mut mails = self.all_mails_to(email).await;
        mails.retain(|mail| !mail.is_about_a_new_browser());
        mails
    }

    /// Delivers, and returns the emails about new browsers to one address, oldest first.
    pub async fn new_browsers_told_to(&self, email: &str) -> Vec<Mail> {
        let mut mails = self.all_mails_to(email).await;
        mails.retain(Mail::is_about_a_new_browser);
        mails
    }

    async fn all_mails_to(&self, email: &str) -> Vec<Mail> {
        self.deliver().await;
        let mut mails = self.services.dev_mailbox.mails();
        mails.reverse();
        mails
            .into_iter()
            .filter(|mail| mail.recipient == email)
            .map(|mail| Mail {
                subject: mail.wording.subject,
                // Words such as "E-Mail" as a reader sees them.
                text: mail.wording.text.replace('\u{2011}', "-"),
                html: without_whole_words(&mail.wording.html),
                source: String::from_utf8(mail.source).unwrap(),
            })
            .collect()
    }

    /// Returns the newest email to an address.
    pub async fn mail_to(&self, email: &str) -> Mail {
        self.mails_to(email).await.pop().unwrap_or_else(|| panic!("no mail to {email}"))
    }

    /// Turns the clock by more than the second for which memory keeps values.
    pub fn a_second_later(&self) {
        self.clock.advance(Lifetime::millis(1001));
    }

    /// Returns a browser signed in by email link, as users do it.
    pub async fn signed_in(&self, email: &str) -> Browser<'_> {
        let mut browser = self.browser();
        browser.sign_in(email).await;
        browser
    }

    /// Returns every row of every table, as text, to compare before with after.
    pub async fn dump(&self) -> String {
        self.read(crate::database::dump).await
    }

    /// Returns the same without the count of judged passwords. A refused one counts, and changes
    /// nothing else.
    pub async fn dump_but_judgements(&self) -> String {
        let dump = self.dump().await;
        dump.lines().filter(|line| !line.contains("passwords judged ")).collect::<Vec<_>>().join("\n")
    }
}

pub struct Mail {
    pub subject: String,
    pub text: String,
    pub html: String,
    pub source: String,
}

impl Mail {
    pub fn url(&self, path: &str) -> String {
        let found = self.text.split_whitespace().find(|word| word.contains(path));
        found.unwrap_or_else(|| panic!("no {path} in {}", self.text)).to_owned()
    }

    fn is_about_a_new_browser(&self) -> bool {
        self.text.contains("/auth/new-browser?token=")
    }

    /// Returns the link without the origin.
    pub fn link(&self) -> String {
        local(&self.url("/auth/verify?token="))
    }

    /// Returns whether it says which browser made the change, and from where.
    pub fn says_where(&self) -> bool {
        let html = self.html.contains("Browser: Firefox on Linux<br>IP address: 203.0.113.7<br>Time: ");
        html && self.text.contains("\nBrowser: Firefox on Linux\nIP address: 203.0.113.7\nTime: ")
    }

    /// Returns the text as if its lines were not broken.
    pub fn words(&self) -> String {
        self.text.split_whitespace().collect::<Vec<_>>().join(" ")
    }

    pub fn cancel_link(&self) -> String {
        local(&self.url("/auth/cancel?token="))
    }

    pub fn invitation_link(&self) -> String {
        local(&self.url("/auth/invitation?token="))
    }

    pub fn undo_link(&self) -> String {
        local(&self.url("/auth/undo?token="))
    }

    pub fn code(&self) -> String {
        let is_code = |word: &&str| {
            word.len() == 7
                && word.as_bytes()[3] == b'-'
                && word.chars().all(|c| c == '-' || c.is_ascii_uppercase() || c.is_ascii_digit())
        };
        self.text.split_whitespace().find(is_code).expect("a code").to_owned()
    }
}

/// Returns a URL of ours without its origin.
pub fn local(url: &str) -> String {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    format!("/{}", rest.split_once('/').map_or("", |(_, path)| path))
}

pub fn address(email: &str) -> EmailAddress {
    EmailAddress::parse(email).unwrap()
}
