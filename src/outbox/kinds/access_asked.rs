//! A user asks an admin for access to an app.

use crate::{
    db::{self, Error},
    domain::{
        EmailAddress,
        apps::{AppName, asking::Ask},
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
pub struct AccessAsked {
    pub app: String,
    /// Address of the user, written so that no email program makes a link of it.
    pub asker: String,
    pub asked_at: String,
    /// Pages that ask before they answer. Only a signed-in admin sees them.
    pub yes_link: String,
    pub until_link: String,
    pub no_link: String,
}

impl Facts for AccessAsked {
    fn essentials(&self) -> Vec<&str> {
        vec![&self.yes_link, &self.until_link, &self.no_link]
    }
}

fn samples(of: Samples<'_>) -> Vec<MailFacts> {
    let page = |answer| of.page(&format!("/admin/asks/0000000000000000/{answer}"));
    let asked = AccessAsked {
        app: "Wiki".to_owned(),
        asker: of.address.to_owned(),
        asked_at: of.now(),
        yes_link: page("yes"),
        until_link: page("until"),
        no_link: page("no"),
    };
    vec![MailFacts::new(MailKind::AccessAsked, asked)]
}

fn decide(context: &mut DecisionContext<'_>) -> Result<Verdict, Error> {
    let id = context.fact()?;
    let Some(admin) = context.active_account(context.mail.account_id)? else {
        return Ok(Verdict::Drop(MailReason::AccountGone));
    };
    if !admin.is_admin {
        return Ok(Verdict::Drop(MailReason::NoAdmin));
    }
    let Some(ask) = db::app_asks::find(context.connection, id)?.filter(|ask| ask.answered.is_none()) else {
        return Ok(Verdict::Drop(MailReason::AskAnswered));
    };
    let app = db::apps::find(context.connection, ask.app)?;
    let (Some(app), Some(asker)) = (app, context.active_account(Some(ask.account))?) else {
        return Ok(Verdict::Drop(MailReason::AppOrAskerGone));
    };
    Ok(context.send(admin.email, Asking { ask, app: app.app.name, asker: asker.email }))
}

struct Asking {
    ask: Ask,
    app: AppName,
    /// The stored address of the user.
    asker: EmailAddress,
}

impl LoadedMail for Asking {
    fn mail_facts(&self, draft: &Draft<'_>) -> MailFacts {
        let page = |answer| draft.page(&format!("/admin/asks/{}/{answer}", self.ask.id));
        draft.mail_facts(AccessAsked {
            app: self.app.to_string(),
            asker: self.asker.unlinked(),
            asked_at: draft.moment(self.ask.asked_at),
            yes_link: page("yes"),
            until_link: page("until"),
            no_link: page("no"),
        })
    }
}
