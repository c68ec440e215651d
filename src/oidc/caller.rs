//! The guard of routes for programs: it reads no cookie.

use crate::{
    db::{DbConnection, Error, Tx, TxContext},
    domain::{ClientAddress, Timestamp, audit::Actor, oidc::Params, turns::Party},
    services::Services,
    web::{Failure, Fields, client, request_id::RequestId},
};
use rocket::{
    Request,
    http::Status,
    request::{FromRequest, Outcome},
};
use std::sync::Arc;

/// One request by a program, such as an app's server.
pub(super) struct Caller<'r> {
    pub services: &'r Arc<Services>,
    pub now: Timestamp,
    /// All `Authorization` headers.
    pub authorization: Vec<&'r str>,
    /// The page whose script asks, if one does.
    pub origin: Option<&'r str>,
    /// True if the address has a query, where secrets would reach logs.
    pub has_query: bool,
    pub client: ClientAddress,
    request_id: &'r RequestId,
}

#[rocket::async_trait]
impl<'r> FromRequest<'r> for Caller<'r> {
    type Error = ();

    async fn from_request(request: &'r Request<'_>) -> Outcome<Self, ()> {
        let Some(services) = request.rocket().state::<Arc<Services>>() else {
            return Outcome::Error((Status::InternalServerError, ()));
        };
        let Ok(client) = client::address(request) else { return Outcome::Error((Status::BadRequest, ())) };
        Outcome::Success(Self {
            services,
            now: services.now(),
            authorization: request.headers().get("Authorization").collect(),
            origin: request.headers().get_one("Origin"),
            has_query: request.uri().query().is_some_and(|query| !query.is_empty()),
            client,
            request_id: RequestId::of(request),
        })
    }
}

impl Caller<'_> {
    /// Returns the parameters of a form.
    pub(super) fn params(form: &Fields) -> Params {
        Params::of(form.pairs())
    }

    pub(super) async fn read<T, F>(&self, work: F) -> Result<T, Failure>
    where
        T: Send + 'static,
        F: Fn(&mut DbConnection) -> Result<T, Error> + Send + 'static,
    {
        self.expect_database()?;
        Ok(self.services.db.of(Party::of(None, self.client)).read(work).await?)
    }

    /// Reads with everything that work inside a transaction needs.
    pub(super) async fn look<T, F>(&self, work: F) -> Result<T, Failure>
    where
        T: Send + 'static,
        F: Fn(&mut Tx<'_>) -> Result<T, Error> + Send + 'static,
    {
        self.expect_database()?;
        Ok(self.services.db.of(Party::of(None, self.client)).look(self.context(), work).await?)
    }

    /// Does `work` in one transaction. Afterwards memory forgets what changed.
    pub(super) async fn transact<T, F>(&self, work: F) -> Result<T, Failure>
    where
        T: Send + 'static,
        F: Fn(&mut Tx<'_>) -> Result<T, Error> + Send + 'static,
    {
        self.expect_database()?;
        let party = Party::of(None, self.client);
        Ok(self.services.settle(self.services.db.of(party).transact(self.context(), work).await?))
    }

    fn context(&self) -> TxContext {
        TxContext {
            client: Some(self.client),
            request_id: Some(self.request_id.to_string()),
            ..self.services.context(Actor::Gatepost)
        }
    }

    fn expect_database(&self) -> Result<(), Failure> {
        if self.services.breaker.is_away() {
            return Err(Failure::Unavailable(Error::unavailable("it did not answer a moment ago")));
        }
        Ok(())
    }
}
