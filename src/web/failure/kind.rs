//! The kinds of failures, and what each means for the visitor.

use crate::{
    db::{self, Stop},
    domain::Lifetime,
    sealing::SealFault,
    web::query,
};
use rocket::http::Status;
use std::{error::Error as StdError, fmt};

#[derive(Debug)]
pub enum Failure {
    /// The request makes no sense.
    BadRequest,
    /// The user, or a request from another site, is not allowed to do this.
    Forbidden,
    NotFound,
    /// A field of the form is missing, unknown or doubled.
    UnreadableForm,
    /// The body is not a form, or has another content type.
    NotAForm,
    /// Too many requests. How long to wait.
    TooMany(Lifetime),
    /// Too many wrong passwords in a row for this address. The user has to sign in another way
    /// first.
    PasswordPauses,
    /// Signing in comes first. Where to come back to.
    SignInFirst {
        return_to: String,
    },
    /// Enrolling the required second factor comes first.
    EnrolFirst,
    /// A step-up comes first. Where to come back to.
    StepUpFirst {
        then: String,
    },
    /// More slow work waits than the server can do in a moment.
    Busy,
    /// The database is unavailable at the moment.
    Unavailable(db::Error),
    /// A defect of ours.
    Fault(Box<dyn StdError + Send + Sync>),
}

impl Failure {
    pub fn fault(error: impl Into<Box<dyn StdError + Send + Sync>>) -> Self {
        Self::Fault(error.into())
    }

    /// Returns where the failure leads, if anywhere.
    pub fn leads_to(&self) -> Option<String> {
        match self {
            Self::SignInFirst { return_to } => Some(format!("/login?return_to={}", query::encode(return_to))),
            Self::EnrolFirst => Some("/account/security".to_owned()),
            Self::StepUpFirst { then } => Some(format!("/step-up?then={}", query::encode(then))),
            _ => None,
        }
    }

    pub(super) const fn status(&self) -> Status {
        match self {
            Self::BadRequest => Status::BadRequest,
            Self::Forbidden => Status::Forbidden,
            Self::NotFound => Status::NotFound,
            Self::UnreadableForm => Status::UnprocessableEntity,
            Self::NotAForm => Status::UnsupportedMediaType,
            Self::TooMany(_) | Self::PasswordPauses => Status::TooManyRequests,
            Self::SignInFirst { .. } | Self::EnrolFirst | Self::StepUpFirst { .. } => Status::SeeOther,
            Self::Busy | Self::Unavailable(_) => Status::ServiceUnavailable,
            Self::Fault(_) => Status::InternalServerError,
        }
    }
}

impl From<db::Error> for Failure {
    fn from(error: db::Error) -> Self {
        match error {
            db::Error::TooOften(wait) => Self::TooMany(wait),
            error if error.is_unavailable() => Self::Unavailable(error),
            error => Self::fault(error),
        }
    }
}

/// A factor that cannot be unsealed is a fault for the operator, never "wrong code" and never "no
/// factor".
impl From<SealFault> for Failure {
    fn from(fault: SealFault) -> Self {
        Self::fault(fault)
    }
}

impl<R, E: Into<Failure>> From<E> for Stop<R, Failure> {
    fn from(fault: E) -> Self {
        Self::Fault(fault.into())
    }
}

/// An error with all its causes on one line.
pub struct Chain<'a>(pub &'a (dyn StdError + 'static));

impl fmt::Display for Chain<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut said = self.0.to_string();
        f.write_str(&said)?;
        let mut cause = self.0.source();
        while let Some(error) = cause {
            let more = error.to_string();
            if !said.contains(&more) {
                write!(f, ": {more}")?;
            }
            said = more;
            cause = error.source();
        }
        Ok(())
    }
}
