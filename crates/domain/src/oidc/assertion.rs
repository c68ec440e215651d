//! Clients that prove who they are by a key of their own (`private_key_jwt`, RFC 7523, OpenID
//! Connect Core, section 9).

use super::ClientId;
use crate::{Lifetime, Timestamp};

/// The longest time that an assertion may still count, and so how long its name is remembered.
const MAX_AHEAD: Lifetime = Lifetime::minutes(10);
/// By how much a client's clock may differ.
const LEEWAY: Lifetime = Lifetime::minutes(1);
/// The longest name of an assertion.
const MAX_JTI: usize = 200;

/// Claims of an assertion whose signature has been verified.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Claims {
    pub iss: Option<String>,
    pub sub: Option<String>,
    /// Each audience. A text other than ours makes it useless here.
    pub aud: Vec<String>,
    /// Seconds. `None` also for what is no number.
    pub exp: Option<i64>,
    pub nbf: Option<i64>,
    pub iat: Option<i64>,
    pub jti: Option<String>,
}

/// An assertion that counts, once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Assertion {
    pub jti: String,
    /// Until then its name is remembered.
    pub forget_at: Timestamp,
}

/// Returns the assertion if it counts for this client and for us. `ours` are the issuer and the
/// token endpoint.
///
/// Each of its audiences is ours: one that is also for another server could be used at both.
pub fn judge(claims: &Claims, client: &ClientId, ours: &[&str], now: Timestamp) -> Option<Assertion> {
    let is_client = |claim: &Option<String>| claim.as_deref() == Some(client.as_str());
    let is_ours = !claims.aud.is_empty() && claims.aud.iter().all(|audience| ours.contains(&audience.as_str()));
    let at = |seconds: i64| Timestamp::from_millis(seconds.saturating_mul(1000));
    let is_past = |claim: Option<i64>| claim.is_none_or(|seconds| at(seconds) <= now.plus(LEEWAY));
    let end = at(claims.exp?);
    let counts_now = now < end && end <= now.plus(MAX_AHEAD) && is_past(claims.nbf) && is_past(claims.iat);
    let jti = claims.jti.clone().filter(|jti| (1..=MAX_JTI).contains(&jti.len()))?;
    let is_good = is_client(&claims.iss) && is_client(&claims.sub) && is_ours && counts_now;
    // A node whose clock is a little behind still takes it after the end.
    is_good.then_some(Assertion { jti, forget_at: end.plus(LEEWAY) })
}

#[cfg(test)]
mod tests {
    use super::*;

    const ISSUER: &str = "https://login.example.com";
    const TOKEN: &str = "https://login.example.com/oidc/token";

    fn good() -> Claims {
        Claims {
            iss: text("grafana"),
            sub: text("grafana"),
            aud: vec![ISSUER.to_owned()],
            exp: Some(1060),
            nbf: None,
            iat: Some(1000),
            jti: text("one"),
        }
    }

    fn counts(claims: &Claims) -> bool {
        let client = ClientId::parse("grafana").unwrap();
        judge(claims, &client, &[ISSUER, TOKEN], Timestamp::from_millis(1_000_000)).is_some()
    }

    #[test]
    fn an_assertion_is_for_one_client_one_server_and_a_short_time() {
        assert!(counts(&good()));
        assert!(counts(&Claims { aud: vec![TOKEN.to_owned()], ..good() }));
        assert!(counts(&Claims { aud: vec![ISSUER.to_owned(), TOKEN.to_owned()], ..good() }));
        assert!(counts(&Claims { iat: None, nbf: Some(1059), exp: Some(1600), ..good() }));
        assert!(counts(&Claims { iat: Some(1060), nbf: Some(1060), ..good() }));
        assert!(counts(&Claims { jti: Some("x".repeat(200)), ..good() }));
    }

    /// Name of a fault in the claims, and the change that causes it.
    type Row = (&'static str, fn(&mut Claims));

    fn text(text: &str) -> Option<String> {
        Some(text.to_owned())
    }

    const ROWS: [Row; 17] = [
        ("no iss", |claims| claims.iss = None),
        ("another iss", |claims| claims.iss = text("wiki")),
        ("no sub", |claims| claims.sub = None),
        ("another sub", |claims| claims.sub = text("wiki")),
        ("no aud", |claims| claims.aud = vec![]),
        ("another aud", |claims| claims.aud = vec!["https://evil.example".into()]),
        ("a longer aud", |claims| claims.aud = vec![format!("{ISSUER}/")]),
        ("two aud", |claims| claims.aud = vec![ISSUER.into(), "https://evil.example".into()]),
        ("no exp", |claims| claims.exp = None),
        ("expired", |claims| claims.exp = Some(1000)),
        ("too long", |claims| claims.exp = Some(1601)),
        ("beyond all time", |claims| claims.exp = Some(i64::MAX)),
        ("not yet", |claims| claims.nbf = Some(1061)),
        ("from the future", |claims| claims.iat = Some(1061)),
        ("no jti", |claims| claims.jti = None),
        ("empty jti", |claims| claims.jti = text("")),
        ("long jti", |claims| claims.jti = Some("x".repeat(201))),
    ];

    /// Each row alone, and each with another one: an `||` instead of an `&&` would let a pair
    /// through.
    #[test]
    fn an_assertion_that_is_wrong_in_one_point_or_in_two_does_not_count() {
        for (row, change) in ROWS {
            for (other, also) in ROWS {
                let mut wrong = good();
                change(&mut wrong);
                also(&mut wrong);
                assert!(!counts(&wrong), "{row}, {other}");
            }
        }
    }

    /// A node whose clock is a little behind still takes it after its end.
    #[test]
    fn an_assertion_is_remembered_for_a_minute_after_its_end() {
        let client = ClientId::parse("grafana").unwrap();
        let found = judge(&good(), &client, &[ISSUER], Timestamp::from_millis(1_000_000)).unwrap();
        assert_eq!((found.jti.as_str(), found.forget_at), ("one", Timestamp::from_millis(1_120_000)));
    }
}
