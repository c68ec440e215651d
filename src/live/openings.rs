//! Email links that browsers opened. Opening one writes nothing: what is noted here is counted
//! later, by the domain of the address.

use crate::{
    db::{
        self, Db, Error,
        openings::{Opening, Seen},
    },
    domain::{Timestamp, TokenHash},
};
use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

/// Most openings that wait to be counted. A visitor with made-up tokens can fill that, and so hide
/// others for a minute.
const MAX: usize = 10_000;
/// Links of one job.
const BATCH: usize = 500;

#[derive(Default)]
pub struct LiveOpenings(Mutex<HashMap<TokenHash, Opening>>);

impl LiveOpenings {
    /// Notes that a browser opened a link. `own` are the hashes of the verifiers that it keeps.
    pub fn note(&self, link: TokenHash, own: Vec<TokenHash>, now: Timestamp) {
        let mut openings = self.lock();
        if openings.len() < MAX {
            openings.entry(link).or_insert(Opening { link, own, at: now });
        }
    }

    /// Counts what was noted, away from any request. A crash or a database that is away loses a
    /// minute of it, because these counts are advice.
    pub async fn write(&self, db: &Db) -> Result<(), Error> {
        let noted: Vec<_> = std::mem::take(&mut *self.lock()).into_values().collect();
        for openings in noted.chunks(BATCH) {
            let piece = openings.to_vec();
            // Made-up tokens end here, so that they don't occupy the writer.
            let seen: Vec<Seen> = db.read(move |connection| db::openings::judge(connection, &piece)).await?;
            if !seen.is_empty() {
                db.write_at_leisure(move |connection| db::openings::count(connection, &seen)).await?;
            }
        }
        Ok(())
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<TokenHash, Opening>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn link(n: u16) -> TokenHash {
        let mut octets = [0; 32];
        octets[..2].copy_from_slice(&n.to_be_bytes());
        TokenHash::from_slice(&octets).unwrap()
    }

    #[test]
    fn made_up_links_take_no_more_memory_than_some_and_the_first_opening_counts() {
        let (openings, at) = (LiveOpenings::default(), Timestamp::from_millis);
        openings.note(link(0), Vec::new(), at(1));
        openings.note(link(0), Vec::new(), at(2));
        assert_eq!(openings.lock()[&link(0)].at, at(1));
        for n in 0..11_000 {
            openings.note(link(n), Vec::new(), at(3));
        }
        assert_eq!(openings.lock().len(), MAX);
    }
}
