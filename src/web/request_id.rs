//! One name for each request. It is in the request's log lines, on its error page, in the audit
//! log, and in a header.

use crate::{
    domain::{Entropy, entropy},
    services::Services,
};
use rocket::Request;
use std::{fmt, sync::Arc};

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequestId(String);

impl RequestId {
    /// Returns the request's name, made at its first use.
    pub fn of<'r>(request: &'r Request<'_>) -> &'r Self {
        request.local_cache(|| {
            let services = request.rocket().state::<Arc<Services>>();
            services.map_or_else(|| Self("none".to_owned()), |services| Self::issue(&*services.entropy))
        })
    }

    fn issue(entropy: &dyn Entropy) -> Self {
        Self(format!("{:016x}", u64::from_be_bytes(entropy::bytes(entropy))))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
