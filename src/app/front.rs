//! The HTTP server in front of Rocket's routes: it accepts connections, reads requests and writes answers with hyper. Guards, routes,
//! catchers and fairings are Rocket's.
//!
//! Rocket's own server drops every cookie of a request as soon as one of them is not UTF-8. One Latin-1 cookie of a neighbouring site would
//! keep its users from signing in here, and no fairing sees the header. Rocket's server also waits without end for half a request. Both
//! are mended where the octets arrive.

use http_body_util::{BodyExt, Full};
use hyper::{
    Request, Response,
    body::{Bytes, Incoming},
    header::{CONNECTION, CONTENT_LENGTH, CONTENT_TYPE, COOKIE, HeaderMap, HeaderValue},
    server::conn::http1,
    service::service_fn,
};
use hyper_util::rt::{TokioIo, TokioTimer};
use rocket::{
    Ignite, Rocket, Shutdown,
    http::{Cookie, Header, Method},
    local::asynchronous::{Client, LocalRequest, LocalResponse},
};
use std::{convert::Infallible, io, net::SocketAddr, sync::Arc, time::Duration};
use tokio::{
    net::{TcpListener, TcpStream},
    task::JoinSet,
    time::{Instant, sleep, timeout},
};

/// How long a client may take.
struct Limits {
    /// For the head of a request, and for the rest between two requests.
    head: Duration,
    /// For the body of a request.
    body: Duration,
}

/// The head's limit is longer than the 60 seconds for which nginx keeps a connection, so that the proxy is always the one that closes it.
const LIMITS: Limits = Limits { head: Duration::from_secs(75), body: Duration::from_secs(30) };
/// The most of a body that is read. Each form and each script's route has its own, lower bound and says so itself.
const MOST_BODY: usize = 256 * 1024;
/// The pause after a connection could not be accepted, such as for want of open files.
const AFTER_TROUBLE: Duration = Duration::from_millis(250);

/// A port that is ours, and what answers there.
pub struct Front {
    listener: TcpListener,
    served: Arc<Served>,
}

/// What each connection needs.
struct Served {
    client: Client,
    limits: Limits,
}

/// Takes the configured address.
///
/// # Errors
/// The system's, if the address cannot be listened on.
pub async fn bind(rocket: &Rocket<Ignite>) -> io::Result<TcpListener> {
    TcpListener::bind((rocket.config().address, rocket.config().port)).await
}

impl Front {
    /// Lifts Rocket off behind a port that is ours.
    ///
    /// # Errors
    /// Rocket's, if a fairing refuses the lift-off.
    pub async fn new(listener: TcpListener, rocket: Rocket<Ignite>) -> Result<Self, rocket::Error> {
        let client = Client::untracked(rocket).await?;
        Ok(Self { listener, served: Arc::new(Served { client, limits: LIMITS }) })
    }

    /// The address that connections come to.
    pub fn address(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }

    /// Serves until Rocket's shutdown is asked for, then lets the requests under way end, no longer than the configured grace.
    /// Returns whether all of them did.
    pub async fn serve(self) -> bool {
        let Self { listener, served } = self;
        let rocket = served.client.rocket();
        let (shutdown, config) = (rocket.shutdown(), rocket.config().shutdown.clone());
        let (mut connections, mut trouble) = (JoinSet::new(), Trouble::default());
        loop {
            tokio::select! {
                biased;
                () = shutdown.clone() => break,
                // Forget those that have ended.
                Some(_) = connections.join_next(), if !connections.is_empty() => {}
                accepted = listener.accept() => match accepted {
                    Ok((stream, remote)) => {
                        connections.spawn(connection(stream, remote, Arc::clone(&served), shutdown.clone()));
                    }
                    Err(error) => {
                        trouble.note(&error);
                        sleep(AFTER_TROUBLE).await;
                    }
                },
            }
        }
        drop(listener);
        let grace = Duration::from_secs(u64::from(config.grace + config.mercy));
        let all_end = async { while connections.join_next().await.is_some() {} };
        timeout(grace, all_end).await.is_ok()
    }
}

/// Connections that could not be accepted. It may happen four times a second for hours; the log hears of it once a minute.
#[derive(Default)]
struct Trouble {
    told_at: Option<Instant>,
    times: u64,
}

impl Trouble {
    fn note(&mut self, error: &io::Error) {
        self.times += 1;
        if self.told_at.is_none_or(|at| at.elapsed() >= Duration::from_secs(60)) {
            tracing::error!(problem = %error, times = self.times, "connections cannot be accepted");
            *self = Self { told_at: Some(Instant::now()), times: 0 };
        }
    }
}

/// One connection, until either side closes it or the process is asked to end; then until its request is answered.
async fn connection(stream: TcpStream, remote: SocketAddr, served: Arc<Served>, shutdown: Shutdown) {
    // An answer is written in one piece; waiting for more would only delay it.
    let _ = stream.set_nodelay(true);
    let head = served.limits.head;
    let service = service_fn(move |request| {
        let served = Arc::clone(&served);
        // In a task of its own: a browser that goes away in the middle does not stop halfway what it asked for.
        async move { Ok::<_, Infallible>(tokio::spawn(answer(served, remote, request)).await.unwrap_or_else(|_| broken())) }
    });
    let serving = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(head)
        .serve_connection(TokioIo::new(stream), service);
    let mut serving = std::pin::pin!(serving);
    tokio::select! {
        // A client that breaks off, or sends what is not HTTP, is no fault of ours.
        _ = serving.as_mut() => {}
        () = shutdown => {
            serving.as_mut().graceful_shutdown();
            let _ = serving.await;
        }
    }
}

async fn answer(served: Arc<Served>, remote: SocketAddr, request: Request<Incoming>) -> Response<Full<Bytes>> {
    let Served { client, limits } = &*served;
    let (head, body) = request.into_parts();
    let (Ok(method), Some(target)) = (head.method.as_str().parse::<Method>(), head.uri.path_and_query()) else {
        // A method that HTTP does not know, or no path, as in CONNECT. The empty target gets Rocket's catcher for what it cannot read.
        return finish(client.req(Method::Get, "").remote(remote).dispatch().await, Method::Get, false).await;
    };
    let Ok(body) = timeout(limits.body, read(body)).await else { return refusal(408, "The request took too long.\n") };
    let Ok(body) = body else { return refusal(400, "The request broke off.\n") };
    let is_whole = body.len() <= MOST_BODY;
    let local = with_headers(client.req(method, target.as_str()).remote(remote), &head.headers).body(body);
    finish(local.dispatch().await, method, is_whole).await
}

/// Reads a body, or a little more than [`MOST_BODY`] of it.
async fn read(mut body: Incoming) -> Result<Vec<u8>, hyper::Error> {
    let mut read = Vec::new();
    while read.len() <= MOST_BODY
        && let Some(frame) = body.frame().await
    {
        if let Some(data) = frame?.data_ref() {
            read.extend_from_slice(data);
        }
    }
    Ok(read)
}

/// The headers whose values are text, as Rocket takes them; and of cookies those that are.
fn with_headers<'c>(mut request: LocalRequest<'c>, headers: &HeaderMap) -> LocalRequest<'c> {
    for (name, value) in headers {
        if name == COOKIE {
            // RFC 6265 section 4.1.1: a cookie is octets. One that is not UTF-8 is none of ours, and takes no other along.
            for octets in value.as_bytes().split(|&octet| octet == b';') {
                let text = str::from_utf8(octets).map(str::trim).unwrap_or_default();
                if let Ok(cookie) = Cookie::parse_encoded(text.to_owned()) {
                    request = request.cookie(cookie);
                }
            }
        } else if let Ok(value) = str::from_utf8(value.as_bytes()) {
            request.add_header(Header::new(name.as_str().to_owned(), value.to_owned()));
        }
    }
    request
}

async fn finish(answered: LocalResponse<'_>, method: Method, is_whole: bool) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::default());
    *response.status_mut() = answered.status().code.try_into().unwrap_or(hyper::StatusCode::INTERNAL_SERVER_ERROR);
    for header in answered.headers().iter() {
        let name = header.name().as_str().parse::<hyper::header::HeaderName>();
        if let (Ok(name), Ok(value)) = (name, HeaderValue::from_str(header.value())) {
            response.headers_mut().append(name, value);
        }
    }
    if !is_whole {
        // The rest of the body is not read, so no other request can follow it.
        response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
    }
    // The length of what a GET would get, which an answer to HEAD has to tell without sending it.
    if method == Method::Head
        && let Some(size) = answered.body().preset_size()
    {
        response.headers_mut().insert(CONTENT_LENGTH, size.into());
        return response;
    }
    *response.body_mut() = Full::from(answered.into_bytes().await.unwrap_or_default());
    response
}

/// An answer before any route: what came is not HTTP as a browser speaks it.
fn refusal(status: u16, text: &'static str) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::from(text));
    *response.status_mut() = status.try_into().unwrap_or(hyper::StatusCode::BAD_REQUEST);
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
    headers.insert(CONNECTION, HeaderValue::from_static("close"));
    response
}

/// Only if a panic gets past Rocket's own net.
fn broken() -> Response<Full<Bytes>> {
    refusal(500, "This server has a fault.\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    /// Everything that a client gets that sends this and then only waits, until the server closes the connection.
    async fn told(sent: &str, limits: Limits) -> String {
        let config = rocket::Config { log_level: rocket::config::LogLevel::Off, ..rocket::Config::debug_default() };
        let client = Client::untracked(rocket::custom(config)).await.unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let front = Front { listener, served: Arc::new(Served { client, limits }) };
        let address = front.address().unwrap();
        let serving = tokio::spawn(front.serve());
        let mut stream = TcpStream::connect(address).await.unwrap();
        stream.write_all(sent.as_bytes()).await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        serving.abort();
        answer
    }

    const SHORT: Duration = Duration::from_millis(20);

    #[tokio::test]
    async fn a_body_that_never_comes_is_answered_408_and_the_connection_closed() {
        for length in ["Content-Length: 5", "Transfer-Encoding: chunked"] {
            let sent = format!("POST /login HTTP/1.1\r\nHost: a\r\n{length}\r\n\r\n");
            let answer = told(&sent, Limits { body: SHORT, ..LIMITS }).await.to_lowercase();
            assert!(answer.starts_with("http/1.1 408 "), "{answer}");
            assert!(answer.contains("\r\nconnection: close\r\n"), "{answer}");
        }
    }

    #[tokio::test]
    async fn half_a_head_keeps_no_connection() {
        for sent in ["", "GET /login HT", "GET /login HTTP/1.1\r\nHost: a\r\n"] {
            let answer = told(sent, Limits { head: SHORT, ..LIMITS }).await;
            assert!(!answer.contains(" 200 "), "{answer}");
        }
    }

    #[tokio::test]
    async fn a_connection_that_rests_is_closed() {
        let asked = "GET /nothing HTTP/1.1\r\nHost: a\r\n\r\n";
        let answer = told(asked, Limits { head: Duration::from_secs(2), ..LIMITS }).await;
        assert_eq!(answer.matches("HTTP/1.1 404 ").count(), 1, "{answer}");
    }
}
