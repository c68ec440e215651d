//! The life of a server: start, serve until told to stop (SIGTERM, SIGHUP, Ctrl-C), drain, and come
//! to rest.
//!
//! Background work begins only once the port is ours. A second copy, started by mistake, fails
//! there before it touches the emails that the first one is sending.

use super::{
    App, StartError,
    front::{self, Front},
    keep_going::{PAUSE, keep_going},
    signals::Signals,
    supervisor::Supervisor,
};
use crate::{
    config::{LogLevel, MailUrl},
    db::{self, ServingLock},
    domain::entropy,
    housekeeping,
    metrics_server::MetricsServer,
    notices,
    outbox::{StopSignal, Worker, WorkerPool},
    rotation,
    services::Services,
    signin, version,
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

/// Time for background work to finish emails at the end, or the time for requests if that is
/// longer. The next start or another node sends an email again that takes longer.
const FAREWELL: Duration = Duration::from_secs(15);

/// Starts, serves until told to stop, drains, and returns when everything is at rest.
pub async fn serve(app: App) -> Result<(), StartError> {
    // Declared first, so that it is freed last: no other server begins before the database is at
    // rest.
    let _lock = lock(&app.services).await?;
    let App { rocket, services } = app;
    let (listening, bound) = oneshot::channel();
    let rocket = rocket.ignite().await.map_err(|error| cannot_ignite(&error, &services))?;
    // Apps read them from the first moment on.
    rotation::make_first(&services).await.map_err(StartError::new)?;
    tracing::info!(database = ?services.config.database_url, version = version::LONG, "starting");
    note_start(&services).await;
    if services.config.database_url.is_exposed() {
        tracing::warn!(
            "the database is on another machine, and its URL lacks sslmode=verify-full: an attacker on the network can read the traffic"
        );
    }
    let (running, stop) = StopSignal::pair();
    // Find out now what would keep the worker from working.
    Worker::new(Arc::clone(&services)).map_err(StartError)?;
    let listener = front::bind(&rocket).await.map_err(cannot_listen)?;
    let signals = Signals::listen().map_err(StartError::new)?;
    let metrics = start_metrics(&services, stop.clone()).await?;
    let background = tokio::spawn(work(Arc::clone(&services), bound, stop));
    let supervisor = Arc::new(Supervisor::of_environment());
    let obeying = tokio::spawn(signals.obey(Arc::clone(&services), rocket.shutdown(), Arc::clone(&supervisor)));
    let watched = Arc::clone(&supervisor);
    let watching = tokio::spawn(async move { watched.keep_watchdog_quiet().await });

    let shutdown = &rocket.config().shutdown;
    let farewell = FAREWELL.max(Duration::from_secs((shutdown.grace + shutdown.mercy).into()));
    let bound = || {
        let _ = listening.send(());
        supervisor.says_ready();
    };
    let served = launch(listener, rocket, &services, bound).await;

    drop(running);
    come_to_rest(background, metrics, farewell).await;
    obeying.abort();
    watching.abort();
    tracing::info!("stopped");
    served
}

/// Checks that no other server serves the same SQLite file, and marks the file as this run's.
async fn lock(services: &Arc<Services>) -> Result<ServingLock, StartError> {
    let services = Arc::clone(services);
    let locked = tokio::task::spawn_blocking(move || {
        let Some(lock) = ServingLock::take(&services.config.database_url)? else { return Ok(None) };
        lock.mark_run(&services.db, u32::from_be_bytes(entropy::bytes(&*services.entropy)).max(1))?;
        Ok::<_, db::Error>(Some(lock))
    });
    locked.await.map_err(StartError::new)?.map_err(StartError::new)?.ok_or_else(|| {
        StartError(
            "Another Gatepost already serves this database file. Stop it first; for several servers on one database, use PostgreSQL."
                .to_owned(),
        )
    })
}

/// Notes for the admins' overview which version starts. Without it the server works as well.
async fn note_start(services: &Services) {
    let (now, build) = (services.now(), (version::VERSION, version::COMMIT));
    if let Err(error) = services.db.write(move |connection| db::starts::note(connection, now, build)).await {
        tracing::warn!(%error, "could not note this start for the admins' overview");
    }
}

async fn launch(
    listener: TcpListener,
    rocket: Rocket<Ignite>,
    services: &Services,
    bound: impl FnOnce(),
) -> Result<(), StartError> {
    let front = Front::new(listener, rocket).await.map_err(|error| StartError(problem(&error)))?;
    announce(services, front.address().map_err(cannot_listen)?).await;
    bound();
    if !front.serve().await {
        // A client's connection outlasted its grace, which is not a failure of ours.
        tracing::warn!("cut off requests that did not end in time");
    }
    Ok(())
}

/// Runs the email workers and the housekeeper, from the moment the port is ours until `stop`.
async fn work(services: Arc<Services>, bound: oneshot::Receiver<()>, stop: StopSignal) {
    if bound.await.is_err() {
        return;
    }
    if let Err(error) = services.db.write(db::outbox::take_back_leases).await {
        tracing::warn!(error = %error, "emails that the last run was sending wait until their leases expire");
    }
    let mut tasks = JoinSet::new();
    let pool = WorkerPool::new(Arc::clone(&services));
    let connections = services.config.mail_connections;
    // Twice as many workers as connections, so that some can replace those that are held up.
    for number in 0..connections * 2 {
        let (pool, stop) = (Arc::clone(&pool), stop.clone());
        let told = stop.clone();
        let begin = move || {
            let worker = if number < connections { pool.worker() } else { pool.spare_worker() };
            worker.map(|worker| worker.run(told.clone()))
        };
        tasks.spawn(keep_going("an email worker", PAUSE, begin, stop));
    }
    let (told, own) = (stop.clone(), Arc::clone(&services));
    let begin = move || {
        let mut told = told.clone();
        Ok(notices::run(Arc::clone(&own), async move { told.wanted().await }))
    };
    tasks.spawn(keep_going("telling apps of sign-outs", PAUSE, begin, stop.clone()));
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
        tracing::warn!("stopped before an email was sent; it will be sent again");
        background.abort();
        let _ = background.await;
    }
}

/// Listens before anything is served. A taken address is a failed start, and a supervisor tries
/// again.
async fn start_metrics(services: &Arc<Services>, mut stop: StopSignal) -> Result<Option<JoinHandle<()>>, StartError> {
    let Some(address) = services.config.metrics_address else { return Ok(None) };
    let server = MetricsServer::bind(Arc::clone(services), address).await.map_err(|cause| {
        StartError(format!(
            "Cannot listen on the metrics address {address}: {cause}. Set GATEPOST_METRICS_ADDRESS to a free one."
        ))
    })?;
    tracing::info!(%address, "serving metrics");
    Ok(Some(tokio::spawn(server.run(async move { stop.wanted().await }))))
}

/// Logs the address and how the first admin gets in. The port is ours.
async fn announce(services: &Services, address: SocketAddr) {
    let base_url = services.config.base_url.origin();
    tracing::info!("listening on {address}, open {base_url}");
    match signin::print_set_up_link(services).await {
        Ok(Some(link)) => show_set_up_link(services, &link),
        Ok(None) => {}
        Err(error) => tracing::error!(error = %error, "cannot read whether there is an admin"),
    }
    if services.config.mail_url == MailUrl::Dev {
        tracing::warn!(mailbox = services.config.base_url.join("/dev/mailbox"), "emails are not sent, but shown here");
    }
}

/// Shows the set-up link even with logging turned off, because it is the only way in.
fn show_set_up_link(services: &Services, link: &str) {
    const WORDS: &str = "no admin yet: open this link to name the first one; it expires in 24 hours";
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

/// Puts Rocket's errors into words. Reading the kind also keeps Rocket from panicking over an
/// unread error.
fn problem(error: &rocket::Error) -> String {
    error.kind().to_string()
}

#[expect(clippy::needless_pass_by_value, reason = "`map_err` hands it over")]
fn cannot_listen(cause: io::Error) -> StartError {
    StartError(format!(
        "Cannot listen on the address: {cause}. Set GATEPOST_ADDRESS and GATEPOST_PORT (or ROCKET_ADDRESS and ROCKET_PORT) to a free one."
    ))
}
