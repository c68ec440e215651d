//! For load balancers and supervisors. Nothing here tells anything about people or mail: counts are for the metrics.

use crate::{services::Services, web::Reply};
use rocket::{Route, Shutdown, State, get, http::Status, routes};
use std::sync::Arc;

/// The process runs and answers.
#[get("/health/live")]
fn live() -> Reply {
    Reply::text("ok\n")
}

/// It can serve: the database answers, and it is not shutting down.
#[get("/health/ready")]
async fn ready(services: &State<Arc<Services>>, mut shutdown: Shutdown) -> Reply {
    let draining = rocket::futures::FutureExt::now_or_never(&mut shutdown).is_some();
    let start = services.settings.start();
    let answers =
        !draining && services.db.read(move |connection| crate::db::settings::load(connection, &start)).await.is_ok();
    if answers { Reply::text("ready\n") } else { Reply::text("not ready\n").with_status(Status::ServiceUnavailable) }
}

pub fn routes() -> Vec<Route> {
    routes![live, ready]
}
