//! Parts of Gatepost that an admin can turn off, and the paths that belong to each.

use crate::Settings;

/// A part that an admin can turn off. Its paths then answer as if they did not exist.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// Opening apps: by OpenID Connect, and the pages around forward-auth.
    Apps,
    /// Signing in devices without a browser (RFC 8628).
    Devices,
}

/// Stay while apps are turned off, because they open nothing. Apps need the keys to judge the
/// message about a sign-out.
const ALWAYS: [&str; 5] = ["/oidc/logout", "/oidc/logout/", "/oidc/jwks.json", "/apps/sign-out", "/apps/icons/"];
const DEVICES: [&str; 2] = ["/oidc/device_authorization", "/device"];
/// By their beginnings, so that a new path below them belongs to apps without being listed.
const APPS: [&str; 5] = [
    "/oidc/",
    "/apps/",
    "/.well-known/openid-configuration",
    "/.well-known/oauth-authorization-server",
    "/.well-known/webfinger",
];

impl Part {
    /// Returns the part of a path in its one spelling. `None` for a path that always answers.
    ///
    /// Proxies' checks are no part: they answer a refusal that every proxy understands.
    pub fn of(path: &str) -> Option<Self> {
        let is_below =
            |start: &str| path.strip_prefix(start).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
        if ALWAYS.iter().any(|own| path == *own || own.ends_with('/') && path.starts_with(own)) {
            return None;
        }
        if DEVICES.iter().any(|own| is_below(own)) {
            return Some(Self::Devices);
        }
        APPS.iter().any(|own| path.starts_with(own)).then_some(Self::Apps)
    }
}

impl Settings {
    /// Returns whether a part is turned on. Devices sign in to apps, so that they need both.
    pub const fn has(&self, part: Part) -> bool {
        match part {
            Part::Apps => self.apps_enabled,
            Part::Devices => self.apps_enabled && self.device_grant_enabled,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::tests::settings;

    #[test]
    fn a_path_belongs_to_the_part_that_it_opens() {
        use Part::{Apps, Devices};
        for (path, expected) in [
            ("/oidc/authorize", Some(Apps)),
            ("/oidc/token", Some(Apps)),
            ("/oidc/something-new", Some(Apps)),
            ("/oidc/logoutx", Some(Apps)),
            ("/apps/enter", Some(Apps)),
            ("/apps/iconsx", Some(Apps)),
            ("/.well-known/openid-configuration", Some(Apps)),
            ("/.well-known/oauth-authorization-server", Some(Apps)),
            ("/.well-known/webfinger", Some(Apps)),
            ("/oidc/device_authorization", Some(Devices)),
            ("/device", Some(Devices)),
            ("/device/confirm", Some(Devices)),
            ("/devices", None),
            ("/oidc/logout", None),
            ("/oidc/logout/confirm", None),
            ("/oidc/jwks.json", None),
            ("/apps/sign-out", None),
            ("/apps/icons/1", None),
            ("/forward-auth", None),
            ("/account/apps", None),
            ("/admin/apps", None),
            ("/login", None),
        ] {
            assert_eq!(Part::of(path), expected, "{path}");
        }
    }

    #[test]
    fn devices_need_apps_too() {
        for (apps, devices) in [(false, false), (false, true), (true, false), (true, true)] {
            let settings = Settings { apps_enabled: apps, device_grant_enabled: devices, ..settings() };
            assert_eq!((settings.has(Part::Apps), settings.has(Part::Devices)), (apps, apps && devices));
        }
    }
}
