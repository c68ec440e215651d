//! The offer of a passkey on the account page, and the user's answer. Also what the browser is told
//! of an account's passkeys.

use crate::{
    db,
    domain::passkey_offer::{No, Offer, due},
    passkeys::Signals,
    web::{Answer, Failure, Fields, Need, Reply, Visit},
};
use rocket::{Route, post, routes};
use std::sync::Arc;

/// A member of a script's body: the browser makes the passkey by itself, and no page follows.
pub(super) const QUIET: &str = "quiet";

/// Returns the offer of a passkey on the page after a sign-in, if one is due.
pub(super) async fn due_here(visit: &Visit<'_>) -> Result<Option<Offer>, Failure> {
    let known = visit.require_enrolling()?;
    let may = visit.services.passkeys(&visit.settings).is_some() && known.account.proven_at.is_some();
    // From memory first, so that most pages cost no look at the database.
    let is_due = |again_at| due(visit.enrolled(), &known.session.proofs, again_at, visit.now);
    if !may || visit.must_enrol() || is_due(None).is_none() {
        return Ok(None);
    }
    if is_due(None) == Some(Offer::Silent) && !visit.is_fresh() {
        // It would take a step-up, which the user has not asked for.
        return Ok(None);
    }
    let account = known.account.id;
    Ok(is_due(visit.read(move |connection| db::accounts::passkey_offer_at(connection, account)).await?))
}

/// Returns the facts about this user's passkeys for the browser; `None` while passkeys are turned
/// off.
pub(super) async fn signals_of(visit: &Visit<'_>) -> Result<Option<Signals>, Failure> {
    let account = visit.require_enrolling()?.account.clone();
    if visit.services.passkeys(&visit.settings).is_none() {
        return Ok(None);
    }
    let (services, settings) = (Arc::clone(visit.services), Arc::clone(&visit.settings));
    let read = visit.read(move |connection| {
        services.passkeys(&settings).map(|passkeys| passkeys.signals(connection, &account)).transpose()
    });
    read.await
}

#[post("/account/passkeys/offer", data = "<form>")]
async fn decline(visit: Visit<'_>, form: Fields) -> Answer {
    visit.require()?;
    form.only(&["answer"])?;
    let no = No::parse(form.required("answer")?).ok_or(Failure::BadRequest)?;
    let decline = visit.as_account(Need::signed_in(), move |tx, me| {
        db::accounts::put_off_passkey_offer(tx.connection, me.account.id, no.again_at(tx.now))
    });
    decline.await?;
    Ok(Reply::see_other("/account"))
}

pub(super) fn routes() -> Vec<Route> {
    routes![decline]
}
