//! A guest's account is about to be deleted.

use crate::{
    db::{self, Error},
    domain::{
        Account, EmailAddress, Lifetime, Timestamp,
        apps::AppName,
        mail::{MailKind, MailReason},
    },
    mail::{Facts, MailFacts, Samples},
    outbox::{
        decision_context::DecisionContext,
        draft::{Draft, unlinked},
        due::Verdict,
        kind::{Decide, Kind},
        loaded_mail::LoadedMail,
    },
};
use serde::Serialize;

pub(super) const KIND: Kind = Kind { samples, decide: Decide::Own(decide) };

#[derive(Clone, Serialize)]
pub struct GuestEnds {
    pub until: String,
    /// The guest's only app.
    pub app: Option<String>,
    /// Address of the admin who invited the guest. `None` if that admin can't help any more.
    pub inviter: Option<String>,
}

impl Facts for GuestEnds {
    fn essentials(&self) -> Vec<&str> {
        Vec::new()
    }
}

fn samples(of: Samples<'_>) -> Vec<MailFacts> {
    let bare = GuestEnds { until: of.after(Lifetime::days(1)), app: None, inviter: None };
    let named = GuestEnds { app: Some("Wiki".to_owned()), inviter: Some(of.address.to_owned()), ..bare.clone() };
    vec![MailFacts::new(MailKind::GuestEnds, named), MailFacts::new(MailKind::GuestEnds, bare)]
}

fn decide(context: &mut DecisionContext<'_>) -> Result<Verdict, Error> {
    let Some(account) = context.active_account(context.mail.account_id)? else {
        return Ok(Verdict::Drop(MailReason::AccountGone));
    };
    let Some(until) = account.guest_until else { return Ok(Verdict::Drop(MailReason::NoGuest)) };
    let (app, inviter) = (only_app(context, &account)?, inviter(context, &account)?);
    Ok(context.send(account.email, Ends { until, app, inviter }))
}

/// Returns the name of the guest's app. Of several apps, the account is not for one.
fn only_app(context: &mut DecisionContext<'_>, account: &Account) -> Result<Option<AppName>, Error> {
    let mut named = db::apps::naming(context.connection, account.id)?;
    named.retain(|(_, ends_at)| ends_at.is_none_or(|end| context.now < end));
    let [(app, _)] = named.as_slice() else { return Ok(None) };
    let found = db::apps::find(context.connection, *app)?;
    Ok(found.filter(|app| !app.app.is_disabled).map(|app| app.app.name))
}

/// Returns the address of the admin who invited the guest, if that admin can still help.
fn inviter(context: &mut DecisionContext<'_>, account: &Account) -> Result<Option<String>, Error> {
    let Some(invitation) = db::invitations::of_account(context.connection, account.id)? else { return Ok(None) };
    let Ok(email) = EmailAddress::parse(&invitation.inviter) else { return Ok(None) };
    let found = db::accounts::find_by_email(context.connection, &email)?;
    let may_help = |found: &Account| found.is_admin && found.is_usable(context.now);
    Ok(found.filter(may_help).map(|found| found.email.as_str().to_owned()))
}

struct Ends {
    /// Time at which the account is deleted.
    until: Timestamp,
    app: Option<AppName>,
    inviter: Option<String>,
}

impl LoadedMail for Ends {
    fn mail_facts(&self, draft: &Draft<'_>) -> MailFacts {
        draft.mail_facts(GuestEnds {
            until: draft.moment(self.until),
            app: self.app.as_ref().map(ToString::to_string),
            inviter: self.inviter.as_deref().map(unlinked),
        })
    }
}
