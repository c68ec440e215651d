//! `/metrics`, on a separate address that only the operator can reach. It is a separate server, so
//! that no route of it can be mounted on the public one by mistake.
//!
//! It keeps some files open in reserve. When the public server has used up all that the process may
//! open, this one frees them for a moment. The numbers then come when the operator needs them most.

use crate::{
    db::{self, Error},
    domain::mail::MailState,
    services::Services,
};
use hyper::{Method, Request, Response, StatusCode, body::Incoming, header, server::conn::http1, service::service_fn};
use hyper_util::rt::TokioIo;
use std::{
    convert::Infallible,
    fs::{self, File},
    future::Future,
    io,
    net::{IpAddr, SocketAddr},
    sync::{Arc, atomic::Ordering},
    time::Duration,
};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::Semaphore,
    time::timeout,
};

/// Longest time for one request, so that a client that stops halfway delays nothing.
const PATIENCE: Duration = Duration::from_secs(10);
/// Most requests at the same time.
const AT_ONCE: usize = 16;
/// Files in reserve: for the connection, for counting the open files, and one that the public
/// server may take first.
const RESERVE: usize = 3;

pub(crate) struct MetricsServer {
    listener: TcpListener,
    services: Arc<Services>,
    reserve: Vec<File>,
}

impl MetricsServer {
    /// Listens on the address.
    ///
    /// # Errors
    ///
    /// The system's, if it cannot listen there.
    pub(crate) async fn bind(services: Arc<Services>, address: SocketAddr) -> io::Result<Self> {
        Ok(Self { listener: TcpListener::bind(address).await?, services, reserve: reserve() })
    }

    /// Serves until `stop` resolves.
    pub(crate) async fn run(mut self, stop: impl Future<Output = ()>) {
        tokio::pin!(stop);
        let at_once = Arc::new(Semaphore::new(AT_ONCE));
        loop {
            let accepted = tokio::select! {
                biased;
                () = &mut stop => return,
                accepted = self.listener.accept() => accepted,
            };
            match accepted {
                Ok((stream, _)) => {
                    let Ok(permit) = Arc::clone(&at_once).acquire_owned().await else { return };
                    let services = Arc::clone(&self.services);
                    tokio::spawn(async move {
                        answer(stream, services).await;
                        drop(permit);
                    });
                }
                Err(_) => self.answer_from_reserve().await,
            }
        }
    }

    /// Answers one request from the reserve when no more files can be opened, and refills the
    /// reserve.
    async fn answer_from_reserve(&mut self) {
        self.reserve.clear();
        if let Ok(Ok((stream, _))) = timeout(Duration::from_secs(1), self.listener.accept()).await {
            answer(stream, Arc::clone(&self.services)).await;
        }
        self.reserve = reserve();
        if self.reserve.is_empty() {
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }
}

fn reserve() -> Vec<File> {
    (0..RESERVE).map_while(|_| File::open("/dev/null").ok()).collect()
}

async fn answer(stream: TcpStream, services: Arc<Services>) {
    let service = service_fn(|request: Request<Incoming>| {
        let services = Arc::clone(&services);
        async move { Ok::<_, Infallible>(respond(&request, &services).await) }
    });
    let connection = http1::Builder::new().keep_alive(false).serve_connection(TokioIo::new(stream), service);
    // The other side may have left before the answer.
    let _ = timeout(PATIENCE, connection).await;
}

async fn respond(request: &Request<Incoming>, services: &Services) -> Response<String> {
    let hosts: Vec<_> =
        request.headers().get_all(header::HOST).iter().map(|host| host.to_str().unwrap_or("")).collect();
    let is_ours = matches!(hosts.as_slice(), [host] if is_host(host, &services.config.metrics_hosts));
    let (status, text) = match (is_ours, request.method(), request.uri().path()) {
        (false, ..) => {
            (StatusCode::MISDIRECTED_REQUEST, "Set GATEPOST_METRICS_HOSTS to the name by which you ask.\n".to_owned())
        }
        (true, &Method::GET, "/metrics") => match text(services).await {
            Ok(text) => (StatusCode::OK, text),
            Err(_) => (StatusCode::INTERNAL_SERVER_ERROR, String::new()),
        },
        (true, _, "/metrics") => (StatusCode::METHOD_NOT_ALLOWED, String::new()),
        _ => (StatusCode::NOT_FOUND, String::new()),
    };
    let kind = if status == StatusCode::OK {
        "application/openmetrics-text; version=1.0.0; charset=utf-8"
    } else {
        "text/plain; charset=utf-8"
    };
    let mut response = Response::new(text);
    *response.status_mut() = status;
    for (name, value) in
        [(header::CONTENT_TYPE, kind), (header::CACHE_CONTROL, "no-store"), (header::X_CONTENT_TYPE_OPTIONS, "nosniff")]
    {
        response.headers_mut().insert(name, header::HeaderValue::from_static(value));
    }
    response
}

/// Returns whether a `Host` is an address, this machine, or a name that the operator gave. An
/// attacker can point any other name here (DNS rebinding). A page in the operator's browser could
/// then read the numbers.
fn is_host(host: &str, names: &[String]) -> bool {
    let bracketed = host.strip_prefix('[').and_then(|rest| rest.split_once(']'));
    let name = match bracketed {
        Some((address, _)) => address,
        None => host.rsplit_once(':').map_or(host, |(name, _)| name),
    };
    name.parse::<IpAddr>().is_ok()
        || name.eq_ignore_ascii_case("localhost")
        || names.iter().any(|known| known.eq_ignore_ascii_case(name))
}

async fn text(services: &Services) -> Result<String, std::fmt::Error> {
    // While the database is unavailable, the operator needs the other numbers even more.
    if let Err(error) = read_gauges(services).await {
        tracing::debug!(error = %error, "cannot count the outbox");
    }
    let metrics = &services.metrics;
    metrics.sessions_in_memory.set(as_gauge(services.sessions.len()));
    metrics.database_reads.inner().store(services.db.reads(), Ordering::Relaxed);
    metrics
        .file_limit
        .set(rlimit::Resource::NOFILE.get().map_or(0, |(soft, _)| i64::try_from(soft).unwrap_or(i64::MAX)));
    if let Ok(open) = fs::read_dir("/proc/self/fd") {
        metrics.files_open.set(as_gauge(open.count()));
    }
    if let Some(dropped) = services.log_lines_dropped.get() {
        metrics.log_lines_dropped.inner().store(dropped.load(Ordering::Relaxed), Ordering::Relaxed);
    }
    metrics.text()
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_addresses_this_machine_and_names_that_were_given_are_hosts() {
        let names = ["gatepost.internal".to_owned()];
        for host in ["127.0.0.1:9100", "10.0.0.7", "[::1]:9100", "localhost:9100", "Gatepost.internal:9100"] {
            assert!(is_host(host, &names), "{host}");
        }
        for host in [
            "",
            "evil.example:9100",
            "localhost.evil.example",
            "gatepost.internal.evil.example",
            "1.2.3.4.evil.example",
        ] {
            assert!(!is_host(host, &names), "{host}");
        }
    }
}
