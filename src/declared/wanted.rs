//! Settings, groups and apps that a file asks for, judged as far as that needs no database.

use super::{
    file::{AppEntry, File},
    reading::{Problem, each, span},
    wanted_client::{WantedClient, client},
};
use crate::{
    apps,
    domain::{
        account::AccountName,
        apps::{
            Access, App, AppId, AppName, AppSlug, Registered,
            host::AppHost,
            name::{LaunchUrl, description},
            path::PublicPath,
            preset::Preset,
            registered::Look,
        },
        assurance::{Required, Strength},
        group::GroupName,
        settings,
    },
};
use std::{fmt::Display, path::Path};

/// Settings, groups and apps that a file owns.
#[derive(Clone, Debug)]
pub struct Wanted {
    pub(super) settings: Vec<(&'static str, String)>,
    /// Names and notes.
    pub(super) groups: Vec<(GroupName, String)>,
    pub(super) apps: Vec<WantedApp>,
}

#[derive(Clone, Debug)]
pub(super) struct WantedApp {
    /// Without an id, an icon and users: those stay as they are.
    pub app: Registered,
    pub groups: Vec<GroupName>,
    pub client: Option<WantedClient>,
}

impl Wanted {
    /// Reads a file. `own` is Gatepost's address; `folder` is where files are that it names.
    ///
    /// # Errors
    ///
    /// Everything that is wrong with it, in sentences.
    pub fn read(text: &str, own: &str, folder: &Path) -> Result<Self, Vec<Problem>> {
        let file = File::parse(text).map_err(|problem| vec![problem])?;
        let mut problems = Vec::new();
        let mut settings = Vec::new();
        for (name, value) in &file.settings {
            match settings::all().find(|setting| setting.name == name) {
                Some(setting) => settings.push((setting.name, value.stored())),
                None => problems.push(format!("There is no setting {name}.")),
            }
        }
        let mut groups: Vec<(GroupName, String)> = Vec::new();
        for entry in &file.groups {
            match (GroupName::parse(&entry.name), AccountName::parse(&entry.note)) {
                (Err(_), _) => problems.push(format!("{:?} is not the name of a group.", entry.name)),
                (_, Err(_)) => problems.push(format!("The note of the group {} has to be one line.", entry.name)),
                (Ok(name), _) if groups.iter().any(|(other, _)| *other == name) => problems.push(twice("group", &name)),
                (Ok(name), Ok(note)) => groups.push((name, note.as_str().to_owned())),
            }
        }
        let mut apps: Vec<WantedApp> = Vec::new();
        for entry in &file.apps {
            match app(entry, own, folder) {
                Ok(wanted) if apps.iter().any(|other| other.app.app.slug == wanted.app.app.slug) => {
                    problems.push(twice("app", &wanted.app.app.slug));
                }
                Ok(wanted) => apps.push(wanted),
                Err(problem) => problems.push(format!("App {}: {problem}.", entry.slug)),
            }
        }
        if problems.is_empty() { Ok(Self { settings, groups, apps }) } else { Err(problems) }
    }

    /// Returns what the file says about a setting.
    pub fn setting(&self, name: &str) -> Option<&str> {
        self.settings.iter().find(|(other, _)| *other == name).map(|(_, value)| value.as_str())
    }
}

fn twice(kind: &str, name: &impl Display) -> Problem {
    format!("The {kind} {name} is there twice.")
}

fn app(entry: &AppEntry, own: &str, folder: &Path) -> Result<WantedApp, Problem> {
    let slug = AppSlug::parse(&entry.slug).map_err(|_| "its slug takes lowercase letters, digits and hyphens")?;
    let strength = entry.requires.as_deref().map_or(Some(Strength::One), |name| name.parse().ok());
    let fresh_within =
        entry.fresh_within.as_deref().map(|text| span("fresh_within", text, Required::LEAST_FRESH)).transpose()?;
    let link = entry.link.as_deref().map(LaunchUrl::parse).transpose();
    let groups = each(&entry.groups, "the name of a group", |name| GroupName::parse(name).ok())?;
    let hosts = each(&entry.hosts, "the address of an app, and not Gatepost's own", |typed| {
        AppHost::parse(typed).ok().filter(|host| !apps::is_own(host, own))
    })?;
    let client = entry.oidc.as_ref().map(|entry| client(entry, (&slug, &hosts), folder)).transpose()?;
    let app = Registered {
        app: App {
            id: AppId::from_i64(0),
            slug,
            name: AppName::parse(&entry.name).map_err(|_| "its name takes 1 to 60 characters on one line")?,
            requires: Required { strength: strength.ok_or("requires takes one, two or passkey")?, fresh_within },
            access: Access { everyone: entry.everyone, ..Access::default() },
            is_disabled: entry.disabled,
        },
        hosts,
        public_paths: each(&entry.public_paths, "a path that can be public", |typed| PublicPath::parse(typed).ok())?,
        look: Look {
            description: description(&entry.description).map_err(|_| "its description is too long")?,
            launch_url: link.map_err(|_| "its link is not a web address")?,
            icon: None,
            is_hidden: entry.hidden,
            position: entry.position,
        },
        preflights: entry.preflights,
        popup: entry.popup.unwrap_or_else(|| is_popup_by_preset(entry)),
    };
    Ok(WantedApp { app, groups, client })
}

/// Returns whether what is known of the app says that it signs in in a popup.
fn is_popup_by_preset(entry: &AppEntry) -> bool {
    let preset = entry.oidc.as_ref().and_then(|client| client.preset.as_deref());
    preset.and_then(Preset::find).is_some_and(|preset| preset.popup)
}
