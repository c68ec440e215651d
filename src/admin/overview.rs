//! `/admin`: an overview.

use crate::{
    db,
    domain::mail::MailState,
    web::{Answer, Layout, Need, Reply, Visit},
};
use askama::Template;
use rocket::{Route, get, routes};

#[derive(Template)]
#[template(path = "admin/overview.html")]
struct OverviewPage {
    layout: Layout,
    accounts: i64,
    sessions: i64,
    waiting: i64,
    dead: i64,
    email_link_enabled: bool,
    /// The key of its name.
    join_policy: &'static str,
    mail_is_dev: bool,
    is_proven: bool,
}

#[get("/admin")]
async fn overview(visit: Visit<'_>) -> Answer {
    let known = visit.require_admin()?;
    let read = visit.read_as_admin(Need::signed_in(), |tx, _| {
        Ok((
            db::accounts::count(tx.connection)?,
            db::sessions::count(tx.connection)?,
            db::outbox::count(tx.connection, MailState::Waiting)?,
            db::outbox::count(tx.connection, MailState::Dead)?,
        ))
    });
    let (accounts, sessions, waiting, dead) = read.await?;
    Reply::page(&OverviewPage {
        layout: visit.layout(),
        accounts,
        sessions,
        waiting,
        dead,
        email_link_enabled: visit.settings.email_link_enabled,
        join_policy: super::setting_words::policy(visit.settings.join_policy),
        mail_is_dev: visit.services.has_dev_mailbox(),
        is_proven: known.account.proven_at.is_some(),
    })
}

pub fn routes() -> Vec<Route> {
    routes![overview]
}
