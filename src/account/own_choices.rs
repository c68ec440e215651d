//! Choices of the owner for the account's pages and emails: the language, and the time zone. The
//! owner may leave each to the browser. No choice needs a step-up, because it is no way in.

use crate::{
    db::{self, DbConnection, Error},
    domain::{Account, AccountId, LanguageTag, TimeZone, audit::Action},
    web::{Answer, Failure, Fields, Need, Note, Visit},
};
use rocket::{Route, post, routes};
use std::fmt::Display;

trait Choice: Display + Send + Sized + 'static {
    const FIELD: &'static str;
    const ACTION: Action;
    const SAVED: Note;

    /// Reads one that the form offers.
    fn offered(visit: &Visit<'_>, typed: &str) -> Option<Self>;

    fn of(account: &Account) -> Option<&Self>;

    fn store(connection: &mut DbConnection, account: AccountId, choice: Option<&Self>) -> Result<(), Error>;
}

impl Choice for LanguageTag {
    const FIELD: &'static str = "language";
    const ACTION: Action = Action::LanguageChanged;
    const SAVED: Note = Note::LanguageSaved;

    fn offered(visit: &Visit<'_>, typed: &str) -> Option<Self> {
        visit.services.catalogue.find(&Self::parse(typed)?).map(|locale| locale.tag().clone())
    }

    fn of(account: &Account) -> Option<&Self> {
        account.language.as_ref()
    }

    fn store(connection: &mut DbConnection, account: AccountId, choice: Option<&Self>) -> Result<(), Error> {
        db::accounts::set_language(connection, account, choice)
    }
}

impl Choice for TimeZone {
    const FIELD: &'static str = "time_zone";
    const ACTION: Action = Action::TimeZoneChanged;
    const SAVED: Note = Note::TimeZoneSaved;

    fn offered(_: &Visit<'_>, typed: &str) -> Option<Self> {
        Self::parse(typed)
    }

    fn of(account: &Account) -> Option<&Self> {
        account.time_zone.as_ref()
    }

    fn store(connection: &mut DbConnection, account: AccountId, choice: Option<&Self>) -> Result<(), Error> {
        db::accounts::set_time_zone(connection, account, choice)
    }
}

/// Returns the form's value; empty for what the browser says.
pub(super) fn written(choice: Option<&impl Display>) -> String {
    choice.map_or_else(String::new, ToString::to_string)
}

/// Returns the languages to choose from: each one's tag and its name in itself.
pub(super) fn languages(visit: &Visit<'_>) -> Vec<(String, String)> {
    let locales = visit.services.catalogue.locales().iter();
    locales.map(|locale| (locale.tag().to_string(), locale.own_name())).collect()
}

async fn choose<C: Choice>(visit: &Visit<'_>, form: &Fields) -> Answer {
    visit.require()?;
    form.only(&[C::FIELD])?;
    let choice = match form.required(C::FIELD)? {
        "" => None,
        typed => Some(C::offered(visit, typed).ok_or(Failure::BadRequest)?),
    };
    let choose = visit.as_account(Need::signed_in(), move |tx, me| {
        C::store(tx.connection, me.account.id, choice.as_ref())?;
        let line = tx.line(C::ACTION, me.account.email.as_str());
        tx.log(&line.from_to(written(C::of(&me.account)), written(choice.as_ref())))
    });
    choose.await?;
    visit.say("/account", C::SAVED)
}

#[post("/account/language", data = "<form>")]
async fn language(visit: Visit<'_>, form: Fields) -> Answer {
    choose::<LanguageTag>(&visit, &form).await
}

#[post("/account/time-zone", data = "<form>")]
async fn time_zone(visit: Visit<'_>, form: Fields) -> Answer {
    choose::<TimeZone>(&visit, &form).await
}

pub(super) fn routes() -> Vec<Route> {
    routes![language, time_zone]
}
