//! An admin has answered a user who asked for access to an app.

use crate::{
    db::{self, Error},
    domain::{
        Lifetime, Timestamp,
        apps::{
            AppName, AppSlug,
            asking::{Answer, Ask},
        },
        mail::{MailKind, MailReason},
    },
    mail::{Facts, MailFacts, Samples},
    outbox::{
        decision_context::DecisionContext,
        draft::Draft,
        due::Verdict,
        kind::{Decide, Kind},
        loaded_mail::LoadedMail,
    },
};
use serde::Serialize;

pub(super) const KIND: Kind = Kind { samples, decide: Decide::Own(decide) };

#[derive(Clone, Serialize)]
pub struct AccessAnswered {
    pub app: String,
    pub is_yes: bool,
    /// Time at which the access ends.
    pub until: Option<String>,
    /// The page that leads to the app, or says whether the user can ask again.
    pub app_link: String,
}

impl Facts for AccessAnswered {
    fn essentials(&self) -> Vec<&str> {
        if self.is_yes { vec![&self.app_link] } else { Vec::new() }
    }
}

fn samples(of: Samples<'_>) -> Vec<MailFacts> {
    let answered = |is_yes, until| AccessAnswered {
        app: "Wiki".to_owned(),
        is_yes,
        until,
        app_link: of.page("/apps/access?app=wiki"),
    };
    let until = Some(of.after(Lifetime::days(30)));
    let all = [answered(true, None), answered(true, until), answered(false, None)];
    all.into_iter().map(|answered| MailFacts::new(MailKind::AccessAnswered, answered)).collect()
}

fn decide(context: &mut DecisionContext<'_>) -> Result<Verdict, Error> {
    let id = context.fact()?;
    let Some(user) = context.active_account(context.mail.account_id)? else {
        return Ok(Verdict::Drop(MailReason::AccountGone));
    };
    let found = db::app_asks::find(context.connection, id)?;
    let Some(Ask { app, answered: Some((_, answer)), .. }) = found.filter(|ask| ask.account == user.id) else {
        return Ok(Verdict::Drop(MailReason::AskGone));
    };
    let Some(app) = db::apps::find(context.connection, app)? else { return Ok(Verdict::Drop(MailReason::AppGone)) };
    let person = app.app.access.people.iter().find(|person| person.account == user.id);
    if answer == Answer::Yes && person.is_none() {
        return Ok(Verdict::Drop(MailReason::AccessEnded));
    }
    let until = person.and_then(|person| person.ends_at);
    Ok(context.send(user.email, Answered { app: app.app.name, slug: app.app.slug, answer, until }))
}

struct Answered {
    app: AppName,
    slug: AppSlug,
    answer: Answer,
    until: Option<Timestamp>,
}

impl LoadedMail for Answered {
    fn mail_facts(&self, draft: &Draft<'_>) -> MailFacts {
        draft.mail_facts(AccessAnswered {
            app: self.app.to_string(),
            is_yes: self.answer == Answer::Yes,
            until: self.until.map(|until| draft.moment(until)),
            app_link: draft.page(&format!("/apps/access?app={}", self.slug)),
        })
    }
}
