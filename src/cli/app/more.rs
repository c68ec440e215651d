//! Options of `app add` and `app change` beside the app's addresses and who can open it.

use super::Ending;
use crate::domain::{
    Lifetime,
    apps::{
        Registered,
        name::{LaunchUrl, MAX_DESCRIPTION, description},
    },
    assurance::Required,
};
use clap::Args;

/// Says that a proof of any age counts.
const ANY: &str = "any";

#[derive(Args)]
pub(super) struct MoreOptions {
    /// Greatest age of a proof, such as 15m, or "any"
    #[arg(long, value_name = "SPAN")]
    fresh_within: Option<String>,
    /// Text about it in the list of apps. Empty for nothing
    #[arg(long, value_name = "TEXT")]
    description: Option<String>,
    /// Address to which the list of apps leads, in place of its first host. Empty for that host
    #[arg(long, value_name = "URL")]
    link: Option<String>,
    /// Leave it out of users' list of apps
    #[arg(long, conflicts_with = "no_hidden")]
    hidden: bool,
    /// Show it in users' list of apps
    #[arg(long)]
    no_hidden: bool,
    /// Let preflight requests through to it
    #[arg(long, conflicts_with = "no_preflights")]
    preflights: bool,
    /// Preflight requests need a sign-in like all others
    #[arg(long)]
    no_preflights: bool,
}

/// The same after it was judged. `None` leaves things as they are.
#[derive(Clone)]
pub(super) struct More {
    fresh_within: Option<Option<Lifetime>>,
    description: Option<String>,
    link: Option<Option<LaunchUrl>>,
    is_hidden: Option<bool>,
    preflights: Option<bool>,
}

impl MoreOptions {
    pub(super) fn judge(&self) -> Result<More, Ending> {
        let fresh_within = match self.fresh_within.as_deref() {
            None => None,
            Some(ANY) => Some(None),
            Some(text) => Some(Some(span(text)?)),
        };
        let link = match self.link.as_deref() {
            None => None,
            Some("") => Some(None),
            Some(text) => Some(Some(LaunchUrl::parse(text).map_err(|_| {
                Ending::Usage(format!("{text:?} is not a web address like https://wiki.example.com/start."))
            })?)),
        };
        let too_long =
            |_| Ending::Usage(format!("--description takes one line of at most {MAX_DESCRIPTION} characters."));
        Ok(More {
            fresh_within,
            description: self.description.as_deref().map(description).transpose().map_err(too_long)?,
            link,
            is_hidden: (self.hidden || self.no_hidden).then_some(self.hidden),
            preflights: (self.preflights || self.no_preflights).then_some(self.preflights),
        })
    }
}

fn span(text: &str) -> Result<Lifetime, Ending> {
    let span: Lifetime = text.parse().map_err(|_| {
        Ending::Usage(format!("{text:?} is no length of time. --fresh-within takes one like 15m, or any."))
    })?;
    if span < Required::LEAST_FRESH {
        return Err(Ending::Usage(format!("--fresh-within takes at least {}.", Required::LEAST_FRESH)));
    }
    Ok(span)
}

impl More {
    pub(super) fn apply(&self, app: &mut Registered) {
        if let Some(span) = self.fresh_within {
            app.app.requires.fresh_within = span;
        }
        if let Some(description) = &self.description {
            app.look.description.clone_from(description);
        }
        if let Some(link) = &self.link {
            app.look.launch_url.clone_from(link);
        }
        if let Some(is_hidden) = self.is_hidden {
            app.look.is_hidden = is_hidden;
        }
        if let Some(preflights) = self.preflights {
            app.preflights = preflights;
        }
    }
}
