//! Decides about emails that tell of an app.

use super::due::{Due, Matter, Verdict, active_account};
use crate::{
    db::{self, DbConnection, Error},
    domain::{
        Account, Timestamp,
        apps::{
            asking::{Answer, Ask, AskId},
            news::AppNews,
        },
        mail::QueuedMail,
    },
};

const GONE: &str = "the account is gone or disabled";

pub(super) fn decide(connection: &mut DbConnection, mail: &QueuedMail, now: Timestamp) -> Result<Verdict, Error> {
    let news = AppNews::parse(&mail.note).ok_or_else(|| Error::unreadable("news of an app"))?;
    let Some(account) = active_account(connection, mail.account_id, now)? else { return Ok(Verdict::Drop(GONE)) };
    match news {
        AppNews::Asked(id) => asked(connection, mail, (account, id, now)),
        AppNews::Answered(id) => answered(connection, mail, (account, id)),
        AppNews::GuestEnds => Ok(match account.guest_until {
            Some(until) => send(mail, account, Matter::GuestEnds(until)),
            None => Verdict::Drop("the account is no guest's any more"),
        }),
    }
}

fn send(mail: &QueuedMail, account: Account, matter: Matter) -> Verdict {
    Verdict::Send(Box::new(Due::new(mail, account.email, matter)))
}

fn asked(
    connection: &mut DbConnection,
    mail: &QueuedMail,
    (admin, id, now): (Account, AskId, Timestamp),
) -> Result<Verdict, Error> {
    if !admin.is_admin {
        return Ok(Verdict::Drop("the account is no admin's any more"));
    }
    let Some(ask) = db::app_asks::find(connection, id)?.filter(|ask| ask.answered.is_none()) else {
        return Ok(Verdict::Drop("the ask is answered or gone"));
    };
    let app = db::apps::find(connection, ask.app)?;
    let (Some(app), Some(asker)) = (app, active_account(connection, Some(ask.account), now)?) else {
        return Ok(Verdict::Drop("the app is gone, or the user"));
    };
    Ok(send(mail, admin, Matter::AccessAsked { ask, app: app.app.name, asker: asker.email }))
}

fn answered(connection: &mut DbConnection, mail: &QueuedMail, (user, id): (Account, AskId)) -> Result<Verdict, Error> {
    let found = db::app_asks::find(connection, id)?;
    let Some(Ask { app, answered: Some((_, answer)), .. }) = found.filter(|ask| ask.account == user.id) else {
        return Ok(Verdict::Drop("the ask is gone, or asked again"));
    };
    let Some(app) = db::apps::find(connection, app)? else { return Ok(Verdict::Drop("the app is gone")) };
    let person = app.app.access.people.iter().find(|person| person.account == user.id);
    if answer == Answer::Yes && person.is_none() {
        return Ok(Verdict::Drop("the access has ended"));
    }
    let until = person.and_then(|person| person.ends_at);
    let (app, slug) = (app.app.name, app.app.slug);
    Ok(send(mail, user, Matter::AccessAnswered { app, slug, answer, until }))
}
