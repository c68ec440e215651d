//! Answers for programs.

use crate::{
    domain::oidc::{ErrorCode, error::ErrorResponse},
    web::Reply,
};
use rocket::http::Status;
use serde_json::{Value, json};

/// Returns an answer that no cache keeps (RFC 6749, section 5.1).
pub(super) fn private(body: &Value) -> Reply {
    Reply::json(body).with_header("Cache-Control", "no-store").with_header("Pragma", "no-cache")
}

/// Returns an error (RFC 6749, section 5.2). A client that tried the header learns that it may.
pub(super) fn refused(refused: ErrorResponse, is_basic: bool) -> Reply {
    let is_client = refused.error == ErrorCode::InvalidClient;
    let status = if is_client { Status::Unauthorized } else { Status::BadRequest };
    let reply = private(&json!({ "error": refused.error.as_str(), "error_description": refused.why }));
    let reply = reply.with_status(status);
    if is_client && is_basic { reply.with_header("WWW-Authenticate", "Basic realm=\"Gatepost\"") } else { reply }
}

/// Returns an error for the holder of an access token (RFC 6750, section 3).
pub(super) fn bearer_refused(status: Status, error: Option<ErrorResponse>) -> Reply {
    let (header, body) = match error {
        None => ("Bearer".to_owned(), json!({ "error": "invalid_token", "error_description": "No access token." })),
        Some(ErrorResponse { error, why }) => (
            format!("Bearer error=\"{}\", error_description=\"{why}\"", error.as_str()),
            json!({ "error": error.as_str(), "error_description": why }),
        ),
    };
    private(&body).with_status(status).with_header("WWW-Authenticate", header)
}
