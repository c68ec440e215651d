//! The language of an account's pages and emails. It needs no step-up, because it is no way in.

use crate::{
    db,
    domain::{LanguageTag, audit::Action},
    web::{Answer, Failure, Fields, Need, Note, Visit},
};
use rocket::{Route, post, routes};

/// Returns the languages to choose from: each one's tag and its name in itself.
pub fn languages(visit: &Visit<'_>) -> Vec<(String, String)> {
    let locales = visit.services.catalogue.locales().iter();
    locales.map(|locale| (locale.tag().to_string(), locale.own_name())).collect()
}

/// Returns the tag in the form; empty for the browser's language.
pub fn written(language: Option<&LanguageTag>) -> String {
    language.map_or_else(String::new, LanguageTag::to_string)
}

#[post("/account/language", data = "<form>")]
async fn set(visit: Visit<'_>, form: Fields) -> Answer {
    visit.require()?;
    form.only(&["language"])?;
    let language = match form.required("language")? {
        "" => None,
        tag => Some(find(&visit, tag).ok_or(Failure::BadRequest)?),
    };
    let set = visit.as_account(Need::signed_in(), move |tx, me| {
        db::accounts::set_language(tx.connection, me.account.id, language.as_ref())?;
        let line = tx.line(Action::LanguageChanged, me.account.email.as_str());
        tx.log(&line.from_to(written(me.account.language.as_ref()), written(language.as_ref())))
    });
    set.await?;
    visit.say("/account", Note::LanguageSaved)
}

/// Finds a language that the form offers.
fn find(visit: &Visit<'_>, tag: &str) -> Option<LanguageTag> {
    let tag = LanguageTag::parse(tag)?;
    visit.services.catalogue.find(&tag).map(|locale| locale.tag().clone())
}

pub fn routes() -> Vec<Route> {
    routes![set]
}
