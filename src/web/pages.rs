//! Which pages there are.

use rocket::{Request, Rocket, http::Method};

/// Returns the methods that this path accepts.
pub fn methods(rocket: &Rocket<rocket::Orbit>, path: &str) -> Vec<Method> {
    let mut methods: Vec<_> =
        rocket.routes().filter(|route| has_shape(route.uri.path(), path)).map(|route| route.method).collect();
    methods.sort_unstable_by_key(|method| method.as_str());
    methods.dedup();
    methods
}

/// Returns where to come back to after signing in: the requested page. For a form it is the form's
/// page.
pub fn to_come_back_to(request: &Request<'_>) -> String {
    if matches!(request.method(), Method::Get | Method::Head) {
        return request.uri().to_string();
    }
    stands_on(request.rocket(), request.uri().path().as_str())
}

/// Forms whose page is not the next path above.
const ELSEWHERE: [(&str, &str); 4] = [
    ("/login/code", "/login/sent"),
    ("/login/resend", "/login/sent"),
    ("/login/other-address", "/login/sent"),
    ("/auth/again", "/auth/verify"),
];

/// Returns the page of the form that is sent to this path: the same path or the next readable one
/// above.
pub fn stands_on(rocket: &Rocket<rocket::Orbit>, mut path: &str) -> String {
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

/// Returns whether a path has the shape of a route's. Our routes have only single dynamic segments.
pub(super) fn has_shape(shape: &str, path: &str) -> bool {
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
