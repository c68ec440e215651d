//! Request of an app to the authorization endpoint.

use super::{client_auth::EnabledClient, problem::Problem};
use crate::{
    db::Stop,
    domain::oidc::{
        AppAnswer, ClientId, Params, RedirectUri,
        authorize::{self, NoTarget, ResponseMode},
        error::ErrorResponse,
        refusal::Why,
    },
    web::{Failure, Visit, resume},
};

pub(super) const PATH: &str = "/oidc/authorize";

/// A request of a known app, for an address that it has registered.
pub(super) struct AuthorizationRequest {
    pub params: Params,
    pub known: EnabledClient,
    pub address: RedirectUri,
    /// The address as the request spells it.
    pub spelt: String,
}

impl AuthorizationRequest {
    /// Reads a request, or says why no app may be told anything.
    pub(super) async fn read(visit: &Visit<'_>, params: &Params) -> Result<Self, Stop<Problem, Failure>> {
        let (client, spelt) = match authorize::target(params) {
            Ok((client, spelt)) => (client, spelt.to_owned()),
            Err(NoTarget::Client) => return Err(Stop::Refused(Problem::UnknownApp)),
            Err(NoTarget::Address) => {
                note_no_address(visit, params).await?;
                return Err(Stop::Refused(Problem::NoAddress));
            }
            Err(NoTarget::State) => return Err(Stop::Refused(Problem::TooLong)),
        };
        if !resume::fits(params) {
            return Err(Stop::Refused(Problem::TooLong));
        }
        let known = visit.look(move |tx| EnabledClient::find(tx.connection, &client)).await?;
        let known = known.ok_or(Stop::Refused(Problem::UnknownApp))?;
        let Some(address) = known.client.sign_in_uris.iter().find_map(|uri| uri.admits(&spelt)) else {
            visit.services.refused.note(known.client.app, Why::address(&spelt), visit.now);
            return Err(Stop::Refused(Problem::WrongAddress));
        };
        Ok(Self { params: params.clone(), known, address, spelt })
    }

    /// Returns an answer for the app. Each one names its sender (RFC 9207).
    pub(super) fn answer(&self, visit: &Visit<'_>, params: &[(&str, &str)]) -> AppAnswer {
        let mut all = params.to_vec();
        if let Some(state) = self.params.get("state") {
            all.push(("state", state));
        }
        all.push(("iss", visit.services.config.base_url.origin()));
        match ResponseMode::of(&self.params, &self.address) {
            ResponseMode::Query => self.address.answer(&all),
            ResponseMode::FormPost => self.address.answer_by_form(&all),
        }
    }

    pub(super) fn refusal(&self, visit: &Visit<'_>, refused: ErrorResponse) -> AppAnswer {
        self.answer(visit, &[("error", refused.error.as_str()), ("error_description", refused.why)])
    }

    /// Returns the path by which the browser comes back to this request.
    pub(super) fn path(&self) -> String {
        resume::path(PATH, &self.params)
    }
}

/// Notes for the admin that a known app names no address.
async fn note_no_address(visit: &Visit<'_>, params: &Params) -> Result<(), Failure> {
    let Some(Ok(client)) = params.get("client_id").map(ClientId::parse) else { return Ok(()) };
    if let Some(known) = visit.look(move |tx| EnabledClient::find(tx.connection, &client)).await? {
        visit.services.refused.note(known.client.app, Why::NoAddress, visit.now);
    }
    Ok(())
}
