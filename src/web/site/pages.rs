//! Pages that exist, with the methods that they accept.

use rocket::{Orbit, Request, Rocket, http::Method};

/// Returns the methods that this path accepts.
pub fn methods(rocket: &Rocket<Orbit>, path: &str) -> Vec<Method> {
    let mut methods: Vec<_> =
        rocket.routes().filter(|route| has_shape(route.uri.path(), path)).map(|route| route.method).collect();
    methods.sort_unstable_by_key(|method| method.as_str());
    methods.dedup();
    methods
}

/// The page that a request came from, as far as it is needed.
#[derive(Clone, Copy)]
pub struct Asked<'r> {
    rocket: &'r Rocket<Orbit>,
    method: Method,
    pub path: &'r str,
    pub query: Option<&'r str>,
}

impl<'r> Asked<'r> {
    pub fn of(request: &'r Request<'_>) -> Self {
        let uri = request.uri();
        Self {
            rocket: request.rocket(),
            method: request.method(),
            path: uri.path().as_str(),
            query: uri.query().map(|query| query.as_str()),
        }
    }

    /// Returns where to come back to after signing in: the requested page. For a form it is the
    /// form's page.
    pub fn to_come_back_to(&self) -> String {
        if !matches!(self.method, Method::Get | Method::Head) {
            return stands_on(self.rocket, self.path);
        }
        match self.query {
            Some(query) => format!("{}?{query}", self.path),
            None => self.path.to_owned(),
        }
    }
}

/// Forms whose page is not the next path above.
const ELSEWHERE: [(&str, &str); 5] = [
    ("/login/code", "/login/sent"),
    ("/login/resend", "/login/sent"),
    ("/login/other-address", "/login/sent"),
    ("/auth/again", "/auth/verify"),
    ("/account/username", "/account"),
];

/// Returns the page of the form that is sent to this path. It has the same path or the next
/// readable one above.
pub fn stands_on(rocket: &Rocket<Orbit>, mut path: &str) -> String {
    if let Some((_, page)) = ELSEWHERE.iter().find(|(form, _)| *form == path) {
        return (*page).to_owned();
    }
    while let Some((above, _)) = path.rsplit_once('/') {
        if methods(rocket, path).contains(&Method::Get) {
            return path.to_owned();
        }
        path = above;
    }
    "/".to_owned()
}

/// Forms that their page fills in again for the owner of an ended session. Each names that page
/// where it has another path.
const FILLED_IN_AGAIN: [(&str, Option<&str>); 23] = [
    ("/account/name", None),
    ("/account/language", None),
    ("/account/time-zone", None),
    ("/account/username", Some("/account")),
    ("/account/address", None),
    ("/account/close", None),
    ("/account/totp", None),
    ("/account/passkeys", None),
    ("/account/passkeys/options", Some("/account/passkeys")),
    ("/admin/settings", None),
    ("/admin/people", None),
    ("/admin/people/invitations", None),
    ("/admin/people/several", None),
    ("/admin/people/<id>/end/save", Some("/admin/people/<id>")),
    ("/admin/people/<id>/username/save", Some("/admin/people/<id>")),
    ("/admin/groups", None),
    ("/admin/groups/<id>", None),
    ("/admin/new-app", None),
    ("/admin/apps/<id>/change", None),
    ("/admin/apps/<id>/openid", None),
    ("/admin/apps/<id>/openid/change", None),
    ("/admin/apps/<id>/openid/keys", None),
    ("/admin/apps/<id>/people", None),
];

/// Returns the path by which a page finds the form that was sent to `path` after the session had
/// ended. `None` if no page shows it again.
pub fn filled_in_again(path: &str) -> Option<String> {
    let (_, page) = FILLED_IN_AGAIN.iter().find(|(form, _)| has_shape(form, path))?;
    // The page is the start of the form's path.
    let parts = page.map_or(usize::MAX, |page| page.split('/').count());
    Some(path.split('/').take(parts).collect::<Vec<_>>().join("/"))
}

/// Returns whether a path has the shape of a route's. Our routes have only single dynamic segments.
pub(in crate::web) fn has_shape(shape: &str, path: &str) -> bool {
    let (mut shape, mut path) = (shape.split('/'), path.split('/'));
    loop {
        match (shape.next(), path.next()) {
            (None, None) => return true,
            (Some(segment), Some(part)) if segment == part => {}
            (Some(segment), Some(part)) if segment.starts_with('<') && !part.is_empty() => {}
            _ => return false,
        }
    }
}
