//! The logo, kept in memory until another replaces it.

use crate::{
    db::{self, Db, Error},
    domain::logo::{Logo, LogoVersion},
};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

#[derive(Default)]
pub struct LiveLogo(Mutex<Option<Kept>>);

/// The logo, with what would take time to find out on every page.
struct Kept {
    version: LogoVersion,
    is_square: bool,
    logo: Arc<Logo>,
}

impl LiveLogo {
    /// Returns the logo of this version, or `None` if the database has another version.
    pub async fn get(&self, db: &Db, version: &LogoVersion) -> Result<Option<Arc<Logo>>, Error> {
        if let Some(logo) = self.kept(version, |kept| Arc::clone(&kept.logo)) {
            return Ok(Some(logo));
        }
        let is_it = |logo: &Arc<Logo>| logo.version() == *version;
        let Some(logo) = db.read(db::logo::find).await?.map(Arc::new).filter(is_it) else { return Ok(None) };
        let kept = Kept { version: version.clone(), is_square: logo.is_square(), logo: Arc::clone(&logo) };
        *self.lock() = Some(kept);
        Ok(Some(logo))
    }

    /// Returns whether the logo of this version makes an icon: a wide one would be squeezed. Asks
    /// memory only, so that pages about faults can ask. `None` if memory has another version.
    pub fn is_square(&self, version: &LogoVersion) -> Option<bool> {
        self.kept(version, |kept| kept.is_square)
    }

    fn kept<T>(&self, version: &LogoVersion, what: impl Fn(&Kept) -> T) -> Option<T> {
        self.lock().as_ref().filter(|kept| kept.version == *version).map(what)
    }

    fn lock(&self) -> MutexGuard<'_, Option<Kept>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
