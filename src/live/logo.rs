//! The logo, kept in memory until another replaces it.

use crate::{
    db::{self, Db, Error},
    domain::logo::{Logo, LogoVersion},
};
use std::sync::{Arc, Mutex, PoisonError};

#[derive(Default)]
pub struct LiveLogo(Mutex<Option<Arc<Logo>>>);

impl LiveLogo {
    /// Returns the logo of this version, or `None` if the database has another version.
    pub async fn get(&self, db: &Db, version: &LogoVersion) -> Result<Option<Arc<Logo>>, Error> {
        let is_it = |logo: &Arc<Logo>| logo.version() == *version;
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some(logo) = kept.filter(is_it) {
            return Ok(Some(logo));
        }
        let Some(logo) = db.read(db::logo::find).await?.map(Arc::new).filter(is_it) else { return Ok(None) };
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(Arc::clone(&logo));
        Ok(Some(logo))
    }
}
