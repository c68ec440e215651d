//! The request by which an app sends a browser here, and what follows from it.
//!
//! First it must be certain where an answer may go. Until then, a page tells the user of errors. A
//! redirect to an address that no app has registered would hand the user to an attacker.

use super::{
    ClaimScopes, ClientId, Params, RedirectUri, Scope, Scopes,
    acr::{self, Acr, AskedAcr},
    client::ClientRules,
    error::{ErrorCode, ErrorResponse},
    params::Given,
    pkce::Challenge,
    prompt::Prompt,
};
use crate::{
    EmailAddress, Enrolled, Lifetime, Proof, Timestamp,
    assurance::{Missing, Required, meets},
};

/// The longest `state` that comes back.
pub const MAX_STATE: usize = 4096;
/// The longest `nonce`. It travels in the code, which has to stay short.
pub const MAX_NONCE: usize = 300;
/// Time for which a proof that a request asked for counts as new.
pub const NEW_PROOF: Lifetime = Lifetime::minutes(10);

/// Why a request says nothing that an app may be told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoTarget {
    /// The client id is missing, there twice, or none that could exist.
    Client,
    /// The address is missing or there twice.
    Address,
    /// `state` is too long to come back.
    State,
}

/// Returns the client and the address that a request names. Only the caller knows whether they
/// belong together.
pub fn target(params: &Params) -> Result<(ClientId, &str), NoTarget> {
    let Given::Once(client) = params.given("client_id") else { return Err(NoTarget::Client) };
    let client = ClientId::parse(client).map_err(|_| NoTarget::Client)?;
    let Given::Once(address) = params.given("redirect_uri") else { return Err(NoTarget::Address) };
    if params.get("state").is_some_and(|state| state.len() > MAX_STATE) {
        return Err(NoTarget::State);
    }
    Ok((client, address))
}

/// Way in which an answer travels to the app.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ResponseMode {
    Query,
    /// In a form (OAuth 2.0 Form Post Response Mode), so that no address holds the code.
    FormPost,
}

impl ResponseMode {
    /// Reads how the app wants its answer, errors included. Only a page on the web takes a form.
    pub fn of(params: &Params, address: &RedirectUri) -> Self {
        match params.get("response_mode") {
            Some("form_post") if address.origin().is_some() => Self::FormPost,
            _ => Self::Query,
        }
    }
}

/// Claims that an app asks for by the parameter `claims`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ClaimsAsked {
    /// The scopes that release the claims that it names.
    pub scopes: ClaimScopes,
    /// One of these has to be reached.
    pub essential_acr: Vec<AskedAcr>,
    /// A class that we do not know has to be reached.
    pub has_unknown_acr: bool,
    /// The one user for whom the answer may be.
    pub subject: Option<String>,
}

impl ClaimsAsked {
    /// Returns the class to tell, for proofs that show this one. An app that needs one of several
    /// gets the strongest that is met, by its name for it. Otherwise an app that compares them
    /// would refuse the sign-in (OIDC Core 1.0, 5.5.1.1).
    pub fn acr_to_tell(&self, shown: Acr) -> &'static str {
        let met = self.essential_acr.iter().filter(|asked| asked.acr <= shown);
        met.max_by_key(|asked| asked.acr).map_or(shown.as_str(), |asked| asked.name)
    }
}

/// A request whose answer may go to the app.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    pub scopes: Scopes,
    pub nonce: Option<String>,
    pub challenge: Option<Challenge>,
    pub prompt: Prompt,
    pub max_age: Option<Lifetime>,
    /// Wanted, not needed.
    pub acr_values: Vec<Acr>,
    pub claims: ClaimsAsked,
    pub login_hint: Option<EmailAddress>,
}

const NOT_A_NUMBER: ErrorResponse = ErrorResponse::invalid("max_age is not a number of seconds.");

impl Request {
    /// Reads a request of a client with these rules. `claims` is what its parameter `claims` says,
    /// or that it is unreadable.
    pub fn read(params: &Params, rules: &ClientRules, claims: Option<ClaimsAsked>) -> Result<Self, ErrorResponse> {
        use ErrorCode::{
            RegistrationNotSupported, RequestNotSupported, RequestUriNotSupported, UnsupportedResponseType,
        };
        if params.has_double() {
            return Err(ErrorResponse::invalid("A parameter is there twice."));
        }
        for (name, error, why) in [
            ("request", RequestNotSupported, "Request objects are not supported."),
            ("request_uri", RequestUriNotSupported, "Request objects are not supported."),
            ("registration", RegistrationNotSupported, "Registration in a request is not supported."),
        ] {
            if params.get(name).is_some() {
                return Err(ErrorResponse::new(error, why));
            }
        }
        match params.get("response_type") {
            None => return Err(ErrorResponse::invalid("response_type is missing.")),
            Some("code") => {}
            Some(_) => {
                return Err(ErrorResponse::new(UnsupportedResponseType, "Only the response type code is supported."));
            }
        }
        if !matches!(params.get("response_mode"), None | Some("query" | "form_post")) {
            return Err(ErrorResponse::invalid("Only the response modes query and form_post are supported."));
        }
        let challenge = Challenge::read(params.get("code_challenge"), params.get("code_challenge_method"))
            .map_err(|_| ErrorResponse::invalid("PKCE needs code_challenge with code_challenge_method S256."))?;
        if challenge.is_none() && rules.needs_pkce() {
            return Err(ErrorResponse::invalid("This client needs PKCE: code_challenge is missing."));
        }
        let prompt = Prompt::parse(params.get("prompt").unwrap_or_default())
            .map_err(|_| ErrorResponse::invalid("prompt is unknown, or none is not alone."))?;
        let nonce = params.get("nonce").map(str::to_owned);
        if nonce.as_ref().is_some_and(|nonce| nonce.len() > MAX_NONCE) {
            return Err(ErrorResponse::invalid("nonce is too long."));
        }
        let claims = claims.ok_or(ErrorResponse::invalid("claims is not the JSON of the standard."))?;
        let max_age = params.get("max_age").map(seconds).transpose()?;
        let acr_values = params.get("acr_values").unwrap_or_default().split(' ').filter_map(Acr::parse).collect();
        let scopes = Scopes::parse(params.get("scope").unwrap_or_default());
        let login_hint = params.get("login_hint").and_then(|hint| EmailAddress::parse(hint).ok());
        Ok(Self { scopes, nonce, challenge, prompt, max_age, acr_values, claims, login_hint })
    }

    /// Returns whether the grant is to outlast its session.
    pub fn is_offline(&self) -> bool {
        self.scopes.has(Scope::OfflineAccess)
    }

    /// Returns whether the user has to prove again who they are, however young their proof is.
    /// `max_age=0` means the same (OpenID Connect Core, section 15.1).
    pub fn wants_a_new_proof(&self) -> bool {
        self.prompt.login || self.max_age == Some(Lifetime::ZERO)
    }
}

fn seconds(text: &str) -> Result<Lifetime, ErrorResponse> {
    if text.len() > 10 || !text.bytes().all(|b| b.is_ascii_digit()) {
        return Err(NOT_A_NUMBER);
    }
    text.parse().map(Lifetime::seconds).map_err(|_| NOT_A_NUMBER)
}

/// The signed-in user, as far as the decision needs to know.
#[derive(Clone, Debug)]
pub struct User<'a> {
    pub proofs: &'a [Proof],
    /// Factors of the account that count.
    pub enrolled: Enrolled,
    pub may_open: bool,
    /// True if a hint of the request names another user.
    pub is_other: bool,
    pub has_consented: bool,
    /// Time at which a page of ours asked this user to prove again, for this very request.
    pub asked_again_at: Option<Timestamp>,
}

/// Next step after a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Next {
    /// The app gets a code that says this.
    Answer(acr::Shown),
    SignIn,
    /// The user proves who they are again. This request notes that it asked.
    ProveAgain,
    /// The user shows or enrols what the app requires.
    Strengthen(Missing),
    /// The user says with which account to continue.
    SelectAccount,
    Consent,
    /// A page tells the user that the app is not for them.
    NotForYou,
    Refuse(ErrorResponse),
}

/// The whole decision. An app that requires less than a user has shown gets to know what was shown.
pub fn next(request: &Request, required: Required, user: Option<&User<'_>>, now: Timestamp) -> Next {
    let silent = request.prompt.none;
    let refuse = |error, why| Next::Refuse(ErrorResponse::new(error, why));
    let login_required = || refuse(ErrorCode::LoginRequired, "The user has to sign in.");
    let Some(user) = user else { return if silent { login_required() } else { Next::SignIn } };
    if user.is_other {
        return if silent { login_required() } else { Next::SelectAccount };
    }
    if !user.may_open {
        return if silent {
            refuse(ErrorCode::AccessDenied, "The user may not open this app.")
        } else {
            Next::NotForYou
        };
    }
    let Some(shown) = acr::shown(user.proofs, now) else {
        return if silent { login_required() } else { Next::ProveAgain };
    };
    // A proof counts as new for a while only, however long the note that it was asked for counts.
    let is_young = now.since(shown.auth_time) < NEW_PROOF;
    let is_new = is_young && user.asked_again_at.is_some_and(|asked| shown.auth_time >= asked);
    let age = now.as_seconds().saturating_sub(shown.auth_time.as_seconds());
    let is_too_old = request.max_age.is_some_and(|most| age > most.as_millis() / 1000);
    if (request.wants_a_new_proof() || is_too_old) && !is_new {
        return if silent { login_required() } else { Next::ProveAgain };
    }
    if let Err(missing) = meets(user.enrolled, user.proofs, required, now) {
        return if silent {
            refuse(ErrorCode::InteractionRequired, "The app requires a stronger proof.")
        } else {
            Next::Strengthen(missing)
        };
    }
    if let Some(next) = next_for_acr(request, user.enrolled, shown.acr) {
        return next;
    }
    if request.prompt.select_account {
        return Next::SelectAccount;
    }
    if !user.has_consented || request.prompt.consent {
        return if silent { refuse(ErrorCode::ConsentRequired, "The user has to agree.") } else { Next::Consent };
    }
    Next::Answer(shown)
}

/// Returns what an app's wish for a class of authentication asks of the user.
fn next_for_acr(request: &Request, enrolled: Enrolled, shown: Acr) -> Option<Next> {
    let missing = |acr| match acr {
        Acr::One => Missing::Proof,
        Acr::Two => Missing::SecondFactor,
        Acr::PhishingResistant => Missing::Passkey,
    };
    let ClaimsAsked { essential_acr, has_unknown_acr, .. } = &request.claims;
    let essential = essential_acr.iter().map(|asked| asked.acr).min();
    match essential {
        Some(needed) if shown < needed && needed.is_within_reach(enrolled) && !request.prompt.none => {
            return Some(Next::Strengthen(missing(needed)));
        }
        Some(needed) if shown < needed => return Some(unmet()),
        None if *has_unknown_acr => return Some(unmet()),
        _ => {}
    }
    // Voluntary: the first that the account can reach. Without one, the token tells the truth.
    let wanted = request.acr_values.iter().copied().find(|acr| acr.is_within_reach(enrolled))?;
    (shown < wanted && !request.prompt.none).then(|| Next::Strengthen(missing(wanted)))
}

const fn unmet() -> Next {
    let why = "The user cannot authenticate as the app requires.";
    Next::Refuse(ErrorResponse::new(ErrorCode::UnmetAuthenticationRequirements, why))
}

#[cfg(test)]
mod tests;
