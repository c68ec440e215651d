use super::*;
use crate::{Method, assurance::Strength};

const RIGHT: &str =
    "client_id=grafana&redirect_uri=https%3A%2F%2Fa.example%2Fcb&response_type=code&scope=openid+email&state=s&nonce=n";
const CHALLENGE: &str = "&code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM&code_challenge_method=S256";

fn read(query: &str, is_public: bool) -> Result<Request, ErrorResponse> {
    Request::read(&Params::read(query).unwrap(), &ClientRules::new(is_public), Some(ClaimsAsked::default()))
}

fn error(query: &str) -> &'static str {
    read(query, false).map_or_else(|refused| refused.error.as_str(), |_| "ok")
}

#[test]
fn nothing_goes_anywhere_before_client_and_address_are_named_once() {
    let target = |query: &str| super::target(&Params::read(query).unwrap()).map(|(client, _)| client.to_string());
    assert_eq!(target(RIGHT), Ok("grafana".to_owned()));
    for (query, why) in [
        ("", NoTarget::Client),
        ("client_id=", NoTarget::Client),
        ("client_id=a%20b&redirect_uri=x", NoTarget::Client),
        ("client_id=a&client_id=a&redirect_uri=x", NoTarget::Client),
        ("client_id=a", NoTarget::Address),
        ("client_id=a&redirect_uri=", NoTarget::Address),
        ("client_id=a&redirect_uri=x&redirect_uri=x", NoTarget::Address),
        (&format!("client_id=a&redirect_uri=x&state={}", "s".repeat(MAX_STATE + 1)), NoTarget::State),
    ] {
        assert_eq!(target(query), Err(why), "{query:.60}");
    }
}

#[test]
fn each_wrong_parameter_is_told_by_its_own_error() {
    for (more, expected) in [
        ("", "ok"),
        ("&unknown=x&display=popup&ui_locales=de&claims_locales=de&login_hint=no%20address", "ok"),
        (CHALLENGE, "ok"),
        ("&prompt=login+consent", "ok"),
        ("&max_age=0", "ok"),
        ("&max_age=9999999999", "ok"),
        ("&response_mode=query", "ok"),
        ("&response_mode=fragment", "invalid_request"),
        ("&response_mode=web_message", "invalid_request"),
        ("&scope=openid", "invalid_request"),
        ("&state=t", "invalid_request"),
        ("&request=x", "request_not_supported"),
        ("&request_uri=https%3A%2F%2Fa.example%2Fr", "request_uri_not_supported"),
        ("&registration=x", "registration_not_supported"),
        ("&prompt=none+login", "invalid_request"),
        ("&prompt=x", "invalid_request"),
        ("&max_age=-1", "invalid_request"),
        ("&max_age=1.5", "invalid_request"),
        ("&max_age=x", "invalid_request"),
        ("&max_age=12345678901", "invalid_request"),
        ("&code_challenge=x&code_challenge_method=S256", "invalid_request"),
        ("&code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM", "invalid_request"),
        ("&code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM&code_challenge_method=plain", "invalid_request"),
        ("&code_challenge_method=S256", "invalid_request"),
    ] {
        assert_eq!(error(&format!("{RIGHT}{more}")), expected, "{more}");
    }
    assert_eq!(error(&RIGHT.replace("response_type=code&", "")), "invalid_request");
    for kind in ["token", "id_token", "code+id_token", "code+token", "none", "CODE"] {
        let query = RIGHT.replace("response_type=code", &format!("response_type={kind}"));
        assert_eq!(error(&query), "unsupported_response_type", "{kind}");
    }
    for (length, expected) in [(MAX_NONCE, "ok"), (MAX_NONCE + 1, "invalid_request")] {
        let long = format!("{RIGHT}{CHALLENGE}").replace("nonce=n", &format!("nonce={}", "n".repeat(length)));
        assert_eq!(error(&long), expected, "{length}");
    }
}

/// Returns what comes of a right request with these parameters changed. An empty value leaves one
/// out, and a plus sends it twice.
fn outcome(is_public: bool, changes: &[(&str, &str)]) -> &'static str {
    let right = if is_public { format!("{RIGHT}{CHALLENGE}") } else { RIGHT.to_owned() };
    let mut pairs: Vec<(String, String)> =
        url::form_urlencoded::parse(right.as_bytes()).map(|(name, value)| (name.into(), value.into())).collect();
    for (name, value) in changes {
        let twice = name.strip_prefix('+');
        if twice.is_none() {
            pairs.retain(|(own, _)| own != name);
        }
        if !value.is_empty() {
            pairs.push((twice.unwrap_or(name).to_owned(), (*value).to_owned()));
        }
    }
    let claims = changes.iter().all(|(name, _)| *name != "claims").then(ClaimsAsked::default);
    Request::read(&Params::of(&pairs), &ClientRules::new(is_public), claims)
        .map_or_else(|refused| refused.error.as_str(), |_| "ok")
}

/// Two wrong parameters are refused as each of them is.
#[test]
fn no_wrong_parameter_makes_another_one_right() {
    let long = "n".repeat(MAX_NONCE + 1);
    let wrong = [
        ("response_type", ""),
        ("response_type", "token"),
        ("response_mode", "x"),
        ("+scope", "y"),
        ("+state", "t"),
        ("request", "x"),
        ("request_uri", "x"),
        ("registration", "x"),
        ("prompt", "x"),
        ("prompt", "none login"),
        ("max_age", "x"),
        ("max_age", "-1"),
        ("code_challenge", "x"),
        ("code_challenge_method", "plain"),
        ("nonce", &long),
        ("claims", "x"),
    ];
    for is_public in [false, true] {
        assert_eq!(outcome(is_public, &[]), "ok");
        for one in wrong {
            let alone = outcome(is_public, &[one]);
            assert_ne!(alone, "ok", "{one:.40?}");
            for other in wrong {
                let (beside, both) = (outcome(is_public, &[other]), outcome(is_public, &[one, other]));
                assert!(both == alone || both == beside, "{is_public} {one:.40?} {other:.40?}: {both}");
            }
        }
    }
}

#[test]
fn a_public_client_needs_pkce() {
    assert!(read(RIGHT, true).is_err() && read(&format!("{RIGHT}{CHALLENGE}"), true).is_ok());
    let never = ClientRules { pkce_required: false, ..ClientRules::new(true) };
    assert!(Request::read(&Params::read(RIGHT).unwrap(), &never, Some(ClaimsAsked::default())).is_err());
    assert!(Request::read(&Params::read(RIGHT).unwrap(), &ClientRules::new(false), None).is_err());
}

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_millis(seconds * 1000)
}

/// A user who signed in by email a hundred seconds ago.
fn user(proofs: &[Proof]) -> User<'_> {
    User {
        proofs,
        enrolled: Enrolled::default(),
        may_open: true,
        is_other: false,
        has_consented: true,
        asked_again_at: None,
    }
}

const EMAIL: Proof = Proof { method: Method::EmailLink, at: Timestamp::from_millis(0) };
const ANY: Required = Required { strength: Strength::One, fresh_within: None };

fn decided(more: &str, required: Required, user: Option<&User<'_>>) -> String {
    let request = read(&format!("{RIGHT}{more}"), false).unwrap();
    match next(&request, required, user, at(100)) {
        Next::Refuse(refused) => refused.error.as_str().to_owned(),
        Next::Answer(shown) => format!("answer {}", shown.acr.as_str()),
        other @ (Next::SignIn
        | Next::ProveAgain
        | Next::Strengthen(_)
        | Next::SelectAccount
        | Next::Consent
        | Next::NotForYou) => format!("{other:?}"),
    }
}

#[test]
fn every_row_of_the_decision() {
    let proofs = [EMAIL];
    let ana = user(&proofs);
    let two = Required { strength: Strength::Two, fresh_within: None };
    let has_an_app = User { enrolled: Enrolled { totp: true, ..Enrolled::default() }, ..ana.clone() };
    let has_a_key = User { enrolled: Enrolled { passkey: true, ..Enrolled::default() }, ..ana.clone() };
    let other = User { is_other: true, ..ana.clone() };
    let not_hers = User { may_open: false, ..ana.clone() };
    let asks = User { has_consented: false, ..ana.clone() };
    let again = User { asked_again_at: Some(at(0)), ..ana.clone() };
    let still_old = User { asked_again_at: Some(at(50)), ..ana.clone() };
    for (more, required, user, expected) in [
        ("", ANY, None, "SignIn"),
        ("&prompt=none", ANY, None, "login_required"),
        ("&prompt=create", ANY, None, "SignIn"),
        ("", ANY, Some(&ana), "answer urn:gatepost:one"),
        ("&prompt=none", ANY, Some(&ana), "answer urn:gatepost:one"),
        ("", ANY, Some(&other), "SelectAccount"),
        ("&prompt=none", ANY, Some(&other), "login_required"),
        ("", ANY, Some(&not_hers), "NotForYou"),
        ("&prompt=none", ANY, Some(&not_hers), "access_denied"),
        ("&max_age=100", ANY, Some(&ana), "answer urn:gatepost:one"),
        ("&max_age=99", ANY, Some(&ana), "ProveAgain"),
        ("&max_age=99&prompt=none", ANY, Some(&ana), "login_required"),
        ("&max_age=99", ANY, Some(&again), "answer urn:gatepost:one"),
        ("&max_age=0", ANY, Some(&ana), "ProveAgain"),
        ("&max_age=0", ANY, Some(&again), "answer urn:gatepost:one"),
        ("&prompt=login", ANY, Some(&ana), "ProveAgain"),
        ("&prompt=login", ANY, Some(&still_old), "ProveAgain"),
        ("&prompt=login", ANY, Some(&again), "answer urn:gatepost:one"),
        ("", two, Some(&ana), "Strengthen(EnrolSecondFactor)"),
        ("", two, Some(&has_an_app), "Strengthen(SecondFactor)"),
        ("&prompt=none", two, Some(&has_an_app), "interaction_required"),
        ("&acr_values=urn%3Agatepost%3Atwo", ANY, Some(&ana), "answer urn:gatepost:one"),
        ("&acr_values=urn%3Agatepost%3Aone+urn%3Agatepost%3Atwo", ANY, Some(&has_an_app), "answer urn:gatepost:one"),
        ("&acr_values=phr+urn%3Agatepost%3Atwo", ANY, Some(&has_an_app), "Strengthen(SecondFactor)"),
        ("&acr_values=phr+urn%3Agatepost%3Atwo", ANY, Some(&has_a_key), "Strengthen(Passkey)"),
        ("&acr_values=urn%3Agatepost%3Atwo&prompt=none", ANY, Some(&has_an_app), "answer urn:gatepost:one"),
        ("&prompt=select_account", ANY, Some(&ana), "SelectAccount"),
        ("&prompt=create", ANY, Some(&ana), "SelectAccount"),
        ("", ANY, Some(&asks), "Consent"),
        ("&prompt=none", ANY, Some(&asks), "consent_required"),
        ("&prompt=consent", ANY, Some(&ana), "Consent"),
        ("&prompt=login+select_account+consent", ANY, Some(&ana), "ProveAgain"),
        ("&prompt=select_account+consent", ANY, Some(&ana), "SelectAccount"),
    ] {
        assert_eq!(decided(more, required, user), expected, "{more}");
    }
}

/// Tries every set of reasons against a silent answer: none, each alone, each two, and so on up to
/// all. The first reason that holds is told, and nothing shows a page.
#[test]
fn a_silent_request_is_refused_for_each_reason_and_for_all_of_them_together() {
    const REASONS: [(&str, &str); 6] = [
        ("signed out", "login_required"),
        ("other", "login_required"),
        ("closed", "access_denied"),
        ("too old", "login_required"),
        ("weak", "interaction_required"),
        ("no consent", "consent_required"),
    ];
    let two = Required { strength: Strength::Two, fresh_within: None };
    for mask in 0..1 << REASONS.len() {
        let has = |name: &str| REASONS.iter().position(|(own, _)| *own == name).is_some_and(|n| mask & (1 << n) != 0);
        let proofs = [EMAIL];
        let ana = User {
            enrolled: Enrolled { totp: true, ..Enrolled::default() },
            is_other: has("other"),
            may_open: !has("closed"),
            has_consented: !has("no consent"),
            ..user(&proofs)
        };
        let more = if has("too old") { "&prompt=none&max_age=99" } else { "&prompt=none" };
        let user = Some(&ana).filter(|_| !has("signed out"));
        let next = decided(more, if has("weak") { two } else { ANY }, user);
        let reasons: Vec<_> = REASONS.iter().filter(|(name, _)| has(name)).collect();
        let expected = reasons.first().map_or("answer urn:gatepost:one", |(_, error)| *error);
        assert_eq!(next, expected, "{reasons:?}");
    }
}

/// However long ago the note was made that asked for it.
#[test]
fn a_new_proof_is_new_for_ten_minutes() {
    let proofs = [EMAIL];
    let again = User { asked_again_at: Some(at(-600)), ..user(&proofs) };
    let request = read(&format!("{RIGHT}&prompt=login"), false).unwrap();
    assert!(matches!(next(&request, ANY, Some(&again), at(599)), Next::Answer(_)));
    assert_eq!(next(&request, ANY, Some(&again), at(600)), Next::ProveAgain);
}

#[test]
fn an_essential_class_is_reached_or_refused() {
    let proofs = [EMAIL];
    let ana = user(&proofs);
    let has_an_app = User { enrolled: Enrolled { totp: true, ..Enrolled::default() }, ..ana.clone() };
    let request = |essential: &[Acr], has_unknown_acr, prompt| Request {
        claims: ClaimsAsked {
            scopes: ClaimScopes::default(),
            essential_acr: essential.iter().map(|acr| AskedAcr { acr: *acr, name: acr.as_str() }).collect(),
            has_unknown_acr,
            subject: None,
        },
        ..read(&format!("{RIGHT}{prompt}"), false).unwrap()
    };
    let unmet = Next::Refuse(ErrorResponse::new(
        ErrorCode::UnmetAuthenticationRequirements,
        "The user cannot authenticate as the app requires.",
    ));
    let decide = |request: &Request, user| next(request, ANY, Some(user), at(100));
    assert_eq!(decide(&request(&[Acr::Two], false, ""), &ana), unmet);
    assert_eq!(decide(&request(&[Acr::Two], false, ""), &has_an_app), Next::Strengthen(Missing::SecondFactor));
    assert_eq!(decide(&request(&[Acr::Two], false, "&prompt=none"), &has_an_app), unmet);
    assert_eq!(decide(&request(&[Acr::PhishingResistant], false, ""), &has_an_app), unmet);
    assert_eq!(decide(&request(&[], true, ""), &ana), unmet);
    assert!(matches!(decide(&request(&[Acr::One, Acr::Two], true, ""), &ana), Next::Answer(_)));
}

/// An app compares what it gets with what it asked for.
#[test]
fn an_essential_class_is_told_by_the_name_that_was_asked_for() {
    const MFA: &str = "https://refeds.org/profile/mfa";
    let tells = |names: &[&str], shown| {
        let essential_acr = names.iter().map(|name| AskedAcr::parse(name).unwrap()).collect();
        ClaimsAsked { essential_acr, ..ClaimsAsked::default() }.acr_to_tell(shown)
    };
    for (names, shown, told) in [
        (&[MFA][..], Acr::Two, MFA),
        (&[MFA], Acr::PhishingResistant, MFA),
        (&["urn:gatepost:two"], Acr::PhishingResistant, "urn:gatepost:two"),
        (&["urn:gatepost:one", MFA], Acr::PhishingResistant, MFA),
        (&["urn:gatepost:one", "phr"], Acr::Two, "urn:gatepost:one"),
        (&[], Acr::PhishingResistant, "phr"),
    ] {
        assert_eq!(tells(names, shown), told, "{names:?} {shown:?}");
    }
}
