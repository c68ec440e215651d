//! `GET /forward-auth`: what each proxy asks about each request.

use super::{
    answer::{Lead, Outcome},
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
            forwarded::{Asked, Family},
            host::AppHost,
            part::Part,
            path::plain_path,
            trouble,
            verdict::{Open, Place, User, Verdict, verdict},
        },
        turns::Party,
    },
    live::{Found, Known, Source},
    metrics::kind,
    sealing::SealFault,
    services::Services,
    web::{Reply, client, cookies::AppCookie, failure::Chain, query, trouble::Trouble},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use rocket::{
    Request, get,
    request::{FromRequest, Outcome as Guarded},
};
use std::{convert::Infallible, error::Error as StdError, sync::Arc};

/// Longest secret of a way that is read.
const MOST_WAY: usize = 64;

/// The answer to a proxy's question.
pub(super) struct Checked(Reply);

#[rocket::async_trait]
impl<'r> FromRequest<'r> for Checked {
    type Error = Infallible;

    async fn from_request(request: &'r Request<'_>) -> Guarded<Self, Infallible> {
        let family = if request.uri().path() == "/forward-auth/nginx" { Family::Original } else { Family::Forwarded };
        let Some(services) = request.rocket().state::<Arc<Services>>() else {
            return Guarded::Success(Self(Outcome::Fault.reply(family, request)));
        };
        let outcome = answer(request, services, family).await;
        services.metrics.checks.get_or_create(&kind(outcome.kind())).inc();
        if let Some(trouble) = outcome.trouble() {
            // nginx shows no text of ours, so that log and pages name the header, too.
            services.troubles.note(None, trouble, services.now());
            Trouble::of(request).wrong(trouble.in_log(), None);
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

async fn answer(request: &Request<'_>, services: &Services, family: Family) -> Outcome {
    // Before anything else is read: a visitor could write every header.
    if !client::is_proxy(request) {
        return Outcome::NotAProxy;
    }
    let asked = match Asked::read(family, |name| request.headers().get(name)) {
        Ok(asked) => asked,
        Err(malformed) => return Outcome::Malformed(malformed),
    };
    match judge(request, services, &asked).await {
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

async fn judge(request: &Request<'_>, services: &Services, asked: &Asked) -> Result<Outcome, Fault> {
    let settings = services.settings().await?;
    // A refusal and no 404, which nginx would turn into a fault of ours.
    if !settings.has(Part::Apps) {
        return Ok(Outcome::AppsOff);
    }
    let directory = services.apps().await?;
    // A cookie is for all ports of a host: an app under our own name would receive our users' sessions.
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
struct Check<'a, 'r> {
    request: &'a Request<'r>,
    services: &'a Services,
    settings: &'a Settings,
    now: Timestamp,
    asked: &'a Asked,
    registered: &'a Registered,
    host: &'a AppHost,
    origin: String,
}

impl Check<'_, '_> {
    fn sealed_for(&self) -> For<'_> {
        For { app: self.registered.app.id, origin: &self.origin }
    }

    fn cookie(&self, cookie: AppCookie) -> Option<&str> {
        self.request.cookies().get(cookie.name(self.host.is_https)).map(|cookie| cookie.value())
    }

    /// Returns the secret of a browser that is on its way.
    fn way(&self) -> Option<Token> {
        self.cookie(AppCookie::Way).filter(|value| value.len() <= MOST_WAY).and_then(Token::present)
    }

    async fn page(&self, directory: &Directory) -> Result<Outcome, Fault> {
        let app = &self.registered.app;
        let known = self.known().await?;
        let user = known.as_ref().map_or(User::Unknown, |known| user::judge(app, known, (self.settings, self.now)).0);
        let header = |name: &str| self.request.headers().get_one(name);
        Ok(match verdict(user, || self.asked.caller(header), self.open()) {
            Verdict::Admit => self.admit(known.as_ref(), directory),
            Verdict::AdmitUnknown => Outcome::AdmitUnknown,
            Verdict::SignIn => self.begin(),
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

    fn admit(&self, known: Option<&Known>, directory: &Directory) -> Outcome {
        // Every account has a handle before it gets a pass.
        let Some((known, handle)) = known.and_then(|known| Some((known, known.handle.as_ref()?))) else {
            return Outcome::Forbidden;
        };
        let identity = user::identity(known, handle, (directory, self.now));
        if !identity.groups_fit() {
            let trouble = trouble::Trouble::GroupsTooLong;
            self.services.troubles.note(Some(self.registered.app.id), trouble, self.now);
            Trouble::of(self.request).wrong(trouble.in_log(), Some(&known.account.email));
        }
        self.services.uses.note(known.account.id, self.registered.app.id, self.now);
        Outcome::Admit(identity.headers())
    }

    /// Returns the user that the app's cookie names.
    async fn known(&self) -> Result<Option<Known>, Fault> {
        let Some(text) = self.cookie(AppCookie::Pass) else { return Ok(None) };
        let Some(pass) = self.sealed_for().open_pass(self.services, text)? else { return Ok(None) };
        let known = self.find(pass).await?.map(|found| found.open()).transpose()?;
        Ok(known.filter(|known| self.leads_in(known, pass.made_at)))
    }

    /// Returns whether the user has not signed out of the app since.
    fn leads_in(&self, known: &Known, made_at: Timestamp) -> bool {
        exit::leads_in(&known.session.exits, self.registered.app.id, made_at)
    }

    async fn find(&self, pass: Pass) -> Result<Option<Found>, Fault> {
        let party = Party::of(None, client::address(self.request).unwrap_or_else(|_| client::peer(self.request)));
        let source = Source { db: self.services.db.of(party), pulse: &self.services.pulse, now: self.now };
        Ok(self.services.sessions.find_by_id(source, pass.session, self.settings).await?)
    }

    /// Leads a browser to Gatepost. A secret that it has stays, so that two tabs do not undo each
    /// other.
    fn begin(&self) -> Outcome {
        let kept = self.way();
        let is_new = kept.is_none();
        let way = kept.unwrap_or_else(|| Token::issue(&*self.services.entropy));
        let cookie = is_new.then(|| AppCookie::Way.line(self.host.is_https, way.reveal(), None));
        let enter = format!(
            "/apps/enter?app={}&host={}&way={}&to={}",
            self.registered.app.slug,
            query::encode(self.origin.split_once("://").map_or("", |(_, authority)| authority)),
            URL_SAFE_NO_PAD.encode(way.hash().as_bytes()),
            URL_SAFE_NO_PAD.encode(self.asked.carried()),
        );
        lead(self.services.config.base_url.join(&enter), cookie)
    }

    /// Lets a user in who comes from Gatepost. Anyone else begins again.
    async fn callback(&self) -> Result<Outcome, Fault> {
        let code = self.asked.uri.split_once('?').and_then(|(_, query)| query.strip_prefix("code="));
        let way_in = match code {
            Some(code) => self.sealed_for().open_way_in(self.services, code)?,
            None => None,
        };
        let Some(way_in) = way_in else { return Ok(lead(format!("{}/", self.origin), None)) };
        let to = format!("{}{}", self.origin, way_in.to);
        if !way_in.counts(self.way().map(|way| way.hash()), self.now) {
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
