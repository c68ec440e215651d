//! WebFinger (RFC 7033): which server signs the users of an email domain in (OpenID Connect
//! Discovery 1.0, section 2). Each address gets the same answer, so that none tells who has an
//! account.

use super::{Params, params::Given};
use url::Url;

/// The one relation that Gatepost tells.
pub const ISSUER: &str = "http://openid.net/specs/connect/1.0/issuer";

/// A question that has an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    /// Subject of the question, in its own spelling.
    pub resource: String,
    /// The question asks for every relation, or for the issuer among others.
    pub is_about_issuer: bool,
}

/// Why a question has no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoAnswer {
    /// The resource is missing, there twice, or no URI.
    Malformed,
    /// A URI that can name no user, such as `tel:`.
    Unknown,
}

/// Reads a question.
///
/// # Errors
///
/// Why it has no answer.
pub fn read(query: &str) -> Result<Asked, NoAnswer> {
    let params = Params::read(query).ok_or(NoAnswer::Malformed)?;
    let Given::Once(resource) = params.given("resource") else { return Err(NoAnswer::Malformed) };
    judge(resource)?;
    let mut relations = params.all("rel").peekable();
    let is_about_issuer = relations.peek().is_none() || relations.any(|rel| rel == ISSUER);
    Ok(Asked { resource: resource.to_owned(), is_about_issuer })
}

fn judge(resource: &str) -> Result<(), NoAnswer> {
    if !resource.bytes().all(|b| b.is_ascii_graphic()) {
        return Err(NoAnswer::Malformed);
    }
    let url = Url::parse(resource).map_err(|_| NoAnswer::Malformed)?;
    match url.scheme() {
        "acct" if is_account(url.path()) => Ok(()),
        "acct" => Err(NoAnswer::Malformed),
        "https" | "http" => Ok(()),
        _ => Err(NoAnswer::Unknown),
    }
}

/// Returns whether this is `user@host` (RFC 7565, section 7).
fn is_account(text: &str) -> bool {
    let is_host = |host: &str| !host.is_empty() && !host.contains(['@', '/', '?', '#']);
    text.rsplit_once('@').is_some_and(|(user, host)| !user.is_empty() && !user.contains('/') && is_host(host))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn asked(query: &str) -> Result<(String, bool), NoAnswer> {
        read(query).map(|asked| (asked.resource, asked.is_about_issuer))
    }

    #[test]
    fn a_question_about_a_user_has_an_answer_and_any_other_says_why_not() {
        const REL: &str = "rel=http%3A%2F%2Fopenid.net%2Fspecs%2Fconnect%2F1.0%2Fissuer";
        use NoAnswer::{Malformed, Unknown};
        let ana = || "acct:ana@example.com".to_owned();
        for (query, expected) in [
            ("resource=acct:ana@example.com".to_owned(), Ok((ana(), true))),
            (format!("resource=acct%3Aana%40example.com&{REL}"), Ok((ana(), true))),
            (format!("rel=avatar&{REL}&resource=acct:ana@example.com"), Ok((ana(), true))),
            ("resource=acct:ana@example.com&rel=avatar".to_owned(), Ok((ana(), false))),
            ("resource=https://example.com/ana".to_owned(), Ok(("https://example.com/ana".to_owned(), true))),
            ("resource=http://example.com/ana".to_owned(), Ok(("http://example.com/ana".to_owned(), true))),
            ("resource=tel:%2B49301234".to_owned(), Err(Unknown)),
            ("resource=javascript:alert(1)".to_owned(), Err(Unknown)),
            (String::new(), Err(Malformed)),
            (REL.to_owned(), Err(Malformed)),
            ("resource=".to_owned(), Err(Malformed)),
            ("resource=acct:a@b.c&resource=acct:a@b.c".to_owned(), Err(Malformed)),
            ("resource=ana@example.com".to_owned(), Err(Malformed)),
            ("resource=acct:ana".to_owned(), Err(Malformed)),
            ("resource=acct:@example.com".to_owned(), Err(Malformed)),
            ("resource=acct:ana@".to_owned(), Err(Malformed)),
            ("resource=acct:ana@example.com/x".to_owned(), Err(Malformed)),
            ("resource=acct:a/b@example.com".to_owned(), Err(Malformed)),
            ("resource=acct:ana%20b@example.com".to_owned(), Err(Malformed)),
            ("resource=acct:an%C3%A4@example.com".to_owned(), Err(Malformed)),
            ("resource=https://".to_owned(), Err(Malformed)),
            ("resource=acct:a%00@example.com".to_owned(), Err(Malformed)),
        ] {
            assert_eq!(asked(&query), expected, "{query}");
        }
    }

    proptest! {
        #[test]
        fn no_query_breaks_it_and_what_has_an_answer_names_what_was_asked(query in "[ -~é]{0,80}") {
            if let Ok(asked) = read(&query) {
                prop_assert!(Params::read(&query).unwrap().get("resource") == Some(&*asked.resource));
            }
        }
    }
}
