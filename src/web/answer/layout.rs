//! Frame that every page shows around its content.

use crate::{
    domain::{
        Account, Settings, Timestamp,
        apps::name::initial,
        logo::LogoVersion,
        recovery::{AskedBy, Recovery},
    },
    live::LiveLogo,
    locale::{Locale, Sentence},
    web::assets::Assets,
};
use askama::filters::Safe;
use std::sync::Arc;

/// A name of more characters than this is long.
const LONG_NAME: usize = 24;

/// Facts for `layout.html`. Each page has one.
#[derive(Clone, Debug)]
pub struct Layout {
    pub product_name: String,
    pub support_address: Option<String>,
    pub logo: Option<ShownLogo>,
    /// The logo for a dark ground.
    pub dark_logo: Option<ShownLogo>,
    /// Further pages: the key of the name, and the address.
    pub links: Vec<(&'static str, String)>,
    /// Address of the icon in the browser's tab.
    pub icon: String,
    pub stylesheet: String,
    /// The styles themselves, on a preview, which may load nothing.
    pub styles: Option<String>,
    pub script: String,
    /// The language of the page.
    pub locale: Arc<Locale>,
    /// The signed-in user, for the line at the top.
    pub account: Option<LayoutAccount>,
    /// A recovery that runs: the owner sees it on every page.
    pub alarm: Option<Alarm>,
    /// Message about the form that was sent before.
    pub banner: Option<Banner>,
    /// The user has to set up a second factor first, and reaches no other page of the account.
    pub must_enrol: bool,
}

#[derive(Clone, Debug)]
pub struct ShownLogo {
    pub address: String,
    /// Width and height, by which a browser keeps its place free. `None` until memory has the logo.
    pub pixels: Option<(u32, u32)>,
}

#[derive(Clone, Debug)]
pub struct Banner {
    pub words: String,
    pub class: &'static str,
    /// Role of the note for screen readers.
    pub role: &'static str,
    /// A form that the page's script sends by itself: its action and its fields.
    pub press: Option<String>,
}

/// The second factors of the signed-in user are going to be removed.
#[derive(Clone, Debug)]
pub struct Alarm {
    /// The sentence about who asked for it.
    pub who: &'static str,
    pub asked_at: Timestamp,
    pub due_at: Timestamp,
    /// Browser in which it was asked for.
    pub browser: Option<String>,
    pub client: Option<String>,
}

impl Alarm {
    pub fn of(recovery: &Recovery, locale: &Locale) -> Self {
        Self {
            who: match recovery.asked_by {
                AskedBy::Owner => "recovery-alarm.visitor",
                AskedBy::Admin => "recovery-alarm.admin",
                AskedBy::CommandLine => "recovery-alarm.operator",
            },
            asked_at: recovery.asked_at,
            due_at: recovery.due_at,
            browser: recovery.browser.as_ref().map(|browser| locale.browser(browser)),
            client: recovery.client.map(|client| client.to_string()),
        }
    }
}

#[derive(Clone, Debug)]
pub struct LayoutAccount {
    pub email: String,
    pub is_admin: bool,
    /// True if the page's times stay as they are, because the user chose a time zone.
    pub has_time_zone: bool,
    /// True if an email link can verify the user's address, which has not been verified yet.
    pub may_verify: bool,
}

impl ShownLogo {
    fn file(logo: &LogoVersion) -> Self {
        Self { address: format!("/logo.png?v={}", logo.as_str()), pixels: None }
    }

    /// Asks memory for the picture.
    fn held(live: &LiveLogo, version: &LogoVersion) -> Self {
        let file = Self::file(version);
        let address = live.held(version).map_or(file.address, |held| held.to_string());
        Self { address, pixels: live.pixels(version) }
    }
}

impl Layout {
    pub fn new(settings: &Settings, assets: &Assets, locale: Arc<Locale>, account: Option<&Account>) -> Self {
        Self {
            product_name: settings.product_name.clone(),
            support_address: settings.support_address.as_ref().map(|address| address.as_str().to_owned()),
            logo: settings.logo.as_ref().map(ShownLogo::file),
            dark_logo: settings.dark_logo().map(ShownLogo::file),
            links: settings.links().map(|(name, page)| (name, page.as_str().to_owned())).collect(),
            icon: assets.icon_href().to_owned(),
            stylesheet: assets.stylesheet_href(settings),
            styles: None,
            script: assets.href("gatepost.js"),
            locale,
            banner: None,
            alarm: None,
            must_enrol: false,
            account: account.map(|account| LayoutAccount {
                email: account.email.as_str().to_owned(),
                is_admin: account.is_admin,
                has_time_zone: account.time_zone.is_some(),
                may_verify: account.proven_at.is_none() && settings.email_link_enabled,
            }),
        }
    }

    /// Puts a small logo into the page itself, because a file would cost every new visitor a
    /// request. Makes a square logo the icon, too: the page has it already.
    #[must_use]
    pub fn with_logo(self, live: &LiveLogo, settings: &Settings) -> Self {
        let Some(version) = &settings.logo else { return self };
        let logo = ShownLogo::held(live, version);
        let dark_logo = settings.dark_logo().map(|version| ShownLogo::held(live, version));
        let is_square = live.is_square(version) == Some(true);
        let icon = if is_square { logo.address.clone() } else { self.icon };
        Self { logo: Some(logo), dark_logo, icon, ..self }
    }

    /// Returns whether a heading with the product's name needs smaller letters on a phone.
    pub fn has_long_name(&self) -> bool {
        self.product_name.chars().count() > LONG_NAME
    }

    /// Returns whether the page says at its top that something is wrong.
    pub fn has_bad_news(&self) -> bool {
        self.banner.as_ref().is_some_and(|banner| banner.class == "bad")
    }

    /// Returns whether the logo is wide. Such a logo nearly always holds the product's name. The
    /// page then shows none beside it.
    pub fn has_wide_logo(&self) -> bool {
        let is_wide = |logo: &ShownLogo| logo.pixels.is_some_and(|(width, height)| width >= height.saturating_mul(2));
        self.logo.as_ref().is_some_and(is_wide) && self.dark_logo.as_ref().is_none_or(is_wide)
    }

    /// Returns what the page shows before the product's name where there is no logo.
    pub fn initial(&self) -> String {
        initial(&self.product_name)
    }

    /// Returns the sentence with this key, in the page's language.
    pub fn say<'a>(&'a self, key: &'a str) -> Sentence<'a> {
        self.locale.say(key)
    }

    /// Returns whether an email link can verify the signed-in user's address.
    pub fn may_verify(&self) -> bool {
        self.account.as_ref().is_some_and(|account| account.may_verify)
    }

    /// Returns the styles as they are. None of them is free text.
    pub fn own_styles(&self) -> Option<Safe<&str>> {
        self.styles.as_deref().map(Safe)
    }

    /// Returns a moment in words of the page's language.
    pub fn moment(&self, at: &Timestamp) -> String {
        self.locale.short_moment(*at)
    }
}
