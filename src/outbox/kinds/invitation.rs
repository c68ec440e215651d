//! An admin has made an account for the reader.

use crate::{
    db::{self, DbConnection, Error},
    domain::{
        Account, Lifetime, Timestamp, TokenHash,
        apps::AppName,
        mail::{MailKind, MailReason},
    },
    mail::{Facts, MailFacts, Samples},
    outbox::{
        decision_context::DecisionContext,
        draft::{Draft, unlinked},
        due::Verdict,
        kind::{Decide, Kind},
        loaded_mail::{Link, LoadedMail},
    },
};
use serde::Serialize;

pub(super) const KIND: Kind = Kind { samples, decide: Decide::Own(decide) };

#[derive(Clone, Serialize)]
pub struct Invitation {
    pub inviter: String,
    /// Signs in by itself, once. The name is that of the previous version, whose link led to the
    /// sign-in page.
    pub login_link: String,
    pub lifetime: String,
    /// The app to which a guest is invited.
    pub app: Option<String>,
    /// Time at which the guest's account is deleted.
    pub until: Option<String>,
}

impl Facts for Invitation {
    fn essentials(&self) -> Vec<&str> {
        vec![&self.login_link]
    }
}

fn samples(of: Samples<'_>) -> Vec<MailFacts> {
    let invitation = Invitation {
        inviter: of.address.to_owned(),
        login_link: of.link("/auth/invitation"),
        lifetime: of.locale.span(Lifetime::days(7)),
        app: None,
        until: None,
    };
    let guest =
        Invitation { app: Some("Wiki".to_owned()), until: Some(of.after(Lifetime::days(30))), ..invitation.clone() };
    vec![MailFacts::new(MailKind::Invitation, invitation), MailFacts::new(MailKind::Invitation, guest)]
}

fn decide(context: &mut DecisionContext<'_>) -> Result<Verdict, Error> {
    let Some(account) = context.active_account(context.mail.account_id)? else {
        return Ok(Verdict::Drop(MailReason::AccountGone));
    };
    let guest = guest(context.connection, &account)?;
    Ok(context.send(account.email, Invited { inviter: context.mail.note.clone(), guest }))
}

/// Returns the app of a guest, and when the account ends.
fn guest(connection: &mut DbConnection, account: &Account) -> Result<Option<(AppName, Timestamp)>, Error> {
    let Some(until) = account.guest_until else { return Ok(None) };
    let named = db::apps::naming(connection, account.id)?;
    let Some((app, _)) = named.first() else { return Ok(None) };
    Ok(db::apps::find(connection, *app)?.map(|app| (app.app.name, until)))
}

struct Invited {
    inviter: String,
    /// The app of a guest, and when the account ends.
    guest: Option<(AppName, Timestamp)>,
}

impl LoadedMail for Invited {
    fn mail_facts(&self, draft: &Draft<'_>) -> MailFacts {
        let guest = self.guest.as_ref();
        draft.mail_facts(Invitation {
            inviter: unlinked(&self.inviter),
            login_link: draft.open_link("/auth/invitation"),
            lifetime: draft.context.locale.span(draft.context.settings.invitation_lifetime),
            app: guest.map(|(app, _)| app.to_string()),
            until: guest.map(|(_, until)| draft.moment(*until)),
        })
    }

    fn store(&self, connection: &mut DbConnection, link: &Link<'_>) -> Result<bool, Error> {
        db::invitations::mint(connection, link.mail, &link.token, link.round.end_of_invitation())
    }

    fn start_life(&self, connection: &mut DbConnection, link: &Link<'_>) -> Result<(), Error> {
        let (now, until) = (link.round.now, link.round.end_of_invitation());
        db::invitations::start_life(connection, &link.token, (now, until))
    }

    fn take_back(&self, connection: &mut DbConnection, token: &TokenHash) -> Result<(), Error> {
        db::invitations::take_back(connection, token)
    }
}
