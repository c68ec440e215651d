//! Clients: apps as they present themselves at the token endpoint.

use super::{
    SigningAlg,
    error::{ErrorCode, ErrorResponse},
    params::{Given, Params},
};
use crate::Lifetime;
use base64::{Engine, engine::general_purpose::STANDARD};
use std::fmt;
use strum::{EnumString, IntoStaticStr, VariantArray};

/// The type of an assertion that a client names.
const ASSERTION_TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// Most addresses of one kind that a client registers.
pub const MAX_URIS: usize = 20;
/// The longest client id.
pub const MAX_ID_LENGTH: usize = 100;

/// The public name of a client. Unreserved characters alone, so that a client that encodes it and
/// one that does not send the same.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ClientId(String);

/// Why a text is not a client id.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotAClientId;

impl ClientId {
    pub fn parse(text: &str) -> Result<Self, NotAClientId> {
        let is_plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.' | b'_' | b'~');
        let is_id = (1..=MAX_ID_LENGTH).contains(&text.len()) && text.bytes().all(is_plain);
        if is_id { Ok(Self(text.to_owned())) } else { Err(NotAClientId) }
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ClientId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Rule for giving refresh tokens to an app.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, VariantArray, EnumString, IntoStaticStr)]
#[strum(serialize_all = "snake_case", const_into_str)]
pub enum Refreshes {
    Never,
    /// Gives them to an app that asks for `offline_access`.
    #[default]
    Asked,
    /// Also when it does not ask. Without `offline_access` they end with the session.
    Always,
}

/// Form of access tokens.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, VariantArray, EnumString, IntoStaticStr)]
#[strum(serialize_all = "snake_case", const_into_str)]
pub enum AccessTokens {
    /// Random. Only Gatepost knows what one is worth.
    #[default]
    Opaque,
    /// Signed, so that other servers of the app can read them (RFC 9068). Such a server asks no
    /// one, and so accepts a revoked token until it expires.
    Jwt,
}

impl AccessTokens {
    pub const fn of(is_jwt: bool) -> Self {
        if is_jwt { Self::Jwt } else { Self::Opaque }
    }

    pub const fn is_jwt(self) -> bool {
        matches!(self, Self::Jwt)
    }
}

/// Format of the claim with the groups.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, VariantArray, EnumString, IntoStaticStr)]
#[strum(serialize_all = "snake_case", const_into_str)]
pub enum GroupsShape {
    /// A list, as most apps read it.
    #[default]
    List,
    /// One text. No name of a group has a space or a comma.
    Spaces,
    Commas,
}

/// Rules by which a client wants to be treated.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClientRules {
    /// A program that can keep no secret: it runs on the user's device.
    pub is_public: bool,
    pub pkce_required: bool,
    pub id_token_alg: SigningAlg,
    /// The ID token holds no claims about the user beside `sub`. They are at userinfo.
    pub id_token_small: bool,
    /// The name of the claim with the user's groups.
    pub groups_claim: String,
    pub groups_shape: GroupsShape,
    /// The name of another claim with the username, for apps that look for it under one fixed name.
    pub name_claim: Option<String>,
    pub access_tokens: AccessTokens,
    pub refreshes: Refreshes,
    /// Each use of a refresh token gives another one. See [`Self::replaces_refresh_tokens`].
    pub rotates: bool,
    /// Made by others: users are asked before it learns anything.
    pub is_third_party: bool,
    pub access_lifetime: Lifetime,
    pub refresh_idle: Lifetime,
    pub refresh_absolute: Lifetime,
}

impl ClientRules {
    /// Returns the rules of a new client.
    pub fn new(is_public: bool) -> Self {
        Self {
            is_public,
            pkce_required: is_public,
            id_token_alg: SigningAlg::default(),
            id_token_small: false,
            groups_claim: "groups".to_owned(),
            groups_shape: GroupsShape::default(),
            name_claim: None,
            access_tokens: AccessTokens::default(),
            refreshes: Refreshes::default(),
            // A stolen token of a public client is worth as much as a stolen secret.
            rotates: is_public,
            is_third_party: false,
            access_lifetime: Lifetime::hours(1),
            refresh_idle: Lifetime::days(30),
            refresh_absolute: Lifetime::days(180),
        }
    }

    /// Returns the rules of the same app as a program on users' devices.
    #[must_use]
    pub fn made_public(self) -> Self {
        Self { is_public: true, pkce_required: true, rotates: true, ..self }
    }

    /// Returns the rules of the same app on a server, which keeps a secret. It goes on proving that
    /// it asked.
    #[must_use]
    pub fn made_confidential(self) -> Self {
        Self { is_public: false, rotates: false, ..self }
    }

    /// Returns whether a program has to prove that it asked for the code. Public clients always do
    /// (RFC 9700, section 2.1.1).
    pub const fn needs_pkce(&self) -> bool {
        self.is_public || self.pkce_required
    }

    /// Returns whether each use of a refresh token gives another one. Those of public clients
    /// always do, also where a file says otherwise (RFC 9700, section 4.14.2). Nothing else tells
    /// of a stolen one.
    pub const fn replaces_refresh_tokens(&self) -> bool {
        self.is_public || self.rotates
    }
}

/// Credentials that a client presents to say which one it is.
#[derive(Clone, PartialEq, Eq)]
pub struct Presented {
    pub id: ClientId,
    /// `None` for a public client. Several spellings, because clients disagree about encoding
    /// before Basic authentication.
    pub secret: Option<Vec<String>>,
    /// Assertion that the client signed instead of sending a secret.
    pub assertion: Option<String>,
    /// By the header, so that the answer to a wrong secret has to say so.
    pub is_basic: bool,
}

impl fmt::Debug for Presented {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Presented({}, …)", self.id)
    }
}

const INVALID: ErrorCode = ErrorCode::InvalidClient;

impl Presented {
    /// Reads the `Authorization` header and the body. A client presents itself once: two ways at
    /// once are refused (RFC 6749, section 2.3).
    ///
    /// # Errors
    ///
    /// Why it cannot be told which client it is, and whether the header was used.
    pub fn read(authorization: &[&str], body: &Params) -> Result<Self, (ErrorResponse, bool)> {
        let invalid = |why| ErrorResponse::new(INVALID, why);
        if body.has_double() {
            return Err((ErrorResponse::invalid("A parameter is there twice."), false));
        }
        let is_basic = !authorization.is_empty();
        let named = match body.given("client_id") {
            Given::Once(id) => Some(ClientId::parse(id).map_err(|_| (invalid("The client is unknown."), false))?),
            Given::Nothing | Given::Twice => None,
        };
        let secret = body.get("client_secret");
        if let Some(assertion) = Self::assertion(body).map_err(|why| (invalid(why), is_basic))? {
            return match (authorization, named, secret) {
                ([], Some(id), None) => Ok(Self { id, secret: None, assertion: Some(assertion), is_basic: false }),
                ([], None, None) => Err((invalid("The request names no client."), false)),
                _ => Err((invalid("The client presents itself in two ways."), is_basic)),
            };
        }
        match (authorization, named, secret) {
            ([], Some(id), secret) => {
                let secret = secret.map(|secret| vec![secret.to_owned()]);
                Ok(Self { id, secret, assertion: None, is_basic: false })
            }
            ([], None, _) => Err((invalid("The request names no client."), false)),
            ([_], _, Some(_)) => Err((invalid("The client presents itself in two ways."), true)),
            ([header], named, None) => {
                let presented = basic(header).ok_or((invalid("The Authorization header is unreadable."), true))?;
                if named.is_some_and(|named| named != presented.id) {
                    return Err((invalid("Header and body name different clients."), true));
                }
                Ok(presented)
            }
            _ => Err((invalid("The Authorization header is there twice."), true)),
        }
    }

    /// Returns what the client signed, if it sends that (RFC 7521, section 4.2).
    fn assertion(body: &Params) -> Result<Option<String>, &'static str> {
        match (body.get("client_assertion"), body.get("client_assertion_type")) {
            (None, None) => Ok(None),
            (Some(assertion), Some(ASSERTION_TYPE)) => Ok(Some(assertion.to_owned())),
            (Some(_), Some(_)) => Err("This client_assertion_type is not supported."),
            _ => Err("client_assertion and client_assertion_type belong together."),
        }
    }
}

/// Reads Basic authentication. Both parts are encoded like a form (RFC 6749, section 2.3.1), but
/// many clients send them as they are.
fn basic(header: &str) -> Option<Presented> {
    let (scheme, rest) = header.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("Basic") {
        return None;
    }
    let plain = String::from_utf8(STANDARD.decode(rest.trim()).ok()?).ok()?;
    let (id, secret) = plain.split_once(':')?;
    let decoded = |text: &str| {
        let form = format!("x={text}");
        let first = url::form_urlencoded::parse(form.as_bytes()).next().map(|(_, value)| value.into_owned());
        first.unwrap_or_default()
    };
    let id = ClientId::parse(id).or_else(|_| ClientId::parse(&decoded(id))).ok()?;
    // A public client of some libraries sends the header all the same, with nothing behind the
    // colon.
    if secret.is_empty() {
        return Some(Presented { id, secret: None, assertion: None, is_basic: true });
    }
    let mut secrets = vec![secret.to_owned()];
    if decoded(secret) != secret {
        secrets.push(decoded(secret));
    }
    Some(Presented { id, secret: Some(secrets), assertion: None, is_basic: true })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(headers: &[&str], body: &str) -> Result<Presented, (ErrorResponse, bool)> {
        Presented::read(headers, &Params::read(body).unwrap())
    }

    fn header(plain: &str) -> String {
        format!("Basic {}", STANDARD.encode(plain))
    }

    #[test]
    fn a_public_client_always_proves_that_it_asked_and_gets_another_refresh_token() {
        let lax = |is_public| ClientRules { rotates: false, pkce_required: false, ..ClientRules::new(is_public) };
        assert!(lax(true).needs_pkce() && lax(true).replaces_refresh_tokens());
        assert!(!lax(false).needs_pkce() && !lax(false).replaces_refresh_tokens());
    }

    #[test]
    fn an_app_as_a_program_on_users_devices_keeps_what_it_reads() {
        let known = ClientRules {
            groups_claim: "roles".to_owned(),
            id_token_alg: SigningAlg::Es256,
            refreshes: Refreshes::Always,
            ..ClientRules::new(false)
        };
        let public = known.clone().made_public();
        assert!(public.is_public && public.needs_pkce() && public.replaces_refresh_tokens());
        let confidential = ClientRules { is_public: false, pkce_required: false, rotates: false, ..public };
        assert_eq!(confidential, known);
    }

    #[test]
    fn a_client_presents_itself_by_the_header_by_the_body_or_by_its_name_alone() {
        let by_header = read(&[&header("grafana:s-e_cret")], "grant_type=x").unwrap();
        assert_eq!((by_header.id.as_str(), by_header.is_basic), ("grafana", true));
        assert_eq!(by_header.secret, Some(vec!["s-e_cret".to_owned()]));
        let same = read(&[&header("grafana:s")], "client_id=grafana").unwrap();
        assert_eq!(same.id.as_str(), "grafana");
        let by_body = read(&[], "client_id=grafana&client_secret=s").unwrap();
        assert_eq!((by_body.secret, by_body.is_basic), (Some(vec!["s".to_owned()]), false));
        assert_eq!(read(&[], "client_id=phone").unwrap().secret, None);
        let nothing = read(&[&header("phone:")], "").unwrap();
        assert_eq!((nothing.id.as_str(), nothing.secret, nothing.is_basic), ("phone", None, true));
        let signed = format!("client_id=a&client_assertion=x&client_assertion_type={ASSERTION_TYPE}");
        let signed = read(&[], &signed).unwrap();
        assert_eq!((signed.assertion.as_deref(), signed.secret), (Some("x"), None));
    }

    #[test]
    fn a_secret_is_tried_as_it_is_and_decoded() {
        let both = read(&[&header("grafana:a%2Bb+c")], "").unwrap().secret.unwrap();
        assert_eq!(both, ["a%2Bb+c", "a+b c"]);
    }

    #[test]
    fn the_header_s_scheme_may_be_small_and_the_client_s_name_encoded() {
        let small = header("grafana:s").replace("Basic", "basic");
        for header in [small, header("gr%61fana:s")] {
            let presented = read(&[&header], "").unwrap();
            assert_eq!((presented.id.as_str(), presented.secret), ("grafana", Some(vec!["s".to_owned()])), "{header}");
        }
    }

    #[test]
    fn what_a_client_presents_cannot_be_printed() {
        assert_eq!(format!("{:?}", read(&[&header("grafana:s-e_cret")], "").unwrap()), "Presented(grafana, …)");
    }

    #[test]
    fn two_ways_at_once_and_what_is_unreadable_are_refused() {
        let grafana = header("grafana:s");
        let signed = format!("client_id=a&client_assertion=x&client_assertion_type={ASSERTION_TYPE}");
        let (with_secret, unnamed) = (format!("{signed}&client_secret=s"), signed.replace("client_id=a&", ""));
        let (no_colon, colon_in_id) = (header("grafana"), header("gra fana:s"));
        for (headers, body, error, is_basic) in [
            (&[][..], "", INVALID, false),
            (&[], "client_secret=s", INVALID, false),
            (&[], "client_id=&client_secret=s", INVALID, false),
            (&[], "client_id=gra%20fana", INVALID, false),
            (&[], "client_id=a&client_id=a", ErrorCode::InvalidRequest, false),
            (&[], "client_id=a&client_assertion=x", INVALID, false),
            (&[], "client_id=a&client_assertion_type=x", INVALID, false),
            (&[], "client_id=a&client_assertion=x&client_assertion_type=y", INVALID, false),
            (&[], &*with_secret, INVALID, false),
            (&[], &*unnamed, INVALID, false),
            (&[&*grafana], &*signed, INVALID, true),
            (&[&*grafana], "client_id=grafana&client_secret=s", INVALID, true),
            (&[&*grafana], "client_secret=s", INVALID, true),
            (&[&*grafana], "client_id=other", INVALID, true),
            (&[&*grafana, &*grafana], "", INVALID, true),
            (&["Bearer x"], "", INVALID, true),
            (&["Basic"], "", INVALID, true),
            (&["Basic !"], "", INVALID, true),
            (&[&*no_colon], "", INVALID, true),
            (&[&*colon_in_id], "", INVALID, true),
        ] {
            let (refused, was_basic) = read(headers, body).unwrap_err();
            assert_eq!((refused.error, was_basic), (error, is_basic), "{headers:?} {body}");
        }
    }

    #[test]
    fn a_client_id_needs_no_encoding() {
        for id in ["grafana", "a", "e4rAsNUSIUs0lF4nbv9FmCeUkTlV9GdgTLDH1b5uie7syb90SzEVrbN7HIpmWJeD", "a.b_c~d-e"] {
            assert_eq!(ClientId::parse(id).unwrap().as_str(), id);
        }
        assert!(ClientId::parse(&"a".repeat(100)).is_ok());
        for odd in ["", "a b", "a+b", "a%20b", "a:b", "é", &"a".repeat(101)] {
            assert_eq!(ClientId::parse(odd), Err(NotAClientId));
        }
    }
}
