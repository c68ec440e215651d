//! The table of settings. A row here is all that the form, its page, storage and the audit log
//! need.

use super::{Field, Kind, Settings};
use crate::{Lifetime, page_link::PageLink};

/// The shortest and the longest lifetime of access tokens, here and for a single app.
pub const ACCESS_LIFETIMES: (Lifetime, Lifetime) = (Lifetime::minutes(1), Lifetime::days(1));
/// The shortest and the longest lifetime of refresh tokens, here and for a single app.
pub const REFRESH_LIFETIMES: (Lifetime, Lifetime) = (Lifetime::hours(1), Lifetime::days(365));

/// One setting.
pub struct Setting {
    /// Name in storage, in forms and in the audit log. Never changes once released.
    pub name: &'static str,
    /// Key of its name in words.
    pub label: &'static str,
    /// Key of the sentence beside its field.
    pub hint: &'static str,
    pub kind: Kind,
}

/// A part of the settings page.
pub struct Section {
    pub id: &'static str,
    /// Key of its heading.
    pub title: &'static str,
    /// Key of the sentence below the heading.
    pub hint: Option<&'static str>,
    pub settings: &'static [Setting],
}

/// Every setting on the settings page, in its order.
pub const SECTIONS: &[Section] = &[
    Section {
        id: "ways",
        title: "settings-ways",
        hint: None,
        settings: &[
            Setting {
                name: "email_link_enabled",
                label: "setting-email-link",
                hint: "setting-email-link.hint",
                kind: Kind::Switch(Field(|all| &all.email_link_enabled, |all| &mut all.email_link_enabled)),
            },
            Setting {
                name: "password_enabled",
                label: "setting-password",
                hint: "setting-password.hint",
                kind: Kind::Switch(Field(|all| &all.password_enabled, |all| &mut all.password_enabled)),
            },
            Setting {
                name: "passkey_enabled",
                label: "setting-passkey",
                hint: "setting-passkey.hint",
                kind: Kind::Switch(Field(|all| &all.passkey_enabled, |all| &mut all.passkey_enabled)),
            },
            Setting {
                name: "link_lifetime",
                label: "setting-link-lifetime",
                hint: "setting-link-lifetime.hint",
                kind: Kind::Lifetime {
                    field: Field(|all| &all.link_lifetime, |all| &mut all.link_lifetime),
                    least: Lifetime::minutes(1),
                    most: Lifetime::hours(1),
                },
            },
        ],
    },
    Section {
        id: "factors",
        title: "settings-factors",
        hint: Some("settings-factors.hint"),
        settings: &[
            Setting {
                name: "totp_enabled",
                label: "setting-app",
                hint: "setting-app.hint",
                kind: Kind::Switch(Field(|all| &all.totp_enabled, |all| &mut all.totp_enabled)),
            },
            Setting {
                name: "recovery_codes_enabled",
                label: "setting-recovery-codes",
                hint: "setting-recovery-codes.hint",
                kind: Kind::Switch(Field(|all| &all.recovery_codes_enabled, |all| &mut all.recovery_codes_enabled)),
            },
            Setting {
                name: "trusted_devices_enabled",
                label: "setting-remembered-browsers",
                hint: "setting-remembered-browsers.hint",
                kind: Kind::Switch(Field(|all| &all.trusted_devices_enabled, |all| &mut all.trusted_devices_enabled)),
            },
            Setting {
                name: "second_factor_required",
                label: "setting-required",
                hint: "setting-required.hint",
                kind: Kind::RequiredOf(Field(|all| &all.second_factor_required, |all| &mut all.second_factor_required)),
            },
        ],
    },
    Section {
        id: "join",
        title: "settings-join",
        hint: None,
        settings: &[
            Setting {
                name: "join_policy",
                label: "setting-join",
                hint: "setting-join.hint",
                kind: Kind::JoinPolicy(Field(|all| &all.join_policy, |all| &mut all.join_policy)),
            },
            Setting {
                name: "allowed_domains",
                label: "setting-domains",
                hint: "setting-domains.hint",
                kind: Kind::Domains(Field(|all| &all.allowed_domains, |all| &mut all.allowed_domains)),
            },
            Setting {
                name: "invitation_lifetime",
                label: "setting-invitation-lifetime",
                hint: "setting-invitation-lifetime.hint",
                kind: Kind::Lifetime {
                    field: Field(|all| &all.invitation_lifetime, |all| &mut all.invitation_lifetime),
                    least: Lifetime::hours(1),
                    most: Lifetime::days(30),
                },
            },
        ],
    },
    Section {
        id: "sessions",
        title: "settings-sessions",
        hint: Some("settings-sessions.hint"),
        settings: &[
            Setting {
                name: "session_idle_lifetime",
                label: "setting-session-idle",
                hint: "setting-session-idle.hint",
                kind: Kind::Lifetime {
                    field: Field(|all| &all.session_idle_lifetime, |all| &mut all.session_idle_lifetime),
                    least: Lifetime::minutes(5),
                    most: Lifetime::days(365),
                },
            },
            Setting {
                name: "session_absolute_lifetime",
                label: "setting-session-absolute",
                hint: "setting-session-absolute.hint",
                kind: Kind::Lifetime {
                    field: Field(|all| &all.session_absolute_lifetime, |all| &mut all.session_absolute_lifetime),
                    least: Lifetime::minutes(5),
                    most: Lifetime::days(365),
                },
            },
            Setting {
                name: "browser_session_lifetime",
                label: "setting-browser-session",
                hint: "setting-browser-session.hint",
                kind: Kind::Lifetime {
                    field: Field(|all| &all.browser_session_lifetime, |all| &mut all.browser_session_lifetime),
                    least: Lifetime::minutes(5),
                    most: Lifetime::days(30),
                },
            },
            Setting {
                name: "step_up_lifetime",
                label: "setting-step-up",
                hint: "setting-step-up.hint",
                kind: Kind::Lifetime {
                    field: Field(|all| &all.step_up_lifetime, |all| &mut all.step_up_lifetime),
                    least: Lifetime::minutes(1),
                    most: Lifetime::hours(1),
                },
            },
            Setting {
                name: "browser_emails_enabled",
                label: "setting-new-browsers",
                hint: "setting-new-browsers.hint",
                kind: Kind::Switch(Field(|all| &all.browser_emails_enabled, |all| &mut all.browser_emails_enabled)),
            },
        ],
    },
    Section {
        id: "apps",
        title: "settings-apps",
        hint: None,
        settings: &[
            Setting {
                name: "apps_enabled",
                label: "setting-apps",
                hint: "setting-apps.hint",
                kind: Kind::Switch(Field(|all| &all.apps_enabled, |all| &mut all.apps_enabled)),
            },
            Setting {
                name: "device_grant_enabled",
                label: "setting-devices",
                hint: "setting-devices.hint",
                kind: Kind::Switch(Field(|all| &all.device_grant_enabled, |all| &mut all.device_grant_enabled)),
            },
            Setting {
                name: "access_lifetime",
                label: "setting-access-lifetime",
                hint: "setting-access-lifetime.hint",
                kind: Kind::Lifetime {
                    field: Field(|all| &all.access_lifetime, |all| &mut all.access_lifetime),
                    least: ACCESS_LIFETIMES.0,
                    most: ACCESS_LIFETIMES.1,
                },
            },
            Setting {
                name: "refresh_idle_lifetime",
                label: "setting-refresh-idle",
                hint: "setting-refresh-idle.hint",
                kind: Kind::Lifetime {
                    field: Field(|all| &all.refresh_idle_lifetime, |all| &mut all.refresh_idle_lifetime),
                    least: REFRESH_LIFETIMES.0,
                    most: REFRESH_LIFETIMES.1,
                },
            },
            Setting {
                name: "refresh_absolute_lifetime",
                label: "setting-refresh-absolute",
                hint: "setting-refresh-absolute.hint",
                kind: Kind::Lifetime {
                    field: Field(|all| &all.refresh_absolute_lifetime, |all| &mut all.refresh_absolute_lifetime),
                    least: REFRESH_LIFETIMES.0,
                    most: REFRESH_LIFETIMES.1,
                },
            },
        ],
    },
    Section {
        id: "limits",
        title: "settings-limits",
        hint: Some("settings-limits.hint"),
        settings: &[
            Setting {
                name: "limits_per_mailbox",
                label: "setting-limit-per-mailbox",
                hint: "setting-limit-per-mailbox.hint",
                kind: Kind::Limit(Field(|all| &all.limits_per_mailbox, |all| &mut all.limits_per_mailbox)),
            },
            Setting {
                name: "limits_per_client",
                label: "setting-limit-per-client",
                hint: "setting-limit-per-client.hint",
                kind: Kind::Limit(Field(|all| &all.limits_per_client, |all| &mut all.limits_per_client)),
            },
            Setting {
                name: "limits_per_domain",
                label: "setting-limit-per-domain",
                hint: "setting-limit-per-domain.hint",
                kind: Kind::Limit(Field(|all| &all.limits_per_domain, |all| &mut all.limits_per_domain)),
            },
            Setting {
                name: "limits_global",
                label: "setting-limit-global",
                hint: "setting-limit-global.hint",
                kind: Kind::Limit(Field(|all| &all.limits_global, |all| &mut all.limits_global)),
            },
            Setting {
                name: "code_in_subject",
                label: "setting-code-in-subject",
                hint: "setting-code-in-subject.hint",
                kind: Kind::Switch(Field(|all| &all.code_in_subject, |all| &mut all.code_in_subject)),
            },
            Setting {
                name: "code_first_domains",
                label: "setting-code-first",
                hint: "setting-code-first.hint",
                kind: Kind::Domains(Field(|all| &all.code_first_domains, |all| &mut all.code_first_domains)),
            },
        ],
    },
    Section {
        id: "look",
        title: "settings-look",
        hint: None,
        settings: &[
            Setting {
                name: "product_name",
                label: "setting-name",
                hint: "setting-name.hint",
                kind: Kind::ProductName(Field(|all| &all.product_name, |all| &mut all.product_name)),
            },
            Setting {
                name: "accent_colour",
                label: "setting-colour",
                hint: "setting-colour.hint",
                kind: Kind::Colour(Field(|all| &all.accent_colour, |all| &mut all.accent_colour)),
            },
            Setting {
                name: "support_address",
                label: "setting-support",
                hint: "setting-support.hint",
                kind: Kind::Address(Field(|all| &all.support_address, |all| &mut all.support_address)),
            },
            Setting {
                name: "language",
                label: "setting-language",
                hint: "setting-language.hint",
                kind: Kind::Language(Field(|all| &all.language, |all| &mut all.language)),
            },
            Setting {
                name: "time_zone",
                label: "setting-time-zone",
                hint: "setting-time-zone.hint",
                kind: Kind::TimeZone(Field(|all| &all.time_zone, |all| &mut all.time_zone)),
            },
        ],
    },
    Section {
        id: "links",
        title: "settings-links",
        hint: Some("settings-links.hint"),
        settings: &[
            Setting {
                name: "terms_link",
                label: "setting-terms-link",
                hint: "setting-terms-link.hint",
                kind: Kind::Link(Field(|all| &all.terms_link, |all| &mut all.terms_link)),
            },
            Setting {
                name: "privacy_link",
                label: "setting-privacy-link",
                hint: "setting-privacy-link.hint",
                kind: Kind::Link(Field(|all| &all.privacy_link, |all| &mut all.privacy_link)),
            },
            Setting {
                name: "imprint_link",
                label: "setting-imprint-link",
                hint: "setting-imprint-link.hint",
                kind: Kind::Link(Field(|all| &all.imprint_link, |all| &mut all.imprint_link)),
            },
            Setting {
                name: "help_link",
                label: "setting-help-link",
                hint: "setting-help-link.hint",
                kind: Kind::Link(Field(|all| &all.help_link, |all| &mut all.help_link)),
            },
        ],
    },
];

/// The logo, which another page changes.
pub const LOGO: Setting = Setting {
    name: "logo",
    label: "setting-logo",
    hint: "logo-file.hint",
    kind: Kind::Logo(Field(|all| &all.logo, |all| &mut all.logo)),
};

/// The logo for a dark ground, which another page changes, too.
pub const LOGO_DARK: Setting = Setting {
    name: "logo_dark",
    label: "setting-logo-dark",
    hint: "logo-dark.hint",
    kind: Kind::Logo(Field(|all| &all.logo_dark, |all| &mut all.logo_dark)),
};

/// Returns the settings of the settings page, in its order.
pub fn all() -> impl Iterator<Item = &'static Setting> {
    SECTIONS.iter().flat_map(|section| section.settings)
}

/// Returns the setting with this name. `None` if this version does not have it.
pub fn find(name: &str) -> Option<&'static Setting> {
    all().chain([&LOGO, &LOGO_DARK]).find(|setting| setting.name == name)
}

/// Returns the section with this id.
pub fn section(id: &str) -> Option<&'static Section> {
    SECTIONS.iter().find(|section| section.id == id)
}

impl Settings {
    /// Returns the links below every page and every email: the key of the name, and the page.
    pub fn links(&self) -> impl Iterator<Item = (&'static str, &PageLink)> {
        [
            ("link-help", &self.help_link),
            ("link-terms", &self.terms_link),
            ("link-privacy", &self.privacy_link),
            ("link-imprint", &self.imprint_link),
        ]
        .into_iter()
        .filter_map(|(key, link)| Some((key, link.as_ref()?)))
    }
}
