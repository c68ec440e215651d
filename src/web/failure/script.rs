//! A failure as our own scripts read it: one word. The page has a sentence for each.

use super::Failure;
use crate::web::{Reply, json};
use rocket::http::Status;

/// Returns the script's word. It knows other failures by their status.
const fn word(failure: &Failure) -> &'static str {
    match failure {
        Failure::BadRequest | Failure::UnreadableForm | Failure::NotAForm => "unreadable",
        Failure::Forbidden
        | Failure::NotFound
        | Failure::SignInFirst { .. }
        | Failure::EnrolFirst
        | Failure::StepUpFirst { .. } => "refused",
        Failure::TooMany(_) | Failure::PasswordPauses => "patience",
        Failure::Busy | Failure::Unavailable(_) | Failure::Fault(_) => "fault",
    }
}

pub(super) fn reply(failure: &Failure) -> Reply {
    // A script would follow a redirect before it can read it.
    match failure.leads_to() {
        Some(to) => json::go_to(&to),
        None => json::problem(failure.status(), word(failure)),
    }
}

/// Returns the answer where no route failed, but the gate or the router refused.
pub(super) fn of_status(status: Status) -> Reply {
    let word = match status.code {
        400 | 408 | 413 | 415 | 422 => "unreadable",
        429 => "patience",
        code if code < 500 => "refused",
        _ => "fault",
    };
    json::problem(status, word)
}
