//! `/metrics`, on an address of its own that only the operator can reach. A second, tiny Rocket, so that nothing of it can
//! ever be mounted on the public one by mistake.

use crate::{
    db::{self, Error},
    domain::mail::MailState,
    services::Services,
};
use rocket::{
    Build, Rocket, State,
    config::{Ident, LogLevel, Shutdown},
    get,
    http::{ContentType, Status},
    routes,
};
use std::{fs, net::SocketAddr, sync::Arc};

pub fn build(services: Arc<Services>, address: SocketAddr) -> Rocket<Build> {
    let config = rocket::Config {
        address: address.ip(),
        port: address.port(),
        workers: 1,
        ident: Ident::none(),
        log_level: LogLevel::Off,
        ip_header: None,
        // Ends when the main server does, not by signals of its own.
        shutdown: Shutdown { ctrlc: false, signals: std::collections::HashSet::new(), ..Shutdown::default() },
        ..rocket::Config::default()
    };
    rocket::custom(config).manage(services).mount("/", routes![metrics])
}

#[get("/metrics")]
async fn metrics(services: &State<Arc<Services>>) -> Result<(ContentType, String), Status> {
    // While the database is away, the rest of the numbers is wanted more than ever.
    if let Err(error) = read_gauges(services).await {
        tracing::debug!(error = %error, "the outbox cannot be counted");
    }
    let metrics = &services.metrics;
    metrics.sessions_in_memory.set(as_gauge(services.sessions.len()));
    metrics
        .file_limit
        .set(rlimit::Resource::NOFILE.get().map_or(0, |(soft, _)| i64::try_from(soft).unwrap_or(i64::MAX)));
    metrics.files_open.set(fs::read_dir("/proc/self/fd").map_or(0, |open| as_gauge(open.count())));
    let text = metrics.text().map_err(|_| Status::InternalServerError)?;
    let kind =
        ContentType::new("application", "openmetrics-text").with_params([("version", "1.0.0"), ("charset", "utf-8")]);
    Ok((kind, text))
}

async fn read_gauges(services: &Services) -> Result<(), Error> {
    let (waiting, dead) = services
        .db
        .read(|connection| {
            Ok((db::outbox::count(connection, MailState::Waiting)?, db::outbox::count(connection, MailState::Dead)?))
        })
        .await?;
    services.metrics.mails_waiting.set(waiting);
    services.metrics.mails_dead.set(dead);
    Ok(())
}

fn as_gauge(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}
