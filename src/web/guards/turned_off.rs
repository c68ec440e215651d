//! Recognises requests for a part that an admin has turned off. The gate asks before any route.

use crate::{domain::apps::part::Part, services::Services};
use rocket::Request;
use std::sync::Arc;

/// Returns whether the routes of this path get no request. If the settings cannot be read, they
/// fail by themselves, each in its own words. Every page and every transaction about tokens reads
/// them, too.
pub(in crate::web) async fn is_turned_off(request: &Request<'_>) -> bool {
    let part = Part::of(request.uri().path().as_str());
    let (Some(part), Some(services)) = (part, request.rocket().state::<Arc<Services>>()) else { return false };
    services.settings().await.is_ok_and(|settings| !settings.has(part))
}
