//! The logo, kept in memory until another replaces it.

use crate::{
    db::{self, Db, Error},
    domain::logo::{Logo, LogoVersion},
};
use base64::{Engine, engine::general_purpose::STANDARD};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The largest logo, in bytes, that pages hold themselves. With it, a page and what it loads stay
/// below 30 kB.
const MOST_HELD: usize = 6 * 1024;

#[derive(Default)]
pub struct LiveLogo(Mutex<Option<Kept>>);

/// The logo, with what would take time to find out on every page.
struct Kept {
    version: LogoVersion,
    is_square: bool,
    held: Option<Arc<str>>,
    logo: Arc<Logo>,
}

impl Kept {
    fn new(version: &LogoVersion, logo: &Arc<Logo>) -> Self {
        let bytes = logo.bytes();
        let is_small = bytes.len() <= MOST_HELD;
        let held = is_small.then(|| format!("data:image/png;base64,{}", STANDARD.encode(bytes)).into());
        Self { version: version.clone(), is_square: logo.is_square(), held, logo: Arc::clone(logo) }
    }
}

impl LiveLogo {
    /// Returns the logo of this version, or `None` if the database has another version.
    pub async fn get(&self, db: &Db, version: &LogoVersion) -> Result<Option<Arc<Logo>>, Error> {
        if let Some(logo) = self.kept(version, |kept| Arc::clone(&kept.logo)) {
            return Ok(Some(logo));
        }
        let is_it = |logo: &Arc<Logo>| logo.version() == *version;
        let Some(logo) = db.read(db::logo::find).await?.map(Arc::new).filter(is_it) else { return Ok(None) };
        *self.lock() = Some(Kept::new(version, &logo));
        Ok(Some(logo))
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
        self.lock().as_ref().filter(|kept| kept.version == *version).map(what)
    }

    fn lock(&self) -> MutexGuard<'_, Option<Kept>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
