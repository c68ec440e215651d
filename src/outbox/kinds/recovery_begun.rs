//! A recovery has begun. The link stops it.

use crate::{
    db::{self, DbConnection, Error},
    domain::{
        mail::{MailKind, MailReason},
        recovery::{AskedBy, Recovery, WAITING_PERIOD},
    },
    mail::{Facts, MailFacts, Samples, words::Place},
    outbox::{
        decision_context::DecisionContext,
        draft::Draft,
        due::Verdict,
        kind::{Decide, Kind},
        loaded_mail::{Link, LoadedMail},
    },
};
use serde::Serialize;
use strum::VariantArray;

pub(super) const KIND: Kind = Kind { samples, decide: Decide::Own(decide) };

#[derive(Clone, Serialize)]
pub struct RecoveryBegun {
    /// "owner", "admin" or "command line".
    pub asked_by: &'static str,
    pub asked_at: String,
    #[serde(flatten)]
    pub place: Place,
    pub due_at: String,
    pub cancel_link: String,
}

impl Facts for RecoveryBegun {
    fn essentials(&self) -> Vec<&str> {
        vec![&self.cancel_link]
    }

    fn without_place(self) -> Self {
        Self { place: Place::default(), ..self }
    }
}

fn samples(of: Samples<'_>) -> Vec<MailFacts> {
    let begun = |asked_by: AskedBy| RecoveryBegun {
        asked_by: asked_by.into_str(),
        asked_at: of.now(),
        // An admin's browser is not the reader's business.
        place: if asked_by == AskedBy::Owner { of.place() } else { Place::default() },
        due_at: of.after(WAITING_PERIOD),
        cancel_link: of.link("/auth/recovery"),
    };
    AskedBy::VARIANTS.iter().map(|&by| MailFacts::new(MailKind::RecoveryBegun, begun(by))).collect()
}

fn decide(context: &mut DecisionContext<'_>) -> Result<Verdict, Error> {
    let id = context.fact()?;
    Ok(match db::recoveries::find(context.connection, id)? {
        Some(recovery) if recovery.ended.is_none() => context.send_as_queued(Begun(recovery)),
        _ => Verdict::Drop(MailReason::RecoveryEnded),
    })
}

struct Begun(Recovery);

impl LoadedMail for Begun {
    fn mail_facts(&self, draft: &Draft<'_>) -> MailFacts {
        draft.mail_facts(RecoveryBegun {
            asked_by: self.0.asked_by.into_str(),
            asked_at: draft.moment(self.0.asked_at),
            place: draft.place(),
            due_at: draft.moment(self.0.due_at),
            cancel_link: draft.open_link("/auth/recovery"),
        })
    }

    fn store(&self, connection: &mut DbConnection, link: &Link<'_>) -> Result<bool, Error> {
        db::recoveries::mint_cancel(connection, self.0.id, &link.token)
    }
}
