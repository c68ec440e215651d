//! Pages and emails as they would look under settings that are not saved yet. A frame on the
//! settings page shows each, light or dark.
//!
//! The settings come in the query, so that a script can show them as the admin types. A frame may
//! run nothing, load nothing and send nothing.

use crate::{
    domain::{
        Settings,
        logo::{Ground, Logo, Logos},
        settings,
    },
    live::address_holding,
    web::{Layout, Reply, ShownLogo, Visit},
};
use std::sync::Arc;
use url::form_urlencoded;

/// Sections whose settings change how pages and emails look.
pub const SECTIONS: [&str; 2] = ["look", "links"];
/// Field of the query that names the ground.
const GROUND: &str = "ground";

const POLICY: &str = "sandbox; default-src 'none'; img-src data:; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'self'";

/// Contents of a frame.
pub struct Preview {
    pub settings: Settings,
    pub logos: Logos,
    ground: Ground,
}

/// Returns the names of the settings that a preview reads.
pub fn names() -> impl Iterator<Item = &'static str> {
    SECTIONS.iter().filter_map(|id| settings::section(id)).flat_map(|section| section.settings).map(|row| row.name)
}

/// Returns the query of a frame on this ground for these values.
pub fn query<'a>(ground: Ground, values: impl Iterator<Item = (&'a str, &'a str)>) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.append_pair(GROUND, if ground == Ground::Dark { "dark" } else { "light" });
    query.extend_pairs(values);
    query.finish()
}

impl Preview {
    /// Reads the settings that the request names. A wrong value leaves the saved one.
    pub async fn of(visit: &Visit<'_>) -> Self {
        let mut settings = (*visit.settings).clone();
        let mut ground = Ground::Light;
        for (name, value) in form_urlencoded::parse(visit.query().unwrap_or_default().as_bytes()) {
            if name == GROUND && value == "dark" {
                ground = Ground::Dark;
            } else if names().any(|known| known == name) {
                let _ = settings.set(&name, &value);
            }
        }
        let logos = visit.services.logo.for_emails(&visit.services.db, &settings).await;
        Self { settings, logos, ground }
    }

    /// Returns a layout that holds all it shows, for a visitor who is not signed in.
    pub fn layout(&self, visit: &Visit<'_>) -> Layout {
        let (light, dark) = (self.logos.light.as_ref(), self.logos.dark.as_ref());
        let held = |logo: &Arc<Logo>| ShownLogo { address: address_holding(logo), pixels: Some(logo.pixels()) };
        Layout {
            styles: Some(visit.assets.styles(&self.settings)),
            logo: light.map(held),
            dark_logo: dark.map(held),
            ..Layout::new(&self.settings, visit.assets, Arc::clone(&visit.locale), None)
        }
    }

    /// Returns the answer to a frame: the page as a browser with this ground shows it.
    pub fn answer(&self, html: &str) -> Reply {
        let (scheme, applies) = match self.ground {
            Ground::Light => ("light", "not all"),
            Ground::Dark => ("dark", "all"),
        };
        let html = html.replace("(prefers-color-scheme: dark)", applies).replace("light dark", scheme);
        Reply::html(html).with_header("Content-Security-Policy", POLICY).with_header("X-Frame-Options", "SAMEORIGIN")
    }
}
