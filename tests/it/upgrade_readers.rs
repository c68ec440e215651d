//! Readers of rows of earlier versions: the functions that the server calls.

use crate::{
    upgrade_rows::rows_of,
    upgrade_values::{hash, id, moment, text},
};
use gatepost::{
    db::{self, DbConnection, Error, attempts::LinkKind, declared::Kind, last_times::Noted},
    domain::{
        AccountId, AddressChangeId, AttemptId, EmailAddress, GainId, HeldFormId, Id, KnownBrowserId, MailId, PendingId,
        RecoveryId, SessionId, Timestamp, TokenHash, apps::AppId, group::GroupId, handle::Handle, logo::Ground,
        oidc::GrantId,
    },
};

/// Tables that no function reads one by one: what they hold is counted, or compared in SQL.
const COUNTED: [&str; 6] = ["limits", "mail_domains", "oidc_assertions", "set_aside", "sign_in_hours", "starts"];
/// Tables that a start of the server reads.
const OF_A_START: [&str; 2] = ["sealing_keys", "settings"];

/// Tables about no account.
const OF_SERVER: [&str; 8] =
    ["audit", "audit_seals", "declared", "domain_openings", "housekeeping_runs", "last_times", "logo", "outbox"];

/// Reads every row that is in these tables. Fails at the first that is missing or unreadable.
pub fn read_all(connection: &mut DbConnection, tables: &[String]) {
    for table in tables.iter().map(String::as_str) {
        if COUNTED.contains(&table) || OF_A_START.contains(&table) {
            continue;
        }
        for n in 0..rows_of(table) {
            let found = read(connection, table, n).unwrap_or_else(|error| panic!("{table}, row {n}: {error}"));
            assert!(found, "{table}: row {n} is not found");
        }
    }
}

fn read(connection: &mut DbConnection, table: &str, n: usize) -> Result<bool, Error> {
    if table.starts_with("oidc_") || table == "logout_notices" {
        of_clients(connection, table, n)
    } else if table.starts_with("app") || table.starts_with("group") {
        of_apps(connection, table, n)
    } else if table.contains("session") || table.contains("attempt") || table.starts_with("pending_") {
        of_sign_ins(connection, table, n)
    } else if table.ends_with("_links") || table == "devices" || table == "passkey_ceremonies" {
        by_hash(connection, table, n)
    } else if OF_SERVER.contains(&table) {
        of_server(connection, table, n)
    } else {
        of_account(connection, table, n)
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
        _ => panic!("{table}: read its rows here, or say in COUNTED that none is read"),
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
