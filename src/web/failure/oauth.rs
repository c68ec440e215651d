//! A failure as an app's server reads it: an error of OAuth 2.0 (RFC 6749, section 5.2).
//!
//! The description is for the app's developer: fixed English text in ASCII, as the section asks. It
//! repeats nothing of the request and tells nothing of the server's inside.

use super::Failure;
use crate::web::Reply;
use rocket::http::Status;
use serde_json::json;

/// An error, as its standard names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OauthError {
    InvalidRequest,
    AccessDenied,
    /// The user has to sign in (OpenID Connect Core, section 3.1.2.6).
    LoginRequired,
    /// The user has to verify or set up something (ibid.).
    InteractionRequired,
    TemporarilyUnavailable,
    ServerError,
}

impl OauthError {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::InvalidRequest => "invalid_request",
            Self::AccessDenied => "access_denied",
            Self::LoginRequired => "login_required",
            Self::InteractionRequired => "interaction_required",
            Self::TemporarilyUnavailable => "temporarily_unavailable",
            Self::ServerError => "server_error",
        }
    }
}

/// Contents of the answer.
struct OauthAnswer(Status, OauthError, &'static str);

const UNREADABLE: &str = "The request is malformed: a parameter is missing, doubled or unknown.";
const NOT_A_FORM: &str = "Send parameters as application/x-www-form-urlencoded.";
const LATER: &str = "The server cannot answer at the moment. Try again later.";
const OURS: &str = "The server met an unexpected condition.";

const fn answer(failure: &Failure) -> OauthAnswer {
    use OauthError::{
        AccessDenied, InteractionRequired, InvalidRequest, LoginRequired, ServerError, TemporarilyUnavailable,
    };
    match failure {
        Failure::BadRequest | Failure::UnreadableForm => OauthAnswer(Status::BadRequest, InvalidRequest, UNREADABLE),
        Failure::NotAForm => OauthAnswer(Status::BadRequest, InvalidRequest, NOT_A_FORM),
        Failure::NotFound => OauthAnswer(Status::NotFound, InvalidRequest, "Nothing is here."),
        Failure::Forbidden => OauthAnswer(Status::Forbidden, AccessDenied, "This is not allowed."),
        Failure::SignInFirst { .. } => OauthAnswer(Status::BadRequest, LoginRequired, "The user has to sign in."),
        Failure::EnrolFirst => {
            OauthAnswer(Status::BadRequest, InteractionRequired, "The user has to set up a second factor.")
        }
        Failure::StepUpFirst { .. } => {
            OauthAnswer(Status::BadRequest, InteractionRequired, "The user has to sign in again.")
        }
        Failure::TooMany(_) | Failure::PasswordPauses => {
            OauthAnswer(Status::TooManyRequests, TemporarilyUnavailable, "Too many requests. Try again later.")
        }
        Failure::Busy | Failure::Unavailable(_) => {
            OauthAnswer(Status::ServiceUnavailable, TemporarilyUnavailable, LATER)
        }
        Failure::Fault(_) => OauthAnswer(Status::InternalServerError, ServerError, OURS),
    }
}

pub(super) fn reply(failure: &Failure) -> Reply {
    written(&answer(failure))
}

/// Returns the answer where no route failed, but the gate or the router refused.
pub(super) fn of_status(status: Status) -> Reply {
    use OauthError::{AccessDenied, InvalidRequest, ServerError, TemporarilyUnavailable};
    written(&match status.code {
        403 => OauthAnswer(status, AccessDenied, "This is not allowed."),
        404 => OauthAnswer(status, InvalidRequest, "Nothing is here."),
        405 => OauthAnswer(status, InvalidRequest, "This method is not supported here."),
        413 => OauthAnswer(status, InvalidRequest, "The request is too large."),
        415 => OauthAnswer(Status::BadRequest, InvalidRequest, NOT_A_FORM),
        421 => OauthAnswer(status, InvalidRequest, "This server has another name."),
        422 => OauthAnswer(Status::BadRequest, InvalidRequest, UNREADABLE),
        429 | 503 => OauthAnswer(status, TemporarilyUnavailable, LATER),
        code if code < 500 => OauthAnswer(status, InvalidRequest, UNREADABLE),
        _ => OauthAnswer(status, ServerError, OURS),
    })
}

fn written(OauthAnswer(status, error, description): &OauthAnswer) -> Reply {
    Reply::json(&json!({ "error": error.as_str(), "error_description": description }))
        .with_status(*status)
        // Also what caches of HTTP/1.0 obey, as the section asks.
        .with_header("Cache-Control", "no-store")
        .with_header("Pragma", "no-cache")
}
