//! Lifetimes of a new app's tokens.

use super::client::ClientRules;
use crate::{Lifetime, Settings};

/// Lifetimes that were stated for one app. For the rest, a new app takes the settings of that
/// moment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct StatedLifetimes {
    pub access: Option<Lifetime>,
    pub refresh_idle: Option<Lifetime>,
    pub refresh_absolute: Option<Lifetime>,
}

impl StatedLifetimes {
    /// Returns the rules of an app that exists, with what was said.
    #[must_use]
    pub fn instead(&self, rules: ClientRules) -> ClientRules {
        ClientRules {
            access_lifetime: self.access.unwrap_or(rules.access_lifetime),
            refresh_idle: self.refresh_idle.unwrap_or(rules.refresh_idle),
            refresh_absolute: self.refresh_absolute.unwrap_or(rules.refresh_absolute),
            ..rules
        }
    }

    /// Returns the rules of a new app with its lifetimes.
    #[must_use]
    pub fn over(&self, rules: ClientRules, settings: &Settings) -> ClientRules {
        ClientRules {
            access_lifetime: self.access.unwrap_or(settings.access_lifetime),
            refresh_idle: self.refresh_idle.unwrap_or(settings.refresh_idle_lifetime),
            refresh_absolute: self.refresh_absolute.unwrap_or(settings.refresh_absolute_lifetime),
            ..rules
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::settings::tests::settings;
    use proptest::prelude::*;

    fn span() -> impl Strategy<Value = Lifetime> {
        (1_i64..1_000_000).prop_map(Lifetime::seconds)
    }

    proptest! {
        #[test]
        fn a_new_app_takes_what_was_said_and_else_the_settings(
            said in prop::array::uniform3(prop::option::of(span())),
            usual in prop::array::uniform3(span()),
        ) {
            let settings = Settings {
                access_lifetime: usual[0],
                refresh_idle_lifetime: usual[1],
                refresh_absolute_lifetime: usual[2],
                ..settings()
            };
            let stated = StatedLifetimes { access: said[0], refresh_idle: said[1], refresh_absolute: said[2] };
            for is_public in [false, true] {
                let new = ClientRules::new(is_public);
                let rules = stated.over(new.clone(), &settings);
                let lifetimes = [rules.access_lifetime, rules.refresh_idle, rules.refresh_absolute];
                for (n, lifetime) in lifetimes.into_iter().enumerate() {
                    prop_assert_eq!(lifetime, said[n].unwrap_or(usual[n]));
                }
                let ClientRules { access_lifetime, refresh_idle, refresh_absolute, .. } = new.clone();
                prop_assert_eq!(ClientRules { access_lifetime, refresh_idle, refresh_absolute, ..rules }, new);
            }
        }
    }

    #[test]
    fn an_app_that_exists_keeps_what_is_not_said() {
        let own = ClientRules { access_lifetime: Lifetime::minutes(5), ..ClientRules::new(false) };
        assert_eq!(StatedLifetimes::default().instead(own.clone()), own);
        let said = StatedLifetimes { refresh_idle: Some(Lifetime::days(3)), ..StatedLifetimes::default() };
        assert_eq!(said.instead(own.clone()), ClientRules { refresh_idle: Lifetime::days(3), ..own });
    }

    #[test]
    fn the_settings_start_with_what_apps_had_before_them() {
        let new = ClientRules::new(false);
        assert_eq!(StatedLifetimes::default().over(new.clone(), &settings()), new);
    }
}
