//! `/dev/mailbox`: the emails that were "sent", for developers on their own machine.
//!
//! It exists only with `GATEPOST_MAIL_URL=dev:`, which needs a base URL on localhost. It answers
//! only this machine, because a client can send any Host header.

use crate::{
    domain::EmailAddress,
    web::{Answer, Failure, Layout, NoFields, Reply, Visit},
};
use askama::Template;
use rocket::{Route, get, post, routes};

#[derive(Template)]
#[template(path = "dev/mailbox.html")]
struct MailboxPage {
    layout: Layout,
    /// Only emails to this address are shown.
    to: String,
    mails: Vec<Row>,
}

struct Row {
    number: u64,
    recipient: String,
    /// Tag of the language that the email is in.
    language: String,
    subject: String,
    /// The text, split where links begin and end, so that they can be clicked.
    text: Vec<Piece>,
}

struct Piece {
    text: String,
    is_link: bool,
}

#[get("/dev/mailbox?<to>")]
fn mailbox(visit: Visit<'_>, to: Option<&str>) -> Answer {
    only_here(&visit)?;
    let only = to.and_then(|to| EmailAddress::parse(to).ok());
    let origin = visit.services.config.base_url.origin();
    let mails = visit.services.dev_mailbox.mails();
    let mails = mails
        .into_iter()
        .filter(|mail| only.as_ref().is_none_or(|only| only.as_str() == mail.recipient))
        .map(|mail| Row {
            number: mail.number,
            recipient: mail.recipient,
            language: mail.wording.language,
            text: pieces(&mail.wording.whole_text, origin),
            subject: mail.wording.subject,
        })
        .collect();
    let to = only.map_or_else(String::new, |only| only.as_str().to_owned());
    Reply::page(&MailboxPage { layout: visit.layout(), to, mails })
}

#[post("/dev/mailbox/clear", data = "<_form>")]
fn clear(visit: Visit<'_>, _form: NoFields) -> Answer {
    only_here(&visit)?;
    visit.services.dev_mailbox.clear();
    Ok(Reply::see_other("/dev/mailbox"))
}

/// Shows the HTML part as a mail program would.
#[get("/dev/mailbox/<number>/html")]
fn html(visit: Visit<'_>, number: u64) -> Answer {
    only_here(&visit)?;
    let mail = visit.services.dev_mailbox.mail(number).ok_or(Failure::NotFound)?;
    let policy = "sandbox allow-top-navigation allow-top-navigation-by-user-activation; default-src 'none'; img-src data:; style-src 'unsafe-inline'; base-uri 'none'";
    Ok(Reply::html(mail.page()).with_header("Content-Security-Policy", policy))
}

/// Shows the whole email as it crossed the wire.
#[get("/dev/mailbox/<number>/source")]
fn source(visit: Visit<'_>, number: u64) -> Answer {
    only_here(&visit)?;
    let mail = visit.services.dev_mailbox.mail(number).ok_or(Failure::NotFound)?;
    Ok(Reply::text(String::from_utf8_lossy(&mail.source).into_owned()))
}

/// Answers "not found" to a browser on another machine.
fn only_here(visit: &Visit<'_>) -> Result<(), Failure> {
    if visit.client.ip().is_loopback() { Ok(()) } else { Err(Failure::NotFound) }
}

fn pieces(text: &str, origin: &str) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while let Some(start) = rest.find(origin) {
        let (before, from) = rest.split_at(start);
        let end = from.find(char::is_whitespace).unwrap_or(from.len());
        let (link, after) = from.split_at(end);
        pieces.push(Piece { text: before.to_owned(), is_link: false });
        pieces.push(Piece { text: link.to_owned(), is_link: true });
        rest = after;
    }
    pieces.push(Piece { text: rest.to_owned(), is_link: false });
    pieces
}

pub(crate) fn routes() -> Vec<Route> {
    routes![mailbox, clear, html, source]
}
