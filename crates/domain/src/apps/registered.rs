//! An app with everything that an admin sets.

use super::{
    App,
    fact::{AppFact, Facts},
    host::AppHost,
    name::LaunchUrl,
    path::PublicPath,
};
use crate::{group::GroupId, logo::LogoVersion};
use std::collections::HashMap;
use strum::{IntoStaticStr, VariantArray};

/// An app, its hosts and how it looks. Its icon is kept apart, because it is large.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Registered {
    pub app: App,
    pub hosts: Vec<AppHost>,
    /// Paths that need no sign-in.
    pub public_paths: Vec<PublicPath>,
    pub look: Look,
    /// Lets `OPTIONS` of other origins reach the app without a sign-in.
    pub preflights: bool,
    /// True if the app signs in in a popup, which must keep its opener.
    pub popup: bool,
}

/// Description, icon and address of an app in the launcher.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Look {
    pub description: String,
    /// `None`: the first host that is no wildcard.
    pub launch_url: Option<LaunchUrl>,
    pub icon: Option<LogoVersion>,
    pub is_hidden: bool,
    /// Small numbers come first.
    pub position: i32,
}

/// Way in which an app was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, VariantArray, IntoStaticStr)]
#[strum(serialize_all = "snake_case", const_into_str)]
pub enum AppOrigin {
    Admin,
    CommandLine,
}

impl Look {
    /// Adds what the audit log says of it.
    fn tell(&self, facts: &mut Facts) {
        facts.push(AppFact::Description, self.description.as_str());
        facts.push(AppFact::Link, self.launch_url.as_ref().map(|url| url.as_str()).unwrap_or_default());
        facts.switch(AppFact::Hidden, self.is_hidden);
        facts.push(AppFact::Icon, self.icon.as_ref().map(|icon| icon.as_str()).unwrap_or_default());
    }
}

impl Registered {
    /// Returns what the audit log says of the app. `groups` has the names of groups.
    pub fn facts(&self, groups: &HashMap<GroupId, String>) -> Facts {
        let App { name, requires, access, is_disabled, .. } = &self.app;
        let group = |id: &GroupId| groups.get(id).cloned().unwrap_or_else(|| id.to_string());
        let mut names: Vec<String> = access.groups.iter().map(group).collect();
        names.sort();
        let users = access.people.len();
        let mut facts = Facts::default();
        facts.push(AppFact::Name, name.to_string());
        facts.push(AppFact::Hosts, listed(&self.hosts));
        facts.switch(AppFact::Everyone, access.everyone);
        facts.push(AppFact::Groups, names.join(", "));
        facts.push(AppFact::Users, if users == 0 { String::new() } else { users.to_string() });
        facts.push(AppFact::Requires, requires.strength.into_str());
        facts.push(AppFact::FreshWithin, requires.fresh_within.map(|span| span.to_string()).unwrap_or_default());
        let paths: Vec<_> = self.public_paths.iter().map(PublicPath::as_str).collect();
        facts.push(AppFact::PublicPaths, paths.join(", "));
        self.look.tell(&mut facts);
        facts.switch(AppFact::Preflights, self.preflights);
        facts.switch(AppFact::Popup, self.popup);
        facts.switch(AppFact::Disabled, *is_disabled);
        facts
    }

    /// Returns where the launcher leads. `None` if the app has only wildcards, or no host.
    pub fn launch_href(&self) -> Option<String> {
        let of_host = || self.hosts.iter().find(|host| !host.is_wildcard).map(|host| format!("{host}/"));
        self.look.launch_url.as_ref().map(|url| url.as_str().to_owned()).or_else(of_host)
    }
}

/// Writes hosts as an admin types them, separated by commas.
fn listed(hosts: &[AppHost]) -> String {
    hosts.iter().map(AppHost::to_string).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        apps::{Access, AppId, AppName, AppSlug},
        assurance::{Required, Strength},
    };

    #[test]
    fn the_launcher_leads_to_the_given_address_or_else_to_the_first_host() {
        let mut wiki = Registered {
            app: App {
                id: AppId::from_i64(1),
                slug: AppSlug::parse("wiki").unwrap(),
                name: AppName::parse("Wiki").unwrap(),
                requires: Required { strength: Strength::One, fresh_within: None },
                access: Access::default(),
                is_disabled: false,
            },
            hosts: vec![AppHost::parse("*.example.com").unwrap()],
            public_paths: vec![],
            look: Look::default(),
            preflights: false,
            popup: false,
        };
        assert_eq!(wiki.launch_href(), None);
        wiki.hosts.push(AppHost::parse("http://wiki.lan:8080").unwrap());
        assert_eq!(wiki.launch_href().as_deref(), Some("http://wiki.lan:8080/"));
        wiki.look.launch_url = LaunchUrl::parse("https://wiki.example.com/start").ok();
        assert_eq!(wiki.launch_href().as_deref(), Some("https://wiki.example.com/start"));
    }
}
