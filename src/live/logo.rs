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

/// The largest logo, in bytes, that pages hold themselves. With it, a page and what it loads stay
/// below 30 kB.
const MOST_HELD: usize = 6 * 1024;

#[derive(Default)]
pub struct LiveLogo(Mutex<Vec<Kept>>);

/// A logo, with what would take time to find out on every page.
struct Kept {
    version: LogoVersion,
    is_square: bool,
    held: Option<Arc<str>>,
    logo: Arc<Logo>,
}

impl Kept {
    fn new(logo: &Arc<Logo>) -> Self {
        let is_small = logo.bytes().len() <= MOST_HELD;
        let held = is_small.then(|| address_holding(logo).into());
        Self { version: logo.version(), is_square: logo.is_square(), held, logo: Arc::clone(logo) }
    }
}

/// Returns an address that holds the whole picture.
pub fn address_holding(logo: &Logo) -> String {
    format!("data:image/png;base64,{}", STANDARD.encode(logo.bytes()))
}

impl LiveLogo {
    /// Returns the logo of this version, or `None` if the database has none of it.
    pub async fn get(&self, db: &Db, version: &LogoVersion) -> Result<Option<Arc<Logo>>, Error> {
        if let Some(logo) = self.kept(version, |kept| Arc::clone(&kept.logo)) {
            return Ok(Some(logo));
        }
        let read = |connection: &mut db::DbConnection| {
            Ground::VARIANTS.iter().map(|ground| db::logo::find(connection, *ground)).collect::<Result<Vec<_>, _>>()
        };
        let stored: Vec<_> = db.read(read).await?.into_iter().flatten().map(Arc::new).collect();
        let logo = stored.iter().find(|logo| logo.version() == *version).map(Arc::clone);
        if logo.is_some() {
            *self.lock() = stored.iter().map(Kept::new).collect();
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

    /// Returns a small logo as an address that holds the whole picture, so that no page requests it.
    /// Asks memory only.
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
