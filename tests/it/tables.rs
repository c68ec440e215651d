//! Facts about each table: whether a restored copy keeps it, what reads its rows, and their texts.
//!
//! A new table needs its migration at the end of the list here, a row, an arm, and its texts.

use crate::upgrade_values::{hash, id, moment, named, rows_of};
use Read::{By, ByTheStart, Counted, Own};
use Restored::{Ends, Stays};
use gatepost::{
    db::{self, DbConnection, Error, attempts::LinkKind, declared::Kind, last_times::Noted},
    domain::{
        AccountId, AddressChangeId, AttemptId, EmailAddress, GainId, HeldFormId, Id, KnownBrowserId, MailId, PendingId,
        RecoveryId, SessionId, Timestamp, TokenHash, apps::AppId, group::GroupId, handle::Handle, logo::Ground,
        oidc::GrantId,
    },
};

/// Fate of a table in a restored copy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Restored {
    /// It lets a browser, a device or an app in, and is empty afterwards.
    Ends,
    /// Accounts, settings, apps, history, and what counts limits. None of it lets a browser in by
    /// itself. Links that undo what a thief has done work again, for the owner.
    Stays,
}

/// Reader of a table's rows.
#[derive(Clone, Copy)]
pub enum Read {
    /// A function that the server calls, too.
    By(fn(&mut DbConnection, &str, usize) -> Result<bool, Error>),
    /// No function reads them one by one: what they hold is counted, or compared in SQL.
    Counted,
    ByTheStart,
    /// Migrations and triggers make them.
    Own,
}

/// Migrations in the order in which they came, which their names do not tell.
pub const LANDINGS: [&[&str]; 51] = [
    &["2026-11-22-000001_initial"],
    &["2026-11-23-000001_passwords"],
    &["2026-11-23-000002_factors"],
    &["2026-11-24-000001_links"],
    &["2026-11-26-000006_letters"],
    &["2026-11-26-000004_outbox"],
    &["2026-11-26-000009_pages"],
    &["2026-11-26-000002_gains"],
    &["2026-11-26-000005_turns"],
    &["2026-11-26-000010_limits"],
    &["2026-11-26-000007_db"],
    &["2026-11-26-000030_languages"],
    &["2026-11-26-000020_acts"],
    &["2026-11-27-000030_outbox_indexes"],
    &["2026-11-27-000040_turns_of_waiting"],
    &["2026-11-27-000060_recoveries"],
    &["2026-11-27-000061_passkey_offers"],
    &["2026-11-27-000050_known_browsers"],
    &["2026-11-27-000076_mailbox_since"],
    &["2026-11-27-000075_set_aside"],
    &["2026-11-27-000070_admin_acts"],
    &["2026-11-27-000080_audit_pages"],
    &["2026-11-28-000084_change_log", "2026-11-28-000085_change_log_triggers"],
    &["2026-11-27-000081_overview"],
    &["2026-11-28-000082_rowids"],
    &[
        "2026-11-29-000100_groups",
        "2026-11-29-000101_apps",
        "2026-11-29-000102_handles",
        "2026-11-29-000103_apps_triggers",
    ],
    &["2026-11-29-000094_invitations"],
    &["2026-11-29-000115_oidc_keys", "2026-11-29-000116_oidc_clients", "2026-11-29-000117_oidc_grants"],
    &["2026-11-29-000095_audit_seals"],
    &["2026-11-29-000130_oidc_origins"],
    &["2026-11-29-000131_oidc_strengths"],
    &["2026-11-30-000130_oidc_presets"],
    &["2026-11-30-000140_starts"],
    &["2026-11-30-000142_session_triggers"],
    &["2026-11-30-000120_logout_notices", "2026-11-30-000121_oidc_devices", "2026-11-30-000122_oidc_assertions"],
    &[
        "2026-11-30-000110_app_asks",
        "2026-11-30-000111_guests",
        "2026-11-30-000112_guests_triggers",
        "2026-11-30-000113_app_exits",
        "2026-11-30-000114_app_exits_triggers",
    ],
    &["2026-11-30-000100_account_ends", "2026-11-30-000101_account_ends_triggers"],
    &["2026-11-30-000123_logout_notice_triggers"],
    &["2026-12-01-000100_time_zones", "2026-12-01-000101_time_zones_triggers"],
    &["2026-12-01-000110_openings"],
    &["2026-11-30-000150_app_refusals"],
    &["2026-11-30-000151_declared"],
    &["2026-12-02-000111_own_tries"],
    &["2026-12-02-000121_invitation_copies"],
    &["2026-12-02-000131_logout_notice_triggers"],
    &["2026-12-03-000140_client_uses", "2026-12-03-000145_access_token_kind", "2026-12-03-000146_name_claim"],
    &["2026-12-04-000150_groups_shape"],
    &["2026-12-05-000151_lists_of_users"],
    &["2026-12-06-000152_fewer_indexes"],
    &["2026-12-07-000160_domain_shares", "2026-12-07-000161_attempts_in_time_order"],
    &["2026-12-08-000162_notice_triggers"],
];

/// Every table, by its name.
pub const TABLES: [(&str, Restored, Read); 68] = [
    ("accounts", Stays, By(of_account)),
    ("address_change_links", Stays, By(by_hash)),
    ("address_changes", Stays, By(of_account)),
    ("admin_acts", Stays, By(of_account)),
    ("app_asks", Stays, By(of_apps)),
    ("app_exits", Ends, By(of_apps)),
    ("app_groups", Stays, By(of_apps)),
    ("app_hosts", Stays, By(of_apps)),
    ("app_people", Stays, By(of_apps)),
    ("app_public_paths", Stays, By(of_apps)),
    ("app_refusals", Stays, By(of_apps)),
    ("app_troubles", Stays, By(of_apps)),
    ("app_uses", Stays, By(of_apps)),
    ("apps", Stays, By(of_apps)),
    ("attempt_links", Ends, By(of_sign_ins)),
    ("attempts", Ends, By(of_sign_ins)),
    ("audit", Stays, By(of_server)),
    ("audit_seals", Stays, By(of_server)),
    ("change_log", Stays, Own),
    ("declared", Stays, By(of_server)),
    ("devices", Stays, By(by_hash)),
    ("domain_openings", Stays, By(of_server)),
    ("gain_links", Stays, By(by_hash)),
    ("gains", Stays, By(of_account)),
    ("group_members", Stays, By(of_apps)),
    ("groups", Stays, By(of_apps)),
    ("heartbeats", Stays, Own),
    ("held_forms", Ends, By(of_account)),
    ("housekeeping_runs", Stays, By(of_server)),
    ("installation", Stays, Own),
    ("invitations", Stays, By(of_account)),
    ("known_browser_links", Stays, By(by_hash)),
    ("known_browsers", Stays, By(of_account)),
    ("last_times", Stays, By(of_server)),
    ("limits", Stays, Counted),
    ("logo", Stays, By(of_server)),
    ("logout_notices", Stays, By(of_clients)),
    ("mail_domains", Stays, Counted),
    ("oidc_access_tokens", Ends, By(of_clients)),
    ("oidc_assertions", Stays, Counted),
    ("oidc_clients", Stays, By(of_clients)),
    ("oidc_consents", Stays, By(of_clients)),
    ("oidc_device_codes", Ends, By(of_clients)),
    ("oidc_grants", Ends, By(of_clients)),
    ("oidc_keys", Stays, By(of_clients)),
    ("oidc_secrets", Stays, By(of_clients)),
    ("oidc_uris", Stays, By(of_clients)),
    ("outbox", Stays, By(of_server)),
    ("passkey_ceremonies", Ends, By(by_hash)),
    ("passkeys", Stays, By(of_account)),
    ("passwords", Stays, By(of_account)),
    ("pending_proofs", Ends, By(of_sign_ins)),
    ("pending_sign_ins", Ends, By(of_sign_ins)),
    ("recoveries", Stays, By(of_account)),
    ("recovery_code_sets", Stays, By(of_account)),
    ("recovery_codes", Stays, By(of_account)),
    ("recovery_links", Stays, By(by_hash)),
    ("sealing_keys", Stays, ByTheStart),
    ("session_proofs", Ends, By(of_sign_ins)),
    ("sessions", Ends, By(of_sign_ins)),
    ("set_aside", Stays, Counted),
    ("settings", Stays, ByTheStart),
    ("sign_in_hours", Stays, Counted),
    ("starts", Stays, Counted),
    ("totp_authenticators", Stays, By(of_account)),
    ("totp_failures", Stays, By(of_account)),
    ("trusted_devices", Ends, By(of_account)),
    ("used_handles", Stays, By(of_account)),
];

const PASSWORD: &str = "$argon2id$v=19$m=19456,t=2,p=1$c2FsdHNhbHQ$aGFzaA";
const FORMER_PASSWORD: &str =
    r#"{"hash":"$argon2id$v=19$m=19456,t=2,p=1$c2FsdHNhbHQ$aGFzaA","set_at":1795000000000,"from_mail":false}"#;
const FORMER_CODES: &str = r#"{"salt":[0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15],"made_at":1795000000000,"codes":[]}"#;

/// Texts of the three rows. A column of one table alone comes as `table.column`.
const TEXTS: [(&str, [&str; 3]); 94] = [
    ("aaguid", ["00000000-0000-0000-0000-000000000000"; 3]),
    ("access_token_kind", ["jwt", "opaque", "jwt"]),
    ("acr", ["phr", "urn:gatepost:two", "urn:gatepost:one"]),
    ("action", ["signed_in", "setting_changed", "app_added"]),
    ("actor", ["ana@example.com", "gatepost", "eve@example.net"]),
    ("alg", ["RS256", "ES256", "RS256"]),
    ("amr", ["pop hwk user", "pwd otp mfa", "email"]),
    ("answer", ["yes", "no", "no"]),
    ("apps.origin", ["admin", "command_line", "admin"]),
    ("asked_by", ["owner", "admin", "command line"]),
    (
        "backchannel_logout_uri",
        ["https://wiki.example.com/out", "https://photos.example.com/out", "https://files.example.com/out"],
    ),
    ("browser", ["Firefox on Linux", "Safari on iPhone", "Chrome on Windows"]),
    ("built_from", ["3f2a9c1", "77b0d5e", "c41e802"]),
    ("cause", ["address", "secret", "code"]),
    ("claims", ["email groups email!", "", "profile"]),
    ("client_address", ["192.0.2.1", "2001:db8::1", "198.51.100.7"]),
    ("client_id", ["wiki", "photos", "files"]),
    ("credential", ["{}"; 3]),
    ("decision", ["allowed", "waiting", "denied"]),
    ("declared.kind", ["setting", "group", "app"]),
    ("declared.name", ["site_name", "staff", "wiki"]),
    ("deed", ["granted", "revoked", "disabled"]),
    ("description", ["Notes of the family", "", "Files"]),
    ("detail", ["https://wiki.example.com/other", "", ""]),
    ("domain", ["example.com", "example.org", "example.net"]),
    ("email", ["ana@example.com", "ben@example.org", "eve@example.net"]),
    ("fields", [r#"[["name","Ana"]]"#; 3]),
    ("former", [FORMER_PASSWORD; 3]),
    ("gains.kind", ["admin_rights", "passkey", "password"]),
    ("groups.name", ["staff", "family", "friends"]),
    ("groups.note", ["All who work here", "", ""]),
    ("groups_claim", ["groups", "roles", "groups"]),
    ("groups_shape", ["spaces", "list", "commas"]),
    ("handle", ["ana", "ben", "eve"]),
    ("hash", [PASSWORD; 3]),
    ("hint", ["x7Kq", "", "Zz19"]),
    ("host", ["wiki.example.com", "photos.example.com", "files.example.com"]),
    ("icon_version", ["0123456789ab"; 3]),
    ("id_token_alg", ["ES256", "RS256", "RS256"]),
    ("inviter", ["Ben", "Ana", "Eve"]),
    ("jwks", [r#"{"keys":[]}"#; 3]),
    (
        "jwks_uri",
        ["https://wiki.example.com/jwks", "https://photos.example.com/jwks", "https://files.example.com/jwks"],
    ),
    ("kid", ["kid-0", "kid-1", "kid-2"]),
    ("kind", ["open", "cancel", "open"]),
    ("language", ["en", "de", "en"]),
    ("last_times.name", ["backup", "sign_ins_counted", "test_email_opened"]),
    ("launch_url", ["https://wiki.example.com/", "https://photos.example.com/", "https://files.example.com/"]),
    ("limits.name", ["of ana", "of ben", "of eve"]),
    ("logout_notices.state", ["ended", "waiting", "gave_up"]),
    ("method", ["email_link", "password", "passkey"]),
    ("migrations", ["2026-11-22-000001_initial"; 3]),
    ("muted_by", ["192.0.2.0/24", "2001:db8::/48", "198.51.100.0/24"]),
    ("name", ["Ana", "Ben", "Eve"]),
    ("name_claim", ["preferred_username", "name", "nickname"]),
    ("new_email", ["ana@example.com", "ben@example.org", "eve@example.net"]),
    ("note", ["", "", "set"]),
    ("oidc_uris.kind", ["sign_in", "sign_out", "sign_in"]),
    ("old_email", ["ana@old.example.com", "ben@old.example.com", "eve@old.example.com"]),
    ("origin", ["joined", "invited", "set_up"]),
    ("outbox.kind", ["sign_in", "invitation", "security_changed"]),
    ("outbox.state", ["sent", "waiting", "dead"]),
    ("outcome", ["used", "cancelled", "superseded"]),
    ("passkey_ceremonies.purpose", ["sign_in", "second_factor", "register"]),
    ("path", ["/account/name", "/account/address", "/account/name"]),
    ("prefix", ["/public", "/assets", "/feed.xml"]),
    ("preset", ["grafana"; 3]),
    ("public_jwk", [r#"{"kty":"RSA"}"#; 3]),
    ("purpose", ["sign_in", "step_up", "reset_password"]),
    ("recipient", ["ana@example.com", "ben@example.org", "eve@example.net"]),
    ("recoveries.outcome", ["cancelled", "done", "done"]),
    ("refreshes", ["never", "asked", "always"]),
    ("reply", ["250 ok", "", "550 no such user"]),
    ("request_id", ["request-0", "request-1", "request-2"]),
    ("requires", ["one", "two", "passkey"]),
    ("return_to", ["/", "/account", "/"]),
    ("scheme", ["https"; 3]),
    ("scopes", ["openid email", "openid", "openid offline_access"]),
    ("sealing_keys.id", ["0123456789abcdef", "123456789abcdef0", "23456789abcdef01"]),
    ("set_aside.former", [FORMER_PASSWORD, FORMER_CODES, FORMER_PASSWORD]),
    ("set_aside.kind", ["password", "recovery_codes", "password"]),
    ("settings.name", ["site_name", "join_policy", "password_enabled"]),
    ("slug", ["wiki", "photos", "files"]),
    ("state", ["{}"; 3]),
    ("strength", ["passkey", "two", "one"]),
    ("subject", ["ana@example.com", "join_policy", "wiki"]),
    ("time_zone", ["Europe/Berlin", "UTC", "America/New_York"]),
    ("told", ["ana@example.com", "ben@example.org", "eve@example.net"]),
    ("trouble", ["no_host", "twice", "unknown_host"]),
    (
        "uri",
        [
            "https://wiki.example.com/callback",
            "https://photos.example.com/signed-out",
            "https://files.example.com/callback",
        ],
    ),
    ("value", ["House", "anyone", "on"]),
    ("value_after", ["email_link", "anyone", "wiki"]),
    ("value_before", ["none", "invited", "none"]),
    ("version", ["0.1.0", "0.2.0", "0.3.0"]),
    ("what", ["email", "passkey", "failed"]),
];

/// Returns the text of the `n`th row.
pub fn text(table: &str, column: &str, n: usize) -> &'static str {
    named(&TEXTS, table, column).unwrap_or_else(|| panic!("{table}.{column} needs texts in TEXTS"))[n]
}

/// Returns whether migrations and triggers make the rows of a table.
pub fn makes_its_own(table: &str) -> bool {
    matches!(reader_of(table), Own)
}

fn reader_of(table: &str) -> Read {
    let known = TABLES.iter().find(|(known, ..)| *known == table);
    known.unwrap_or_else(|| panic!("{table} needs a row in TABLES")).2
}

/// Reads every row that is in these tables. Fails at the first that is missing or unreadable.
pub fn read_all(connection: &mut DbConnection, tables: &[String]) {
    for table in tables.iter().map(String::as_str) {
        let By(read) = reader_of(table) else { continue };
        for n in 0..rows_of(table) {
            let found = read(connection, table, n).unwrap_or_else(|error| panic!("{table}, row {n}: {error}"));
            assert!(found, "{table}: row {n} is not found");
        }
    }
}

fn link(column: &str, n: usize) -> TokenHash {
    TokenHash::from_slice(&hash(column, n)).unwrap()
}

fn of_account(connection: &mut DbConnection, table: &str, n: usize) -> Result<bool, Error> {
    let (account, row) = (AccountId::from_i64(id(n)), id(n));
    Ok(match table {
        "accounts" => {
            let email = EmailAddress::parse(text("accounts", "email", n)).unwrap();
            let handle = db::handles::of_account(connection, account)?;
            handle.is_none_or(|given| given.handle.as_str() == text("accounts", "handle", n))
                && db::accounts::find_by_email(connection, &email)?.is_some_and(|found| found.id == account)
        }
        "address_changes" => db::address_changes::find(connection, AddressChangeId::from_i64(row))?.is_some(),
        "admin_acts" => db::admin_acts::all(connection)?.iter().any(|act| act.place == row),
        "gains" => db::gains::find(connection, GainId::from_i64(row))?.is_some(),
        "held_forms" => {
            let (form, session) = (HeldFormId::from_i64(row), SessionId::from_i64(row));
            let then = Timestamp::from_millis(moment("held_at", n));
            db::held_forms::find(connection, form, session, then)?.is_some()
        }
        "invitations" => db::invitations::of_account(connection, account)?.is_some(),
        "known_browsers" => db::known_browsers::get(connection, KnownBrowserId::from_i64(row))?.is_some(),
        "passkeys" => !db::passkeys::of_account(connection, account)?.is_empty(),
        "passwords" => db::passwords::find(connection, account)?.is_some(),
        "recoveries" => db::recoveries::find(connection, RecoveryId::from_i64(row))?.is_some(),
        "recovery_code_sets" => db::recovery_codes::set_of(connection, account)?.is_some(),
        // The second has not been used.
        "recovery_codes" => db::recovery_codes::left(connection, account)? == u32::from(n == 1),
        "totp_authenticators" => !db::totp::of_account(connection, account)?.is_empty(),
        "totp_failures" => db::totp::failures(connection, account).is_ok(),
        "trusted_devices" => !db::trusted_devices::of_account(connection, account)?.is_empty(),
        "used_handles" => {
            let handle = Handle::parse(text(table, "handle", n)).unwrap();
            db::handles::account_of(connection, &handle)? == Some(account)
        }
        _ => panic!("{table}: read its rows here, or say in TABLES that none is read"),
    })
}

fn of_sign_ins(connection: &mut DbConnection, table: &str, n: usize) -> Result<bool, Error> {
    let session = |connection: &mut DbConnection| db::sessions::find(connection, SessionId::from_i64(id(n)));
    let pending = |connection: &mut DbConnection| {
        let by_secret = db::pending_sign_ins::find(connection, &link("secret_hash", n))?;
        Ok::<_, Error>(by_secret.filter(|pending| pending.id == PendingId::from_i64(id(n))))
    };
    Ok(match table {
        "attempts" => db::attempts::find(connection, AttemptId::from_i64(id(n)))?.is_some(),
        "attempt_links" => {
            let kind = if text(table, "kind", n) == "open" { LinkKind::Open } else { LinkKind::Cancel };
            db::attempts::find_by_link(connection, &link("token_hash", n), kind)?.is_some()
        }
        "sessions" => session(connection)?.is_some(),
        "session_proofs" => session(connection)?.is_some_and(|(session, _)| session.proofs.len() == 1),
        "pending_sign_ins" => pending(connection)?.is_some(),
        "pending_proofs" => pending(connection)?.is_some_and(|pending| pending.proofs.len() == 1),
        _ => panic!("{table}: read its rows here"),
    })
}

fn by_hash(connection: &mut DbConnection, table: &str, n: usize) -> Result<bool, Error> {
    let (token, secret) = (link("token_hash", n), link("secret_hash", n));
    Ok(match table {
        "address_change_links" => db::address_changes::find_by_undo(connection, &token)?.is_some(),
        "devices" => db::devices::account_of(connection, &secret)? == Some(AccountId::from_i64(id(n))),
        "gain_links" => db::gains::find_by_link(connection, &token)?.is_some(),
        "known_browser_links" => db::known_browsers::find_by_link(connection, &token)?.is_some(),
        "passkey_ceremonies" => db::ceremonies::find(connection, &secret)?.is_some(),
        "recovery_links" => db::recoveries::find_by_link(connection, &token)?.is_some(),
        _ => panic!("{table}: read its rows here"),
    })
}

fn of_server(connection: &mut DbConnection, table: &str, n: usize) -> Result<bool, Error> {
    let before = i64::try_from(n).unwrap();
    Ok(match table {
        "audit" => db::audit::newest(connection, 10)?.iter().any(|line| line.id.as_i64() == id(n)),
        "audit_seals" => !db::audit_seals::after(connection, before, 1)?.is_empty(),
        "declared" => {
            let kind = [Kind::Setting, Kind::Group, Kind::App][n];
            db::declared::has(connection, kind, text(table, "name", n))?
        }
        "domain_openings" => db::openings::scanned(connection)?.len() == rows_of(table),
        "housekeeping_runs" => db::housekeeping_runs::last(connection)?.is_some(),
        "last_times" => {
            let noted = [Noted::Backup, Noted::SignInsCounted, Noted::TestEmailOpened][n];
            db::last_times::find(connection, noted)?.is_some()
        }
        "logo" => db::logo::find(connection, [Ground::Light, Ground::Dark][n])?.is_some(),
        "outbox" => db::outbox::find(connection, MailId::from_i64(id(n)))?.is_some(),
        _ => panic!("{table}: read its rows here"),
    })
}

fn of_apps(connection: &mut DbConnection, table: &str, n: usize) -> Result<bool, Error> {
    let (app, account, group) = (AppId::from_i64(id(n)), AccountId::from_i64(id(n)), GroupId::from_i64(id(n)));
    let stored = |connection: &mut DbConnection| db::apps::find(connection, app);
    Ok(match table {
        "apps" => stored(connection)?.is_some() && db::apps::icon(connection, app)?.is_some() == (n != 1),
        "app_groups" => stored(connection)?.is_some_and(|app| app.app.access.groups == [group]),
        "app_people" => stored(connection)?.is_some_and(|app| app.app.access.people.len() == 1),
        "app_hosts" => stored(connection)?.is_some_and(|app| app.hosts.len() == 1),
        "app_public_paths" => stored(connection)?.is_some_and(|app| app.public_paths.len() == 1),
        "app_asks" => db::app_asks::find(connection, Id::from_i64(id(n)))?.is_some(),
        "app_exits" => !db::apps::exits_of(connection, SessionId::from_i64(id(n)))?.is_empty(),
        "app_troubles" => db::apps::troubles(connection)?.iter().any(|(of, _, _)| *of == Some(app)),
        "app_refusals" => !db::apps::refusals(connection, app)?.is_empty(),
        "app_uses" => db::apps::uses_of(connection, account)?.contains_key(&app),
        "groups" => db::groups::find(connection, group)?.is_some(),
        "group_members" => db::groups::of_account(connection, account)?.len() == 1,
        _ => panic!("{table}: read its rows here"),
    })
}

fn of_clients(connection: &mut DbConnection, table: &str, n: usize) -> Result<bool, Error> {
    let (app, account, grant) = (AppId::from_i64(id(n)), AccountId::from_i64(id(n)), GrantId::from_i64(id(n)));
    let then = Timestamp::from_millis(moment("made_at", n));
    Ok(match table {
        "oidc_clients" => {
            db::oidc_reach::reach(connection, app)?;
            db::oidc_reach::own_keys(connection, app)?;
            db::oidc_clients::of_app(connection, app)?.is_some()
        }
        "oidc_uris" => db::oidc_clients::of_app(connection, app)?
            .is_some_and(|client| client.sign_in_uris.len() + client.sign_out_uris.len() == 1),
        "oidc_secrets" => !db::oidc_clients::secrets(connection, app, then)?.is_empty(),
        "oidc_keys" => db::oidc_keys::all(connection)?.iter().any(|key| key.id.as_i64() == id(n)),
        "oidc_grants" => db::oidc_grants::find(connection, grant)?
            .is_some_and(|grant| grant.strength.into_str() == text(table, "strength", n)),
        "oidc_access_tokens" => {
            let token = db::oidc_grants::token(connection, &link("token_hash", n))?;
            token.is_some_and(|token| token.grant.id == grant)
        }
        "oidc_consents" => db::oidc_grants::consent(connection, account, app)?.is_some(),
        "oidc_device_codes" => db::oidc_devices::find(connection, Id::from_i64(id(n)))?.is_some(),
        "logout_notices" => !db::logout_notices::of_app(connection, app, 10)?.is_empty(),
        _ => panic!("{table}: read its rows here"),
    })
}
