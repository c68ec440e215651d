//! The operator's file that turns addresses into places, in the MaxMind DB format. Without a file,
//! no page and no email names a place.
//!
//! A place helps owners to tell their sessions apart and to judge an email, and decides nothing.
//! For phones and VPNs it is often the provider's.

use crate::{
    config::Problem,
    domain::{ClientAddress, LanguageTag, Timestamp},
};
use maxminddb::Reader;
use serde::Deserialize;
use std::{collections::BTreeMap, fs, io, path::Path};

/// Largest file that is read. The whole file is in memory, so that a lookup takes microseconds.
const MAX_BYTES: u64 = 256 * 1024 * 1024;

/// The file's contents, as they were at the start.
pub struct Places(Reader<Vec<u8>>);

/// Facts of the file about an address. Others are left out.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Entry {
    city: Named,
    country: Named,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Named {
    /// Names by language.
    names: BTreeMap<String, String>,
}

impl Named {
    fn in_language(mut self, language: &str) -> Option<String> {
        self.names.remove(language).or_else(|| self.names.remove("en"))
    }
}

impl Places {
    /// Reads the file. Blocks.
    ///
    /// # Errors
    ///
    /// Returns an error if it is no such file, or too large.
    pub fn read(path: &Path) -> Result<Self, Problem> {
        let problem = |why: String| Problem {
            key: "GATEPOST_PLACES_FILE".to_owned(),
            value: Some(path.display().to_string()),
            problem: format!("it cannot be used as a file of places ({why})"),
            remedy: "Name a file in the MaxMind DB format (.mmdb) with cities or countries, or unset it.".to_owned(),
        };
        let bytes = contents(path).map_err(|error| problem(error.to_string()))?;
        Reader::from_source(bytes).map(Self).map_err(|error| problem(error.to_string()))
    }

    /// Returns the kind of the file and the day of its making, for the operator.
    pub fn describe(&self) -> String {
        let about = self.0.metadata();
        let made = i64::try_from(about.build_epoch).unwrap_or_default().saturating_mul(1000);
        let day = Timestamp::from_millis(made).rfc3339();
        format!("{} of {}", about.database_type, day.split('T').next().unwrap_or_default())
    }

    /// Returns city and country of an address, as far as the file knows them, in this language or
    /// in English. A city that is a country is named once.
    pub fn of(&self, client: ClientAddress, language: &LanguageTag) -> Vec<String> {
        // A damaged entry is no reason to refuse a page, or to hold up an email.
        let entry = self.0.lookup(client.ip()).ok().and_then(|found| found.decode::<Entry>().ok().flatten());
        let Entry { city, country } = entry.unwrap_or_default();
        let named = [city, country].into_iter().filter_map(|named| named.in_language(language.as_str()));
        let mut names: Vec<_> = named.collect();
        names.dedup();
        names
    }
}

fn contents(path: &Path) -> io::Result<Vec<u8>> {
    let about = fs::metadata(path)?;
    // Opening a pipe would wait for a writer.
    if !about.is_file() {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "it is not a regular file"));
    }
    if about.len() > MAX_BYTES {
        return Err(io::Error::new(io::ErrorKind::FileTooLarge, "it has more than 256 MB"));
    }
    fs::read(path)
}
