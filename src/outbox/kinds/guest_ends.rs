//! A guest's account is about to be deleted.

use super::invitation::guest;
use crate::{
    db::{self, Error},
    domain::{Lifetime, Timestamp, apps::AppName, mail::MailKind},
    mail::{Facts, Letter, Samples},
    outbox::{
        case::Case,
        draft::{Draft, unlinked},
        due::{GONE, Verdict},
        kind::{Decide, Kind},
        matter::Matter,
    },
};
use serde::Serialize;

pub(super) const KIND: Kind = Kind { samples, decide: Decide::Own(decide) };

#[derive(Clone, Serialize)]
pub struct GuestEnds {
    pub until: String,
    /// The app to which the guest was invited.
    pub app: Option<String>,
    /// Address of the admin who invited the guest. `None` once the invitation is forgotten.
    pub inviter: Option<String>,
}

impl Facts for GuestEnds {
    fn essentials(&self) -> Vec<&str> {
        Vec::new()
    }
}

fn samples(of: Samples<'_>) -> Vec<Letter> {
    let bare = GuestEnds { until: of.after(Lifetime::days(1)), app: None, inviter: None };
    let named = GuestEnds { app: Some("Wiki".to_owned()), inviter: Some(of.address.to_owned()), ..bare.clone() };
    vec![Letter::new(MailKind::GuestEnds, named), Letter::new(MailKind::GuestEnds, bare)]
}

fn decide(case: &mut Case<'_>) -> Result<Verdict, Error> {
    let Some(account) = case.active_account(case.mail.account_id)? else { return Ok(Verdict::Drop(GONE)) };
    let Some(until) = account.guest_until else { return Ok(Verdict::Drop("the account is no guest's any more")) };
    let app = guest(case.connection, &account)?.map(|(app, _)| app);
    let inviter = db::invitations::of_account(case.connection, account.id)?.map(|invitation| invitation.inviter);
    Ok(case.send(account.email, Ends { until, app, inviter }))
}

struct Ends {
    /// Time at which the account is deleted.
    until: Timestamp,
    app: Option<AppName>,
    inviter: Option<String>,
}

impl Matter for Ends {
    fn letter(&self, draft: &Draft<'_>) -> Letter {
        draft.letter(GuestEnds {
            until: draft.moment(self.until),
            app: self.app.as_ref().map(ToString::to_string),
            inviter: self.inviter.as_deref().map(unlinked),
        })
    }
}
