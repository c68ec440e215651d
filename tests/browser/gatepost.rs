//! The real binary under test, in a separate folder, with emails kept in memory.

use crate::{patience, port, program::Program};
use diesel::{connection::SimpleConnection, prelude::*};
use std::process::Command;
use tempfile::TempDir;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

diesel::table! {
    outbox (id) {
        id -> BigInt,
        state -> Text,
    }
}

/// 32 zeros, and their SHA-256.
pub const SECRET: &str = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
const SECRET_HASH: &str = "66687aadf862bd776c8fc18b8e9f8e20089714856ee233b3902a591d0d5f2925";

pub struct Gatepost {
    program: Program,
    port: u16,
    pub origin: String,
    folder: TempDir,
}

impl Gatepost {
    pub async fn start() -> Self {
        Self::start_with(&[]).await
    }

    /// Starts one with more variables.
    pub async fn start_with(environment: &[(&str, &str)]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        // A base URL has to be known before the server listens.
        let port = port::free();
        let origin = format!("http://localhost:{port}");
        let mut program = Program::start(command(&folder, port).envs(environment.iter().copied()));
        program.hear("the set-up link", |line| line.contains("link=").then_some(())).await;
        patience::until("Gatepost to listen", async || TcpStream::connect(("127.0.0.1", port)).await.ok()).await;
        Self { program, port, origin, folder }
    }

    pub fn url(&self, path: &str) -> String {
        format!("{}{path}", self.origin)
    }

    /// Returns the link for the first admin from the log.
    pub fn set_up_link(&self) -> String {
        let word =
            |line: &String| line.split_whitespace().find_map(|word| word.strip_prefix("link=")).map(str::to_owned);
        self.program.said().iter().find_map(word).unwrap()
    }

    /// Runs a command beside the server, as an operator would, and returns its output.
    pub fn run(&self, arguments: &[&str]) -> String {
        let output = command(&self.folder, self.port).args(arguments).output().unwrap();
        assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    }

    pub fn add_account(&self, email: &str) {
        self.run(&["account", "add", email]);
    }

    pub fn add_admin(&self, email: &str) {
        self.run(&["account", "add", email, "--admin"]);
    }

    /// Returns all emails to an address, newest first.
    pub async fn mails_to(&self, email: &str) -> Vec<Mail> {
        let mails = self.all_mails_to(email).await.into_iter();
        // Any second browser of a journey causes one of these.
        mails.filter(|mail| mail.url("/auth/new-browser?token=").is_none()).collect()
    }

    /// Returns the emails to an address, also those about new browsers.
    pub async fn all_mails_to(&self, email: &str) -> Vec<Mail> {
        let page = self.get(&format!("/dev/mailbox?to={email}")).await;
        let texts = page.split("<pre ").skip(1).map(|rest| rest.split("</pre>").next().unwrap());
        let texts = texts.map(|rest| rest.split_once('>').unwrap().1);
        texts.map(|text| Mail(without_tags(text))).collect()
    }

    /// Returns the newest email to an address, once there are this many.
    pub async fn mail_to(&self, email: &str, count: usize) -> Mail {
        let what = format!("{count} mails to {email}");
        patience::until(&what, async || {
            let mails = self.mails_to(email).await;
            (mails.len() >= count).then(|| mails.into_iter().next().unwrap())
        })
        .await
    }

    /// Returns the link of the newest sign-in email to an address, once the last press has caused
    /// it.
    pub async fn last_link_to(&self, email: &str) -> String {
        self.all_left().await;
        let mails = self.mails_to(email).await;
        mails.iter().find_map(|mail| mail.url("/auth/verify?token=")).unwrap()
    }

    /// Returns a page without any browser.
    pub async fn get(&self, path: &str) -> String {
        self.asks(&format!("GET {path}"), "").await
    }

    /// Has a device ask for its user, and returns the code that it shows.
    pub async fn device_asks(&self, slug: &str) -> String {
        let form = format!("client_id={slug}&client_secret={SECRET}&scope=openid+profile+email+groups");
        let answer = self.asks("POST /oidc/device_authorization", &form).await;
        let shown = answer.split_once("\"user_code\":\"").and_then(|(_, rest)| rest.split('"').next());
        shown.unwrap_or_else(|| panic!("no code in {answer}")).to_owned()
    }

    /// Returns the whole answer to a request with a form, which may be empty.
    async fn asks(&self, line: &str, form: &str) -> String {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).await.unwrap();
        let kind = if form.is_empty() { "" } else { "Content-Type: application/x-www-form-urlencoded\r\n" };
        let request = format!(
            "{line} HTTP/1.1\r\nHost: localhost:{}\r\nConnection: close\r\n{kind}Content-Length: {}\r\n\r\n{form}",
            self.port,
            form.len()
        );
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        answer
    }

    /// Makes every email in the outbox one that a mail server refused, in its words.
    pub fn refuse_mails(&self) {
        let reply = "550-5.1.1 The email account that you tried to reach does not exist. Check its spelling and try again. \
                     550 5.1.1 https://mail.example/answer/6596 a640c23a62f3a-b2ab5e1c0f1si1209112166b.455";
        let change = format!("UPDATE outbox SET state = 'dead', tries = 5, reply = '{reply}'");
        diesel::sql_query(change).execute(&mut self.database()).unwrap();
    }

    /// Makes every email one that still waits after so many tries, the last with this answer. No
    /// worker takes it within the hour. Housekeeping would send one that is due in days, because no
    /// email is.
    pub fn hold_mails_back(&self, tries: u32, reply: &str) {
        let change = format!(
            "UPDATE outbox SET state = 'waiting', settled_at = NULL, tries = {tries}, reply = '{reply}', \
             due_at = due_at + 3600000, give_up_at = give_up_at + 864000000"
        );
        diesel::sql_query(change).execute(&mut self.database()).unwrap();
    }

    /// Requires them as an admin of another node would.
    pub fn requires_second_factors(&self) {
        let change = "INSERT OR REPLACE INTO settings (name, value, changed_at) VALUES ('second_factor_required', 'everyone', 0)";
        diesel::sql_query(change).execute(&mut self.database()).unwrap();
    }

    /// Turns apps off as an admin of another node would.
    pub fn turns_apps_off(&self) {
        self.changes("INSERT OR REPLACE INTO settings (name, value, changed_at) VALUES ('apps_enabled', 'off', 0)");
    }

    /// Has every sign-in in progress lead to this address of an app.
    pub fn leads_to_an_app(&self, url: &str) {
        let change = format!("UPDATE attempts SET return_to = 'app:0000000000000001:{url}'");
        diesel::sql_query(change).execute(&mut self.database()).unwrap();
    }

    /// Adds an app with the name "Wiki".
    pub fn has_app(&self, (slug, origin): (&str, &str), requires: &str, is_open: bool) {
        let (scheme, authority) = origin.split_once("://").unwrap();
        let port = if scheme == "https" { "443" } else { "80" };
        let (host, port) = authority.split_once(':').unwrap_or((authority, port));
        let mut database = self.database();
        for change in [
            format!(
                "INSERT INTO apps (slug, name, description, hidden, position, requires, everyone, preflights, popup, origin, \
                 created_at) VALUES ('{slug}', 'Wiki', '', FALSE, 0, '{requires}', {is_open}, FALSE, FALSE, 'admin', 0)"
            ),
            format!(
                "INSERT INTO app_hosts SELECT '{host}', {port}, FALSE, '{scheme}', id FROM apps WHERE slug = '{slug}'"
            ),
        ] {
            diesel::sql_query(change).execute(&mut database).unwrap();
        }
    }

    /// Adds an app that speaks OpenID Connect. Its secret is [`SECRET`].
    pub fn adds_oidc_app(&self, slug: &str, callback: &str, (is_open, is_of_others): (bool, bool)) {
        let mut database = self.database();
        let id = slug.len();
        let name = "A name of an app that is as long as a name of an app may be";
        for row in [
            format!(
                "apps VALUES ({id}, '{slug}', '{name}', '', NULL, NULL, NULL, FALSE, 0, 'one', NULL, {is_open}, FALSE, \
                 FALSE, 'command_line', 0, NULL)"
            ),
            format!(
                "oidc_clients (app_id, client_id, is_public, pkce_required, id_token_alg, id_token_small, groups_claim, \
                 refreshes, rotates, third_party, access_lifetime, refresh_idle, refresh_absolute) VALUES ({id}, '{slug}', FALSE, FALSE, 'RS256', FALSE, 'groups', 'asked', FALSE, {is_of_others}, \
                 3600000, 86400000, 864000000)"
            ),
            format!("oidc_secrets (id, app_id, secret_hash, made_at) VALUES ({id}, {id}, X'{SECRET_HASH}', 0)"),
            format!("oidc_uris VALUES ({id}, 'sign_in', '{callback}')"),
        ] {
            diesel::sql_query(format!("INSERT INTO {row}")).execute(&mut database).unwrap();
        }
    }

    /// Has an app on this machine hear of sign-outs, and gives its users a page to come back to.
    /// Its users have names.
    pub fn hears_of_sign_outs(&self, slug: &str, port: u16) {
        let (mut database, app) = (self.database(), format!("http://127.0.0.1:{port}"));
        for change in [
            format!("UPDATE oidc_clients SET backchannel_logout_uri = '{app}/logout' WHERE client_id = '{slug}'"),
            // Otherwise Gatepost asks no address of this machine.
            format!(
                "INSERT INTO app_hosts SELECT '127.0.0.1', {port}, FALSE, 'http', id FROM apps WHERE slug = '{slug}'"
            ),
            format!("INSERT INTO oidc_uris SELECT id, 'sign_out', '{app}/bye' FROM apps WHERE slug = '{slug}'"),
            "UPDATE accounts SET name = 'Ana'".to_owned(),
        ] {
            diesel::sql_query(change).execute(&mut database).unwrap();
        }
    }

    /// Has an app sign its users in in a popup.
    pub fn signs_in_in_a_popup(&self, slug: &str) {
        let change = format!("UPDATE apps SET popup = TRUE WHERE slug = '{slug}'");
        diesel::sql_query(change).execute(&mut self.database()).unwrap();
    }

    /// Has an app sign by ES256.
    pub fn signs_by_es256(&self, slug: &str) {
        let change = format!("UPDATE oidc_clients SET id_token_alg = 'ES256' WHERE client_id = '{slug}'");
        diesel::sql_query(change).execute(&mut self.database()).unwrap();
    }

    /// Lets an app sign in devices.
    pub fn signs_in_devices(&self, slug: &str) {
        let change = format!("UPDATE oidc_clients SET device_grant = TRUE WHERE client_id = '{slug}'");
        diesel::sql_query(change).execute(&mut self.database()).unwrap();
    }

    /// Gives an app what a user gives by agreeing and signing in, and lets it keep that.
    pub fn has_given_access(&self, email: &str, slug: &str) {
        let mut database = self.database();
        let days_ago = |days: u32| format!("(unixepoch() - {days} * 86400) * 1000");
        let (first, last) = (days_ago(40), days_ago(2));
        let of_both = format!("FROM accounts, apps WHERE email = '{email}' AND slug = '{slug}'");
        for row in [
            format!(
                "oidc_consents SELECT accounts.id, apps.id, 'openid profile email groups offline_access', {first} {of_both}"
            ),
            format!("app_uses SELECT accounts.id, apps.id, {last} {of_both}"),
            format!(
                "oidc_grants (id, app_id, account_id, code_id, scopes, claims, auth_time, acr, amr, offline, generation, \
                 refreshed_at, created_at, ends_at, strength, known_browser_id) SELECT 7, apps.id, accounts.id, X'07', 'openid', '', {first}, \
                 'urn:gatepost:one', 'email', TRUE, 0, {last}, {first}, 9000000000000, 'one', \
                 (SELECT MIN(id) FROM known_browsers WHERE account_id = accounts.id) {of_both}"
            ),
        ] {
            diesel::sql_query(format!("INSERT INTO {row}")).execute(&mut database).unwrap();
        }
    }

    /// Notes that a user has used an app since signing in.
    pub fn has_just_used(&self, email: &str, slug: &str) {
        let row = format!(
            "INSERT INTO app_uses SELECT accounts.id, apps.id, (unixepoch() + 1) * 1000 FROM accounts, apps \
             WHERE email = '{email}' AND slug = '{slug}'"
        );
        diesel::sql_query(row).execute(&mut self.database()).unwrap();
    }

    /// Gives or takes admin rights as a version before did, without a note of who it was.
    pub fn set_admin(&self, email: &str, is_admin: bool) {
        let change = format!("UPDATE accounts SET is_admin = {is_admin} WHERE email = '{email}'");
        diesel::sql_query(change).execute(&mut self.database()).unwrap();
    }

    /// Changes rows as days, another admin or another user would.
    pub fn changes(&self, change: &str) {
        diesel::sql_query(change).execute(&mut self.database()).unwrap();
    }

    fn database(&self) -> SqliteConnection {
        let file = self.folder.path().join("gatepost.db");
        let mut database = SqliteConnection::establish(file.to_str().unwrap()).unwrap();
        database.batch_execute("PRAGMA busy_timeout = 60000").unwrap();
        database
    }

    /// Waits until no email is left to send.
    pub async fn all_left(&self) {
        let mut database = self.database();
        patience::until("every mail to have left", async || {
            (outbox::table.filter(outbox::state.eq("waiting")).count().get_result(&mut database) == Ok(0_i64))
                .then_some(())
        })
        .await;
    }

    /// Moves everything into the past instead of waiting.
    pub async fn minutes_pass(&self, minutes: u32) {
        let millis = minutes * 60_000;
        // An email can be read a moment before its outcome is stored, which would start its
        // lifetime again.
        self.all_left().await;
        let mut database = self.database();
        for change in [
            "session_proofs SET proven_at = proven_at -",
            "attempts SET mail_asked_at = mail_asked_at -",
            "attempts SET expires_at = expires_at -",
            "oidc_device_codes SET expires_at = expires_at -",
        ] {
            diesel::sql_query(format!("UPDATE {change} {millis}")).execute(&mut database).unwrap();
        }
    }
}

/// Returns the binary with only these environment variables.
fn command(folder: &TempDir, port: u16) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_gatepost"));
    command
        .current_dir(folder.path())
        .env_clear()
        .env("TMPDIR", folder.path())
        .env("GATEPOST_BASE_URL", format!("http://localhost:{port}"))
        .env("GATEPOST_DATABASE_URL", "sqlite://gatepost.db")
        .env("GATEPOST_MAIL_URL", "dev:")
        // Nothing answers there, and no question leaves this machine.
        .env("GATEPOST_DNS_SERVER", "127.0.0.1:9")
        // A tour asks for more emails than users do.
        .env("GATEPOST_LIMITS_PER_MAILBOX", "50/15m")
        .env("GATEPOST_LIMITS_PER_CLIENT", "500/15m")
        // Requests are answered even on a slow machine.
        .env("GATEPOST_DATABASE_PATIENCE", "60s")
        .env("ROCKET_ADDRESS", "127.0.0.1")
        .env("ROCKET_PORT", port.to_string());
    command
}

/// The text of an email.
pub struct Mail(String);

impl Mail {
    /// Returns the link that contains this, if the email has one.
    pub fn url(&self, path: &str) -> Option<String> {
        self.0.split_whitespace().find(|word| word.contains(path)).map(str::to_owned)
    }

    fn must_have(&self, path: &str) -> String {
        self.url(path).unwrap_or_else(|| panic!("no {path} in {}", self.0))
    }

    pub fn link(&self) -> String {
        self.must_have("/auth/verify?token=")
    }

    pub fn cancel_link(&self) -> String {
        self.must_have("/auth/cancel?token=")
    }

    pub fn invitation_link(&self) -> String {
        self.must_have("/auth/invitation?token=")
    }

    pub fn undo_link(&self) -> String {
        self.must_have("/auth/undo?token=")
    }

    pub fn reset_link(&self) -> String {
        self.must_have("/auth/reset?token=")
    }

    pub fn code(&self) -> String {
        let is_code = |word: &&str| word.len() == 7 && word.as_bytes()[3] == b'-';
        self.0.split_whitespace().find(is_code).unwrap_or_else(|| panic!("no code in {}", self.0)).to_owned()
    }
}

/// Returns the secret in a link.
pub fn token(link: &str) -> &str {
    link.split_once("token=").unwrap().1
}

fn without_tags(html: &str) -> String {
    let pieces = html.split('<').enumerate();
    pieces.map(|(n, piece)| if n == 0 { piece } else { piece.split_once('>').map_or("", |(_, text)| text) }).collect()
}
