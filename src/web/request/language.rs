//! The language of an answer: the account's own choice, else the browser's, else the
//! installation's. Its times are in the account's own time zone, else in the installation's.

use crate::{
    domain::{Account, Settings},
    locale::Locale,
    services::Services,
};
use rocket::Request;
use std::sync::{Arc, OnceLock};

/// Language of the answer, in the request's cache, so that pages without a `Visit` use it, too.
#[derive(Default)]
struct Spoken(OnceLock<Arc<Locale>>);

/// Chooses the language for the rest of the request.
pub(in crate::web) fn choose(
    request: &Request<'_>,
    services: &Services,
    settings: &Settings,
    account: Option<&Account>,
) -> Arc<Locale> {
    let own = account.and_then(|account| account.language.as_ref()).and_then(|tag| services.catalogue.find(tag));
    let locale = own.cloned().unwrap_or_else(|| of_browser(request, services, settings));
    let zone = account.and_then(|account| account.time_zone.as_ref()).unwrap_or(&settings.time_zone);
    let locale = Locale::in_zone(&locale, zone);
    let spoken = request.local_cache(Spoken::default);
    Arc::clone(spoken.0.get_or_init(|| locale))
}

/// Returns the language of the request without using the database.
pub fn of(request: &Request<'_>, services: &Services) -> Arc<Locale> {
    let spoken = request.local_cache(Spoken::default);
    spoken.0.get().map_or_else(|| of_browser(request, services, &services.settings.for_show()), Arc::clone)
}

fn of_browser(request: &Request<'_>, services: &Services, settings: &Settings) -> Arc<Locale> {
    let header = request.headers().get_one("Accept-Language").unwrap_or_default();
    services.catalogue.accepted(header).unwrap_or_else(|| services.locale([], settings))
}
