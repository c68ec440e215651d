//! The logos, kept in memory until others replace them.

use crate::{
    db::{self, Db, Error},
    domain::{
        Settings,
        logo::{Ground, Logo, LogoVersion, Logos},
    },
};
use base64::{Engine, engine::general_purpose::STANDARD};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use strum::VariantArray;

/// The most bytes of a logo in a page itself. With it, a page and what it loads stay below 30 kB.
const MAX_HELD: usize = 6 * 1024;
/// Side of the icon that phones put on their home screen.
pub const ICON_PIXELS: u32 = 192;

#[derive(Default)]
pub struct LiveLogo(Mutex<Vec<Kept>>);

/// A logo, with what would take time to find out on every page.
struct Kept {
    version: LogoVersion,
    pixels: (u32, u32),
    is_square: bool,
    held: Option<Arc<str>>,
    /// For a phone's home screen.
    icon: Option<Arc<[u8]>>,
    logo: Arc<Logo>,
}

impl Kept {
    /// Decoding may take some hundredths of a second, so that only threads for the database do it.
    fn new(logo: Logo) -> Self {
        let is_square = logo.is_square();
        let held = logo.for_pages(MAX_HELD).map(|png| address_of(&png).into());
        let icon = if is_square { Some(logo.bytes().to_vec()) } else { logo.on_a_square(ICON_PIXELS) };
        let (version, pixels, icon) = (logo.version(), logo.pixels(), icon.map(Arc::from));
        Self { version, pixels, is_square, held, icon, logo: Arc::new(logo) }
    }
}

/// Returns an address that holds the whole picture.
pub fn address_holding(logo: &Logo) -> String {
    address_of(logo.bytes())
}

fn address_of(png: &[u8]) -> String {
    format!("data:image/png;base64,{}", STANDARD.encode(png))
}

impl LiveLogo {
    /// Returns the logo of this version, or `None` if the database has none of it.
    pub async fn get(&self, db: &Db, version: &LogoVersion) -> Result<Option<Arc<Logo>>, Error> {
        if let Some(logo) = self.kept(version, |kept| Arc::clone(&kept.logo)) {
            return Ok(Some(logo));
        }
        let read = |connection: &mut db::DbConnection| {
            let stored = Ground::VARIANTS.iter().map(|ground| db::logo::find(connection, *ground));
            stored.filter_map(|found| found.map(|logo| logo.map(Kept::new)).transpose()).collect::<Result<Vec<_>, _>>()
        };
        let stored = db.read(read).await?;
        let logo = stored.iter().find(|kept| kept.version == *version).map(|kept| Arc::clone(&kept.logo));
        if logo.is_some() {
            *self.lock() = stored;
        }
        Ok(logo)
    }

    /// Returns the logos that are there at once, because no email waits for a picture.
    pub async fn for_emails(&self, db: &Db, settings: &Settings) -> Logos {
        let mut found = Logos::default();
        if let Some(version) = &settings.logo {
            found.light = self.get(db, version).await.unwrap_or_default();
        }
        if let Some(version) = settings.dark_logo().filter(|_| found.light.is_some()) {
            found.dark = self.get(db, version).await.unwrap_or_default();
        }
        found
    }

    /// Returns whether the logo of this version makes an icon: a wide one would be squeezed. Asks
    /// memory only, so that pages about faults can ask. `None` if memory has another version.
    pub fn is_square(&self, version: &LogoVersion) -> Option<bool> {
        self.kept(version, |kept| kept.is_square)
    }

    /// Returns width and height of the logo of this version. Asks memory only.
    pub fn pixels(&self, version: &LogoVersion) -> Option<(u32, u32)> {
        self.kept(version, |kept| kept.pixels)
    }

    /// Returns the square icon of this logo, as [`Self::get`] left it in memory.
    pub fn icon(&self, version: &LogoVersion) -> Option<Arc<[u8]>> {
        self.kept(version, |kept| kept.icon.clone()).flatten()
    }

    /// Returns a logo as an address that holds the whole picture, so that no page requests it.
    /// Pages show it as it is. Asks memory only.
    pub fn held(&self, version: &LogoVersion) -> Option<Arc<str>> {
        self.kept(version, |kept| kept.held.clone()).flatten()
    }

    fn kept<T>(&self, version: &LogoVersion, what: impl Fn(&Kept) -> T) -> Option<T> {
        self.lock().iter().find(|kept| kept.version == *version).map(what)
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Kept>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
