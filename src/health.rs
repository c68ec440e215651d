//! For load balancers and supervisors. The answers say nothing about users or emails; the metrics
//! have the counts.

use crate::{
    db::{self, Db},
    domain::Lifetime,
    services::Services,
    web::{Doors, Reply},
};
use rocket::{Shutdown, State, futures::FutureExt, get, http::Status, routes};
use std::{
    fs,
    sync::{Arc, atomic::Ordering},
};
use tokio::sync::Mutex;

/// Time for which one answer about the database is reused. Frequent probes then do not occupy the
/// one writer.
const GOOD_FOR: Lifetime = Lifetime::seconds(1);

/// Time and success of the last try of the database.
#[derive(Default)]
pub(crate) struct LastTry(Mutex<Option<(crate::domain::Timestamp, bool)>>);

/// Answers while the process runs.
#[get("/health/live")]
fn live() -> Reply {
    Reply::text("ok\n")
}

/// Answers whether it can serve. The database can be read and written, and the key file read. Files
/// can be opened, and no shutdown is in progress.
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
        // One line each time that it stops being ready, because probes come every few seconds.
        let is_news = last.is_none_or(|(_, was_usable)| was_usable);
        let tried = try_to_use(&services.db, services).await;
        if let Err(error) = &tried {
            services.metrics.database_unavailable.inc();
            if is_news {
                tracing::warn!(%error, "not ready: cannot use the database");
            }
        }
        let ring = Arc::clone(&services.keys);
        let keys = tokio::task::spawn_blocking(move || ring.load().map_err(|fault| fault.to_string())).await;
        let has_keys = matches!(keys, Ok(Ok(_)));
        if let (Ok(Err(fault)), true) = (keys, is_news) {
            tracing::warn!(fault, "not ready: cannot use the key file");
        }
        let has_room = has_files_left();
        if !has_room && is_news {
            tracing::warn!("not ready: nine tenths of the files that this process may open are open");
        }
        let usable = tried.is_ok() && has_keys && has_room;
        *last = Some((services.now(), usable));
        usable
    }
}

/// Returns whether the process can open some more files. A load balancer then sends users
/// elsewhere before their connections are refused.
fn has_files_left() -> bool {
    let Ok((most, _)) = rlimit::Resource::NOFILE.get() else { return true };
    let open = fs::read_dir("/proc/self/fd").map(|open| u64::try_from(open.count()).unwrap_or(u64::MAX));
    open.is_ok_and(|open| open.saturating_mul(10) < most.saturating_mul(9))
}

/// Reads, writes, and reads what it wrote. On a full disk, reading alone still works.
async fn try_to_use(db: &Db, services: &Services) -> Result<(), db::Error> {
    let start = services.settings.start();
    db.read(move |connection| db::settings::load(connection, &start)).await?;
    db.write(db::heartbeat::beat).await?;
    db.read(db::heartbeat::count).await.map(drop)
}

pub(crate) fn doors() -> Doors {
    Doors::probes(routes![live, ready])
}
