//! "Download my data": what is kept about an account, as JSON, for its owner after a step-up.
//!
//! Rows are chosen by the account's id. Attempts for an address that the account has not verified
//! lack two facts. These are what the worker found out, and how the attempt ended. Either would
//! reveal whether that address has an account. A former owner's rows are not part of this account.

use super::app_access;
use crate::{
    db,
    domain::{
        AccountId, Attempt, AuditEntry, BrowserLabel, EmailAddress, Gained, LanguageTag, Session, TimeZone, Timestamp,
        account::AddressChange,
        apps::{Registered, asking::Ask},
        audit::Actor,
        gain::UNDO_LIFETIME,
        invitation::Invitation,
        known_browser::KnownBrowser,
        mail::MailKind,
        passkey::Passkey,
        recovery::Recovery,
        totp::Authenticator,
        trusted_device::TrustedDevice,
    },
    web::{Answer, Failure, Layout, Need, NoFields, Reply, Visit, held_form::Stale},
};
use askama::Template;
use rocket::{Route, get, post, routes};
use serde_json::{Value, json};

/// Most rows of one table: the newest.
const MAX: i64 = 1_000;

const PATH: &str = "/account/your-data";
const DATA: &str = "/account/data";

#[derive(Template)]
#[template(path = "account/your_data.html")]
struct YourDataPage {
    layout: Layout,
}

#[get("/account/your-data")]
fn your_data(visit: Visit<'_>) -> Answer {
    visit.require()?;
    visit.page(&YourDataPage { layout: visit.layout() })
}

/// The button of the page. Its form is posted, so that it can wait for a proof. A GET must store
/// nothing, because a page of another site can cause one.
#[post("/account/data", data = "<_form>")]
async fn download(visit: Visit<'_>, _form: NoFields) -> Answer {
    let need = Need::signed_in().fresh(Stale::press(PATH, DATA, &[]));
    visit.as_account(need, |_, _| Ok(())).await?;
    Ok(Reply::see_other(DATA))
}

#[get("/account/data")]
async fn data(visit: Visit<'_>) -> Answer {
    let need = || Need::signed_in().fresh(Stale::button(PATH));
    let (account, kept) = visit
        .read_as_account(need(), |tx, me| Ok((me.account.clone(), Kept::read(tx.connection, me.account.id, tx.now)?)))
        .await?;
    let _one_at_a_time = visit.services.exports.begin(account.id, visit.now).map_err(Failure::TooMany)?;
    let own = account.proven_at.map(|_| account.email.clone());
    // One after the other, so that each reader is busy only briefly.
    let attempts =
        visit.read_as_account(need(), |tx, me| db::attempts::of_account(tx.connection, me.account.id, MAX)).await?;
    let audit =
        visit.read_as_account(need(), |tx, me| db::audit::of_account(tx.connection, me.account.id, MAX)).await?;
    let mails = match own.clone() {
        Some(own) => {
            let read = visit
                .read_as_account(need(), move |tx, me| db::outbox::of_account(tx.connection, me.account.id, &own, MAX));
            read.await?
        }
        None => Vec::new(),
    };
    let data = json!({
        "account": {
            "id": account.id.to_string(),
            "email": account.email.as_str(),
            "name": account.name.as_str(),
            "language": account.language.as_ref().map(LanguageTag::as_str),
            "time_zone": account.time_zone.as_ref().map(TimeZone::name),
            "admin": account.is_admin,
            "guest_until": account.guest_until.map(Timestamp::rfc3339),
            "username": kept.username,
            "created_at": account.created_at.rfc3339(),
            "proven_at": account.proven_at.map(Timestamp::rfc3339),
            "last_signed_in_at": account.last_signed_in_at.map(Timestamp::rfc3339),
            "ends_at": account.end().map(Timestamp::rfc3339),
        },
        "groups": kept.groups,
        "apps_used": kept.apps_used,
        "app_access": kept.app_access,
        "apps_asked_for": kept.apps_asked_for,
        "sessions": kept.sessions.iter().map(session).collect::<Vec<_>>(),
        "password_set_at": kept.password_set_at.map(Timestamp::rfc3339),
        "authenticator_apps": kept.apps.iter().map(app).collect::<Vec<_>>(),
        "recovery_codes": kept.recovery_codes.map(|(left, made_at)| json!({ "left": left, "made_at": made_at.rfc3339() })),
        "remembered_browsers": kept.remembered.iter().map(remembered).collect::<Vec<_>>(),
        "known_browsers": kept.browsers.iter().map(|at| json!({ "last_used_at": at.rfc3339() })).collect::<Vec<_>>(),
        "seen_browsers": kept.seen.iter().map(seen).collect::<Vec<_>>(),
        "passkeys": kept.passkeys.iter().map(passkey).collect::<Vec<_>>(),
        "address_changes": kept.address_changes.iter().map(address_change).collect::<Vec<_>>(),
        "gains": kept.gains.iter().map(|gained| gain(gained, visit.now)).collect::<Vec<_>>(),
        "invitation": kept.invitation.as_ref().map(invitation),
        "recoveries": kept.recoveries.iter().map(recovery).collect::<Vec<_>>(),
        "attempts": attempts.iter().map(|line| attempt(line, own.as_ref())).collect::<Vec<_>>(),
        "mails": mails.iter().map(mail).collect::<Vec<_>>(),
        "audit": audit.iter().map(|line| entry(line, account.id)).collect::<Vec<_>>(),
    });
    // Users read it, too.
    Ok(Reply::indented_json(&data).with_header("Content-Disposition", "attachment; filename=\"gatepost-account.json\""))
}

/// Rows of one account from the small tables.
struct Kept {
    username: Option<String>,
    groups: Vec<String>,
    /// Time at which each app was last used.
    apps_used: Vec<Value>,
    /// Data that apps were allowed to read, and the sign-ins that they keep.
    app_access: Vec<Value>,
    /// Time at which the account asked for access to each app, and the answer.
    apps_asked_for: Vec<Value>,
    sessions: Vec<Session>,
    /// Time at which each browser was last recognised.
    browsers: Vec<Timestamp>,
    /// Browsers in which the account has signed in.
    seen: Vec<KnownBrowser>,
    passkeys: Vec<Passkey>,
    password_set_at: Option<Timestamp>,
    apps: Vec<Authenticator>,
    /// Number of codes that are left, and the time at which they were made.
    recovery_codes: Option<(u32, Timestamp)>,
    /// Remembered browsers.
    remembered: Vec<TrustedDevice>,
    address_changes: Vec<AddressChange>,
    recoveries: Vec<Recovery>,
    invitation: Option<Invitation>,
    /// Gains that can be undone, or could be until recently.
    gains: Vec<Gained>,
}

impl Kept {
    fn read(connection: &mut db::DbConnection, id: AccountId, now: Timestamp) -> Result<Self, db::Error> {
        let uses = db::apps::uses_of(connection, id)?;
        let used = |app: &Registered| {
            uses.get(&app.app.id).map(|at| json!({ "app": app.app.name.as_str(), "last_used_at": at.rfc3339() }))
        };
        let all = db::apps::all(connection)?;
        let asks = db::app_asks::of_account(connection, id)?;
        Ok(Self {
            username: db::handles::of_account(connection, id)?.map(|given| given.handle.to_string()),
            groups: db::groups::of_account(connection, id)?.iter().map(|group| group.name.to_string()).collect(),
            apps_used: all.iter().filter_map(used).collect(),
            app_access: app_access::exported(connection, id, now)?,
            apps_asked_for: asks.iter().map(|ask| asked_for(ask, &all)).collect(),
            sessions: db::sessions::of_account(connection, id)?,
            browsers: db::devices::of_account(connection, id)?,
            seen: db::known_browsers::of_account(connection, id)?,
            passkeys: db::passkeys::of_account(connection, id)?,
            password_set_at: db::passwords::find(connection, id)?.map(|(_, at)| at),
            apps: db::totp::of_account(connection, id)?.into_iter().map(|(app, _)| app).collect(),
            recovery_codes: match db::recovery_codes::set_of(connection, id)? {
                Some((_, made_at)) => Some((db::recovery_codes::left(connection, id)?, made_at)),
                None => None,
            },
            remembered: db::trusted_devices::of_account(connection, id)?,
            address_changes: db::address_changes::of_account(connection, id)?,
            recoveries: db::recoveries::of_account(connection, id)?,
            invitation: db::invitations::of_account(connection, id)?,
            gains: db::gains::of_account(connection, id, MAX)?,
        })
    }
}

fn asked_for(ask: &Ask, all: &[Registered]) -> Value {
    let app = all.iter().find(|app| app.app.id == ask.app);
    json!({
        "app": app.map(|app| app.app.name.as_str()),
        "asked_at": ask.asked_at.rfc3339(),
        "answered_at": ask.answered.map(|(at, _)| at.rfc3339()),
        "answer": ask.answered.map(|(_, answer)| answer.into_str()),
    })
}

fn invitation(invitation: &Invitation) -> Value {
    json!({
        "email": invitation.email.as_str(),
        "inviter": invitation.inviter,
        "asked_at": invitation.asked_at.rfc3339(),
        "accepted_at": invitation.accepted_at.map(Timestamp::rfc3339),
        "opened_at": invitation.opened_at.map(Timestamp::rfc3339),
    })
}

fn app(app: &Authenticator) -> Value {
    json!({
        "name": app.name.as_str(),
        "added_at": app.added_at.rfc3339(),
        "confirmed_at": app.confirmed_at.map(Timestamp::rfc3339),
        "last_used_at": app.last_used_at.map(Timestamp::rfc3339),
    })
}

fn remembered(device: &TrustedDevice) -> Value {
    json!({
        "browser": device.browser.as_str(),
        "client_address": device.client.map(|client| client.to_string()),
        "since": device.trusted_at.rfc3339(),
        "last_used_at": device.last_used_at.rfc3339(),
    })
}

fn seen(browser: &KnownBrowser) -> Value {
    json!({
        "browser": browser.browser.as_str(),
        "client_address": browser.client.map(|client| client.to_string()),
        "first_used_at": browser.first_used_at.rfc3339(),
        "last_used_at": browser.last_used_at.rfc3339(),
        "signed_out_at": browser.signed_out_at.map(Timestamp::rfc3339),
    })
}

fn passkey(passkey: &Passkey) -> Value {
    json!({
        "name": passkey.name.as_str(),
        "make": passkey.aaguid.make().map(|(make, _)| make),
        "added_at": passkey.added_at.rfc3339(),
        "last_used_at": passkey.last_used_at.map(Timestamp::rfc3339),
    })
}

fn address_change(change: &AddressChange) -> Value {
    json!({
        "from": change.old_email.as_str(),
        "to": change.new_email.as_str(),
        "at": change.changed_at.rfc3339(),
    })
}

/// Leaves out the account that became an admin, because it is another user's. Leaves out the former
/// values, because they are hashes.
fn gain(gained: &Gained, now: Timestamp) -> Value {
    json!({
        "kind": gained.kind.into_str(),
        "at": gained.gained_at.rfc3339(),
        "told": gained.told.as_str(),
        "can_be_undone": gained.can_be_undone(now),
        "until": gained.gained_at.plus(UNDO_LIFETIME).rfc3339(),
        "undone_at": gained.undone_at.map(Timestamp::rfc3339),
    })
}

fn recovery(recovery: &Recovery) -> Value {
    json!({
        "asked_by": recovery.asked_by.into_str(),
        "asked_at": recovery.asked_at.rfc3339(),
        "browser": recovery.browser.as_ref().map(BrowserLabel::as_str),
        "client_address": recovery.client.map(|client| client.to_string()),
        "due_at": recovery.due_at.rfc3339(),
        "ended_at": recovery.ended.map(|(at, _)| at.rfc3339()),
        "outcome": recovery.ended.map(|(_, outcome)| outcome.into_str()),
    })
}

fn attempt(attempt: &Attempt, own: Option<&EmailAddress>) -> Value {
    // Only the owner of the mailbox may know how it ended.
    let ended = attempt.ended.filter(|_| own == Some(&attempt.email));
    json!({
        "purpose": attempt.purpose.into_str(),
        "email": attempt.email.as_str(),
        "asked_at": attempt.requested_at.rfc3339(),
        "browser": attempt.browser.as_str(),
        "client_address": attempt.client.map(|client| client.to_string()),
        "ended_at": ended.map(|(at, _)| at.rfc3339()),
        "outcome": ended.map(|(_, outcome)| outcome.into_str()),
    })
}

fn mail(mail: &db::outbox::OutboxEntry) -> Value {
    json!({
        "kind": mail.kind.map(MailKind::as_str),
        "to": mail.recipient.as_str(),
        "state": mail.state.into_str(),
        "asked_at": mail.created_at.rfc3339(),
        "settled_at": mail.settled_at.map(Timestamp::rfc3339),
    })
}

fn session(session: &Session) -> Value {
    json!({
        "browser": session.browser.as_str(),
        "client_address": session.client.map(|client| client.to_string()),
        "created_at": session.created_at.rfc3339(),
        "last_seen_at": session.last_seen_at.rfc3339(),
        "ends_at": session.ends_at.rfc3339(),
        "methods": session.proofs.iter().map(|proof| json!({
            "method": proof.method.into_str(),
            "at": proof.at.rfc3339(),
        })).collect::<Vec<_>>(),
    })
}

fn entry(entry: &AuditEntry, owner: AccountId) -> Value {
    // Shows another user's act, without their address or their former values. Other actors have
    // the names that programs find in the admins' files, too.
    let is_own = matches!(&entry.actor, Actor::Account { id, .. } if *id == owner);
    json!({
        "at": entry.at.rfc3339(),
        "actor": match &entry.actor {
            Actor::Account { id, email } if *id == owner => email.as_str(),
            Actor::Account { .. } => "another user",
            Actor::CommandLine => "command line",
            Actor::Gatepost => "gatepost",
            Actor::Visitor => "visitor",
        },
        "action": entry.action_name(),
        "subject": entry.subject,
        "before": entry.before.as_ref().filter(|_| is_own),
        "after": entry.after.as_ref().filter(|_| is_own),
        "browser": entry.browser.as_ref().filter(|_| is_own).map(BrowserLabel::as_str),
        "client_address": entry.client.filter(|_| is_own).map(|client| client.to_string()),
    })
}

pub(super) fn routes() -> Vec<Route> {
    routes![your_data, download, data]
}
