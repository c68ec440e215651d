//! Which pages there are.

use rocket::{Request, Rocket, Route, http::Method};

/// The methods by which this path can be asked for.
pub fn methods(rocket: &Rocket<rocket::Orbit>, path: &str) -> Vec<Method> {
    let mut methods: Vec<_> = rocket.routes().filter(|route| leads_to(route, path)).map(|route| route.method).collect();
    methods.sort_unstable_by_key(|method| method.as_str());
    methods.dedup();
    methods
}

/// Where to come back to after signing in: the page asked for; or for a form, the page it stood on, which is its own path or the next one
/// above that can be looked at.
pub fn to_come_back_to(request: &Request<'_>) -> String {
    if matches!(request.method(), Method::Get | Method::Head) {
        return request.uri().to_string();
    }
    stands_on(request.rocket(), request.uri().path().as_str())
}

/// Forms that stand on another page than the next one above.
const ELSEWHERE: [(&str, &str); 4] = [
    ("/login/code", "/login/sent"),
    ("/login/resend", "/login/sent"),
    ("/login/other-address", "/login/sent"),
    ("/auth/again", "/auth/verify"),
];

/// The page on which the form stands that is sent to this path: its own, or the next one above that can be looked at.
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

/// Whether a route's path has the shape of this one. Our routes have single dynamic segments and no others.
fn leads_to(route: &Route, path: &str) -> bool {
    let route = route.uri.path();
    let (mut shape, mut path) = (route.split('/'), path.split('/'));
    loop {
        match (shape.next(), path.next()) {
            (None, None) => return true,
            (Some(segment), Some(part)) if segment == part => {}
            (Some(segment), Some(part)) if segment.starts_with('<') && !part.is_empty() => {}
            _ => return false,
        }
    }
}
