//! Settings: what an admin changes in the browser. Stored as text under the names below, which are
//! also the names of the form's fields and of the audit log's subjects.

use super::{
    EmailAddress, LanguageTag, Lifetime, Limit, account::deceives, colour::Colour, email_address, logo::LogoVersion,
    session_lifetime::SessionLifetime, typed,
};
use sha2::{Digest, Sha256};
use strum::VariantArray;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    pub email_link_enabled: bool,
    pub password_enabled: bool,
    /// Off if they are impossible, even if the stored value is on: see
    /// [`Settings::without_passkeys`].
    pub passkey_enabled: bool,
    /// Whether this installation has a host name. Not a setting: the operator's base URL decides.
    pub passkeys_possible: bool,
    pub totp_enabled: bool,
    pub recovery_codes_enabled: bool,
    /// Whether users may have a browser remembered.
    pub trusted_devices_enabled: bool,
    pub second_factor_required: RequiredOf,
    pub join_policy: JoinPolicy,
    pub allowed_domains: Vec<String>,
    pub link_lifetime: Lifetime,
    pub step_up_lifetime: Lifetime,
    pub session_idle_lifetime: Lifetime,
    pub session_absolute_lifetime: Lifetime,
    pub browser_session_lifetime: Lifetime,
    /// Whether the owner of an account is told of a sign-in in a browser not seen before.
    pub browser_emails_enabled: bool,
    pub limits_per_mailbox: Limit,
    pub limits_per_client: Limit,
    pub limits_per_domain: Limit,
    pub limits_global: Limit,
    pub product_name: String,
    pub accent_colour: Colour,
    pub support_address: Option<EmailAddress>,
    /// The language of pages and emails if neither user nor browser names an available one.
    pub language: LanguageTag,
    /// Whether the subject of an email names its code, too. Off by default, because lock screens
    /// and feeds show subjects.
    pub code_in_subject: bool,
    /// The current logo. A separate page changes it, so that it is not among [`NAMES`].
    pub logo: Option<LogoVersion>,
}

/// Who may get an account by verifying an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, VariantArray)]
pub enum JoinPolicy {
    Invited,
    AllowedDomains,
    Anyone,
}

/// Users who need a second factor.
#[derive(Clone, Copy, Debug, PartialEq, Eq, VariantArray)]
pub enum RequiredOf {
    NoOne,
    Admins,
    Everyone,
}

/// What is wrong with a value, for the sentence beside its field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SettingProblem {
    NotOnOff,
    NotAPolicy,
    NotAnAudience,
    /// A second factor is required, but none is turned on.
    NoFactors,
    /// The admin who requires a second factor has none that counts.
    NoneOfYourOwn,
    /// Passkeys need a host name.
    NoHostName,
    NotADomain,
    TooManyDomains,
    NoDomains,
    NotALifetime {
        least: Lifetime,
        most: Lifetime,
    },
    NotALimit,
    NotAName,
    NotAColour,
    NotAnAddress,
    NotALogo,
    NotALanguage,
    Unknown,
}

/// The name of every setting on the settings page, in its order.
pub const NAMES: [&str; 24] = [
    "email_link_enabled",
    "password_enabled",
    "passkey_enabled",
    "totp_enabled",
    "recovery_codes_enabled",
    "trusted_devices_enabled",
    "second_factor_required",
    "join_policy",
    "allowed_domains",
    "link_lifetime",
    "step_up_lifetime",
    "session_idle_lifetime",
    "session_absolute_lifetime",
    "browser_session_lifetime",
    "browser_emails_enabled",
    "limits_per_mailbox",
    "limits_per_client",
    "limits_per_domain",
    "limits_global",
    "product_name",
    "accent_colour",
    "support_address",
    "language",
    "code_in_subject",
];

/// Those of [`NAMES`] that are a box to tick. A browser does not send one that is not ticked.
pub const SWITCHES: [&str; 8] = [
    "email_link_enabled",
    "password_enabled",
    "passkey_enabled",
    "totp_enabled",
    "recovery_codes_enabled",
    "trusted_devices_enabled",
    "browser_emails_enabled",
    "code_in_subject",
];

const MAX_DOMAINS: usize = 200;

impl Settings {
    /// Returns a name for the current values of [`NAMES`]. A form with another one is out of date.
    pub fn version(&self) -> String {
        let mut hasher = Sha256::new();
        for name in NAMES {
            // No value has a NUL.
            hasher.update(self.get(name).as_bytes());
            hasher.update([0]);
        }
        hasher.finalize().iter().take(8).map(|byte| format!("{byte:02x}")).collect()
    }

    /// Returns the settings before an admin changes any, with the limits that the operator
    /// configured.
    pub fn starting_with(limits: StartLimits) -> Self {
        Self {
            email_link_enabled: true,
            password_enabled: false,
            passkey_enabled: true,
            passkeys_possible: true,
            totp_enabled: true,
            recovery_codes_enabled: true,
            trusted_devices_enabled: false,
            second_factor_required: RequiredOf::NoOne,
            join_policy: JoinPolicy::Invited,
            allowed_domains: Vec::new(),
            link_lifetime: Lifetime::minutes(10),
            step_up_lifetime: Lifetime::minutes(10),
            session_idle_lifetime: Lifetime::days(30),
            session_absolute_lifetime: Lifetime::days(90),
            browser_session_lifetime: Lifetime::hours(12),
            browser_emails_enabled: true,
            limits_per_mailbox: limits.per_mailbox,
            limits_per_client: limits.per_client,
            limits_per_domain: limits.per_domain,
            limits_global: limits.global,
            product_name: "Gatepost".to_owned(),
            accent_colour: Colour::new(0x1f, 0x5f, 0x4f),
            support_address: None,
            language: LanguageTag::english(),
            code_in_subject: false,
            logo: None,
        }
    }

    /// Returns the same without passkeys, where they are impossible. Every reader then sees them
    /// off, even the guard of the last way in. Stored values about them stay.
    #[must_use]
    pub fn without_passkeys(self) -> Self {
        Self { passkey_enabled: false, passkeys_possible: false, ..self }
    }

    /// The value as stored, shown in its field and written to the audit log. Empty for an unknown
    /// name.
    pub fn get(&self, name: &str) -> String {
        match name {
            "email_link_enabled" => on_off(self.email_link_enabled).to_owned(),
            "password_enabled" => on_off(self.password_enabled).to_owned(),
            "passkey_enabled" => on_off(self.passkey_enabled).to_owned(),
            "totp_enabled" => on_off(self.totp_enabled).to_owned(),
            "recovery_codes_enabled" => on_off(self.recovery_codes_enabled).to_owned(),
            "trusted_devices_enabled" => on_off(self.trusted_devices_enabled).to_owned(),
            "second_factor_required" => self.second_factor_required.as_str().to_owned(),
            "join_policy" => self.join_policy.as_str().to_owned(),
            "allowed_domains" => self.allowed_domains.join("\n"),
            "link_lifetime" => self.link_lifetime.to_string(),
            "step_up_lifetime" => self.step_up_lifetime.to_string(),
            "session_idle_lifetime" => self.session_idle_lifetime.to_string(),
            "session_absolute_lifetime" => self.session_absolute_lifetime.to_string(),
            "browser_session_lifetime" => self.browser_session_lifetime.to_string(),
            "browser_emails_enabled" => on_off(self.browser_emails_enabled).to_owned(),
            "limits_per_mailbox" => self.limits_per_mailbox.to_string(),
            "limits_per_client" => self.limits_per_client.to_string(),
            "limits_per_domain" => self.limits_per_domain.to_string(),
            "limits_global" => self.limits_global.to_string(),
            "product_name" => self.product_name.clone(),
            "accent_colour" => self.accent_colour.to_string(),
            "support_address" => self.support_address.as_ref().map_or_else(String::new, |a| a.as_str().to_owned()),
            "language" => self.language.as_str().to_owned(),
            "code_in_subject" => on_off(self.code_in_subject).to_owned(),
            "logo" => self.logo.as_ref().map_or_else(String::new, |logo| logo.as_str().to_owned()),
            _ => String::new(),
        }
    }

    /// Reads one value, from a form or from storage; on a problem nothing changes.
    pub fn set(&mut self, name: &str, text: &str) -> Result<(), SettingProblem> {
        use SettingProblem as Problem;
        match name {
            "email_link_enabled" => self.email_link_enabled = parse_on_off(text).ok_or(Problem::NotOnOff)?,
            "password_enabled" => self.password_enabled = parse_on_off(text).ok_or(Problem::NotOnOff)?,
            "passkey_enabled" => {
                self.passkey_enabled = parse_on_off(text).ok_or(Problem::NotOnOff)? && self.passkeys_possible;
            }
            "totp_enabled" => self.totp_enabled = parse_on_off(text).ok_or(Problem::NotOnOff)?,
            "recovery_codes_enabled" => self.recovery_codes_enabled = parse_on_off(text).ok_or(Problem::NotOnOff)?,
            "trusted_devices_enabled" => self.trusted_devices_enabled = parse_on_off(text).ok_or(Problem::NotOnOff)?,
            "second_factor_required" => {
                self.second_factor_required = RequiredOf::parse(text).ok_or(Problem::NotAnAudience)?;
            }
            "join_policy" => self.join_policy = JoinPolicy::parse(text).ok_or(Problem::NotAPolicy)?,
            "allowed_domains" => self.allowed_domains = parse_domains(text)?,
            "link_lifetime" => self.link_lifetime = parse_lifetime(text, Lifetime::minutes(1), Lifetime::hours(1))?,
            "step_up_lifetime" => {
                self.step_up_lifetime = parse_lifetime(text, Lifetime::minutes(1), Lifetime::hours(1))?
            }
            "session_idle_lifetime" => {
                self.session_idle_lifetime = parse_lifetime(text, Lifetime::minutes(5), Lifetime::days(365))?;
            }
            "session_absolute_lifetime" => {
                self.session_absolute_lifetime = parse_lifetime(text, Lifetime::minutes(5), Lifetime::days(365))?;
            }
            "browser_session_lifetime" => {
                self.browser_session_lifetime = parse_lifetime(text, Lifetime::minutes(5), Lifetime::days(30))?;
            }
            "browser_emails_enabled" => {
                self.browser_emails_enabled = parse_on_off(text).ok_or(Problem::NotOnOff)?;
            }
            "limits_per_mailbox" => self.limits_per_mailbox = text.parse().map_err(|_| Problem::NotALimit)?,
            "limits_per_client" => self.limits_per_client = text.parse().map_err(|_| Problem::NotALimit)?,
            "limits_per_domain" => self.limits_per_domain = text.parse().map_err(|_| Problem::NotALimit)?,
            "limits_global" => self.limits_global = text.parse().map_err(|_| Problem::NotALimit)?,
            "product_name" => self.product_name = parse_product_name(text).ok_or(Problem::NotAName)?,
            "accent_colour" => self.accent_colour = Colour::parse(text).ok_or(Problem::NotAColour)?,
            "support_address" => self.support_address = parse_support_address(text)?,
            "language" => self.language = LanguageTag::parse(text).ok_or(Problem::NotALanguage)?,
            "code_in_subject" => self.code_in_subject = parse_on_off(text).ok_or(Problem::NotOnOff)?,
            "logo" => {
                self.logo = match text {
                    "" => None,
                    text => Some(LogoVersion::parse(text).ok_or(Problem::NotALogo)?),
                };
            }
            _ => return Err(Problem::Unknown),
        }
        Ok(())
    }

    /// Returns a problem that only the values together show, with the field to show it at.
    pub fn contradiction(&self) -> Option<(&'static str, SettingProblem)> {
        if self.join_policy == JoinPolicy::AllowedDomains && self.allowed_domains.is_empty() {
            return Some(("allowed_domains", SettingProblem::NoDomains));
        }
        let has_factors = self.totp_enabled || self.passkey_enabled;
        (self.second_factor_required != RequiredOf::NoOne && !has_factors)
            .then_some(("second_factor_required", SettingProblem::NoFactors))
    }

    /// Returns whether a user needs a second factor to be signed in.
    pub fn requires_second_factor(&self, is_admin: bool) -> bool {
        match self.second_factor_required {
            RequiredOf::NoOne => false,
            RequiredOf::Admins => is_admin,
            RequiredOf::Everyone => true,
        }
    }

    /// Returns whether a stranger who verifies this address gets an account.
    pub fn may_join(&self, address: &EmailAddress) -> bool {
        match self.join_policy {
            JoinPolicy::Invited => false,
            JoinPolicy::AllowedDomains => self.allowed_domains.iter().any(|domain| domain == address.domain()),
            JoinPolicy::Anyone => true,
        }
    }

    /// Returns whether an account may move to this address. Where only invited users join, the
    /// account itself was invited, and the policy says nothing about addresses.
    pub fn may_move_to(&self, address: &EmailAddress) -> bool {
        match self.join_policy {
            JoinPolicy::Invited => true,
            JoinPolicy::AllowedDomains | JoinPolicy::Anyone => self.may_join(address),
        }
    }

    pub fn session_lifetime(&self, remember: bool) -> SessionLifetime {
        if remember {
            SessionLifetime { idle: self.session_idle_lifetime, absolute: self.session_absolute_lifetime }
        } else {
            SessionLifetime { idle: self.browser_session_lifetime, absolute: self.browser_session_lifetime }
        }
    }
}

/// The limits that the operator's configuration gives to a new installation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StartLimits {
    pub per_mailbox: Limit,
    pub per_client: Limit,
    pub per_domain: Limit,
    pub global: Limit,
}

impl JoinPolicy {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Invited => "invited",
            Self::AllowedDomains => "allowed_domains",
            Self::Anyone => "anyone",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::VARIANTS.iter().copied().find(|policy| policy.as_str() == text)
    }
}

impl RequiredOf {
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::NoOne => "nobody",
            Self::Admins => "admins",
            Self::Everyone => "everyone",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::VARIANTS.iter().copied().find(|whom| whom.as_str() == text)
    }
}

const fn on_off(on: bool) -> &'static str {
    if on { "on" } else { "off" }
}

fn parse_on_off(text: &str) -> Option<bool> {
    match text {
        "on" => Some(true),
        "off" => Some(false),
        _ => None,
    }
}

fn parse_lifetime(text: &str, least: Lifetime, most: Lifetime) -> Result<Lifetime, SettingProblem> {
    text.parse().ok().filter(|span| (least..=most).contains(span)).ok_or(SettingProblem::NotALifetime { least, most })
}

/// Parses domains separated by white space or commas, a leading `@` allowed. Returns them in
/// canonical form, sorted, each once.
fn parse_domains(text: &str) -> Result<Vec<String>, SettingProblem> {
    let mut domains = text
        .split(|c: char| c.is_whitespace() || c == ',')
        .filter(|word| !word.is_empty())
        .map(|word| email_address::parse_domain(typed::trimmed(word).trim_start_matches('@')))
        .collect::<Result<Vec<_>, _>>()
        .map_err(|_| SettingProblem::NotADomain)?;
    domains.sort_unstable();
    domains.dedup();
    if domains.len() > MAX_DOMAINS { Err(SettingProblem::TooManyDomains) } else { Ok(domains) }
}

/// Parses one to forty characters on one line. Subjects and sender names use it, so that nothing
/// may break a header.
fn parse_product_name(text: &str) -> Option<String> {
    let name = typed::trimmed(text);
    let fine = (1..=40).contains(&name.chars().count())
        && !deceives(name)
        && !name.chars().any(|c| matches!(c, '<' | '>' | '"' | '@'));
    fine.then(|| name.to_owned())
}

fn parse_support_address(text: &str) -> Result<Option<EmailAddress>, SettingProblem> {
    if typed::trimmed(text).is_empty() {
        return Ok(None);
    }
    EmailAddress::parse(text).map(Some).map_err(|_| SettingProblem::NotAnAddress)
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use proptest::prelude::*;

    pub fn settings() -> Settings {
        let limit = |text: &str| text.parse().unwrap();
        Settings::starting_with(StartLimits {
            per_mailbox: limit("3/15m"),
            per_client: limit("30/15m"),
            per_domain: limit("300/15m"),
            global: limit("20/1s"),
        })
    }

    #[test]
    fn every_setting_reads_back_as_it_is_stored() {
        let original = settings();
        let mut copy = original.clone();
        for name in NAMES {
            assert_eq!(copy.set(name, &original.get(name)), Ok(()), "{name}");
        }
        assert_eq!(copy, original);
    }

    #[test]
    fn domains_are_kept_in_one_form() {
        let mut settings = settings();
        assert_eq!(settings.set("allowed_domains", " @B.example, a.example\nbücher.example a.example"), Ok(()));
        assert_eq!(settings.allowed_domains, ["a.example", "b.example", "xn--bcher-kva.example"]);
        assert_eq!(settings.set("allowed_domains", "not a domain"), Err(SettingProblem::NotADomain));
        assert_eq!(settings.allowed_domains.len(), 3, "a problem changes nothing");
    }

    #[test]
    fn an_account_moves_only_to_where_one_may_join() {
        let mut settings = settings();
        settings.allowed_domains = vec!["example.com".into()];
        let address = |text| EmailAddress::parse(text).unwrap();
        for (policy, elsewhere) in
            [(JoinPolicy::Invited, true), (JoinPolicy::AllowedDomains, false), (JoinPolicy::Anyone, true)]
        {
            settings.join_policy = policy;
            assert!(settings.may_move_to(&address("ana@example.com")), "{policy:?}");
            assert_eq!(settings.may_move_to(&address("ana@evil.example")), elsewhere, "{policy:?}");
        }
    }

    #[test]
    fn who_may_join_is_decided_by_the_whole_domain() {
        let mut settings = settings();
        settings.allowed_domains = vec!["example.com".into()];
        let address = |text| EmailAddress::parse(text).unwrap();
        assert!(!settings.may_join(&address("ana@example.com")));
        settings.join_policy = JoinPolicy::AllowedDomains;
        assert!(settings.may_join(&address("ana@example.com")));
        assert!(!settings.may_join(&address("ana@evil-example.com")));
        assert!(!settings.may_join(&address("ana@sub.example.com")));
        settings.join_policy = JoinPolicy::Anyone;
        assert!(settings.may_join(&address("ana@sub.example.com")));
    }

    #[test]
    fn a_policy_by_domains_without_domains_is_a_contradiction() {
        let mut settings = settings();
        assert_eq!(settings.contradiction(), None);
        settings.join_policy = JoinPolicy::AllowedDomains;
        assert_eq!(settings.contradiction(), Some(("allowed_domains", SettingProblem::NoDomains)));
    }

    #[test]
    fn requiring_a_factor_that_nobody_can_have_is_a_contradiction() {
        let mut settings = settings();
        settings.second_factor_required = RequiredOf::Admins;
        assert_eq!(settings.contradiction(), None);
        (settings.totp_enabled, settings.passkey_enabled) = (false, false);
        assert_eq!(settings.contradiction(), Some(("second_factor_required", SettingProblem::NoFactors)));
        assert!(settings.requires_second_factor(true) && !settings.requires_second_factor(false));
    }

    #[test]
    fn passkeys_that_are_not_possible_are_off_whatever_is_stored() {
        let mut settings = settings().without_passkeys();
        assert!(!settings.passkey_enabled);
        assert_eq!(settings.set("passkey_enabled", "on"), Ok(()), "what is stored can be read");
        assert!(!settings.passkey_enabled);
        settings.second_factor_required = RequiredOf::Everyone;
        settings.totp_enabled = false;
        assert_eq!(settings.contradiction(), Some(("second_factor_required", SettingProblem::NoFactors)));
    }

    #[test]
    fn values_out_of_range_are_refused() {
        let mut settings = settings();
        for (name, value) in [
            ("email_link_enabled", "yes"),
            ("join_policy", "everyone"),
            ("second_factor_required", "on"),
            ("link_lifetime", "2h"),
            ("link_lifetime", "0s"),
            ("session_idle_lifetime", "1m"),
            ("limits_per_mailbox", "0/15m"),
            ("product_name", ""),
            ("product_name", "a\nb"),
            ("product_name", "a <b@c.example>"),
            ("accent_colour", "red"),
            ("accent_colour", "#fff"),
            ("accent_colour", "#12345é"),
            ("support_address", "ana"),
            ("is_admin", "on"),
        ] {
            assert!(settings.set(name, value).is_err(), "{name}={value}");
        }
    }

    proptest! {
        #[test]
        fn setting_anything_to_anything_never_panics(name in prop::sample::select(&NAMES[..]), text in "\\PC{0,40}") {
            let mut settings = settings();
            if settings.set(name, &text).is_ok() {
                let stored = settings.get(name);
                prop_assert_eq!(settings.set(name, &stored), Ok(()), "what was accepted is accepted again");
                prop_assert_eq!(settings.get(name), stored);
            }
        }
    }
}
