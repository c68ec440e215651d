//! The guard for routes that only ask who is signed in: cookie, memory, answer. It makes no page,
//! and needs no database for a session that memory knows.

use super::{
    admission::Admission,
    client,
    cookies::{Cookies, Name},
    failure::Chain,
    request_id::RequestId,
};
use crate::{
    db,
    domain::{ClientAddress, Settings, Timestamp, assurance::SignInStage, turns::Party},
    live::{Found, Source},
    services::Services,
};
use rocket::{
    Request,
    http::Status,
    request::{FromRequest, Outcome},
};
use std::sync::Arc;

pub struct SessionCheck<'r> {
    pub services: &'r Arc<Services>,
    /// The time, read once for the whole request.
    pub now: Timestamp,
    pub client: ClientAddress,
    pub settings: Arc<Settings>,
    pub(super) cookies: Cookies<'r>,
    pub(super) found: Option<Found>,
}

impl SessionCheck<'_> {
    /// Returns the stage of the signed-in user, as of at most a second ago. `None`: no user is
    /// signed in.
    pub fn stage(&self) -> Option<SignInStage> {
        self.found.as_ref().map(Found::stage)
    }
}

#[rocket::async_trait]
impl<'r> FromRequest<'r> for SessionCheck<'r> {
    type Error = ();

    /// Fails only on server faults, so that the generic error page reveals nothing about the
    /// visitor.
    async fn from_request(request: &'r Request<'_>) -> Outcome<Self, ()> {
        if !Admission::of(request).reads_cookies() {
            // The gate did not ask where the request comes from.
            tracing::error!("a route that reads no cookie asks for a user");
            return Outcome::Error((Status::InternalServerError, ()));
        }
        let Some(services) = request.rocket().state::<Arc<Services>>() else {
            return Outcome::Error((Status::InternalServerError, ()));
        };
        let Ok(client) = client::address(request) else { return Outcome::Error((Status::BadRequest, ())) };
        let now = services.now();
        let cookies = Cookies::new(request.cookies(), &services.config.base_url);
        match look(services, client, &cookies, now).await {
            Ok((settings, found)) => Outcome::Success(Self { services, now, client, settings, cookies, found }),
            Err(error) => fail(request, services, &error),
        }
    }
}

async fn look(
    services: &Services,
    client: ClientAddress,
    cookies: &Cookies<'_>,
    now: Timestamp,
) -> Result<(Arc<Settings>, Option<Found>), db::Error> {
    let settings = services.settings().await?;
    let Some(secret) = cookies.token(Name::Session) else { return Ok((settings, None)) };
    let source = Source { db: services.db.of(Party::of(None, client)), breaker: &services.breaker, now };
    let found = services.sessions.find(source, &secret.hash(), &settings).await?;
    Ok((settings, found))
}

/// Ends a guard by a fault of the database.
pub(super) fn fail<T>(request: &Request<'_>, services: &Services, error: &db::Error) -> Outcome<T, ()> {
    let request_id = RequestId::of(request);
    if error.is_unavailable() {
        services.metrics.database_unavailable.inc();
        tracing::warn!(request = %request_id, error = %Chain(error), "unavailable");
        Outcome::Error((Status::ServiceUnavailable, ()))
    } else {
        tracing::error!(request = %request_id, error = %Chain(error), "fault");
        Outcome::Error((Status::InternalServerError, ()))
    }
}
