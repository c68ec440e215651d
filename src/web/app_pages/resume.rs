//! A request of an app that waits while the user signs in, proves again or agrees.
//!
//! It comes back as one value in base64, because what an app sends along may look like anything. It
//! says no more than the app could have said, so that it needs no seal.

use crate::domain::oidc::{Params, params::MAX_QUERY};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};

/// The parameter that holds all others.
pub const RESUME: &str = "resume";
/// Time at which a page of ours asked the user to prove again, sealed.
pub const REPROOF: &str = "gatepost_reproof";

/// Reads a query, whole or in its waiting form.
pub fn read(query: &str) -> Option<Params> {
    let params = Params::read(query.get(..).filter(|query| query.len() <= 9000)?).or_else(|| waiting(query));
    let params = params?;
    match params.get(RESUME) {
        Some(text) => unfold(text),
        None => Some(params),
    }
}

/// A waiting request may be longer than one that an app sends.
fn waiting(query: &str) -> Option<Params> {
    let text = query.strip_prefix("resume=")?;
    text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_')).then(|| unfold(text))?
}

/// Reads the value of `resume`.
pub fn unfold(text: &str) -> Option<Params> {
    let query = String::from_utf8(URL_SAFE_NO_PAD.decode(text).ok()?).ok()?;
    Params::read_waiting(&query).filter(|params| params.get(RESUME).is_none())
}

/// Returns whether a request can wait. One that an app spelt with few escapes may be too long with
/// all of them.
pub fn fits(params: &Params) -> bool {
    params.with(REPROOF, None).query().len() <= MAX_QUERY
}

/// Returns the value of `resume`.
pub fn fold(params: &Params) -> String {
    URL_SAFE_NO_PAD.encode(params.query())
}

/// Returns the path of a page with a request that waits.
pub fn path(page: &str, params: &Params) -> String {
    format!("{page}?{RESUME}={}", fold(params))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::ReturnTo;

    #[test]
    fn all_that_an_app_sends_along_comes_back_after_a_sign_in() {
        let state = "%2F%252F\\\n\"é<>&=#".repeat(60);
        let params = Params::of(&[("client_id".to_owned(), "a".to_owned()), ("state".to_owned(), state)]);
        let path = path("/oidc/authorize", &params);
        assert_eq!(ReturnTo::parse(&path).as_str(), path, "it is no reason to lose the way");
        assert_eq!(read(path.split_once('?').unwrap().1), Some(params));
    }

    #[test]
    fn a_request_that_is_too_long_to_wait_is_known_at_once() {
        let of = |length: usize| Params::read(&format!("state={}", "~".repeat(length))).unwrap();
        assert!(fits(&of(2000)) && !fits(&of(2100)), "an escape has three characters");
        let longest = Params::read(&format!("state={}", "a".repeat(MAX_QUERY - 6))).unwrap();
        let waits = path("/oidc/authorize", &longest.with(REPROOF, Some(&"r".repeat(300))));
        assert_eq!(ReturnTo::parse(&waits).as_str(), waits);
        assert!(read(waits.split_once('?').unwrap().1).is_some_and(|params| fits(&params)));
    }

    #[test]
    fn a_request_waits_once_and_not_in_itself() {
        let inner = Params::of(&[(RESUME.to_owned(), "x".to_owned())]);
        assert_eq!(unfold(&fold(&inner)), None);
        for odd in ["resume=!", "resume=_", "resume=%20"] {
            assert!(read(odd).is_none(), "{odd}");
        }
    }
}
