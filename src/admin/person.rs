//! `/admin/people/<id>`: one user, with sessions, factors, recent events and emails.

use super::{audit_lines, end, handle, mail_reply::MailReply, recovery::Factors, user::Person};
use crate::{
    db::{self, DbConnection, Error, Tx, audit_pages::Start, outbox::OutboxEntry},
    domain::{
        Account, AccountId, AuditFilter, Factor, Session, Timestamp,
        group::Group,
        invitation::{Invitation, Progress},
        mail::MailState,
        passkey::Passkey,
        session::HeldForm,
        ways_in::{LockOut, Loss},
    },
    locale::Locale,
    people,
    telling::audit::{Words, names_browser},
    web::{Answer, Failure, Layout, Need, Visit},
};
use askama::{Template, filters::Safe};
use strum::VariantArray;

/// Most events and emails on the page.
const MAX: usize = 10;

#[derive(Template)]
#[template(path = "admin/person.html")]
struct PersonPage {
    layout: Layout,
    person: Person,
    sessions: Vec<SessionRow>,
    factors: Factors,
    ways: Vec<Way>,
    events: Vec<Event>,
    mails: Vec<MailRow>,
    is_self: bool,
    /// True if an invitation can be sent.
    is_waiting: bool,
    /// True if there is one to withdraw.
    is_invited: bool,
    /// Time at which a guest's account is deleted.
    guest_until: Option<Timestamp>,
    handle: handle::Shown,
    end: end::Shown,
    /// Why this account can neither be disabled nor lose its admin rights: a key.
    stays: Option<&'static str>,
    /// True if a form waited for a step-up.
    is_held: bool,
    /// Groups of the user: address and name.
    groups: Vec<(String, String)>,
}

struct SessionRow {
    browser: String,
    client: Option<String>,
    methods: String,
    since: Timestamp,
    seen: Timestamp,
}

impl SessionRow {
    fn new(session: &Session, locale: &Locale) -> Self {
        let methods: Vec<_> = session.proofs.iter().map(|proof| locale.say(proof.method.key()).to_string()).collect();
        Self {
            browser: locale.browser(&session.browser),
            client: session.client.map(|client| client.to_string()),
            methods: locale.list(&methods),
            since: session.created_at,
            seen: session.last_seen_at,
        }
    }
}

/// A password, passkey, app or set of codes.
struct Way {
    /// Key of what it is.
    kind: &'static str,
    /// The name that its owner gave it, or how many there are.
    name: String,
    since: Timestamp,
    used_at: Option<Timestamp>,
}

/// Reads what the user signs in with beside emails, the passkeys first.
fn ways(connection: &mut DbConnection, account: AccountId) -> Result<Vec<Way>, Error> {
    let mut all = Vec::new();
    for factor in Factor::VARIANTS {
        all.extend(ways_of(connection, account, *factor)?);
    }
    if let Some((_, since)) = db::passwords::find(connection, account)? {
        all.push(Way { kind: "way-password", name: String::new(), since, used_at: None });
    }
    Ok(all)
}

fn ways_of(connection: &mut DbConnection, account: AccountId, factor: Factor) -> Result<Vec<Way>, Error> {
    Ok(match factor {
        Factor::Passkey => {
            let way = |passkey: Passkey| {
                let name = passkey.name.as_str().to_owned();
                Way { kind: "way-passkey", name, since: passkey.added_at, used_at: passkey.last_used_at }
            };
            db::passkeys::of_account(connection, account)?.into_iter().map(way).collect()
        }
        Factor::App => {
            let apps = db::totp::of_account(connection, account)?.into_iter().filter_map(|(app, _)| {
                let (name, used_at) = (app.name.as_str().to_owned(), app.last_used_at);
                Some(Way { kind: "way-app", name, since: app.confirmed_at?, used_at })
            });
            apps.collect()
        }
        Factor::RecoveryCodes => {
            let left = db::recovery_codes::left(connection, account)?;
            let set = db::recovery_codes::set_of(connection, account)?.filter(|_| left > 0);
            let way = |(_, since)| Way { kind: "way-codes", name: left.to_string(), since, used_at: None };
            set.into_iter().map(way).collect()
        }
    })
}

struct Event {
    sentence: Safe<String>,
    at: Timestamp,
    browser: Option<String>,
    client: Option<String>,
}

struct MailRow {
    /// Key of the kind's name.
    kind: &'static str,
    /// Key of its state.
    state: &'static str,
    at: Timestamp,
    reply: MailReply,
}

impl MailRow {
    fn new(mail: OutboxEntry) -> Self {
        let reply = MailReply::new(&mail.reply);
        let state = match mail.state {
            MailState::Waiting => "user-email.waiting",
            MailState::Sent if reply.is_kept() => "user-email.kept",
            MailState::Sent => "user-email.sent",
            MailState::Dropped => "user-email.dropped",
            MailState::Dead => "user-email.dead",
        };
        // The state says already where it is.
        let reply = if reply.is_kept() { MailReply::None } else { reply };
        Self { kind: super::mail::label(mail.kind), state, at: mail.created_at, reply }
    }
}

/// Facts that are read for the page.
struct Read {
    account: Account,
    sessions: Vec<Session>,
    factors: Factors,
    ways: Vec<Way>,
    shown: audit_lines::Shown,
    mails: Vec<OutboxEntry>,
    invitation: Option<Invitation>,
    handle: Option<db::handles::Given>,
    groups: Vec<Group>,
    stays: Option<LockOut>,
    is_self: bool,
}

fn read(tx: &mut Tx<'_>, account: Account, is_self: bool) -> Result<Read, Error> {
    let settings = tx.settings()?;
    let mut sessions = db::sessions::of_account(tx.connection, account.id)?;
    sessions
        .retain(|session| session.is_alive(session.last_seen_at, settings.session_lifetime(session.remember), tx.now));
    let filter = AuditFilter { account: Some(account.id), ..AuditFilter::default() };
    Ok(Read {
        sessions,
        factors: super::recovery::Factors::of(tx.connection, account.id, tx.now)?,
        ways: ways(tx.connection, account.id)?,
        shown: audit_lines::Shown::read(tx, &filter, Start::Newest, MAX)?,
        mails: db::outbox::of_account(tx.connection, account.id, &account.email, 10)?,
        invitation: db::invitations::of_account(tx.connection, account.id)?,
        handle: db::handles::of_account(tx.connection, account.id)?,
        groups: db::groups::of_account(tx.connection, account.id)?,
        stays: people::would_lock(tx, &[Loss::Admin(account.id)])?,
        account,
        is_self,
    })
}

/// Shows the page. `held` is the form of an end date or a username that waited for a step-up.
pub(super) async fn show(visit: &Visit<'_>, account: Account, held: Option<&HeldForm>) -> Answer {
    let look = visit.read_as_admin(Need::signed_in(), move |tx, me| {
        let Some(account) = db::accounts::find(tx.connection, account.id)? else { return Ok(None) };
        let is_self = me.account.id == account.id;
        read(tx, account, is_self).map(Some)
    });
    let Some(read) = look.await? else { return Err(Failure::NotFound) };
    let words = Words { locale: &visit.locale, accounts: &read.shown.accounts, owner: None };
    let event = |line: &db::audit_pages::Line| Event {
        sentence: words.html(line),
        at: line.entry.at,
        browser: line
            .entry
            .browser
            .as_ref()
            .filter(|_| !names_browser(&line.entry))
            .map(|browser| visit.locale.browser(browser)),
        client: line.entry.client.map(|client| client.to_string()),
    };
    let progress = read.invitation.as_ref().map(|it| it.progress(&read.account, false, visit.now));
    let is_waiting = read.account.is_usable(visit.now)
        && read.account.last_signed_in_at.is_none()
        && read.account.proven_at.is_none();
    visit.page(&PersonPage {
        layout: visit.layout(),
        handle: handle::Shown::of(visit, read.handle.as_ref(), held),
        end: end::Shown::of(visit, &read.account, held),
        stays: read.stays.map(|lock_out| match lock_out {
            LockOut::NoAdmin => "user-stays-last-admin",
            LockOut::NoWayIn => "user-stays-way-in",
        }),
        is_held: held.is_some(),
        groups: read.groups.iter().map(|group| (group.id.to_string(), group.name.to_string())).collect(),
        guest_until: read.account.guest_until,
        person: Person::new(&read.account, visit.now),
        sessions: read.sessions.iter().map(|session| SessionRow::new(session, &visit.locale)).collect(),
        factors: read.factors,
        ways: read.ways,
        events: read.shown.found.lines.iter().map(event).collect(),
        mails: read.mails.into_iter().map(MailRow::new).collect(),
        is_self: read.is_self,
        is_waiting,
        is_invited: is_waiting && progress.is_some_and(|progress| progress != Progress::SignedIn),
    })
}
