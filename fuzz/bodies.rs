//! Bodies of the fuzz targets, which a plain test runs on the kept corpus.
//!
//! Each body takes any bytes and panics if a promise does not hold.

use gatepost_domain::{
    AppUrl, Code, Destination, EmailAddress, ReturnTo,
    account::AccountName,
    apps::{
        AppName, AppSlug,
        carried::{Pass, WayIn},
        forwarded::{Asked, Family},
        host::{AppHost, AskedHost},
        path::PublicPath,
    },
    carried_lists::{self, OwnAttempt, OwnCeremony},
    form,
    group::GroupName,
    handle::Handle,
    oidc::{
        Params, RedirectUri,
        authorize::{self, ClaimsAsked, Request},
        client::{ClientRules, Presented},
    },
};

/// A body by its name, which is also that of its target and its corpus.
pub type Body = (&'static str, fn(&[u8]));

pub const BODIES: [Body; 8] = [
    ("addresses", addresses),
    ("destinations", destinations),
    ("proxy_headers", proxy_headers),
    ("authorize", authorize_requests),
    ("token", token_requests),
    ("typed", typed),
    ("cookies", cookies),
    ("forms", forms),
];

fn text(data: &[u8]) -> std::borrow::Cow<'_, str> {
    String::from_utf8_lossy(data)
}

/// Splits input at its newlines, so that the fuzzer can vary each part.
fn parts(data: &[u8]) -> Vec<String> {
    data.split(|byte| *byte == b'\n').map(|part| text(part).into_owned()).collect()
}

/// An address that is accepted has one spelling, and nothing in it ends a line or a command.
pub fn addresses(data: &[u8]) {
    let typed = text(data);
    for parsed in [EmailAddress::parse(&typed), EmailAddress::parse_own(&typed)].into_iter().flatten() {
        let address = parsed.as_str();
        assert!(address.is_ascii() && address.len() <= 254, "{address:?}");
        assert!(
            !address.bytes().any(|byte| byte.is_ascii_control() || b" <>\"(),:;\\[]".contains(&byte)),
            "{address:?}"
        );
        assert_eq!(address.matches('@').count(), 1);
        assert_eq!(EmailAddress::parse_own(address).as_ref(), Ok(&parsed), "a second look sees the same");
        assert!(!parsed.masked().contains(address));
        assert!(parsed.mailbox().contains('@'));
        let _ = parsed.in_unicode();
    }
}

/// A destination stays on this server, or is the one address that a browser opens.
pub fn destinations(data: &[u8]) {
    let asked = text(data);
    let base = url::Url::parse("https://login.example.com/").unwrap();
    let stays = |path: &str| {
        let opened = base.join(path).unwrap();
        assert_eq!(opened.origin(), base.origin(), "{path:?} leads to {opened}");
        assert!(path.bytes().all(|byte| byte.is_ascii_graphic()), "{path:?}");
    };
    let return_to = ReturnTo::parse(&asked);
    stays(return_to.as_str());
    assert_eq!(ReturnTo::parse(return_to.as_str()), return_to);
    stays(Destination::from_stored(&asked).page().as_str());
    if let Some(app) = AppUrl::parse(&asked) {
        let opened = url::Url::parse(app.as_str()).unwrap();
        assert_eq!((opened.as_str(), opened.host_str()), (app.as_str(), Some(app.host())));
        assert!(opened.username().is_empty() && opened.password().is_none());
        assert!(opened.scheme() == "https" || opened.host_str().is_some_and(is_here), "{opened}");
    }
    if let Ok(redirect) = RedirectUri::parse(&asked) {
        assert!(!asked.contains(['*', '#', ' ', '\\']), "{redirect:?}");
    }
}

fn is_here(host: &str) -> bool {
    host == "localhost" || host.ends_with(".localhost") || host == "[::1]" || host.starts_with("127.")
}

/// Tries that one family of headers alone tells what a proxy asks about. A redirect carries a path.
pub fn proxy_headers(data: &[u8]) {
    let lines = parts(data);
    let headers: Vec<(&str, &str)> = lines.iter().filter_map(|line| line.split_once(": ")).collect();
    for (family, prefix) in [(Family::Forwarded, "x-forwarded-"), (Family::Original, "x-original-")] {
        let seen = |name: &str| -> Vec<&str> {
            assert!(name.to_ascii_lowercase().starts_with(prefix), "{name} is of the other family");
            headers.iter().filter(|(own, _)| own.eq_ignore_ascii_case(name)).map(|(_, value)| *value).collect()
        };
        let Ok(asked) = Asked::read(family, seen) else { continue };
        assert!(asked.uri.starts_with('/'), "{asked:?}");
        assert!(asked.carried().starts_with('/') && !asked.carried().starts_with("//"), "{asked:?}");
        assert!(!asked.uri.bytes().any(|byte| byte.is_ascii_control()), "{asked:?}");
        assert!(asked.method.bytes().all(|byte| byte.is_ascii_uppercase()), "{asked:?}");
        let _ = asked.caller(|name| headers.iter().find(|(own, _)| own == &name).map(|(_, value)| *value));
    }
    for bytes in data.split(|byte| *byte == b'\n') {
        if let Some(pass) = Pass::read(bytes) {
            assert_eq!(pass.write(), bytes);
        }
        if let Some(way) = WayIn::read(bytes) {
            assert_eq!(way.write(), bytes);
            assert!(way.to.starts_with('/'));
        }
    }
}

/// A request to sign in is read whole or refused, and reads the same when it comes back.
pub fn authorize_requests(data: &[u8]) {
    let Some(params) = Params::read(&text(data)) else { return };
    assert_eq!(Params::read(&params.query()).as_ref().or(Some(&params)), Some(&params));
    let _ = authorize::target(&params);
    for rules in [ClientRules::new(true), ClientRules::new(false)] {
        for claims in [None, Some(ClaimsAsked::default())] {
            let Ok(request) = Request::read(&params, &rules, claims) else { continue };
            assert!(!params.has_double(), "a parameter is there twice");
            assert!(request.challenge.is_some() || !rules.is_public, "a public client without PKCE");
            assert_eq!(params.get("response_type"), Some("code"));
        }
    }
}

/// A client presents itself once, in one way.
pub fn token_requests(data: &[u8]) {
    let lines = parts(data);
    let Some((body, headers)) = lines.split_first() else { return };
    let Some(params) = Params::read(body) else { return };
    let headers: Vec<&str> = headers.iter().map(String::as_str).collect();
    let Ok(presented) = Presented::read(&headers, &params) else { return };
    assert_eq!(presented.is_basic, headers.len() == 1, "{presented:?}");
    assert!(headers.len() < 2 && !params.has_double());
    assert!(!presented.is_basic || params.get("client_secret").is_none(), "two ways at once");
    if let Some(secrets) = &presented.secret {
        let shown = format!("{presented:?}");
        assert!(
            secrets.iter().all(|secret| secret.len() < 8 || !shown.contains(secret.as_str())),
            "a secret is printed"
        );
    }
}

/// Tries what users and admins type. It is refused, or has no control character and reads the same
/// again.
pub fn typed(data: &[u8]) {
    let typed = text(data);
    let is_calm = |text: &str| !text.chars().any(char::is_control);
    if let Ok(handle) = Handle::parse(&typed) {
        assert!(is_calm(handle.as_str()) && !handle.as_str().contains('@'));
        assert_eq!(Handle::parse(handle.as_str()), Ok(handle));
    }
    if let Ok(name) = AccountName::parse(&typed) {
        assert!(is_calm(name.as_str()), "{:?}", name.as_str());
    }
    if let Ok(name) = GroupName::parse(&typed) {
        assert!(is_calm(name.as_str()) && !name.as_str().contains(','), "{:?}", name.as_str());
    }
    if let Ok(name) = AppName::parse(&typed) {
        assert!(is_calm(name.as_str()), "{:?}", name.as_str());
    }
    if let Ok(slug) = AppSlug::parse(&typed) {
        assert!(slug.as_str().is_ascii());
    }
    if let Ok(path) = PublicPath::parse(&typed) {
        assert!(path.as_str().starts_with('/'));
    }
    let _ = (AppHost::parse(&typed), AskedHost::parse(&typed));
    if let Some(code) = Code::read(&typed) {
        let shown = code.reveal();
        assert_eq!(Code::read(&shown).map(|again| again.reveal()), Some(shown));
    }
}

/// No neighbour's cookie hides ours, and what a browser carries reads the same when it comes back.
pub fn cookies(data: &[u8]) {
    const OURS: &str = "gatepost_session=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
    let with_ours = [data, b"; ", OURS.as_bytes(), b"; ", data].concat();
    let count = |header: &[u8]| carried_lists::cookies(header).filter(|text| *text == OURS).count();
    assert_eq!(count(&with_ours), 2 * count(data) + 1);
    for value in carried_lists::cookies(data).map(|text| text.split_once('=').map_or(text, |(_, value)| value)) {
        let attempts = carried_lists::attempts(value);
        assert!(attempts.len() <= 4);
        let told = |all: &[OwnAttempt]| all.iter().map(|own| (own.id, own.verifier.reveal())).collect::<Vec<_>>();
        assert_eq!(told(&carried_lists::attempts(&carried_lists::write_attempts(attempts.clone()))), told(&attempts));
        let ceremonies = carried_lists::ceremonies(value);
        assert!(ceremonies.len() <= carried_lists::MAX_CEREMONIES);
        let told =
            |all: &[OwnCeremony]| all.iter().map(|own| (own.tag.clone(), own.secret.reveal())).collect::<Vec<_>>();
        let again = carried_lists::ceremonies(&carried_lists::write_ceremonies(&ceremonies));
        assert_eq!(told(&again), told(&ceremonies));
        let secrets = attempts.iter().map(|own| own.verifier.reveal());
        assert!(secrets.into_iter().all(|secret| !format!("{attempts:?}").contains(&secret)));
    }
}

/// A form has each field once, without what no database stores, and reads the same again.
pub fn forms(data: &[u8]) {
    let Some(fields) = form::fields(data) else { return };
    assert!(fields.len() <= 60);
    for (number, (name, value)) in fields.iter().enumerate() {
        assert!(!name.contains(['\0', '\u{fffd}']) && !value.contains(['\0', '\u{fffd}']), "{name}: {value:?}");
        assert!(fields.iter().take(number).all(|(other, _)| other != name), "{name} is there twice");
    }
    let mut again = url::form_urlencoded::Serializer::new(String::new());
    again.extend_pairs(&fields);
    assert_eq!(form::fields(again.finish().as_bytes()), Some(fields));
}
