//! `/admin/mail`: emails that wait, refused ones with the reason, a test email with the server's
//! answer, and previews.

use super::{mail_domains, mail_reply::MailReply};
use crate::{
    db::{
        self, Tx,
        declared::Kind,
        last_times::{self, Noted},
    },
    domain::{
        Account, EmailAddress, MailId, Settings, Timestamp,
        audit::Action,
        logo::Logos,
        mail::{MailKind, MailState, QueuedMail},
    },
    mail::{Samples, Wording, with_pictures},
    outbox,
    web::{Answer, Failure, Layout, Need, NoFields, Note, Reply, Visit, held_form::Stale, preview::Preview},
};
use askama::Template;
use rocket::{Route, get, post, routes};
use strum::VariantArray;

/// Most emails of each state on the page.
const MAX: i64 = 50;

#[derive(Template)]
#[template(path = "admin/mail.html")]
struct MailPage {
    layout: Layout,
    waiting: Vec<Row>,
    dead: Vec<Row>,
    sent: Vec<Row>,
    /// Each kind's name in addresses, and the key of its name in words.
    kinds: Vec<(&'static str, &'static str)>,
    email: String,
    domains: Vec<mail_domains::Row>,
    /// A file of the operator owns which domains get the code first.
    are_domains_declared: bool,
    /// The newest test email to this admin.
    test: Option<Tested>,
    /// Emails are kept and not sent.
    has_test_mailbox: bool,
}

/// Outcome of a test email.
struct Tested {
    /// Key of the sentence.
    outcome: &'static str,
    /// It was not delivered, and no try is left.
    has_failed: bool,
    at: Timestamp,
    reply: MailReply,
    /// Number of tries, while it still waits. The script looks for another number.
    waits: Option<i64>,
}

impl Tested {
    fn new(mail: db::outbox::OutboxEntry) -> Self {
        let reply = MailReply::new(&mail.reply);
        let outcome = match mail.state {
            MailState::Waiting if mail.reply.is_empty() => "test-email-outcome.waiting",
            MailState::Waiting => "test-email-outcome.again",
            MailState::Sent if reply.is_kept() => "test-email-outcome.kept",
            MailState::Sent => "test-email-outcome.sent",
            MailState::Dropped => "test-email-outcome.dropped",
            MailState::Dead => "test-email-outcome.dead",
        };
        let has_failed = matches!(mail.state, MailState::Dropped | MailState::Dead);
        let at = mail.settled_at.unwrap_or(mail.created_at);
        let waits = (mail.state == MailState::Waiting).then(|| i64::from(mail.tries));
        // The sentence says already where it is.
        let reply = if reply.is_kept() { MailReply::None } else { reply };
        Self { outcome, has_failed, at, reply, waits }
    }
}

struct Row {
    id: String,
    /// The key of its name.
    kind: &'static str,
    recipient: String,
    created_at: Timestamp,
    due_at: Timestamp,
    settled_at: Option<Timestamp>,
    tries: i64,
    reply: MailReply,
    /// True if the user has stopped waiting for it.
    is_too_late: bool,
}

#[derive(Template)]
#[template(path = "admin/mail_arrived.html")]
struct ArrivedPage {
    layout: Layout,
}

#[get("/admin/mail")]
async fn list(visit: Visit<'_>) -> Answer {
    let known = visit.require_admin()?;
    let read = visit.read_as_admin(Need::signed_in(), |tx, me| {
        let test = newest_test(tx, &me.account)?;
        let mut rows = |state: MailState| -> Result<Vec<Row>, db::Error> {
            let mails = db::outbox::newest(tx.connection, &[state], MAX)?;
            Ok(mails.into_iter().map(|mail| row(mail, tx.now)).collect())
        };
        let mails = (rows(MailState::Waiting)?, rows(MailState::Dead)?, rows(MailState::Sent)?);
        let are_domains_declared = db::declared::has(tx.connection, Kind::Setting, mail_domains::SETTING)?;
        Ok((mails, test, (db::openings::scanned(tx.connection)?, are_domains_declared)))
    });
    let ((waiting, dead, sent), test, (scanned, are_domains_declared)) = read.await?;
    visit.page(&MailPage {
        layout: visit.layout(),
        has_test_mailbox: visit.services.has_dev_mailbox(),
        waiting,
        dead,
        sent,
        kinds: MailKind::VARIANTS.iter().map(|&kind| (kind.as_str(), kind.label())).collect(),
        email: known.account.email.as_str().to_owned(),
        domains: mail_domains::rows(&visit, scanned),
        are_domains_declared,
        test: test.map(Tested::new),
    })
}

/// Returns the newest test email to an admin, if it is among the newest emails to that admin.
fn newest_test(tx: &mut Tx<'_>, admin: &Account) -> Result<Option<db::outbox::OutboxEntry>, db::Error> {
    let newest = db::outbox::of_account(tx.connection, admin.id, &admin.email, MAX)?;
    Ok(newest.into_iter().find(|mail| mail.kind == Some(MailKind::Test)))
}

/// Returns the key of a kind's name.
pub(super) fn label(kind: Option<MailKind>) -> &'static str {
    kind.map_or("email-of-newer-version", MailKind::label)
}

fn row(mail: db::outbox::OutboxEntry, now: Timestamp) -> Row {
    Row {
        is_too_late: mail.kind.is_none_or(|kind| is_too_late(kind, mail.created_at, now)),
        id: mail.id.to_string(),
        kind: label(mail.kind),
        // In full, because an admin is asked "did my invitation come?".
        recipient: mail.recipient,
        created_at: mail.created_at,
        due_at: mail.due_at,
        settled_at: mail.settled_at,
        tries: i64::from(mail.tries),
        reply: MailReply::new(&mail.reply),
    }
}

#[post("/admin/mail/test", data = "<_form>")]
async fn test(visit: Visit<'_>, _form: NoFields) -> Answer {
    // The admin reads it beside this page.
    let language = visit.locale.tag().clone();
    let need = Need::signed_in().fresh(Stale::press("/admin/mail", visit.path(), &[]));
    let test = visit.as_admin(need, move |tx, me| {
        let email = &me.account.email;
        let mail = QueuedMail {
            account_id: Some(me.account.id),
            note: email.as_str().to_owned(),
            language: Some(language.clone()),
            ..QueuedMail::new(tx.entropy, MailKind::Test, email.clone(), tx.now)
        };
        tx.mail(&mail)?;
        tx.log(&tx.line(Action::TestMailSent, email.as_str()))
    });
    test.await?;
    visit.say("/admin/mail", Note::TestSent)
}

/// Shows the page to which the link in a test email leads.
#[get("/admin/mail/arrived")]
fn ask_arrived(visit: Visit<'_>) -> Answer {
    visit.require_admin()?;
    visit.page(&ArrivedPage { layout: visit.layout() })
}

/// Notes that the link in a test email was opened.
#[post("/admin/mail/arrived", data = "<_form>")]
async fn arrived(visit: Visit<'_>, _form: NoFields) -> Answer {
    let need = Need::signed_in().fresh(Stale::press(visit.path(), visit.path(), &[]));
    let arrived = visit.as_admin(need, |tx, _| last_times::note(tx.connection, Noted::TestEmailOpened, tx.now));
    arrived.await?;
    visit.say("/admin", Note::TestArrived)
}

#[post("/admin/mail/<id>/retry", data = "<_form>")]
async fn retry(visit: Visit<'_>, id: &str, _form: NoFields) -> Answer {
    visit.require_admin()?;
    let id: MailId = id.parse().map_err(|_| Failure::NotFound)?;
    let need = Need::signed_in().fresh(Stale::press("/admin/mail", visit.path(), &[]));
    let retry = visit.as_admin(need, move |tx, _| {
        let found = match db::outbox::find(tx.connection, id) {
            // This version cannot write it. Its page offers no button.
            Err(error) if error.is_unreadable() => None,
            found => found?,
        };
        let Some((mail, MailState::Dead)) = found else { return Ok(false) };
        if is_too_late(mail.kind, mail.created_at, tx.now) {
            return Ok(false);
        }
        let revived = tx.revive_mail(id, mail.kind)?;
        tx.log(&tx.line(Action::MailRetried, id.to_string()))?;
        Ok(revived)
    });
    visit.say("/admin/mail", if retry.await? { Note::EmailQueued } else { Note::EmailGone })
}

/// Returns whether an email for an attempt comes too late, because its user no longer waits.
fn is_too_late(kind: MailKind, created_at: Timestamp, now: Timestamp) -> bool {
    kind.is_of_attempt() && now.since(created_at) >= kind.worth_sending_for()
}

/// Shows an email with sample data and this installation's name and colour. Sandboxed, because its
/// styles are in its elements.
#[get("/admin/mail/preview/<kind>?<part>")]
async fn preview(visit: Visit<'_>, kind: &str, part: Option<&str>) -> Answer {
    let known = visit.require_admin()?;
    let kind = MailKind::parse(kind).ok_or(Failure::NotFound)?;
    let services = visit.services;
    let logos = services.logo.for_emails(&services.db, &visit.settings).await;
    let wording = sample(&visit, (&known.account.email, kind), (&visit.settings, &logos))?;
    if part == Some("text") {
        let subject = visit.locale.say("email-preview-subject").with("subject", &wording.subject).to_string();
        return Ok(Reply::text(format!("{subject}\n\n{}", wording.text)));
    }
    let html = with_pictures(&wording.html, &logos);
    Ok(Reply::html(html).with_header("Content-Security-Policy", MAIL_CONTENT_SECURITY_POLICY))
}

/// Shows the sign-in email as it would look under the settings of a form that is not saved yet.
#[get("/admin/settings/preview/email")]
async fn preview_unsaved(visit: Visit<'_>) -> Answer {
    let known = visit.require_admin()?;
    let preview = Preview::of(&visit).await;
    let look = (&preview.settings, &preview.logos);
    let wording = sample(&visit, (&known.account.email, MailKind::SignIn), look)?;
    Ok(preview.answer(&with_pictures(&wording.html, &preview.logos)))
}

/// Returns an email with made-up facts.
fn sample(
    visit: &Visit<'_>,
    (address, kind): (&EmailAddress, MailKind),
    (settings, logos): (&Settings, &Logos),
) -> Result<Wording, Failure> {
    let (base_url, locale) = (&visit.services.config.base_url, &visit.locale);
    let samples = Samples { base_url: base_url.origin(), address: address.as_str(), locale };
    let mail_facts = samples.of_kind(kind).into_iter().next().ok_or(Failure::NotFound)?;
    let common_facts = outbox::common_facts(settings, base_url, logos);
    visit.services.templates.render(locale, &common_facts, &mail_facts).map_err(Failure::fault)
}

/// Policy for an email that is shown as a page: it may style itself and nothing else.
const MAIL_CONTENT_SECURITY_POLICY: &str = "sandbox; default-src 'none'; img-src data:; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

pub(super) fn routes() -> Vec<Route> {
    routes![list, test, ask_arrived, arrived, retry, preview, preview_unsaved]
}
