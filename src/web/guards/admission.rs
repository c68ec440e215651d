//! Rules by which the gate admits requests to a route.
//!
//! A slice hands its routes over as [`Doors`]. A route is a page unless its slice says otherwise,
//! and the application mounts nothing but doors.

use crate::web::pages;
use rocket::{Request, Route, http::Method};
use std::collections::HashMap;

/// Callers that a route is for. The gate, the guards and the failures follow from this.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Admission {
    /// Users' browsers: our host, changes from our own pages, failures as pages.
    #[default]
    Page,
    /// Our own scripts: the same, except that failures are JSON.
    Script,
    /// Programs, such as an app's server: our host, changes from anywhere, failures as OAuth JSON.
    /// It reads no cookie, so that another site gains nothing by sending a user's browser here.
    Api,
    /// Proxies and supervisors: any host, because they ask by address or in an app's name. A look
    /// may carry the content type of a visitor's form. It reads no cookie and changes nothing.
    Probe,
    /// Asset of pages, such as the stylesheet: any host, so that the page about a wrong address has
    /// its looks. It holds no user's data, reads no cookie and changes nothing.
    Asset,
}

impl Admission {
    /// Returns how the requested route admits. An unknown path is a page's.
    pub fn of(request: &Request<'_>) -> Self {
        *request.local_cache(|| {
            let admissions = request.rocket().state::<Admissions>();
            admissions.map_or_else(Self::default, |all| all.find(request.method(), request.uri().path().as_str()))
        })
    }

    /// Returns whether requests come under our own host, from a client that a proxy may name.
    pub const fn is_of_our_host(self) -> bool {
        match self {
            Self::Page | Self::Script | Self::Api => true,
            Self::Probe | Self::Asset => false,
        }
    }

    /// Returns whether a GET under another name of this machine is led to our host.
    pub const fn leads_to_our_host(self) -> bool {
        match self {
            Self::Page | Self::Script => true,
            Self::Api | Self::Probe | Self::Asset => false,
        }
    }

    /// Returns whether a change has to come from a page of ours.
    pub const fn takes_changes_only_from_our_pages(self) -> bool {
        match self {
            Self::Page | Self::Script | Self::Probe | Self::Asset => true,
            Self::Api => false,
        }
    }

    /// Returns whether a look may carry the content type of a form.
    pub const fn takes_looks_that_look_like_forms(self) -> bool {
        match self {
            Self::Page | Self::Script | Self::Api | Self::Asset => false,
            Self::Probe => true,
        }
    }

    /// Returns whether its routes may know the user by a cookie.
    pub const fn reads_cookies(self) -> bool {
        match self {
            Self::Page | Self::Script => true,
            Self::Api | Self::Probe | Self::Asset => false,
        }
    }
}

/// The rank of routes that are tried first.
const FIRST: isize = -20;

/// Routes, each with its admission.
#[derive(Default)]
pub struct Doors(Vec<(Route, Admission)>);

impl Doors {
    pub fn pages(routes: Vec<Route>) -> Self {
        Self::of(routes, Admission::Page)
    }

    pub fn scripts(routes: Vec<Route>) -> Self {
        Self::of(routes, Admission::Script)
    }

    pub fn apis(routes: Vec<Route>) -> Self {
        Self::of(routes, Admission::Api)
    }

    pub fn probes(routes: Vec<Route>) -> Self {
        Self::of(routes, Admission::Probe)
    }

    pub fn assets(routes: Vec<Route>) -> Self {
        Self::of(routes, Admission::Asset)
    }

    fn of(routes: Vec<Route>, admission: Admission) -> Self {
        Self(routes.into_iter().map(|route| (route, admission)).collect())
    }

    /// Has Rocket try these routes before all others, for they are asked most often. Rocket
    /// compares a path with each route in the order of their ranks; its own begin at -12.
    #[must_use]
    pub fn tried_first(mut self) -> Self {
        self.0.iter_mut().for_each(|(route, _)| route.rank = FIRST);
        self
    }

    #[must_use]
    pub fn and(mut self, other: Self) -> Self {
        self.0.extend(other.0);
        self
    }

    /// Returns the routes to mount, and what the gate has to know of them.
    pub fn open(self) -> (Vec<Route>, Admissions) {
        // A page at the address of a special route counts, too. An app sends a browser to a page by
        // GET or POST.
        let is_special = |route: &Route| {
            self.0
                .iter()
                .any(|(other, admission)| *admission != Admission::Page && other.uri.path() == route.uri.path())
        };
        let special = self.0.iter().filter(|(route, _)| is_special(route));
        let special = special.map(|(route, admission)| (route.method, route.uri.path().to_owned(), *admission));
        let admissions = Admissions::of(special.collect());
        (self.0.into_iter().map(|(route, _)| route).collect(), admissions)
    }
}

/// The routes that are not pages.
#[derive(Debug, Default)]
pub struct Admissions {
    /// By path, for each request asks.
    fixed: HashMap<String, Vec<(Method, Admission)>>,
    /// Those with a dynamic segment.
    shapes: Vec<(Method, String, Admission)>,
}

impl Admissions {
    fn of(routes: Vec<(Method, String, Admission)>) -> Self {
        let (shapes, fixed): (Vec<_>, Vec<_>) = routes.into_iter().partition(|(_, path, _)| path.contains('<'));
        let mut all = Self { fixed: HashMap::new(), shapes };
        for (method, path, admission) in fixed {
            all.fixed.entry(path).or_default().push((method, admission));
        }
        all
    }

    /// Returns every route that is not a page.
    pub fn iter(&self) -> impl Iterator<Item = (Method, &str, Admission)> {
        let fixed = self
            .fixed
            .iter()
            .flat_map(|(path, here)| here.iter().map(move |(method, admission)| (*method, path.as_str(), *admission)));
        let shapes = self.shapes.iter().map(|(method, path, admission)| (*method, path.as_str(), *admission));
        fixed.chain(shapes).filter(|(_, _, admission)| *admission != Admission::Page)
    }

    /// A wrong method gets the answer of the path's route, so that a program can read it.
    fn find(&self, method: Method, path: &str) -> Admission {
        let path = path.strip_suffix('/').filter(|path| !path.is_empty()).unwrap_or(path);
        let method = if method == Method::Head { Method::Get } else { method };
        let fixed = self.fixed.get(path).into_iter().flatten().copied();
        let shapes = self.shapes.iter().filter(|(_, shape, _)| pages::has_shape(shape, path));
        let mut here = fixed.chain(shapes.map(|(own, _, admission)| (*own, *admission))).peekable();
        let first = here.peek().map(|(_, admission)| *admission);
        let exact = here.find(|(own, _)| *own == method).map(|(_, admission)| admission);
        exact.or(first).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        config::BaseUrl,
        web::{Failure, Fields, Reply, Visit, catchers, gate},
    };
    use rocket::{
        get,
        http::{ContentType, Header},
        local::asynchronous::Client,
        post, routes,
    };

    const FORM: &str = "application/x-www-form-urlencoded";
    const OURS: (&str, &str) = ("Host", "login.example.com");

    #[get("/api")]
    fn api_look() -> Reply {
        Reply::text("ok")
    }

    #[post("/api", data = "<form>")]
    fn api(form: Fields) -> Result<Reply, Failure> {
        Ok(Reply::text(form.required("code")?))
    }

    #[get("/api/visit")]
    fn api_visit(_visit: Visit<'_>) -> Reply {
        Reply::text("a user")
    }

    #[get("/probe/<_name>")]
    fn probe(_name: &str) -> Reply {
        Reply::text("ok")
    }

    #[get("/styles.css")]
    fn styles() -> Reply {
        Reply::text("ok")
    }

    #[post("/page")]
    fn page() -> Reply {
        Reply::text("ok")
    }

    #[post("/script")]
    fn script() -> Reply {
        Reply::text("ok")
    }

    async fn client() -> Client {
        let doors = Doors::pages(routes![page])
            .and(Doors::scripts(routes![script]))
            .and(Doors::apis(routes![api, api_look, api_visit]))
            .and(Doors::probes(routes![probe]))
            .and(Doors::assets(routes![styles]))
            .and(Doors::pages(gate::routes()));
        let (routes, admissions) = doors.open();
        let base_url = BaseUrl::parse("https://login.example.com").unwrap();
        let config = rocket::Config { log_level: rocket::config::LogLevel::Off, ..rocket::Config::debug_default() };
        let rocket =
            rocket::custom(config).attach(gate::Gate::new(base_url, None)).manage(admissions).mount("/", routes);
        Client::untracked(rocket.register("/", catchers::catchers())).await.unwrap()
    }

    /// Request as it is sent: method and path, headers, body.
    type Sent<'a> = (Method, &'a str, &'a [(&'a str, &'a str)], &'a str);

    async fn send(client: &Client, (method, path, headers, body): Sent<'_>) -> (u16, String, String) {
        let mut request = client.req(method, path.to_owned()).body(body);
        for (name, value) in headers {
            request.add_header(Header::new((*name).to_owned(), (*value).to_owned()));
        }
        let answer = request.dispatch().await;
        let kind = answer.content_type().unwrap_or(ContentType::Any).to_string();
        (answer.status().code, kind, answer.into_string().await.unwrap_or_default())
    }

    #[rocket::async_test]
    async fn each_kind_of_route_admits_its_own_callers() {
        use Method::{Delete, Get, Head, Post};
        let client = client().await;
        let form = ("Content-Type", FORM);
        let (same, cross) = (("Sec-Fetch-Site", "same-origin"), ("Sec-Fetch-Site", "cross-site"));
        let elsewhere = ("Host", "wiki.example.com");
        let cases: [(Sent<'_>, u16); 30] = [
            // A program sends no Origin. Ours is its only host.
            ((Post, "/api", &[OURS, form], "code=x"), 200),
            ((Post, "/api", &[OURS, form, cross, ("Origin", "https://wiki.example.com")], "code=x"), 200),
            ((Post, "/api", &[elsewhere, form], "code=x"), 421),
            ((Post, "/api", &[OURS, OURS, form], "code=x"), 400),
            ((Post, "/api", &[OURS, form], "_method=delete&code=x"), 400),
            ((Get, "/api", &[OURS, form], ""), 400),
            ((Get, "/api", &[OURS], ""), 200),
            ((Post, "//api", &[OURS, form], "code=x"), 404),
            ((Post, "/%61pi", &[OURS, form], "code=x"), 404),
            ((Delete, "/api", &[OURS], ""), 405),
            // A page or a script takes changes only from our pages.
            ((Post, "/page", &[OURS, form], ""), 403),
            ((Post, "/page", &[OURS, form, same], ""), 200),
            ((Post, "/page", &[elsewhere, form, same], ""), 421),
            ((Post, "/script", &[OURS, form, cross], ""), 403),
            ((Post, "/script", &[OURS, form, same], ""), 200),
            ((Post, "/script", &[elsewhere, form, same], ""), 421),
            // A proxy asks in an app's name, with the visitor's headers.
            ((Get, "/probe/x", &[elsewhere], ""), 200),
            ((Get, "/probe/x", &[], ""), 200),
            ((Get, "/probe/x", &[elsewhere, form], ""), 200),
            ((Head, "/probe/x", &[elsewhere, ("Content-Type", "multipart/form-data; boundary=x")], ""), 200),
            ((Get, "/probe/x", &[elsewhere, ("X-Forwarded-For", "nonsense")], ""), 200),
            ((Post, "/probe/x", &[elsewhere, form], ""), 403),
            ((Post, "/probe/x", &[elsewhere, form], "_method=delete"), 400),
            ((Get, "/probe", &[elsewhere], ""), 421),
            // The page about a wrong address loads its styles from that address. Nothing else is
            // had there.
            ((Get, "/styles.css", &[elsewhere], ""), 200),
            ((Head, "/styles.css", &[elsewhere], ""), 200),
            ((Get, "//styles.css", &[elsewhere], ""), 421),
            ((Get, "/styles.css", &[elsewhere, form], ""), 400),
            ((Post, "/styles.css", &[elsewhere, cross], ""), 403),
            ((Get, "/styles", &[elsewhere], ""), 421),
        ];
        for (sent, expected) in cases {
            assert_eq!(send(&client, sent).await.0, expected, "{sent:?}");
        }
    }

    /// The gate lets a program's change come from anywhere, because no cookie is read.
    #[rocket::async_test]
    async fn a_route_for_programs_knows_no_user() {
        let client = client().await;
        let (status, _, body) = send(&client, (Method::Get, "/api/visit", &[OURS], "")).await;
        assert_eq!(status, 500);
        assert!(body.contains("server_error"), "{body}");
    }

    #[rocket::async_test]
    async fn a_refusal_is_in_the_form_that_its_caller_reads() {
        let client = client().await;
        for (path, kind, holds) in [
            ("/page", "text/plain; charset=utf-8", "403"),
            ("/script", "application/json", r#"{"problem":"refused"}"#),
            ("/probe/x", "text/plain; charset=utf-8", "403"),
        ] {
            let (status, is, body) = send(&client, (Method::Post, path, &[OURS], "")).await;
            assert_eq!((status, &*is), (403, kind), "{path}");
            assert!(body.contains(holds), "{path}: {body}");
        }
        let (_, kind, body) = send(&client, (Method::Post, "/api", &[OURS, ("Content-Type", FORM)], "")).await;
        assert!(kind == "application/json" && body.contains(r#""error":"invalid_request""#), "{body}");
    }

    #[test]
    fn a_path_is_found_by_its_shape_and_then_by_its_method() {
        let (_, admissions) = Doors::scripts(routes![script]).and(Doors::probes(routes![probe])).open();
        let find = |method, path| admissions.find(method, path);
        assert_eq!(find(Method::Head, "/probe/x"), Admission::Probe);
        assert_eq!(find(Method::Put, "/probe/x/"), Admission::Probe);
        assert_eq!(find(Method::Post, "/script"), Admission::Script);
        for other in ["/probe", "/probe/", "/probe/x/y", "/", "", "/scripts"] {
            assert_eq!(find(Method::Get, other), Admission::Page, "{other:?}");
        }
    }
}
