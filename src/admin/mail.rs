//! `/admin/mail`: emails that wait, refused ones with the reason, a test email with the server's
//! answer, and previews.

use crate::{
    db,
    domain::{
        MailId, Timestamp,
        audit::Action,
        logo::Logo,
        mail::{MailKind, MailState, QueuedMail},
    },
    mail::{Samples, with_picture},
    outbox,
    web::{Answer, Failure, Layout, Need, NoFields, Note, Reply, Visit, step_up::Stale},
};
use askama::Template;
use rocket::{Route, get, post, routes};
use std::sync::Arc;
use strum::VariantArray;

/// Most emails of each state on the page.
const MOST: i64 = 50;

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
    reply: String,
    /// Whether the user has stopped waiting for it.
    is_too_late: bool,
}

#[get("/admin/mail")]
async fn list(visit: Visit<'_>) -> Answer {
    let known = visit.require_admin()?;
    let read = visit.read_as_admin(Need::signed_in(), |tx, _| {
        let mut rows = |state: MailState| -> Result<Vec<Row>, db::Error> {
            let mails = db::outbox::glimpse(tx.connection, &[state], MOST)?;
            Ok(mails.into_iter().map(|mail| row(mail, tx.now)).collect())
        };
        Ok((rows(MailState::Waiting)?, rows(MailState::Dead)?, rows(MailState::Sent)?))
    });
    let (waiting, dead, sent) = read.await?;
    visit.page(&MailPage {
        layout: visit.layout(),
        waiting,
        dead,
        sent,
        kinds: MailKind::VARIANTS.iter().map(|&kind| (kind.as_str(), kind.label())).collect(),
        email: known.account.email.as_str().to_owned(),
    })
}

fn row(mail: db::outbox::Glimpse, now: Timestamp) -> Row {
    Row {
        is_too_late: is_too_late(mail.kind, mail.created_at, now),
        id: mail.id.to_string(),
        kind: mail.kind.label(),
        // Masked: an admin needs to recognise a mailbox in trouble, not to read who signs in when.
        recipient: mail.recipient.masked(),
        created_at: mail.created_at,
        due_at: mail.due_at,
        settled_at: mail.settled_at,
        tries: i64::from(mail.tries),
        reply: mail.reply,
    }
}

#[post("/admin/mail/test", data = "<_form>")]
async fn test(visit: Visit<'_>, _form: NoFields) -> Answer {
    let test = visit.as_admin(Need::signed_in().fresh(Stale::button("/admin/mail")), |tx, me| {
        let email = &me.account.email;
        let mail = QueuedMail {
            account_id: Some(me.account.id),
            note: email.as_str().to_owned(),
            ..QueuedMail::new(tx.entropy, MailKind::Test, email.clone(), tx.now)
        };
        db::outbox::enqueue(tx.connection, &mail)?;
        tx.log(&tx.line(Action::TestMailSent, email.as_str()))
    });
    test.await?;
    visit.say("/admin/mail", Note::TestSent)
}

#[post("/admin/mail/<id>/retry", data = "<_form>")]
async fn retry(visit: Visit<'_>, id: &str, _form: NoFields) -> Answer {
    visit.require_admin()?;
    let id: MailId = id.parse().map_err(|_| Failure::NotFound)?;
    let retry = visit.as_admin(Need::signed_in().fresh(Stale::button("/admin/mail")), move |tx, _| {
        let Some((mail, MailState::Dead)) = db::outbox::find(tx.connection, id)? else { return Ok(false) };
        if is_too_late(mail.kind, mail.created_at, tx.now) {
            return Ok(false);
        }
        let revived = db::outbox::revive(tx.connection, id, mail.kind, tx.now)?;
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
    let (base_url, locale) = (&visit.services.config.base_url, &visit.locale);
    let samples = Samples { base_url: base_url.origin(), address: known.account.email.as_str(), locale };
    let letter = samples.of_kind(kind).into_iter().next().ok_or(Failure::NotFound)?;
    let logo = logo(&visit).await;
    let letterhead = outbox::letterhead(&visit.settings, base_url, logo.as_deref());
    let wording = visit.services.templates.render(locale, &letterhead, &letter).map_err(Failure::fault)?;
    if part == Some("text") {
        let subject = visit.locale.say("email-preview-subject").with("subject", &wording.subject).to_string();
        return Ok(Reply::text(format!("{subject}\n\n{}", wording.text)));
    }
    let html = logo.map_or_else(|| wording.html.clone(), |logo| with_picture(&wording.html, &logo));
    Ok(Reply::html(html).with_header("Content-Security-Policy", MAIL_CONTENT_SECURITY_POLICY))
}

/// Returns the logo, if there is one. A preview without it is better than none.
async fn logo(visit: &Visit<'_>) -> Option<Arc<Logo>> {
    let version = visit.settings.logo.as_ref()?;
    visit.services.logo.get(&visit.services.db, version).await.unwrap_or_default()
}

/// Policy for an email that is shown as a page: it may style itself and nothing else.
const MAIL_CONTENT_SECURITY_POLICY: &str = "sandbox; default-src 'none'; img-src data:; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

pub fn routes() -> Vec<Route> {
    routes![list, test, retry, preview]
}
