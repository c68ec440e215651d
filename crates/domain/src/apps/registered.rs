//! An app with everything that an admin sets.

use super::{App, host::AppHost, name::LaunchUrl, path::PublicPath};
use crate::{group::GroupId, logo::LogoVersion};
use std::collections::HashMap;

/// An app, its hosts and how it looks. Its icon is kept apart, because it is large.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Registered {
    pub app: App,
    pub hosts: Vec<AppHost>,
    /// Paths that need no sign-in.
    pub public_paths: Vec<PublicPath>,
    pub look: Look,
    /// Whether `OPTIONS` of other origins reach the app without a sign-in.
    pub preflights: bool,
    /// Whether the app signs in in a popup, which must keep its opener.
    pub popup: bool,
}

/// How the launcher shows an app.
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

/// Who made an app.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AppOrigin {
    Admin,
    CommandLine,
}

impl AppOrigin {
    /// The stored form.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Admin => "admin",
            Self::CommandLine => "command_line",
        }
    }
}

impl Registered {
    /// Returns what the audit log says of the app: names of facts and their values. `groups` has the
    /// names of groups.
    pub fn facts(&self, groups: &HashMap<GroupId, String>) -> Vec<(&'static str, String)> {
        let App { name, requires, access, is_disabled, .. } = &self.app;
        let group = |id: &GroupId| groups.get(id).cloned().unwrap_or_else(|| id.to_string());
        let mut names: Vec<String> = access.groups.iter().map(group).collect();
        names.sort();
        let fresh = requires.fresh_within.map(|span| span.for_people()).unwrap_or_default();
        let switch = |is_on: bool| if is_on { "yes" } else { "" }.to_owned();
        let facts = vec![
            ("name", name.to_string()),
            ("hosts", listed(&self.hosts)),
            ("everyone", switch(access.everyone)),
            ("groups", names.join(", ")),
            ("users", if access.people.is_empty() { String::new() } else { access.people.len().to_string() }),
            ("requires", requires.strength.as_str().to_owned()),
            ("fresh within", fresh),
            ("public paths", self.public_paths.iter().map(PublicPath::as_str).collect::<Vec<_>>().join(", ")),
            ("description", self.look.description.clone()),
            ("link", self.look.launch_url.as_ref().map(|url| url.as_str().to_owned()).unwrap_or_default()),
            ("hidden", switch(self.look.is_hidden)),
            ("icon", self.look.icon.as_ref().map(|icon| icon.as_str().to_owned()).unwrap_or_default()),
            ("preflights", switch(self.preflights)),
            ("popup", switch(self.popup)),
            ("disabled", switch(*is_disabled)),
        ];
        facts.into_iter().filter(|(_, value)| !value.is_empty()).collect()
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

/// Writes facts as one line.
pub fn told(facts: &[(&'static str, String)]) -> String {
    facts.iter().map(|(name, value)| format!("{name}: {value}")).collect::<Vec<_>>().join("; ")
}

/// Returns the facts that differ, as they were and as they are.
pub fn differences(before: &[(&'static str, String)], after: &[(&'static str, String)]) -> (String, String) {
    let only = |these: &[(&'static str, String)], those: &[(&'static str, String)]| {
        let different: Vec<_> = these.iter().filter(|fact| !those.contains(fact)).cloned().collect();
        if different.is_empty() { "–".to_owned() } else { told(&different) }
    };
    (only(before, after), only(after, before))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::apps::{
        Access, AppId, AppName, AppSlug,
        strength::{Required, Strength},
    };

    #[test]
    fn a_change_is_told_by_the_facts_that_differ() {
        let before = vec![("name", "Wiki".to_owned()), ("requires", "one".to_owned())];
        let after = vec![("name", "Wiki".to_owned()), ("requires", "two".to_owned()), ("hidden", "yes".to_owned())];
        assert_eq!(differences(&before, &after), ("requires: one".to_owned(), "requires: two; hidden: yes".to_owned()));
        assert_eq!(differences(&after[..1], &before[..1]), ("–".to_owned(), "–".to_owned()));
    }

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
