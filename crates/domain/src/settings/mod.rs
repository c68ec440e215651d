//! Settings: what an admin changes in the browser. They are stored as text under the names below.
//! The form's fields and the audit log's subjects have the same names.

mod kind;
mod table;
#[cfg(test)]
pub(crate) mod tests;

pub use kind::{Field, Kind, SettingProblem};
pub use table::{ACCESS_LIFETIMES, LOGO, LOGO_DARK, REFRESH_LIFETIMES, SECTIONS, Section, Setting, all, find, section};

use super::{
    Account, EmailAddress, LanguageTag, Lifetime, Limit, TimeZone, colour::Colour, factor::Factor, logo::LogoVersion,
    page_link::PageLink, session_lifetime::SessionLifetime,
};
use sha2::{Digest, Sha256};
use strum::{EnumString, IntoStaticStr, VariantArray};

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    pub email_link_enabled: bool,
    pub password_enabled: bool,
    /// Off if they are impossible, even if the stored value is on: see
    /// [`Settings::without_passkeys`].
    pub passkey_enabled: bool,
    /// True if this installation has a host name. Not a setting: the operator's base URL decides.
    pub passkeys_possible: bool,
    pub totp_enabled: bool,
    pub recovery_codes_enabled: bool,
    /// Allows users to have a browser remembered.
    pub trusted_devices_enabled: bool,
    pub second_factor_required: RequiredOf,
    pub join_policy: JoinPolicy,
    pub allowed_domains: Vec<String>,
    pub link_lifetime: Lifetime,
    pub invitation_lifetime: Lifetime,
    pub step_up_lifetime: Lifetime,
    pub session_idle_lifetime: Lifetime,
    pub session_absolute_lifetime: Lifetime,
    pub browser_session_lifetime: Lifetime,
    /// True if the owner of an account is told of a sign-in in a browser not seen before.
    pub browser_emails_enabled: bool,
    /// Allows users to open apps: see [`crate::apps::part::Part`].
    pub apps_enabled: bool,
    /// True if the apps that may do so sign in devices.
    pub device_grant_enabled: bool,
    /// Time for which tokens of new apps count. See
    /// [`crate::oidc::token_lifetimes::StatedLifetimes`].
    pub access_lifetime: Lifetime,
    pub refresh_idle_lifetime: Lifetime,
    pub refresh_absolute_lifetime: Lifetime,
    pub limits_per_mailbox: Limit,
    pub limits_per_client: Limit,
    pub limits_per_domain: Limit,
    pub limits_global: Limit,
    pub product_name: String,
    pub accent_colour: Colour,
    pub support_address: Option<EmailAddress>,
    /// The language of pages and emails if neither user nor browser names an available one.
    pub language: LanguageTag,
    /// The time zone of emails and pages if the user chose none.
    pub time_zone: TimeZone,
    /// Puts the code into the subject of an email, too. Off by default, because lock screens and
    /// feeds show subjects.
    pub code_in_subject: bool,
    /// Domains at which emails lead with the code, because scanners open their links.
    pub code_first_domains: Vec<String>,
    pub terms_link: Option<PageLink>,
    pub privacy_link: Option<PageLink>,
    pub imprint_link: Option<PageLink>,
    pub help_link: Option<PageLink>,
    /// The current logo. A separate page changes it, so that it is not in [`SECTIONS`].
    pub logo: Option<LogoVersion>,
    /// The same for a dark ground: see [`Settings::dark_logo`].
    pub logo_dark: Option<LogoVersion>,
}

/// Users who may get an account by verifying an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq, VariantArray, EnumString, IntoStaticStr)]
#[strum(serialize_all = "snake_case", const_into_str)]
pub enum JoinPolicy {
    Invited,
    AllowedDomains,
    Anyone,
}

/// Users who need a second factor.
#[derive(Clone, Copy, Debug, PartialEq, Eq, VariantArray, EnumString, IntoStaticStr)]
#[strum(serialize_all = "snake_case", const_into_str)]
pub enum RequiredOf {
    #[strum(serialize = "nobody")]
    NoOne,
    Admins,
    Everyone,
}

impl Settings {
    /// Returns a name for the current values of the settings page. A form with another one is out
    /// of date.
    pub fn version(&self) -> String {
        let mut hasher = Sha256::new();
        for setting in all() {
            // No value has a NUL.
            hasher.update(setting.kind.write(self).as_bytes());
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
            invitation_lifetime: Lifetime::days(7),
            step_up_lifetime: Lifetime::minutes(10),
            session_idle_lifetime: Lifetime::days(30),
            session_absolute_lifetime: Lifetime::days(90),
            browser_session_lifetime: Lifetime::hours(12),
            browser_emails_enabled: true,
            apps_enabled: true,
            device_grant_enabled: true,
            access_lifetime: Lifetime::hours(1),
            refresh_idle_lifetime: Lifetime::days(30),
            refresh_absolute_lifetime: Lifetime::days(180),
            limits_per_mailbox: limits.per_mailbox,
            limits_per_client: limits.per_client,
            limits_per_domain: limits.per_domain,
            limits_global: limits.global,
            product_name: "Gatepost".to_owned(),
            accent_colour: Colour::new(0x1f, 0x5f, 0x4f),
            support_address: None,
            language: LanguageTag::english(),
            time_zone: TimeZone::utc(),
            code_in_subject: false,
            code_first_domains: Vec::new(),
            terms_link: None,
            privacy_link: None,
            imprint_link: None,
            help_link: None,
            logo: None,
            logo_dark: None,
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
        find(name).map_or_else(String::new, |setting| setting.kind.write(self))
    }

    /// Reads one value, from a form or from storage; on a problem nothing changes.
    pub fn set(&mut self, name: &str, text: &str) -> Result<(), SettingProblem> {
        find(name).ok_or(SettingProblem::Unknown)?.kind.read(self, text)?;
        self.passkey_enabled &= self.passkeys_possible;
        Ok(())
    }

    /// Returns a problem that only the values together show, with the field to show it at.
    pub fn contradiction(&self) -> Option<(&'static str, SettingProblem)> {
        if self.join_policy == JoinPolicy::AllowedDomains && self.allowed_domains.is_empty() {
            return Some(("allowed_domains", SettingProblem::NoDomains));
        }
        let has_factors = Factor::second_factors().any(|factor| self.allows(factor));
        (self.second_factor_required != RequiredOf::NoOne && !has_factors)
            .then_some(("second_factor_required", SettingProblem::NoFactors))
    }

    /// Returns whether a factor is turned on.
    pub const fn allows(&self, factor: Factor) -> bool {
        match factor {
            Factor::Passkey => self.passkey_enabled,
            Factor::App => self.totp_enabled,
            Factor::RecoveryCodes => self.recovery_codes_enabled,
        }
    }

    /// Returns whether emails to this domain lead with the code.
    pub fn has_code_first(&self, domain: &str) -> bool {
        self.code_first_domains.iter().any(|listed| listed == domain)
    }

    /// Returns whether a user needs a second factor to be signed in.
    pub fn requires_second_factor(&self, is_admin: bool) -> bool {
        match self.second_factor_required {
            RequiredOf::NoOne => false,
            RequiredOf::Admins => is_admin,
            RequiredOf::Everyone => true,
        }
    }

    /// Returns whether this account needs a second factor to be signed in. A guest needs one only
    /// where the app requires it.
    pub fn requires_second_factor_of(&self, account: &Account) -> bool {
        !account.is_guest() && self.requires_second_factor(account.is_admin)
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

    /// Returns the logo for a dark ground. It needs one for a light ground beside it, because pages
    /// and emails leave the choice to the browser.
    pub fn dark_logo(&self) -> Option<&LogoVersion> {
        self.logo.as_ref().and(self.logo_dark.as_ref())
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
