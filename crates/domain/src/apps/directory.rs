//! All apps, to find the one that a request is for.

use super::{
    AppSlug, Registered,
    host::{AppHost, AskedHost},
};
use crate::group::{Group, GroupId, GroupName};
use std::collections::HashMap;

/// All apps and the names of all groups.
#[derive(Debug, Default)]
pub struct Directory {
    apps: Vec<Registered>,
    /// Places of apps and of their hosts, by the host's name.
    hosts: HashMap<String, Vec<(usize, usize)>>,
    /// Hosts of apps that cannot be read.
    closed: Vec<AppHost>,
    groups: HashMap<GroupId, GroupName>,
}

impl Directory {
    pub fn new(apps: Vec<Registered>, closed: Vec<AppHost>, groups: Vec<Group>) -> Self {
        let mut hosts: HashMap<String, Vec<(usize, usize)>> = HashMap::new();
        for (app, registered) in apps.iter().enumerate() {
            for (host, own) in registered.hosts.iter().enumerate() {
                hosts.entry(own.name.as_str().to_owned()).or_default().push((app, host));
            }
        }
        Self { apps, hosts, closed, groups: groups.into_iter().map(|group| (group.id, group.name)).collect() }
    }

    pub fn apps(&self) -> &[Registered] {
        &self.apps
    }

    /// Returns the app that is at this host: one that names it, or else one with a wildcard. A host
    /// of a closed app is no wildcard's, whose rules may be laxer.
    pub fn at(&self, asked: &AskedHost) -> Option<(&Registered, &AppHost)> {
        let name = asked.name.as_str();
        let parent = name.split_once('.').map(|(_, parent)| parent);
        let is_closed = || self.closed.iter().any(|host| host.admits(asked));
        self.among(name, asked).or_else(|| self.among(parent.filter(|_| !is_closed())?, asked))
    }

    /// Returns the app of one of the hosts with this name. A host that a proxy names has no scheme,
    /// and an app may have both. HTTPS wins, so that no code and no cookie travels in the clear.
    fn among(&self, name: &str, asked: &AskedHost) -> Option<(&Registered, &AppHost)> {
        let known = self.hosts.get(name)?.iter().filter_map(|(app, host)| {
            let app = self.apps.get(*app)?;
            app.hosts.get(*host).map(|host| (app, host))
        });
        let admitting = known.filter(|(_, host)| host.admits(asked));
        admitting.max_by_key(|(_, host)| host.is_https)
    }

    pub fn named(&self, slug: &AppSlug) -> Option<&Registered> {
        self.apps.iter().find(|registered| registered.app.slug == *slug)
    }

    /// Returns the names of groups. One that was removed a moment ago has none.
    pub fn names_of(&self, groups: &[GroupId]) -> Vec<GroupName> {
        groups.iter().filter_map(|group| self.groups.get(group).cloned()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        apps::{Access, App, AppId, AppName, registered::Look},
        assurance::{Required, Strength},
    };

    fn app(id: i64, slug: &str, hosts: &[&str]) -> Registered {
        Registered {
            app: App {
                id: AppId::from_i64(id),
                slug: AppSlug::parse(slug).unwrap(),
                name: AppName::parse(slug).unwrap(),
                requires: Required { strength: Strength::One, fresh_within: None },
                access: Access::default(),
                is_disabled: false,
            },
            hosts: hosts.iter().map(|host| AppHost::parse(host).unwrap()).collect(),
            public_paths: Vec::new(),
            look: Look::default(),
            preflights: false,
            popup: false,
        }
    }

    #[test]
    fn an_exact_host_comes_before_a_wildcard_of_one_label() {
        let directory = Directory::new(
            vec![
                app(1, "all", &["*.example.com", "*.lan.example.com"]),
                app(2, "wiki", &["wiki.example.com", "wiki.other.example", "http://wiki.lan:8080"]),
            ],
            vec![AppHost::parse("closed.example.com").unwrap()],
            Vec::new(),
        );
        for (asked, expected) in [
            ("wiki.example.com", Some("wiki")),
            ("WIKI.EXAMPLE.COM:443", Some("wiki")),
            ("wiki.other.example", Some("wiki")),
            ("wiki.lan:8080", Some("wiki")),
            ("wiki.lan", None),
            ("grafana.example.com", Some("all")),
            ("a.lan.example.com", Some("all")),
            ("closed.example.com", None),
            ("a.b.example.com", None),
            ("example.com", None),
            ("wiki.example.com:8443", None),
            ("com", None),
        ] {
            let asked = AskedHost::parse(asked).unwrap();
            let found = directory.at(&asked).map(|(registered, _)| registered.app.slug.as_str());
            assert_eq!(found, expected, "{asked:?}");
        }
    }

    #[test]
    fn of_a_host_in_both_schemes_https_wins_in_any_order() {
        for hosts in [["http://wiki.example.com", "wiki.example.com"], ["wiki.example.com", "http://wiki.example.com"]]
        {
            let (asked, wild) =
                (AskedHost::parse("wiki.example.com").unwrap(), hosts.map(|host| host.replace("wiki", "*")));
            for hosts in [hosts.map(str::to_owned), wild] {
                let hosts: Vec<&str> = hosts.iter().map(String::as_str).collect();
                let directory = Directory::new(vec![app(1, "wiki", &hosts)], Vec::new(), Vec::new());
                let (_, host) = directory.at(&asked).unwrap();
                assert!(host.is_https, "{hosts:?}");
            }
        }
    }

    #[test]
    fn groups_are_known_by_their_names() {
        let id = GroupId::from_i64(7);
        let family = Group { id, name: GroupName::parse("family").unwrap(), note: String::new() };
        let directory = Directory::new(vec![app(1, "wiki", &[])], Vec::new(), vec![family]);
        assert_eq!(directory.names_of(&[id, GroupId::from_i64(8)]), [GroupName::parse("family").unwrap()]);
        assert!(directory.named(&AppSlug::parse("wiki").unwrap()).is_some());
        assert!(directory.named(&AppSlug::parse("blog").unwrap()).is_none());
    }
}
