//! Pages for requests that no route answered: unknown addresses, wrong methods, unreadable forms,
//! panics.

use crate::web::{Reply, admission::Admission, failure, headers, pages};
use rocket::{
    Catcher, Request, catch, catchers,
    http::{Method, Status},
    response::{self, Responder},
};

#[catch(default)]
fn any(status: Status, request: &Request<'_>) -> Reply {
    failure::answer(status, request)
}

/// Answers an unknown method, or CONNECT. Rocket answers these without the fairing that adds the
/// headers.
#[catch(400)]
fn bad_request(request: &Request<'_>) -> Guarded {
    Guarded(failure::answer(Status::BadRequest, request).with_header("Connection", "close"))
}

/// An answer with the headers that every other one gets.
struct Guarded(Reply);

impl<'r> Responder<'r, 'static> for Guarded {
    fn respond_to(self, request: &'r Request<'_>) -> response::Result<'static> {
        let mut response = self.0.respond_to(request)?;
        headers::guard(request, &mut response);
        Ok(response)
    }
}

/// Answers 405 and names the methods where the page exists, because Rocket answers 404 for a wrong
/// method.
#[catch(404)]
fn not_found(request: &Request<'_>) -> Reply {
    let path = request.uri().path();
    let methods = pages::methods(request.rocket(), path.as_str());
    if methods.is_empty() || methods.contains(&request.method()) {
        return failure::answer(Status::NotFound, request);
    }
    let is_of_users = Admission::of(request) != Admission::Api;
    if is_of_users && matches!(request.method(), Method::Get | Method::Head) {
        // The user reopened or reloaded the address of a form: lead to the form's page.
        return Reply::see_other(pages::stands_on(request.rocket(), path.as_str()));
    }
    let methods: Vec<_> = methods.into_iter().map(Method::as_str).collect();
    failure::answer(Status::MethodNotAllowed, request).with_header("Allow", methods.join(", "))
}

pub fn catchers() -> Vec<Catcher> {
    catchers![any, bad_request, not_found]
}
