//! The authorization endpoint: an app sends a browser here, and gets it back with a code.
//!
//! A GET that writes nothing. Pages of ours that stand between come back here, where everything is
//! judged anew.

use super::{
    authorization_request::{AuthorizationRequest, PATH},
    claims,
    code::{Code, Giving},
    problem::{self, Problem},
};
use crate::{
    db::{self, Stop},
    domain::{
        AccountId, Lifetime, Proof, SessionId, Timestamp,
        apps::{App, exit},
        assurance::{Missing, Strength},
        oidc::{
            ErrorCode, Params, Scopes,
            acr::KeyKind,
            authorize::{self, Next, Request, User},
            error::ErrorResponse,
            refusal::Why,
        },
    },
    passkeys,
    signing::{self, TokenKind},
    web::{
        Answer, Arrival, Failure, Layout, Need, PassedOn, Reply, Visit, come_back, enrol_first, not_for_you, query,
        resume::{self, REPROOF},
    },
};
use askama::Template;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use rocket::{Route, get, post, routes};
use sha2::{Digest, Sha256};

/// The signed-in user, as one transaction reads them.
struct Facts {
    account: AccountId,
    email: String,
    session: SessionId,
    signed_in_at: Timestamp,
    proofs: Vec<Proof>,
    enrolled: crate::domain::Enrolled,
    may_open: bool,
    /// The user has signed out of the app, and not come back.
    is_out: bool,
    /// `None` if the user has never agreed to anything for this app.
    consent: Option<Scopes>,
    /// Kind of the passkey, if one was used.
    key: Option<KeyKind>,
}

#[get("/oidc/authorize")]
async fn by_link(visit: Visit<'_>, arrival: Arrival) -> Answer {
    let Some(params) = resume::read(visit.query().unwrap_or_default()) else {
        return problem::page(&visit, Problem::Unreadable, ("", ""));
    };
    let from_app = match Stop::split(AuthorizationRequest::read(&visit, &params).await)? {
        Ok(from_app) => from_app,
        Err(problem) => {
            let address = params.get("redirect_uri").unwrap_or_default();
            return problem::page(&visit, problem, (params.get("client_id").unwrap_or_default(), address));
        }
    };
    if from_app.known.app.popup {
        visit.cookies.set_popup();
    }
    let answer = decide(&visit, &from_app, arrival).await;
    match answer.as_ref().err().and_then(for_app) {
        Some(refused) => visit.answer_app(&from_app.refusal(&visit, refused), arrival),
        // By the policy for all users: the app waits.
        None => enrol_first::note_way_on(&visit, answer, &from_app.path()),
    }
}

/// Returns what a known app is told of a failure. `None` for one that a page of ours tells.
const fn for_app(failure: &Failure) -> Option<ErrorResponse> {
    match failure {
        Failure::Unavailable(_) | Failure::Busy => {
            Some(ErrorResponse::new(ErrorCode::TemporarilyUnavailable, "The server cannot answer at the moment."))
        }
        _ => None,
    }
}

/// Reads the request of an app, and notes for the admin why it is refused.
fn read(visit: &Visit<'_>, from_app: &AuthorizationRequest) -> Result<Request, ErrorResponse> {
    let rules = &from_app.known.client.rules;
    let asked = claims::asked(from_app.params.get("claims"), rules);
    // Not a parameter of the app's.
    let read = Request::read(&from_app.params.with(REPROOF, None), rules, asked);
    let is_form_to_an_app =
        from_app.params.get("response_mode") == Some("form_post") && from_app.address.origin().is_none();
    let read = match read {
        Ok(_) if is_form_to_an_app => Err(ErrorResponse::invalid("Only an address on the web takes a form.")),
        read => read,
    };
    read.inspect_err(|refused| {
        visit.services.refused.note(from_app.known.client.app, Why::Request(refused.why.to_owned()), visit.now)
    })
}

async fn decide(visit: &Visit<'_>, from_app: &AuthorizationRequest, arrival: Arrival) -> Answer {
    let request = match read(visit, from_app) {
        Ok(request) => request,
        Err(refused) => return visit.answer_app(&from_app.refusal(visit, refused), arrival),
    };
    let facts = match facts(visit, from_app).await {
        Ok(facts) => facts,
        Err(Failure::EnrolFirst) if request.prompt.none => {
            let refused = ErrorResponse::new(ErrorCode::InteractionRequired, "The user has to set up a second factor.");
            return visit.answer_app(&from_app.refusal(visit, refused), arrival);
        }
        Err(failure) => return Err(failure),
    };
    let named = request.claims.subject.as_deref();
    if facts.as_ref().zip(named).is_some_and(|(facts, named)| facts.account.to_string() != named) {
        let refused = ErrorResponse::new(ErrorCode::LoginRequired, "Another user is signed in.");
        return visit.answer_app(&from_app.refusal(visit, refused), arrival);
    }
    let hint = hint(visit, from_app).await?;
    if hint == Hint::Forged && request.prompt.none {
        let refused = ErrorResponse::new(ErrorCode::LoginRequired, "The id_token_hint is not one of ours.");
        return visit.answer_app(&from_app.refusal(visit, refused), arrival);
    }
    let wanted = super::consent::wanted(&from_app.known, &request);
    // As long as the email with the link may take, and then as long as its proof is new.
    let note_lifetime =
        Lifetime::millis(visit.settings.link_lifetime.as_millis().saturating_add(authorize::NEW_PROOF.as_millis()));
    let user = facts.as_ref().map(|facts| User {
        proofs: &facts.proofs,
        enrolled: facts.enrolled,
        may_open: facts.may_open,
        is_other: hint.is_other(facts) || request.login_hint.as_ref().is_some_and(|own| own.as_str() != facts.email),
        // Every app learns the user's id. So a request without a scope needs an answer, too.
        has_consented: !from_app.known.client.rules.is_third_party
            || facts.consent.as_ref().is_some_and(|given| wanted.are_within(given)),
        asked_again_at: asked_again_at(visit, (&from_app.params, note_lifetime), facts),
    });
    let next = authorize::next(&request, from_app.known.app.app.requires, user.as_ref(), visit.now);
    match (next, &facts) {
        (Next::Answer(_), Some(facts)) if facts.is_out => ask_first(visit, from_app, (&request, arrival)),
        (Next::Answer(shown), Some(facts)) => {
            visit.cookies.forget_way_on();
            let shown = shown.by_key(facts.key);
            let giving = Giving { request: &request, redirect_uri: &from_app.spelt, shown: &shown };
            let entropy = &*visit.services.entropy;
            let code = Code::new(entropy, (facts.account, facts.session), &giving, visit.now);
            let code = code.seal(&visit.services.keys, entropy, &from_app.known.client.id)?;
            visit.answer_app(&from_app.answer(visit, &[("code", &code)]), arrival)
        }
        (Next::Refuse(refused), _) => visit.answer_app(&from_app.refusal(visit, refused), arrival),
        // Not by the freshness of our own pages: the page would lead back at once, and here again.
        (Next::ProveAgain, _) => Ok(Reply::to_step_up(&prove_again(visit, &from_app.params)?, Some(Strength::One))),
        (Next::Strengthen(missing), _) => strengthen(visit, missing, (&from_app.known.app.app, &from_app.path())),
        (Next::SelectAccount, Some(facts)) => select_page(visit, from_app, facts, &hint),
        (Next::Consent, Some(facts)) => super::consent::page(visit, from_app, (&facts.email, &wanted)),
        (Next::NotForYou, Some(_)) => not_for_you(visit, from_app).await,
        _ => sign_in(visit, from_app, &request),
    }
}

/// Asks a user who signed out of the app.
fn ask_first(visit: &Visit<'_>, from_app: &AuthorizationRequest, (request, arrival): (&Request, Arrival)) -> Answer {
    if request.prompt.none {
        let refused = ErrorResponse::new(ErrorCode::InteractionRequired, "The user has signed out of this app.");
        return visit.answer_app(&from_app.refusal(visit, refused), arrival);
    }
    come_back::page(visit, &from_app.known.app.app, &from_app.path())
}

/// Leads to the sign-in page. The app's hint fills the address in, and sends no email.
fn sign_in(visit: &Visit<'_>, from_app: &AuthorizationRequest, request: &Request) -> Answer {
    // Who signs in chooses the account by that.
    let rest = without_select(&from_app.params);
    // A sign-in from now on is the new proof, so that no user is asked twice.
    let is_proof = request.wants_a_new_proof() || request.max_age.is_some();
    let return_to = if is_proof { prove_again(visit, &rest)? } else { resume::path(PATH, &rest) };
    let Some(hint) = &request.login_hint else { return Err(Failure::SignInFirst { return_to }) };
    let (return_to, email) = (query::encode(&return_to), query::encode(hint.as_str()));
    Ok(Reply::see_other(format!("/login?return_to={return_to}&email={email}")))
}

/// Reads the signed-in user again. `None` if no user is signed in.
async fn facts(visit: &Visit<'_>, from_app: &AuthorizationRequest) -> Result<Option<Facts>, Failure> {
    if visit.signed_in().is_none() {
        return Ok(None);
    }
    let app = from_app.known.app.app.clone();
    let look = visit.read_as_account(Need::signed_in(), move |tx, me| {
        let groups: Vec<_> =
            db::groups::of_account(tx.connection, me.account.id)?.into_iter().map(|group| group.id).collect();
        Ok(Facts {
            account: me.account.id,
            email: me.account.email.as_str().to_owned(),
            session: me.session.id,
            signed_in_at: me.session.created_at,
            proofs: me.session.proofs.clone(),
            enrolled: me.enrolled,
            may_open: app.may_be_opened_by(&me.account, &groups, tx.now),
            is_out: exit::asks_first(&db::apps::exits_of(tx.connection, me.session.id)?, app.id),
            consent: db::oidc_grants::consent(tx.connection, me.account.id, app.id)?,
            key: passkeys::kind_of(tx.connection, me.account.id, &me.session.proofs)?,
        })
    });
    match look.await {
        Ok(facts) => Ok(Some(facts)),
        // The session has just ended.
        Err(Failure::SignInFirst { .. }) => Ok(None),
        Err(failure) => Err(failure),
    }
}

/// Whom the app expects.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Hint {
    Anyone,
    Subject(String),
    /// Not a token of ours for this app.
    Forged,
}

impl Hint {
    fn is_other(&self, facts: &Facts) -> bool {
        matches!(self, Self::Subject(subject) if *subject != facts.account.to_string())
    }
}

/// Reads `id_token_hint`. An expired one is fine: it names a user and proves nothing.
async fn hint(visit: &Visit<'_>, from_app: &AuthorizationRequest) -> Result<Hint, Failure> {
    let Some(token) = from_app.params.get("id_token_hint") else { return Ok(Hint::Anyone) };
    let claims = own_token(visit, token).await?.filter(|(client, _)| client == from_app.known.client.id.as_str());
    Ok(claims.map_or(Hint::Forged, |(_, subject)| Hint::Subject(subject)))
}

/// Returns client and subject of an ID token that we issued.
pub(super) async fn own_token(visit: &Visit<'_>, token: &str) -> Result<Option<(String, String)>, Failure> {
    let keys = visit.services.signers().await?.public();
    let issuer = visit.services.config.base_url.origin();
    let text =
        |claims: &serde_json::Value, name: &str| claims.get(name).and_then(|value| value.as_str()).map(str::to_owned);
    let claims = signing::verify(token, TokenKind::IdToken, &keys);
    let claims = claims.filter(|claims| text(claims, "iss").as_deref() == Some(issuer));
    Ok(claims.and_then(|claims| Some((text(&claims, "aud")?, text(&claims, "sub")?))))
}

/// Returns the bytes that bind the note about a request for a new proof to this user's request.
/// Without a user, it asked for a sign-in. Parameters that a page of ours takes out of a request
/// are no part.
fn asked_of(account: Option<AccountId>, params: &Params) -> Vec<u8> {
    let answered = ["prompt", "login_hint", "id_token_hint"];
    let rest = answered.iter().fold(params.with(REPROOF, None), |params, name| params.with(name, None));
    let whom = account.map(|account| account.to_string()).unwrap_or_default();
    [b"oidc asked to prove again ", whom.as_bytes(), b" ", &Sha256::digest(rest.query())].concat()
}

/// Returns when we asked this user to prove again for this request, or to sign in.
fn asked_again_at(visit: &Visit<'_>, (params, lifetime): (&Params, Lifetime), facts: &Facts) -> Option<Timestamp> {
    let sealed = URL_SAFE_NO_PAD.decode(params.get(REPROOF)?).ok()?;
    let read = |account| {
        let plain = visit.services.keys.open_carried(&sealed, &asked_of(account, params)).ok()??;
        Some(Timestamp::from_millis(i64::from_be_bytes(plain.as_bytes().try_into().ok()?)))
    };
    let at = read(Some(facts.account)).or_else(|| read(None).filter(|at| *at <= facts.signed_in_at))?;
    (!at.is_ahead_of(visit.now) && visit.now.since(at) <= lifetime).then_some(at)
}

/// Returns the way back from the proof, with the note that it was asked for. Nothing is stored.
fn prove_again(visit: &Visit<'_>, params: &Params) -> Result<String, Failure> {
    let plain = visit.now.as_millis().to_be_bytes();
    let (services, account) = (visit.services, visit.signed_in().map(|known| known.account.id));
    let sealed = services.keys.seal_to_carry(&*services.entropy, &plain, &asked_of(account, params))?;
    Ok(resume::path(PATH, &params.with(REPROOF, Some(&URL_SAFE_NO_PAD.encode(sealed)))))
}

/// Asks for what is missing. The user comes back to `path` afterwards.
fn strengthen(visit: &Visit<'_>, missing: Missing, (app, path): (&App, &str)) -> Answer {
    match missing {
        Missing::Proof | Missing::SecondFactor | Missing::Passkey => step_up_for(missing, path),
        Missing::EnrolSecondFactor | Missing::EnrolPasskey => {
            enrol_first::page(visit, (app.name.as_str(), missing == Missing::EnrolPasskey), path)
        }
    }
}

/// The same after a form, which a redirect has to answer.
pub(super) fn step_up_for(missing: Missing, path: &str) -> Answer {
    match missing {
        Missing::Proof => Ok(Reply::to_step_up(path, Some(Strength::One))),
        Missing::SecondFactor => Ok(Reply::to_step_up(path, Some(Strength::Two))),
        Missing::Passkey => Ok(Reply::to_step_up(path, Some(Strength::Passkey))),
        Missing::EnrolSecondFactor | Missing::EnrolPasskey => Err(Failure::EnrolFirst),
    }
}

#[derive(Template)]
#[template(path = "oidc/select.html")]
struct SelectPage<'a> {
    layout: Layout,
    app: &'a str,
    email: &'a str,
    /// The same request without the question. `None` if an ID token names another user. The app
    /// then gets no answer for this one (OIDC Core 1.0, 3.1.2.2).
    go_on: Option<String>,
    /// The way back for a user who signs in with another account. It asks for no account again.
    again: String,
}

/// Returns a request without the question for the account.
fn without_select(params: &Params) -> Params {
    let prompt = params.get("prompt").unwrap_or_default();
    let rest: Vec<&str> = prompt.split(' ').filter(|word| !["select_account", "create"].contains(word)).collect();
    let rest = rest.join(" ");
    params.with("prompt", Some(rest.as_str()).filter(|rest| !rest.is_empty()))
}

/// Asks with which account to continue.
fn select_page(visit: &Visit<'_>, from_app: &AuthorizationRequest, facts: &Facts, hint: &Hint) -> Answer {
    let rest = without_select(&from_app.params);
    let app = from_app.known.app.app.name.as_str();
    let go_on = (!hint.is_other(facts)).then(|| resume::path(PATH, &rest.with("login_hint", None)));
    // The hints stay: they name the user for whom the app waits.
    let again = resume::path(PATH, &rest);
    visit.page(&SelectPage { layout: visit.plain_layout(), app, email: &facts.email, go_on, again })
}

async fn not_for_you(visit: &Visit<'_>, from_app: &AuthorizationRequest) -> Answer {
    visit.services.refused.note(from_app.known.client.app, Why::NotForYou, visit.now);
    let refused = ErrorResponse::new(ErrorCode::AccessDenied, "The user may not open this app.");
    let back = from_app.refusal(visit, refused);
    let (fields, back) = (back.fields().to_vec(), back.url().to_owned());
    let has_form = !fields.is_empty();
    let about = (visit.require()?, &from_app.known.app.app);
    // As one value: what an app sends along may be no path.
    let reply = not_for_you::page(visit, about, from_app.path(), Some((&back, fields.as_slice()))).await?;
    Ok(if has_form { reply.with_form_to_an_app() } else { reply })
}

/// A form of an app's page. It comes without cookies, so that the browser asks again by GET.
#[post("/oidc/authorize", data = "<form>")]
fn by_form(form: PassedOn) -> Reply {
    Reply::see_other(format!("{PATH}?{}", Params::of(form.pairs()).query()))
}

pub(super) fn pages() -> Vec<Route> {
    routes![by_link]
}

pub(super) fn apis() -> Vec<Route> {
    routes![by_form]
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Until the client is known, a page of ours tells of these, too.
    #[test]
    fn a_known_app_is_told_that_the_server_cannot_answer_and_of_no_other_failure() {
        let away = || Failure::Unavailable(db::Error::unavailable("no connection"));
        for failure in [away(), Failure::Busy] {
            let told = for_app(&failure).map(|refused| refused.error);
            assert_eq!(told, Some(ErrorCode::TemporarilyUnavailable), "{failure:?}");
        }
        for failure in [
            Failure::fault("a defect"),
            Failure::EnrolFirst,
            Failure::Forbidden,
            Failure::SignInFirst { return_to: "/".to_owned() },
            Failure::TooMany(Lifetime::minutes(1)),
        ] {
            assert_eq!(for_app(&failure), None, "{failure:?}");
        }
    }
}
