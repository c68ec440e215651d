//! The HTTP server in front of Rocket's routes. It accepts connections, reads requests and writes
//! answers with hyper. Guards, routes, catchers and fairings are Rocket's.
//!
//! Rocket's own server drops every cookie of a request if one of them is not UTF-8. One Latin-1
//! cookie of a neighbouring site would keep its users from signing in here. No fairing sees that
//! header. Rocket's server also waits forever for half a request. This server repairs both.

use super::{
    bodies::{Bodies, NoRoom, Room},
    finishing::Finishing,
};
use crate::{
    config::Config,
    domain::{ClientAddress, carried_lists, client::client_behind},
    forward_auth::{self, Judged, judge_early},
    services::Services,
    web::{
        cookies,
        gate::{self, GateRefusal},
        guarding::Guarding,
        headers::{self, Answered},
        on_wire::{Left, OnWire},
        request_id::RequestId,
    },
};
use http_body_util::{BodyExt, Full};
use hyper::{
    Request, Response,
    body::{Body, Bytes, Incoming},
    header::{CONNECTION, CONTENT_LENGTH, CONTENT_TYPE, COOKIE, HeaderMap, HeaderName, HeaderValue},
    server::conn::http1,
    service::service_fn,
};
use hyper_util::rt::{TokioIo, TokioTimer};
use rocket::{
    Ignite, Rocket, Shutdown,
    futures::FutureExt,
    http::{Header, Method},
    local::asynchronous::{Client, LocalRequest, LocalResponse},
};
use std::{
    convert::Infallible,
    io, mem,
    net::{IpAddr, SocketAddr},
    panic::AssertUnwindSafe,
    sync::Arc,
    time::Duration,
};
use tokio::{
    net::{TcpListener, TcpStream},
    task::JoinSet,
    time::{Instant, sleep, timeout},
};

/// Longest times that a client may take.
struct Limits {
    /// Time for the head of a request, and between two requests.
    head: Duration,
    /// Time for the body of a request.
    body: Duration,
}

/// Longer than the 60 seconds for which nginx keeps a connection, so that the proxy always closes
/// it first.
const LIMITS: Limits = Limits { head: Duration::from_secs(75), body: Duration::from_secs(30) };
/// Most octets of a body that are read. Forms and scripts have lower limits in their own code.
const MAX_BODY: usize = 256 * 1024;
/// Most octets of a head, and of a body that is kept before it is counted.
const MAX_HEAD: usize = 64 * 1024;
/// Time for which the log stays silent about it afterwards.
const AFTER_TELLING: Duration = Duration::from_secs(60);
/// The pause after a connection could not be accepted, for example without free files.
const AFTER_TROUBLE: Duration = Duration::from_millis(250);

/// A port of ours, and what answers there.
pub(super) struct Front {
    listener: TcpListener,
    served: Arc<Served>,
}

/// Parts that each connection needs.
struct Served {
    client: Client,
    limits: Limits,
    bodies: Bodies,
    guarding: Vec<Guard>,
}

/// A header of every answer, ready to be sent.
struct Guard {
    name: &'static str,
    wire: HeaderName,
    value: HeaderValue,
}

impl Served {
    fn new(client: Client, limits: Limits) -> Arc<Self> {
        let services = client.rocket().state::<Arc<Services>>();
        let guarding = services.map(|services| guards(&services.config)).unwrap_or_default();
        Arc::new(Self { client, limits, bodies: Bodies::default(), guarding })
    }

    fn services(&self) -> Option<&Services> {
        self.client.rocket().state::<Arc<Services>>().map(|services| &**services)
    }

    /// Returns the client that the body counts for.
    fn party(&self, remote: SocketAddr, headers: &HeaderMap) -> IpAddr {
        let trusted = self.services().map_or(&[][..], |services| &services.config.trusted_proxies);
        let forwarded = headers.get_all("x-forwarded-for").iter().filter_map(|value| value.to_str().ok());
        let client = client_behind(remote.ip(), &forwarded.collect::<Vec<_>>(), trusted);
        // `web::gate` refuses what cannot be read.
        client.unwrap_or_else(|_| ClientAddress::new(remote.ip())).household()
    }

    /// Adds what Rocket's parts have left: the answer's own headers, its name, and those that guard
    /// it.
    fn add(&self, left: Left, answer: &mut HeaderMap) {
        for (name, value) in left.own {
            if let (Some(name), Ok(value)) = (wire_name(name), HeaderValue::try_from(value)) {
                answer.append(name, value);
            }
        }
        if let Some((id, name)) = left.request_id.zip(wire_name("X-Request-Id")) {
            // The id has digits only, which are a valid value.
            answer.extend(HeaderValue::from_str(id.as_str()).ok().map(|value| (name, value)));
        }
        self.guard(left.guarding, answer);
    }

    /// Adds the headers of this kind of answer that its route has not set.
    fn guard(&self, guarding: Guarding, answer: &mut HeaderMap) {
        for Guard { name, wire, value } in &self.guarding {
            if guarding.has(name) && !answer.contains_key(wire) {
                answer.insert(wire.clone(), value.clone());
            }
        }
    }
}

fn guards(config: &Config) -> Vec<Guard> {
    let ready = |(name, value): (&'static str, &'static str)| {
        Some(Guard { name, wire: name.parse().ok()?, value: HeaderValue::from_static(value) })
    };
    headers::guarding(config).into_iter().filter_map(ready).collect()
}

/// Listens on the configured address.
///
/// # Errors
///
/// The system's, if it cannot listen there.
pub(super) async fn bind(rocket: &Rocket<Ignite>) -> io::Result<TcpListener> {
    TcpListener::bind((rocket.config().address, rocket.config().port)).await
}

impl Front {
    /// Launches Rocket behind a port of ours.
    ///
    /// # Errors
    ///
    /// Rocket's, if a fairing refuses the launch.
    pub(super) async fn new(listener: TcpListener, rocket: Rocket<Ignite>) -> Result<Self, rocket::Error> {
        let client = Client::untracked(rocket).await?;
        Ok(Self { listener, served: Served::new(client, LIMITS) })
    }

    /// Returns the address that clients connect to.
    pub(super) fn address(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }

    /// Serves until Rocket's shutdown begins, then lets open requests finish within the configured
    /// grace. Returns whether all did.
    pub(super) async fn serve(self) -> bool {
        let Self { listener, served } = self;
        let rocket = served.client.rocket();
        let (shutdown, config) = (rocket.shutdown(), rocket.config().shutdown.clone());
        let (mut connections, mut trouble) = (JoinSet::new(), Trouble::default());
        loop {
            tokio::select! {
                biased;
                () = shutdown.clone() => break,
                // Forget the connections that have ended.
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

/// Connections that could not be accepted. This can happen four times a second for hours, so that
/// the log has it once a minute.
#[derive(Default)]
struct Trouble {
    told_at: Option<Instant>,
    times: u64,
}

impl Trouble {
    fn note(&mut self, error: &io::Error) {
        if let Some(times) = self.times_to_tell(Instant::now()) {
            tracing::error!(problem = %error, times, "cannot accept connections");
        }
    }

    /// Returns how often it happened, if the log should say so now.
    fn times_to_tell(&mut self, now: Instant) -> Option<u64> {
        self.times += 1;
        let is_due = self.told_at.is_none_or(|at| now.duration_since(at) >= AFTER_TELLING);
        is_due.then(|| mem::replace(self, Self { told_at: Some(now), times: 0 }).times)
    }
}

/// Serves one connection until either side closes it or the process stops. Then it finishes its
/// request.
async fn connection(stream: TcpStream, remote: SocketAddr, served: Arc<Served>, shutdown: Shutdown) {
    // An answer is written in one piece, so that waiting for more would only delay it.
    let _ = stream.set_nodelay(true);
    let head = served.limits.head;
    let service = service_fn(move |request| {
        let served = Arc::clone(&served);
        async move {
            let answering = AssertUnwindSafe(answer(Arc::clone(&served), remote, request)).catch_unwind();
            let answered = Finishing::new(answering).await;
            Ok::<_, Infallible>(answered.unwrap_or_else(|_| broken(&served)))
        }
    });
    let serving = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(head)
        .max_buf_size(MAX_HEAD)
        .serve_connection(TokioIo::new(stream), service);
    let mut serving = std::pin::pin!(serving);
    tokio::select! {
        // A client that breaks off, or sends something other than HTTP, is not a fault.
        _ = serving.as_mut() => {}
        () = shutdown => {
            serving.as_mut().graceful_shutdown();
            let _ = serving.await;
        }
    }
}

async fn answer(served: Arc<Served>, remote: SocketAddr, request: Request<Incoming>) -> Response<Full<Bytes>> {
    let client = &served.client;
    let (head, body) = request.into_parts();
    let (Ok(method), Some(target)) = (head.method.as_str().parse::<Method>(), head.uri.path_and_query()) else {
        // An unknown method, or no path, as in CONNECT. The empty target gets Rocket's catcher for
        // bad requests.
        let local = client.req(Method::Get, "").remote(remote);
        let wire = OnWire::begin(local.inner());
        let answered = local.dispatch().await;
        return finish((&served, &wire), answered, (Method::Get, false)).await;
    };
    let begun = Instant::now();
    // Rocket refuses an address that is not ASCII.
    let may_be_early = method == Method::Get && body.is_end_stream() && target.as_str().is_ascii();
    let judged = match served.services().filter(|_| may_be_early) {
        Some(services) => {
            let request = forward_auth::OnWire { remote, headers: &head.headers };
            judge_early(services, target.path(), &request).await.map(|judged| (services, judged))
        }
        None => None,
    };
    let for_routes = match judged {
        Some((services, Judged::Admitted(own))) => return admit((&served, services), target.path(), (own, begun)),
        Some((_, Judged::ForRoutes(outcome))) => Some(outcome),
        None => None,
    };
    // Most requests have no body to wait for, and no room to take.
    let mut room = (!body.is_end_stream()).then(|| served.bodies.begin(served.party(remote, &head.headers)));
    let read = match &mut room {
        Some(room) => timeout(served.limits.body, read(body, room)).await.unwrap_or(Err(GateRefusal::SlowBody)),
        None => Ok(Vec::new()),
    };
    let is_whole = read.as_ref().is_ok_and(|body| body.len() <= MAX_BODY);
    let mut local = with_headers(client.req(method, target.as_str()).remote(remote), &head.headers);
    match read {
        Ok(body) => local = local.body(body),
        Err(refusal) => gate::refuse(local.inner(), refusal),
    }
    if let Some(outcome) = for_routes {
        headers::note_begin(local.inner(), begun.into_std());
        outcome.leave(local.inner());
    }
    let wire = OnWire::begin(local.inner());
    let answered = local.dispatch().await;
    finish((&served, &wire), answered, (method, is_whole)).await
}

/// Answers a check that admits a request. The path is one of ours.
fn admit(
    (served, services): (&Served, &Services),
    path: &str,
    (own, begun): ([(&'static str, String); 6], Instant),
) -> Response<Full<Bytes>> {
    let id = RequestId::next(services);
    let mut response = Response::new(Full::default());
    served.add(Left { guarding: Guarding::ForProxy, request_id: Some(id), own: own.into() }, response.headers_mut());
    let answered = Answered { id, method: "GET", route: path, status: 200, took: begun.elapsed() };
    answered.log(services.config.log_requests);
    answered.count(&services.metrics);
    response
}

/// Reads a body, or a little more than [`MAX_BODY`] of it.
async fn read(mut body: Incoming, room: &mut Room) -> Result<Vec<u8>, GateRefusal> {
    let mut read = Vec::new();
    while read.len() <= MAX_BODY
        && let Some(frame) = body.frame().await
    {
        if let Some(data) = frame.map_err(|_| GateRefusal::BrokenBody)?.data_ref() {
            room.take(data.len()).map_err(|NoRoom| GateRefusal::NoRoom)?;
            read.extend_from_slice(data);
        }
    }
    Ok(read)
}

/// Adds the headers whose values are text, as Rocket does, and of cookies those that are text.
fn with_headers<'c>(mut request: LocalRequest<'c>, headers: &HeaderMap) -> LocalRequest<'c> {
    for (name, value) in headers.iter().filter(|(name, _)| *name != COOKIE) {
        if let Ok(value) = str::from_utf8(value.as_bytes()) {
            request.add_header(Header::new(name.as_str().to_owned(), value.to_owned()));
        }
    }
    let lines = headers.get_all(COOKIE).iter();
    let cookies = lines.flat_map(|line| carried_lists::cookies(line.as_bytes()));
    request.cookies(cookies.filter_map(cookies::read))
}

/// Makes Rocket's answer ready for the wire. `is_whole`: the whole body of the request was read.
async fn finish(
    (served, wire): (&Served, &OnWire),
    answered: LocalResponse<'_>,
    (method, is_whole): (Method, bool),
) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::default());
    *response.status_mut() = answered.status().code.try_into().unwrap_or(hyper::StatusCode::INTERNAL_SERVER_ERROR);
    let headers = response.headers_mut();
    let mut add = |name: &str, value: &[u8]| {
        if let (Ok(name), Ok(value)) = (name.parse::<HeaderName>(), HeaderValue::from_bytes(value)) {
            headers.append(name, value);
        }
    };
    answered.headers().iter().for_each(|header| add(header.name().as_str(), header.value().as_bytes()));
    served.add(wire.take(), headers);
    if !is_whole {
        // The rest of the body stays unread, so that no other request can follow it.
        response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
    }
    // An answer to HEAD names the length that GET would send, without sending it.
    if method == Method::Head
        && let Some(size) = answered.body().preset_size()
    {
        response.headers_mut().insert(CONTENT_LENGTH, size.into());
        return response;
    }
    *response.body_mut() = Full::from(answered.into_bytes().await.unwrap_or_default());
    response
}

/// Returns the name of a header as it is sent. Those that every check for a proxy answers need no
/// reading and no memory.
fn wire_name(name: &str) -> Option<HeaderName> {
    Some(match name {
        "X-Request-Id" => const { HeaderName::from_static("x-request-id") },
        "Remote-User" => const { HeaderName::from_static("remote-user") },
        "Remote-Email" => const { HeaderName::from_static("remote-email") },
        "Remote-Name" => const { HeaderName::from_static("remote-name") },
        "Remote-Groups" => const { HeaderName::from_static("remote-groups") },
        "Remote-Auth-Time" => const { HeaderName::from_static("remote-auth-time") },
        "Remote-Amr" => const { HeaderName::from_static("remote-amr") },
        other => return other.parse().ok(),
    })
}

/// Answers when a panic gets past Rocket's own net.
fn broken(served: &Served) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::from("This server has a fault.\n"));
    *response.status_mut() = hyper::StatusCode::INTERNAL_SERVER_ERROR;
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
    headers.insert(CONNECTION, HeaderValue::from_static("close"));
    served.guard(Guarding::All, headers);
    response
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        config::{BaseUrl, Config},
        forward_auth::ProxyRequest,
        web::gate::Gate,
    };
    use proptest::{prelude::*, test_runner::TestRunner};
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    fn base_url() -> BaseUrl {
        BaseUrl::parse("http://localhost:8000").unwrap()
    }

    fn quiet() -> rocket::Config {
        rocket::Config { log_level: rocket::config::LogLevel::Off, ..rocket::Config::debug_default() }
    }

    /// Returns what a client gets that sends this and then waits until the server closes the
    /// connection.
    async fn told(sent: &str, limits: Limits) -> String {
        let client =
            Client::untracked(rocket::custom(quiet()).attach(Gate::new(base_url(), None)).mount("/", gate::routes()));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let front = Front { listener, served: Served::new(client.await.unwrap(), limits) };
        let mut stream = TcpStream::connect(front.address().unwrap()).await.unwrap();
        // Sent before the server looks, so that its limits do not race with this.
        stream.write_all(sent.as_bytes()).await.unwrap();
        let serving = tokio::spawn(front.serve());
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
        let asked = "GET /nothing HTTP/1.1\r\nHost: localhost:8000\r\n\r\n";
        let answer = told(asked, Limits { head: SHORT, ..LIMITS }).await;
        assert_eq!(answer.matches("HTTP/1.1 404 ").count(), 1, "{answer}");
    }

    #[tokio::test]
    async fn an_answer_has_all_guarding_headers_that_nothing_leaves_out() {
        let env = [("BASE_URL", "https://login.example.com"), ("MAIL_URL", "file:///tmp")];
        let env = env.map(|(key, value)| (format!("GATEPOST_{key}"), value.to_owned()));
        let guarding = guards(&Config::read(None, &env).unwrap());
        let all = guarding.len();
        let client = Client::untracked(rocket::custom(quiet())).await.unwrap();
        let served = Served { client, limits: LIMITS, bodies: Bodies::default(), guarding };
        let fault = broken(&served);
        assert!(all > 8 && served.guarding.iter().all(|guard| fault.headers()[&guard.wire] == guard.value));
        for (guarding, added) in [(Guarding::All, all), (Guarding::InPopup, all - 1), (Guarding::ForProxy, 1)] {
            let mut headers = HeaderMap::new();
            served.guard(guarding, &mut headers);
            assert_eq!(headers.len(), added, "{guarding:?}");
        }
        let mut headers = HeaderMap::new();
        headers.insert("cache-control", HeaderValue::from_static("max-age=60"));
        served.guard(Guarding::All, &mut headers);
        assert_eq!((headers.len(), headers.get_all("cache-control").iter().count()), (all, 1), "the route's own");
    }

    /// A pair of a header's name and value, or a line of cookies.
    fn headers() -> impl Strategy<Value = Vec<(String, Vec<u8>)>> {
        let name = prop_oneof![
            Just("Cookie"),
            Just("X-Forwarded-For"),
            Just("X-Forwarded-Host"),
            Just("x-forwarded-uri"),
            Just("X-Original-URL"),
            Just("X_Forwarded_Host"),
        ];
        let cookie = "(__Host-|__Host%2D|_| |\u{2000}|\u{85})?(gatepost_app|gatepost_way|GATEPOST_APP)( |\u{a0})?=? ?[ab%2-9=\"é]{0,6}(;? ?)";
        let value = prop_oneof![
            "[ -~é]{0,12}".prop_map(String::into_bytes),
            prop::collection::vec(cookie, 0..4).prop_map(|cookies| cookies.join("; ").into_bytes()),
            prop::collection::vec(128u8..=255, 1..4),
        ];
        prop::collection::vec((name.prop_map(str::to_owned), value), 0..6)
    }

    #[test]
    fn the_server_in_front_reads_a_proxy_s_request_as_rocket_s_routes_do() {
        let client = rocket::execute(Client::untracked(rocket::custom(quiet()))).unwrap();
        let remote: SocketAddr = ([127, 0, 0, 1], 4000).into();
        let read_alike = |sent: Vec<(String, Vec<u8>)>| {
            let pairs = sent.iter().filter_map(|(name, value)| {
                Some((name.parse::<HeaderName>().ok()?, HeaderValue::from_bytes(value).ok()?))
            });
            let map = pairs.fold(HeaderMap::new(), |mut map, (name, value)| {
                map.append(name, value);
                map
            });
            let local = with_headers(client.req(Method::Get, "/forward-auth").remote(remote), &map);
            let (early, routes) = (forward_auth::OnWire { remote, headers: &map }, local.inner());
            prop_assert_eq!(early.peer(), routes.peer());
            for name in ["X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Uri", "X-Original-URL", "Accept"] {
                prop_assert_eq!(early.values(name).collect::<Vec<_>>(), routes.values(name).collect::<Vec<_>>());
            }
            for name in ["__Host-gatepost_app", "__Host-gatepost_way", "gatepost_app", "gatepost_way"] {
                prop_assert_eq!(early.cookie(name), routes.cookie(name), "{:?}", sent);
            }
            Ok(())
        };
        TestRunner::default().run(&headers(), read_alike).unwrap();
    }

    #[test]
    fn a_header_of_an_answer_has_the_same_name_on_the_wire() {
        for name in crate::domain::apps::identity::HEADERS.into_iter().chain(["X-Request-Id", "Location", "Set-Cookie"])
        {
            assert_eq!(wire_name(name), name.parse().ok(), "{name}");
        }
        assert_eq!(wire_name("no name"), None);
    }

    #[test]
    fn connections_that_cannot_be_accepted_are_told_of_once_a_minute() {
        let (mut trouble, begun) = (Trouble::default(), Instant::now());
        let mut told = |seconds| trouble.times_to_tell(begun + Duration::from_secs(seconds));
        assert_eq!((told(0), told(1), told(59), told(60), told(61)), (Some(1), None, None, Some(3), None));
    }
}
