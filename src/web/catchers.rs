//! Pages for whatever no route answered: unknown addresses, wrong methods, forms that cannot be read, panics.

use super::{Reply, failure::error_page, pages};
use rocket::{
    Catcher, Request, catch, catchers,
    http::{Method, Status},
};

#[catch(default)]
fn any(status: Status, request: &Request<'_>) -> Reply {
    error_page(status, request)
}

/// Rocket answers 404 for a wrong method; the page exists, so say which methods it has.
#[catch(404)]
fn not_found(request: &Request<'_>) -> Reply {
    let path = request.uri().path();
    let methods = pages::methods(request.rocket(), path.as_str());
    if methods.is_empty() || methods.contains(&request.method()) {
        return error_page(Status::NotFound, request);
    }
    let methods: Vec<_> = methods.into_iter().map(Method::as_str).collect();
    error_page(Status::MethodNotAllowed, request).with_header("Allow", methods.join(", "))
}

pub fn catchers() -> Vec<Catcher> {
    catchers![any, not_found]
}
