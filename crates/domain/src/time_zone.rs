//! Time zones: the names that accounts and settings store, and a moment on a zone's clocks.
//!
//! The table of zones is compiled in, so that every node and every machine knows the same ones.

use crate::Timestamp;
use jiff::tz::TimeZoneDatabase;
use std::fmt;

/// A zone that [`areas`] offers, or UTC.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TimeZone(jiff::tz::TimeZone);

/// Zones of one part of the world.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Area {
    /// Key of its name in words.
    pub name: &'static str,
    /// Each zone's name and its place.
    pub zones: Vec<(String, String)>,
}

/// Date and time on the clocks of a zone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClockTime {
    pub year: i16,
    pub month: i8,
    pub day: i8,
    pub hour: i8,
    pub minute: i8,
    /// The zone, as far as a reader needs it: "UTC+1".
    pub zone: String,
}

/// First parts of the zones' names, and the keys of their names in words. The remaining names are
/// old spellings, such as `US/Eastern`, and bare offsets.
const AREAS: [(&str, &str); 10] = [
    ("Africa", "zone-africa"),
    ("America", "zone-america"),
    ("Antarctica", "zone-antarctica"),
    ("Arctic", "zone-arctic"),
    ("Asia", "zone-asia"),
    ("Atlantic", "zone-atlantic"),
    ("Australia", "zone-australia"),
    ("Europe", "zone-europe"),
    ("Indian", "zone-indian"),
    ("Pacific", "zone-pacific"),
];

const UTC: &str = "UTC";

impl TimeZone {
    pub fn utc() -> Self {
        Self(jiff::tz::TimeZone::UTC)
    }

    /// Reads a name as [`areas`] writes it.
    pub fn parse(name: &str) -> Option<Self> {
        let is_offered = name == UTC || area_of(name).is_some();
        let zone = TimeZoneDatabase::bundled().get(name).ok().filter(|_| is_offered)?;
        (zone.iana_name() == Some(name)).then_some(Self(zone))
    }

    /// Returns its name: `Europe/Berlin`.
    pub fn name(&self) -> &str {
        self.0.iana_name().unwrap_or(UTC)
    }

    /// Returns what its clocks show at a moment. `None` for one of the year 10000.
    pub fn clock_at(&self, at: Timestamp) -> Option<ClockTime> {
        let at = jiff::Timestamp::from_second(at.as_seconds()).ok()?.to_zoned(self.0.clone());
        Some(ClockTime {
            year: at.year(),
            month: at.month(),
            day: at.day(),
            hour: at.hour(),
            minute: at.minute(),
            zone: offset(at.offset().seconds() / 60),
        })
    }
}

impl fmt::Display for TimeZone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Returns the zones to choose from, beside UTC, in alphabetical order.
pub fn areas() -> Vec<Area> {
    let database = TimeZoneDatabase::bundled();
    let names: Vec<_> = database.available().map(|name| name.as_str().to_owned()).collect();
    let area = |(first, name): (&str, &'static str)| {
        let mut zones: Vec<_> = names
            .iter()
            .filter(|name| area_of(name) == Some(first))
            .filter_map(|name| Some((name.clone(), name.split_once('/')?.1.replace('_', " "))))
            .collect();
        zones.sort();
        Area { name, zones }
    };
    AREAS.into_iter().map(area).collect()
}

/// Returns the part of the world in a name.
fn area_of(name: &str) -> Option<&'static str> {
    let (first, _) = name.split_once('/')?;
    AREAS.into_iter().map(|(area, _)| area).find(|area| *area == first)
}

/// Returns an offset as it is written in every language: "UTC+5:30".
fn offset(minutes: i32) -> String {
    let sign = if minutes < 0 { '\u{2212}' } else { '+' };
    match (minutes.abs() / 60, minutes.abs() % 60) {
        (0, 0) => UTC.to_owned(),
        (hours, 0) => format!("{UTC}{sign}{hours}"),
        (hours, minutes) => format!("{UTC}{sign}{hours}:{minutes:02}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn clock(zone: &str, at: &str) -> String {
        let at = TimeZone::parse(zone).unwrap().clock_at(Timestamp::parse_rfc3339(at).unwrap()).unwrap();
        format!("{}-{}-{} {}:{:02} {}", at.year, at.month, at.day, at.hour, at.minute, at.zone)
    }

    #[test]
    fn a_moment_is_on_the_clocks_of_its_zone_in_summer_and_in_winter() {
        assert_eq!(clock("UTC", "2026-11-22T14:03:00Z"), "2026-11-22 14:03 UTC");
        assert_eq!(clock("Europe/Berlin", "2026-11-22T14:03:00Z"), "2026-11-22 15:03 UTC+1");
        assert_eq!(clock("Europe/Berlin", "2026-07-22T14:03:00Z"), "2026-7-22 16:03 UTC+2");
        assert_eq!(clock("Europe/London", "2026-11-22T14:03:00Z"), "2026-11-22 14:03 UTC");
        assert_eq!(clock("Asia/Kolkata", "2026-12-31T20:00:00Z"), "2027-1-1 1:30 UTC+5:30");
        assert_eq!(clock("America/St_Johns", "2026-01-01T02:00:00Z"), "2025-12-31 22:30 UTC\u{2212}3:30");
        assert_eq!(TimeZone::utc().clock_at(Timestamp::from_millis(i64::MAX)), None);
    }

    #[test]
    fn every_zone_that_is_offered_is_taken_and_keeps_its_name() {
        let areas = areas();
        for (name, _) in areas.iter().flat_map(|area| &area.zones) {
            assert_eq!(TimeZone::parse(name).unwrap().name(), name);
        }
        assert!(areas.iter().all(|area| !area.zones.is_empty()));
        let america = &areas.iter().find(|area| area.name == "zone-america").unwrap().zones;
        let buenos_aires = ("America/Argentina/Buenos_Aires".to_owned(), "Argentina/Buenos Aires".to_owned());
        assert!(america.contains(&buenos_aires));
        assert_eq!(TimeZone::parse("UTC"), Some(TimeZone::utc()));
        for wrong in
            ["", "utc", "europe/berlin", "Europe/", "Europe/Nowhere", "US/Eastern", "Etc/GMT+3", "Local", "<b>"]
        {
            assert_eq!(TimeZone::parse(wrong), None, "{wrong}");
        }
    }
}
