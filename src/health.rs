//! For load balancers and supervisors. The answers say nothing about users or emails; the metrics
//! have the counts.

use crate::{
    db::{self, Db},
    domain::Lifetime,
    services::Services,
    web::{Doors, Reply},
};
use rocket::{Shutdown, State, futures::FutureExt, get, http::Status, routes};
use std::sync::{Arc, atomic::Ordering};
use tokio::sync::Mutex;

/// How long one answer about the database is reused, so that frequent probes do not occupy the one
/// writer.
const GOOD_FOR: Lifetime = Lifetime::seconds(1);

/// When the database was last tried, and whether it worked.
#[derive(Default)]
pub struct LastTry(Mutex<Option<(crate::domain::Timestamp, bool)>>);

/// Answers while the process runs.
#[get("/health/live")]
fn live() -> Reply {
    Reply::text("ok\n")
}

/// Answers whether it can serve: the database can be read and written, and no shutdown is in
/// progress.
#[get("/health/ready")]
async fn ready(services: &State<Arc<Services>>, last: &State<LastTry>, mut shutdown: Shutdown) -> Reply {
    let draining = services.draining.load(Ordering::Relaxed) || (&mut shutdown).now_or_never().is_some();
    if !draining && last.is_usable(services).await {
        Reply::text("ready\n")
    } else {
        Reply::text("not ready\n").with_status(Status::ServiceUnavailable)
    }
}

impl LastTry {
    async fn is_usable(&self, services: &Services) -> bool {
        let mut last = self.0.lock().await;
        let now = services.now();
        if let Some((at, usable)) = *last
            && at <= now
            && now.since(at) < GOOD_FOR
        {
            return usable;
        }
        let tried = try_to_use(&services.db, services).await;
        if let Err(error) = &tried {
            services.metrics.database_unavailable.inc();
            // One line each time that it stops being ready, because probes come every few seconds.
            if last.is_none_or(|(_, was_usable)| was_usable) {
                tracing::warn!(%error, "not ready: cannot use the database");
            }
        }
        *last = Some((services.now(), tried.is_ok()));
        tried.is_ok()
    }
}

/// Reads, writes, and reads what it wrote. On a full disk, reading alone still works.
async fn try_to_use(db: &Db, services: &Services) -> Result<(), db::Error> {
    let start = services.settings.start();
    db.read(move |connection| db::settings::load(connection, &start)).await?;
    db.write(db::heartbeat::beat).await?;
    db.read(db::heartbeat::count).await.map(drop)
}

pub fn doors() -> Doors {
    Doors::probes(routes![live, ready])
}
