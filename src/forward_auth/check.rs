//! `GET /forward-auth`: what each proxy asks about each request.

use super::{
    answer::{Lead, Outcome},
    proxy_request::ProxyRequest,
    sealed::For,
    user,
};
use crate::{
    db,
    domain::{
        Settings, Timestamp, Token,
        apps::{
            Registered,
            carried::Pass,
            directory::Directory,
            exit,
            forwarded::{Asked, Family, Malformed},
            host::AppHost,
            part::Part,
            path::plain_path,
            trouble,
            verdict::{Open, Place, User, Verdict, verdict},
        },
        turns::Party,
    },
    live::{CurrentUser, Found, Source},
    metrics::kind,
    sealing::SealFault,
    services::Services,
    web::{Reply, cookies::AppCookie, failure::Chain, query, trouble::Trouble},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use rocket::{
    Request,
    futures::FutureExt,
    get,
    request::{FromRequest, Outcome as Guarded},
};
use std::{
    borrow::Cow,
    convert::Infallible,
    error::Error as StdError,
    panic::AssertUnwindSafe,
    sync::{Arc, Mutex, PoisonError},
};

/// Longest secret of a way that is read.
const MAX_WAY: usize = 64;

/// The endpoint of each family of headers.
const ENDPOINTS: [(&str, Family); 2] =
    [("/forward-auth", Family::Forwarded), ("/forward-auth/nginx", Family::Original)];

/// The answer to a proxy's question.
pub(super) struct Checked(Reply);

/// A check that is judged before Rocket sees the request.
pub(crate) enum Judged {
    /// Headers that the request carries to the app.
    Admitted([(&'static str, String); 6]),
    /// Rocket's routes make the answer: it has a page, leads on, or leaves a line in the log.
    ForRoutes(ForRoutes),
}

/// An outcome that Rocket's routes answer.
pub(crate) struct ForRoutes(Outcome);

/// Outcome that Rocket's routes take from the server in front.
#[derive(Default)]
struct Foreseen(Mutex<Option<Outcome>>);

/// Judges a GET, if it is a check. Rocket's routes judge it by the same function in tests, which
/// have no server in front.
pub(crate) async fn judge_early(services: &Services, path: &str, request: &impl ProxyRequest) -> Option<Judged> {
    let (_, family) = ENDPOINTS.iter().find(|(own, _)| *own == path)?;
    // Rocket catches what panics in a route. This runs before it.
    let judging = AssertUnwindSafe(answer(services, request, *family)).catch_unwind();
    Some(match judging.await.unwrap_or(Outcome::Fault) {
        Outcome::Admit(headers) => Judged::Admitted(headers),
        other => Judged::ForRoutes(ForRoutes(other)),
    })
}

impl ForRoutes {
    /// Hands the outcome on to Rocket's routes.
    pub(crate) fn leave(self, request: &Request<'_>) {
        request.local_cache(|| Foreseen(Mutex::new(Some(self.0))));
    }
}

#[rocket::async_trait]
impl<'r> FromRequest<'r> for Checked {
    type Error = Infallible;

    async fn from_request(request: &'r Request<'_>) -> Guarded<Self, Infallible> {
        let path = request.uri().path();
        let family = ENDPOINTS.iter().find(|(own, _)| path == *own).map_or(Family::Forwarded, |(_, family)| *family);
        let foreseen = request.local_cache(Foreseen::default);
        let foreseen = foreseen.0.lock().unwrap_or_else(PoisonError::into_inner).take();
        let outcome = match (foreseen, request.rocket().state::<Arc<Services>>()) {
            (Some(outcome), _) => outcome,
            (None, Some(services)) => answer(services, request, family).await,
            (None, None) => Outcome::Fault,
        };
        if let Some((trouble, account)) = outcome.trouble() {
            // nginx shows no text of ours, so that log and pages name the header, too.
            Trouble::of(request).wrong(trouble.in_log(), account);
        }
        Guarded::Success(Self(outcome.reply(family, request)))
    }
}

/// For Caddy, Traefik, HAProxy and Apache.
#[get("/forward-auth")]
pub(super) fn forwarded(checked: Checked) -> Reply {
    checked.0
}

/// For nginx.
#[get("/forward-auth/nginx")]
pub(super) fn original(checked: Checked) -> Reply {
    checked.0
}

/// Why a check cannot be answered.
enum Fault {
    Database(db::Error),
    Sealing(SealFault),
}

impl From<db::Error> for Fault {
    fn from(error: db::Error) -> Self {
        Self::Database(error)
    }
}

impl From<SealFault> for Fault {
    fn from(fault: SealFault) -> Self {
        Self::Sealing(fault)
    }
}

/// Answers a check, counts it, and notes what the operator should know.
async fn answer(services: &Services, request: &impl ProxyRequest, family: Family) -> Outcome {
    let outcome = find_outcome(services, request, family).await;
    services.metrics.checks.get_or_create(&kind(outcome.kind())).inc();
    if let Some((trouble, None)) = outcome.trouble() {
        services.troubles.note(None, trouble, services.now());
    }
    outcome
}

async fn find_outcome(services: &Services, request: &impl ProxyRequest, family: Family) -> Outcome {
    // Before anything else is read: a visitor could write every header.
    if !request.is_of_a_proxy(&services.config.trusted_proxies) {
        return Outcome::NotAProxy;
    }
    let asked = match Asked::read(family, |name| request.values(name)) {
        Ok(asked) => asked,
        Err(Malformed::OddHost) => return Outcome::UnknownHost,
        Err(malformed) => return Outcome::Malformed(malformed),
    };
    match judge(services, request, &asked).await {
        Ok(outcome) => outcome,
        Err(Fault::Database(error)) if error.is_unavailable() => {
            services.metrics.database_unavailable.inc();
            Outcome::Unavailable
        }
        Err(Fault::Database(error)) => fault(&error),
        Err(Fault::Sealing(fault_of_seal)) => fault(&fault_of_seal),
    }
}

fn fault(error: &(dyn StdError + 'static)) -> Outcome {
    tracing::error!(error = %Chain(error), "a check for a proxy failed");
    Outcome::Fault
}

async fn judge(services: &Services, request: &impl ProxyRequest, asked: &Asked) -> Result<Outcome, Fault> {
    let settings = services.settings().await?;
    // A refusal and no 404, which nginx would turn into a fault of ours.
    if !settings.has(Part::Apps) {
        return Ok(Outcome::AppsOff);
    }
    let directory = services.apps().await?;
    // A cookie is for all ports of a host: an app under our own name would receive our users'
    // sessions.
    let is_ours = asked.host.name.as_str() == services.config.base_url.host();
    let Some((registered, host)) = directory.at(&asked.host).filter(|_| !is_ours) else {
        return Ok(Outcome::UnknownHost);
    };
    let origin = host.origin_of(&asked.host);
    let check = Check { request, services, settings: &settings, now: services.now(), asked, registered, host, origin };
    match Place::of(&asked.uri) {
        Place::Callback if asked.method == "GET" => check.callback().await,
        Place::SignOut => Ok(lead(services.config.base_url.join("/apps/sign-out"), None)),
        Place::Callback | Place::Ours => Ok(Outcome::NotFound),
        Place::App => check.page(&directory).await,
    }
}

fn lead(to: String, cookie: Option<String>) -> Outcome {
    Outcome::Lead(Lead { to, cookie })
}

/// A request for a known app, at one of its hosts.
struct Check<'a, R> {
    request: &'a R,
    services: &'a Services,
    settings: &'a Settings,
    now: Timestamp,
    asked: &'a Asked,
    registered: &'a Registered,
    host: &'a AppHost,
    origin: String,
}

impl<R: ProxyRequest> Check<'_, R> {
    fn sealed_for(&self) -> For<'_> {
        For { app: self.registered.app.id, origin: &self.origin }
    }

    fn cookie(&self, cookie: AppCookie) -> Option<Cow<'_, str>> {
        self.request.cookie(cookie.name(self.host.is_https))
    }

    /// Returns the secret of a browser that is on its way.
    fn way(&self) -> Option<Token> {
        self.cookie(AppCookie::Way).filter(|value| value.len() <= MAX_WAY).and_then(|value| Token::present(&value))
    }

    async fn page(&self, directory: &Directory) -> Result<Outcome, Fault> {
        let app = &self.registered.app;
        let known = self.known().await?;
        let user = known.as_ref().map_or(User::Unknown, |known| user::judge(app, known, (self.settings, self.now)).0);
        let caller = || self.asked.caller(|name| self.request.value(name));
        Ok(match verdict(user, caller, self.open()) {
            Verdict::Admit => self.admit(known.as_ref(), directory),
            Verdict::AdmitUnknown => Outcome::AdmitUnknown,
            Verdict::SignIn => self.begin(self.asked.carried(), None),
            Verdict::ShowLink => Outcome::ShowLink(format!("{}{}", self.origin, self.asked.carried())),
            Verdict::SayFormIsLost => Outcome::SayFormIsLost(format!("{}/", self.origin)),
            Verdict::Unauthorized => Outcome::Unauthorized,
            Verdict::ShowRefusal => {
                let refused = format!("/apps/refused?app={}", app.slug);
                lead(self.services.config.base_url.join(&refused), None)
            }
            Verdict::Forbidden => Outcome::Forbidden,
        })
    }

    /// Returns what the app lets through without a user. An app that is turned off is closed.
    fn open(&self) -> Open {
        let is_on = !self.registered.app.is_disabled;
        let plain = Some(&self.registered.public_paths).filter(|paths| is_on && !paths.is_empty());
        let path = plain.is_some_and(|paths| {
            plain_path(&self.asked.uri).is_some_and(|plain| paths.iter().any(|path| path.covers(&plain)))
        });
        Open { path, preflights: is_on && self.registered.preflights }
    }

    fn admit(&self, known: Option<&CurrentUser>, directory: &Directory) -> Outcome {
        // Every account has a handle before it gets a pass.
        let Some((known, handle)) = known.and_then(|known| Some((known, known.handle.as_ref()?))) else {
            return Outcome::Forbidden;
        };
        let identity = user::identity(known, handle, (directory, self.now));
        self.services.uses.note(known.account.id, self.registered.app.id, self.now);
        if identity.groups_fit() {
            return Outcome::Admit(identity.headers());
        }
        self.services.troubles.note(Some(self.registered.app.id), trouble::Trouble::GroupsTooLong, self.now);
        Outcome::AdmitWithoutGroups(identity.headers(), known.account.email.clone())
    }

    /// Returns the user that the app's cookie names.
    async fn known(&self) -> Result<Option<CurrentUser>, Fault> {
        let Some(text) = self.cookie(AppCookie::Pass) else { return Ok(None) };
        let Some(pass) = self.sealed_for().open_pass(self.services, &text)? else { return Ok(None) };
        let known = self.find(pass).await?.map(|found| found.open()).transpose()?;
        Ok(known.filter(|known| self.leads_in(known, pass.made_at)))
    }

    /// Returns whether the user has not signed out of the app since.
    fn leads_in(&self, known: &CurrentUser, made_at: Timestamp) -> bool {
        exit::leads_in(&known.session.exits, self.registered.app.id, made_at)
    }

    async fn find(&self, pass: Pass) -> Result<Option<Found>, Fault> {
        let party = Party::of(None, self.request.client(&self.services.config.trusted_proxies));
        let source = Source { db: self.services.db.of(party), breaker: &self.services.breaker, now: self.now };
        Ok(self.services.sessions.find_by_id(source, pass.session, self.settings).await?)
    }

    /// Leads a browser to Gatepost. A secret that it has stays, so that two tabs do not undo each
    /// other. A browser that has missed its secret carries the code that it came with. Any node can
    /// read from it how often that was. Only a node can write it.
    fn begin(&self, to: &str, missed: Option<&str>) -> Outcome {
        let kept = self.way();
        let is_new = kept.is_none();
        let way = kept.unwrap_or_else(|| Token::issue(&*self.services.entropy));
        let cookie = is_new.then(|| AppCookie::Way.line(self.host.is_https, way.reveal(), None));
        let enter = format!(
            "/apps/enter?app={}&host={}&way={}&to={}{}",
            self.registered.app.slug,
            query::encode(self.origin.split_once("://").map_or("", |(_, authority)| authority)),
            URL_SAFE_NO_PAD.encode(way.hash().as_bytes()),
            URL_SAFE_NO_PAD.encode(to),
            missed.map(|code| format!("&missed={code}")).unwrap_or_default(),
        );
        lead(self.services.config.base_url.join(&enter), cookie)
    }

    /// Lets a user in who comes from Gatepost. Anyone else begins again.
    async fn callback(&self) -> Result<Outcome, Fault> {
        let code = self.asked.uri.split_once('?').and_then(|(_, query)| query.strip_prefix("code="));
        let way_in = match code {
            Some(code) => self.sealed_for().open_way_in(self.services, code)?.map(|way_in| (code, way_in)),
            None => None,
        };
        let Some((code, way_in)) = way_in else { return Ok(lead(format!("{}/", self.origin), None)) };
        let to = format!("{}{}", self.origin, way_in.to);
        let way = self.way().map(|way| way.hash());
        if way.is_none() && way_in.is_young(self.now) {
            return Ok(self.begin(&way_in.to, Some(code)));
        }
        if !way_in.counts(way, self.now) {
            return Ok(lead(to, None));
        }
        let pass = Pass { session: way_in.session, made_at: self.now };
        let Some(known) = self.find(pass).await?.map(|found| found.open()).transpose()? else {
            return Ok(lead(to, None));
        };
        let is_welcome = user::judge(&self.registered.app, &known, (self.settings, self.now)).0 == User::Welcome;
        if !is_welcome || !self.leads_in(&known, way_in.made_at) {
            return Ok(lead(to, None));
        }
        let sealed = self.sealed_for().seal_pass(self.services, pass)?;
        let lifetime = known.session.remember.then(|| known.session.ends_at.since(self.now));
        Ok(lead(to, Some(AppCookie::Pass.line(self.host.is_https, sealed, lifetime))))
    }
}
