//! Changes that applying a file has made, or the reasons why it changes nothing.

use crate::{
    db::declared::Kind,
    domain::{
        apps::{AppSlug, host::AppHost},
        settings::SettingProblem,
    },
};

/// One change: what it is about, and the values before and after.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    pub kind: Kind,
    pub name: String,
    pub from: String,
    pub to: String,
}

/// Why the file cannot be applied. Nothing may be kept then.
#[derive(Clone, Debug)]
pub enum ApplyRefusal {
    Setting(&'static str, SettingProblem),
    /// No admin could sign in.
    LastWayIn,
    HostTaken {
        app: AppSlug,
        host: AppHost,
        by: AppSlug,
    },
    /// Another app has this client id.
    ClientIdTaken(AppSlug),
}

#[derive(Clone, Debug, Default)]
pub struct Applied {
    pub changes: Vec<Change>,
    /// Objects that the file owned and names no longer. They stay, and pages can change them again.
    pub released: Vec<(Kind, String)>,
    /// Clients that have no secret yet.
    pub without_secret: Vec<AppSlug>,
}

impl Applied {
    pub(super) fn note(&mut self, (kind, name): (Kind, &str), from: impl Into<String>, to: impl Into<String>) {
        self.changes.push(Change { kind, name: name.to_owned(), from: from.into(), to: to.into() });
    }
}
