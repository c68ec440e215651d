//! A guest's account is about to be deleted.

use crate::{
    db::Error,
    domain::{Lifetime, Timestamp, mail::MailKind},
    mail::{Facts, Letter, Samples},
    outbox::{
        case::Case,
        draft::Draft,
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
}

impl Facts for GuestEnds {
    fn essentials(&self) -> Vec<&str> {
        Vec::new()
    }
}

fn samples(of: Samples<'_>) -> Vec<Letter> {
    vec![Letter::new(MailKind::GuestEnds, GuestEnds { until: of.after(Lifetime::days(1)) })]
}

fn decide(case: &mut Case<'_>) -> Result<Verdict, Error> {
    let Some(account) = case.active_account(case.mail.account_id)? else { return Ok(Verdict::Drop(GONE)) };
    Ok(match account.guest_until {
        Some(until) => case.send(account.email, Ends(until)),
        None => Verdict::Drop("the account is no guest's any more"),
    })
}

/// Time at which the account is deleted.
struct Ends(Timestamp);

impl Matter for Ends {
    fn letter(&self, draft: &Draft<'_>) -> Letter {
        draft.letter(GuestEnds { until: draft.moment(self.0) })
    }
}
