//! Judges what a session is worth at an app.

use crate::{
    domain::{
        Settings, Timestamp,
        apps::{App, directory::Directory, identity::Identity, verdict::User},
        assurance::{Missing, SignInStage, meets},
        handle::Handle,
    },
    live::CurrentUser,
};

/// Judges a session at an app, and says what is missing.
///
/// A user who may not open the app is not asked for a proof first.
pub(super) fn judge(
    app: &App,
    known: &CurrentUser,
    (settings, now): (&Settings, Timestamp),
) -> (User, Option<Missing>) {
    if known.stage(settings) != SignInStage::SignedIn {
        return (User::Unknown, None);
    }
    if !app.may_be_opened_by(&known.account, &known.groups, now) {
        return (User::Refused, None);
    }
    match meets(known.enrolled.under(settings), &known.session.proofs, app.requires, now) {
        Ok(()) => (User::Welcome, None),
        Err(missing) => (User::Weak, Some(missing)),
    }
}

/// Returns what the app learns of a user.
pub(super) fn identity<'a>(
    known: &'a CurrentUser,
    handle: &'a Handle,
    (directory, now): (&Directory, Timestamp),
) -> Identity<'a> {
    Identity {
        handle,
        email: &known.account.email,
        name: &known.account.name,
        groups: directory.names_of(&known.groups),
        proofs: &known.session.proofs,
        now,
    }
}
