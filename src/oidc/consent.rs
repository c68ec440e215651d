//! Consent to data that an app made by others may read: the user is asked once.

use super::{authorization_request::AuthorizationRequest, client_auth::EnabledClient, issue};
use crate::{
    db::{self, Error, Stop, Tx},
    domain::{
        apps::Registered,
        assurance::{Required, meets},
        audit::Action,
        oidc::{ErrorCode, Scope, Scopes, authorize::Request, error::ErrorResponse},
    },
    web::{Answer, Arrival, Failure, Fields, Layout, Me, Need, Reply, Visit, resume},
};
use askama::Template;
use rocket::{Route, post, routes};

#[derive(Template)]
#[template(path = "oidc/consent.html")]
struct ConsentPage<'a> {
    layout: Layout,
    app: &'a str,
    email: &'a str,
    /// Keys of what it wants to read.
    wants: Vec<&'static str>,
    resume: String,
    /// Account that is asked. Another user's answer does not count.
    account: String,
}

pub(super) fn page(visit: &Visit<'_>, from_app: &AuthorizationRequest, (email, wanted): (&str, &Scopes)) -> Answer {
    let app = from_app.known.app.app.name.as_str();
    let wants = wanted.iter().filter_map(key).collect();
    let resume = resume::fold(&from_app.params);
    let account = visit.require()?.account.id.to_string();
    visit.page(&ConsentPage { layout: visit.plain_layout(), app, email, wants, resume, account })
}

/// Returns what an app asks to read, by scopes and by claims.
pub(super) fn wanted(known: &EnabledClient, request: &Request) -> Scopes {
    issue::that_count(known, request.scopes.and(&request.claims.scopes.all))
}

/// Returns whether a user may open an app, and has shown what it requires.
fn may_open(tx: &mut Tx<'_>, me: &Me, app: &Registered) -> Result<bool, Error> {
    let groups = db::groups::of_account(tx.connection, me.account.id)?;
    let groups: Vec<_> = groups.into_iter().map(|group| group.id).collect();
    // How young a proof has to be is judged when the user comes, and not by how long they read.
    let required = Required { fresh_within: None, ..app.app.requires };
    let is_strong = meets(me.enrolled, &me.session.proofs, required, tx.now).is_ok();
    Ok(is_strong && app.app.may_be_opened_by(&me.account, &groups, tx.now))
}

pub(super) const fn key(scope: Scope) -> Option<&'static str> {
    match scope {
        Scope::OpenId => None,
        Scope::Profile => Some("oidc-wants-profile"),
        Scope::Email => Some("oidc-wants-email"),
        Scope::Groups => Some("oidc-wants-groups"),
        Scope::OfflineAccess => Some("oidc-wants-offline"),
    }
}

#[post("/oidc/consent", data = "<form>")]
async fn consent(visit: Visit<'_>, form: Fields) -> Answer {
    form.only(&["resume", "answer", "account"])?;
    let params = resume::unfold(form.required("resume")?).ok_or(Failure::UnreadableForm)?;
    let from_app =
        Stop::split(AuthorizationRequest::read(&visit, &params).await)?.map_err(|_| Failure::UnreadableForm)?;
    match form.required("answer")? {
        "yes" => {}
        "no" => {
            let refused = ErrorResponse::new(ErrorCode::AccessDenied, "The user said no.");
            return visit.answer_app(&from_app.refusal(&visit, refused), Arrival::FromOurPage);
        }
        _ => return Err(Failure::UnreadableForm),
    }
    let asked = super::claims::asked(from_app.params.get("claims"), &from_app.known.client.rules);
    let plain = from_app.params.with(resume::REPROOF, None);
    let request = Request::read(&plain, &from_app.known.client.rules, asked).map_err(|_| Failure::UnreadableForm)?;
    let scopes = wanted(&from_app.known, &request);
    let (app, asked_of) = (from_app.known.app.clone(), form.required("account")?.to_owned());
    let given = visit
        .as_account(Need::signed_in(), move |tx, me| {
            // Someone else has signed in since the page was shown. They read nothing of it.
            if me.account.id.to_string() != asked_of {
                return Ok(false);
            }
            // Since then the user may have left a group, or lost a factor. Authorize says which.
            if !may_open(tx, me, &app)? {
                return Ok(false);
            }
            db::oidc_grants::note_consent(tx.connection, (me.account.id, app.app.id), &scopes, tx.now)?;
            // The user has just said that they want in, so that no second page asks for it.
            db::apps::come_back(tx.connection, me.session.id, app.app.id, tx.now)?;
            let line = tx.line(Action::AppConsentGiven, app.app.slug.as_str()).to(scopes.text());
            tx.log(&line)?;
            Ok(true)
        })
        .await?;
    let to = if given { resume::path("/oidc/authorize", &without_question(&from_app)) } else { from_app.path() };
    Ok(Reply::see_other(to))
}

/// Returns the same request without the wish to be asked, which has been answered.
fn without_question(from_app: &AuthorizationRequest) -> crate::domain::oidc::Params {
    let prompt = from_app.params.get("prompt").unwrap_or_default();
    let rest: Vec<&str> = prompt.split(' ').filter(|word| *word != "consent").collect();
    let rest = rest.join(" ");
    from_app.params.with("prompt", Some(rest.as_str()).filter(|rest| !rest.is_empty()))
}

pub(super) fn pages() -> Vec<Route> {
    routes![consent]
}
