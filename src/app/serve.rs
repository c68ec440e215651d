//! A life: start, serve until told to stop (SIGTERM, SIGHUP, Ctrl-C), drain, and come to rest.
//!
//! What works in the background begins only once the port is ours. A second copy that was started by mistake fails there, and must not
//! have touched the mails that the first one is sending.

use super::{
    App, StartError,
    front::{self, Front},
    keep_going::{PAUSE, keep_going},
    signals::Signals,
};
use crate::{
    config::{LogLevel, MailUrl},
    db::{self, ServingLock},
    domain::entropy,
    housekeeping,
    metrics_server::MetricsServer,
    outbox::{Crew, Stop, Worker},
    services::Services,
    signin,
};
use rocket::{Ignite, Rocket};
use std::{
    io::{self, Write},
    net::SocketAddr,
    sync::Arc,
    time::Duration,
};
use tokio::{
    net::TcpListener,
    sync::oneshot,
    task::{JoinHandle, JoinSet},
    time::timeout,
};

/// What the background gets to finish the emails under way, or as long as requests get if that is longer. An email that takes longer is sent
/// again by the next start or by another node.
const FAREWELL: Duration = Duration::from_secs(15);

/// Starts, serves until told to stop, drains, and returns when everything is at rest.
pub async fn serve(app: App) -> Result<(), StartError> {
    // Declared first, so that it is freed last: no other server begins before the database is at rest.
    let _lock = lock(&app.services).await?;
    let App { rocket, services } = app;
    let (listening, bound) = oneshot::channel();
    let rocket = rocket.ignite().await.map_err(|error| cannot_ignite(&error, &services))?;
    tracing::info!(database = ?services.config.database_url, "starting");
    if services.config.database_url.is_exposed() {
        tracing::warn!(
            "the database is on another machine, and its URL has no sslmode=verify-full: an attacker on the network can read along"
        );
    }
    let (running, stop) = Stop::pair();
    // To be told now of what would keep it from working.
    Worker::new(Arc::clone(&services)).map_err(StartError)?;
    let listener = front::bind(&rocket).await.map_err(cannot_listen)?;
    let signals = Signals::listen().map_err(StartError::new)?;
    let metrics = start_metrics(&services, stop.clone()).await?;
    let background = tokio::spawn(work(Arc::clone(&services), bound, stop));
    let obeying = tokio::spawn(signals.obey(Arc::clone(&services), rocket.shutdown()));

    let shutdown = &rocket.config().shutdown;
    let farewell = FAREWELL.max(Duration::from_secs((shutdown.grace + shutdown.mercy).into()));
    let served = launch(listener, rocket, &services, listening).await;

    drop(running);
    come_to_rest(background, metrics, farewell).await;
    obeying.abort();
    tracing::info!("stopped");
    served
}

/// Makes sure that no other server serves the same SQLite file, and marks the file as this run's.
async fn lock(services: &Arc<Services>) -> Result<ServingLock, StartError> {
    let services = Arc::clone(services);
    let locked = tokio::task::spawn_blocking(move || {
        let Some(lock) = ServingLock::take(&services.config.database_url)? else { return Ok(None) };
        lock.mark_run(&services.db, u32::from_be_bytes(entropy::bytes(&*services.entropy)).max(1))?;
        Ok::<_, db::Error>(Some(lock))
    });
    locked.await.map_err(StartError::new)?.map_err(StartError::new)?.ok_or_else(|| {
        StartError(
            "Another Gatepost serves this database file already. Stop it first; for several servers on one database, use PostgreSQL."
                .to_owned(),
        )
    })
}

async fn launch(
    listener: TcpListener,
    rocket: Rocket<Ignite>,
    services: &Services,
    listening: oneshot::Sender<()>,
) -> Result<(), StartError> {
    let front = Front::new(listener, rocket).await.map_err(|error| StartError(problem(&error)))?;
    announce(services, front.address().map_err(cannot_listen)?).await;
    let _ = listening.send(());
    if !front.serve().await {
        // A client's connection outlasted its grace, which is no failure of ours.
        tracing::warn!("requests that did not end in time were cut off");
    }
    Ok(())
}

/// The mail workers and the housekeeper, from the moment the port is ours until `stop`.
async fn work(services: Arc<Services>, bound: oneshot::Receiver<()>, stop: Stop) {
    if bound.await.is_err() {
        return;
    }
    if let Err(error) = services.db.write(db::outbox::take_back_leases).await {
        tracing::warn!(error = %error, "mails that were being sent when the last run ended wait until their leases run out");
    }
    let mut tasks = JoinSet::new();
    let crew = Crew::new(Arc::clone(&services));
    let connections = services.config.mail_connections;
    // As many again for when those are held up.
    for number in 0..connections * 2 {
        let (crew, stop) = (Arc::clone(&crew), stop.clone());
        let told = stop.clone();
        let begin = move || {
            let worker = if number < connections { crew.worker() } else { crew.spare_worker() };
            worker.map(|worker| worker.run(told.clone()))
        };
        tasks.spawn(keep_going("a mail worker", PAUSE, begin, stop));
    }
    let told = stop.clone();
    let begin = move || {
        let mut told = told.clone();
        Ok(housekeeping::run(Arc::clone(&services), async move { told.wanted().await }))
    };
    tasks.spawn(keep_going("the housekeeper", PAUSE, begin, stop));
    while tasks.join_next().await.is_some() {}
}

async fn come_to_rest(mut background: JoinHandle<()>, metrics: Option<JoinHandle<()>>, farewell: Duration) {
    let all = async {
        if let Some(metrics) = metrics {
            let _ = metrics.await;
        }
        let _ = (&mut background).await;
    };
    if timeout(farewell, all).await.is_err() {
        tracing::warn!("a mail under way took too long and was left; it will be sent again");
        background.abort();
        let _ = background.await;
    }
}

/// Before anything is served: an address that is taken is a failed start, and a supervisor tries again.
async fn start_metrics(services: &Arc<Services>, mut stop: Stop) -> Result<Option<JoinHandle<()>>, StartError> {
    let Some(address) = services.config.metrics_address else { return Ok(None) };
    let server = MetricsServer::bind(Arc::clone(services), address).await.map_err(|cause| {
        StartError(format!(
            "The metrics' address {address} cannot be listened on: {cause}. Set GATEPOST_METRICS_ADDRESS to one that is free."
        ))
    })?;
    tracing::info!(%address, "metrics");
    Ok(Some(tokio::spawn(server.run(async move { stop.wanted().await }))))
}

/// Says where it is, and how the first admin gets in. By now the port is ours.
async fn announce(services: &Services, address: SocketAddr) {
    let base_url = services.config.base_url.origin();
    tracing::info!("listening on {address}, open {base_url}");
    match signin::print_set_up_link(services).await {
        Ok(Some(link)) => show_set_up_link(services, &link),
        Ok(None) => {}
        Err(error) => tracing::error!(error = %error, "whether there is an admin cannot be read"),
    }
    if services.config.mail_url == MailUrl::Dev {
        tracing::warn!(mailbox = services.config.base_url.join("/dev/mailbox"), "mail is not sent but shown");
    }
}

/// Without this link nobody gets in, so it is shown even where nothing is logged.
fn show_set_up_link(services: &Services, link: &str) {
    const WORDS: &str = "no admin yet: open this link once to name the first one; it lives for 24 hours";
    if services.config.log_level == LogLevel::Off {
        let _ = writeln!(io::stderr(), "{WORDS}: {link}");
    } else {
        tracing::warn!(%link, "{WORDS}");
    }
}

fn cannot_ignite(error: &rocket::Error, services: &Services) -> StartError {
    let problem = problem(error);
    StartError(services.templates.problem().map_or(problem, |problem| format!("It cannot start: {problem}.")))
}

/// Rocket's errors in words. Looking at the kind also keeps Rocket from panicking over an error that was dropped unseen.
fn problem(error: &rocket::Error) -> String {
    error.kind().to_string()
}

#[expect(clippy::needless_pass_by_value, reason = "it is what `map_err` hands over")]
fn cannot_listen(cause: io::Error) -> StartError {
    StartError(format!(
        "The address cannot be listened on: {cause}. Set ROCKET_ADDRESS and ROCKET_PORT to one that is free."
    ))
}
