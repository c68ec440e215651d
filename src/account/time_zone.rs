//! The time zone of an account's pages and emails. It needs no step-up, because it is no way in.

use crate::{
    db,
    domain::{TimeZone, audit::Action},
    web::{Answer, Failure, Fields, Need, Note, Visit},
};
use rocket::{Route, post, routes};

/// Returns the name in the form; empty for the browser's time zone.
pub fn written(zone: Option<&TimeZone>) -> String {
    zone.map_or_else(String::new, TimeZone::to_string)
}

#[post("/account/time-zone", data = "<form>")]
async fn set(visit: Visit<'_>, form: Fields) -> Answer {
    visit.require()?;
    form.only(&["time_zone"])?;
    let zone = match form.required("time_zone")? {
        "" => None,
        name => Some(TimeZone::parse(name).ok_or(Failure::BadRequest)?),
    };
    let set = visit.as_account(Need::signed_in(), move |tx, me| {
        db::accounts::set_time_zone(tx.connection, me.account.id, zone.as_ref())?;
        let line = tx.line(Action::TimeZoneChanged, me.account.email.as_str());
        tx.log(&line.from_to(written(me.account.time_zone.as_ref()), written(zone.as_ref())))
    });
    set.await?;
    visit.say("/account", Note::TimeZoneSaved)
}

pub fn routes() -> Vec<Route> {
    routes![set]
}
