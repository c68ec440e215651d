//! `GET /apps/enter`: where a browser comes from an app, and from where it goes back.

use super::{loops::Loops, sealed::For, user};
use crate::{
    db,
    domain::{
        Destination, ReturnTo, TokenHash,
        apps::{
            AppSlug, Registered,
            carried::{MAX_MISSES, WayIn},
            exit,
            host::{AppHost, AskedHost},
            trouble::Trouble,
            verdict::User,
        },
        assurance::{Missing, Strength},
    },
    live::CurrentUser,
    web::{Answer, Failure, Fields, Layout, Need, Reply, Visit, come_back, enrol_first},
};
use askama::Template;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use rocket::{
    Request, State, get,
    http::Status,
    post,
    request::{FromRequest, Outcome},
};
use std::convert::Infallible;

#[derive(Template)]
#[template(path = "forward_auth/no_cookies.html")]
struct NoCookiesPage<'a> {
    layout: Layout,
    app: &'a str,
    host: String,
    home: String,
}

/// Contents of the address.
struct Wanted {
    slug: AppSlug,
    host: AskedHost,
    way: TokenHash,
    /// The way in with which the browser came to the app without its secret.
    missed: Option<String>,
    to: String,
}

impl Wanted {
    /// Reads a query of ours. Each field once.
    fn read(query: &str) -> Option<Self> {
        let one = |name: &str| {
            let mut values = url::form_urlencoded::parse(query.as_bytes()).filter(|(key, _)| key == name);
            let value = values.next().map(|(_, value)| value.into_owned());
            value.filter(|_| values.next().is_none())
        };
        let way = URL_SAFE_NO_PAD.decode(one("way")?).ok()?;
        let to = String::from_utf8(URL_SAFE_NO_PAD.decode(one("to")?).ok()?).ok()?;
        let is_path = to.starts_with('/') && to.bytes().all(|b| b.is_ascii_graphic());
        Some(Self {
            slug: AppSlug::parse(&one("app")?).ok()?,
            host: AskedHost::parse(&one("host")?)?,
            way: TokenHash::from_slice(&way)?,
            missed: one("missed"),
            to: is_path.then_some(to)?,
        })
    }
}

/// Way by which the browser comes here.
pub(super) struct Arrival {
    wanted: Option<Wanted>,
    /// A page of ours may have begun the way, by a form. See [`crate::web::Visit::lead_to`].
    may_be_from_us: bool,
}

#[rocket::async_trait]
impl<'r> FromRequest<'r> for Arrival {
    type Error = Infallible;

    async fn from_request(request: &'r Request<'_>) -> Outcome<Self, Infallible> {
        let site = request.headers().get_one("Sec-Fetch-Site");
        Outcome::Success(Self {
            wanted: request.uri().query().and_then(|query| Wanted::read(query.as_str())),
            may_be_from_us: !matches!(site, Some("cross-site" | "same-site" | "none")),
        })
    }
}

#[get("/apps/enter")]
pub(super) async fn enter(visit: Visit<'_>, arrival: Arrival, loops: &State<Loops>) -> Answer {
    let wanted = arrival.wanted.as_ref().ok_or(Failure::BadRequest)?;
    let known = enrol_first::note_way_on(&visit, visit.require(), &visit.back())?;
    let directory = visit.services.apps().await?;
    let is_ours = wanted.host.name.as_str() == visit.services.config.base_url.host();
    let found = directory.at(&wanted.host).filter(|(found, _)| found.app.slug == wanted.slug && !is_ours);
    let (registered, host) = found.ok_or(Failure::NotFound)?;
    match user::judge(&registered.app, known, (&visit.settings, visit.now)) {
        (User::Welcome, _) => {}
        (User::Weak, Some(missing)) => return ask_for(&visit, registered, missing),
        (User::Refused, _) => return Ok(Reply::see_other(format!("/apps/refused?app={}", registered.app.slug))),
        (User::Unknown | User::Weak, _) => return Err(visit.sign_in_first()),
    }
    if exit::asks_first(&known.session.exits, registered.app.id) {
        return come_back::page(&visit, &registered.app, &visit.back());
    }
    let misses = misses(&visit, known, (registered, host, wanted))?;
    if misses > MAX_MISSES || loops.is_one_too_many((known.session.id, registered.app.id, &wanted.to), visit.now) {
        return no_cookies(&visit, registered, host.origin_of(&wanted.host));
    }
    if known.handle.is_none() {
        // Housekeeping gives it one within a minute.
        return Err(Failure::Unavailable(db::Error::unavailable("the account has no handle yet")));
    }
    visit.cookies.forget_way_on();
    let destination = way_in(&visit, known, (registered, host, wanted), misses)?;
    if arrival.may_be_from_us { visit.lead_to(&destination) } else { visit.lead_back_to(&destination) }
}

/// Returns how often this browser came to the app without its secret. Read from a sealed value of
/// this session, so that a link of others cannot claim it.
fn misses(
    visit: &Visit<'_>,
    known: &CurrentUser,
    (registered, host, wanted): (&Registered, &AppHost, &Wanted),
) -> Result<u8, Failure> {
    let Some(code) = &wanted.missed else { return Ok(0) };
    let (app, origin) = (registered.app.id, host.origin_of(&wanted.host));
    let way_in = For { app, origin: &origin }.open_way_in(visit.services, code)?;
    Ok(way_in.map_or(0, |way_in| way_in.missed(known.session.id, visit.now)))
}

fn way_in(
    visit: &Visit<'_>,
    known: &CurrentUser,
    (registered, host, wanted): (&Registered, &AppHost, &Wanted),
    misses: u8,
) -> Result<Destination, Failure> {
    let (app, origin) = (registered.app.id, host.origin_of(&wanted.host));
    let Wanted { way, ref to, .. } = *wanted;
    let way_in = WayIn { session: known.session.id, made_at: visit.now, way, misses, to: to.clone() };
    let code = For { app, origin: &origin }.seal_way_in(visit.services, &way_in)?;
    Ok(Destination::way_in(app, (host, &wanted.host), &code))
}

/// Asks for what is missing. The user comes back here afterwards.
fn ask_for(visit: &Visit<'_>, registered: &Registered, missing: Missing) -> Answer {
    let again = visit.back();
    let need = match missing {
        Missing::Proof => Strength::One,
        Missing::SecondFactor => Strength::Two,
        Missing::Passkey => Strength::Passkey,
        Missing::EnrolSecondFactor | Missing::EnrolPasskey => {
            let app = (registered.app.name.as_str(), missing == Missing::EnrolPasskey);
            return enrol_first::page(visit, app, &again);
        }
    };
    Ok(Reply::to_step_up(&again, Some(need)))
}

/// Lets a user in again, and leads on to where the browser came from.
#[post("/apps/again", data = "<form>")]
pub(super) async fn again(visit: Visit<'_>, form: Fields) -> Answer {
    visit.require()?;
    form.only(&["app", "return_to"])?;
    let slug = AppSlug::parse(form.required("app")?).map_err(|_| Failure::NotFound)?;
    let to = ReturnTo::parse(form.required("return_to")?);
    let come_back = visit.as_account(Need::signed_in(), move |tx, me| {
        let Some(app) = db::apps::find_by_slug(tx.connection, &slug)? else { return Ok(()) };
        db::apps::come_back(tx.connection, me.session.id, app.app.id, tx.now)
    });
    come_back.await?;
    Ok(Reply::see_other(to.as_str()))
}

fn no_cookies(visit: &Visit<'_>, registered: &Registered, origin: String) -> Answer {
    visit.services.troubles.note(Some(registered.app.id), Trouble::NoCookie, visit.now);
    visit.trouble.wrong(Trouble::NoCookie.in_log(), None);
    let host = origin.split_once("://").map_or("", |(_, authority)| authority).to_owned();
    let home = format!("{origin}/");
    let page = NoCookiesPage { layout: visit.layout(), app: registered.app.name.as_str(), host, home };
    Reply::page_with(Status::BadRequest, &page)
}
