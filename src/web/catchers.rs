//! Pages for whatever no route answered: unknown addresses, wrong methods, forms that cannot be read, panics.

use super::{Reply, failure::error_page};
use rocket::{Catcher, Request, Route, catch, catchers, http::Status};

#[catch(default)]
fn any(status: Status, request: &Request<'_>) -> Reply {
    error_page(status, request)
}

/// Rocket answers 404 for a wrong method; the page exists, so say which methods it has.
#[catch(404)]
fn not_found(request: &Request<'_>) -> Reply {
    let path = request.uri().path();
    let mut methods: Vec<_> = request
        .rocket()
        .routes()
        .filter(|route| leads_to(route, path.as_str()))
        .map(|route| route.method.as_str())
        .collect();
    methods.sort_unstable();
    methods.dedup();
    if methods.is_empty() || methods.contains(&request.method().as_str()) {
        return error_page(Status::NotFound, request);
    }
    error_page(Status::MethodNotAllowed, request).with_header("Allow", methods.join(", "))
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

pub fn catchers() -> Vec<Catcher> {
    catchers![any, not_found]
}
