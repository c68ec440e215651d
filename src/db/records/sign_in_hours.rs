//! Numbers of sign-ins by method, and of failed attempts.
//!
//! A sign-in writes nothing for this. Housekeeping counts each hour of the audit log once it is
//! over. What has come since is counted when a page asks. Failed attempts leave no line in the log,
//! so that each node adds the number that its memory has counted.

use crate::{
    db::{
        DbConnection, Error,
        engine::{dialect::serialise, kept::KeptDsl},
        last_times::{self, Noted},
        schema::{audit, sign_in_hours},
    },
    domain::{
        Lifetime, Timestamp,
        audit::Action,
        sign_ins::{Kind, Number, SignIns},
    },
};
use diesel::{dsl::count_star, prelude::*};

const HOUR: Lifetime = Lifetime::hours(1);
/// A sign-in counts by when its request came, and may be committed a little later.
const SETTLED: Lifetime = Lifetime::minutes(5);
/// Hours that one round counts.
const MAX_HOURS: usize = 48;

const fn hour_of(at: Timestamp) -> i64 {
    at.as_millis().div_euclid(HOUR.as_millis())
}

const fn start_of(hour: i64) -> Timestamp {
    Timestamp::from_millis(hour.saturating_mul(HOUR.as_millis()))
}

/// Counts the lines of the audit log in a span, by the first method that was shown.
fn count(connection: &mut DbConnection, (from, until): (Timestamp, Timestamp)) -> Result<Vec<(Kind, i64)>, Error> {
    let by_methods: Vec<(Option<String>, i64)> = audit::table
        .filter(audit::action.eq(Action::SignedIn.into_str()))
        .filter(audit::at.ge(from))
        .filter(audit::at.lt(until))
        .group_by(audit::value_after)
        .select((audit::value_after, count_star()))
        .load(connection)?;
    Ok(by_methods.into_iter().map(|(methods, number)| (Kind::of(&methods.unwrap_or_default()), number)).collect())
}

/// Stores a number of an hour, made from the one before. Hold the lock.
fn store(connection: &mut DbConnection, (hour, kind): (i64, Kind), number: impl Fn(i64) -> i64) -> Result<(), Error> {
    let row = sign_in_hours::table.find((hour, kind.as_str()));
    let before: Option<i64> = row.select(sign_in_hours::number).first(connection).optional()?;
    let value = sign_in_hours::number.eq(number(before.unwrap_or(0)));
    if before.is_some() {
        diesel::update(row).set(value).run_kept(connection)?;
    } else {
        diesel::insert_into(sign_in_hours::table)
            .values((sign_in_hours::hour.eq(hour), sign_in_hours::what.eq(kind.as_str()), value))
            .run_kept(connection)?;
    }
    Ok(())
}

/// Adds failed attempts to the current hour. Nodes take turns.
pub fn add_failed(connection: &mut DbConnection, now: Timestamp, number: i64) -> Result<(), Error> {
    serialise(connection, "sign-ins of hours")?;
    store(connection, (hour_of(now), Kind::Failed), |before| before.saturating_add(number))
}

/// Counts hours that are over, the oldest first. Nodes take turns.
pub fn count_hours(connection: &mut DbConnection, now: Timestamp, oldest: Timestamp) -> Result<(), Error> {
    serialise(connection, "sign-ins of hours")?;
    let counted = last_times::find(connection, Noted::SignInsCounted)?;
    let first = hour_of(counted.unwrap_or(oldest).max(oldest));
    let end = hour_of(now.minus(SETTLED));
    let mut hour = first;
    for next in (first..end).take(MAX_HOURS) {
        let mut sums = SignIns::default();
        for (kind, number) in count(connection, (start_of(next), start_of(next.saturating_add(1))))? {
            sums.add(kind, number);
        }
        for (kind, Number(number)) in sums.iter().filter(|(_, number)| number.0 > 0) {
            store(connection, (next, kind), |_| number)?;
        }
        hour = next.saturating_add(1);
    }
    if hour > first || counted.is_none() {
        last_times::note(connection, Noted::SignInsCounted, start_of(hour))?;
    }
    Ok(())
}

/// Returns the sign-ins of each of the last `days` days in UTC, the oldest first.
pub fn of_days(connection: &mut DbConnection, now: Timestamp, days: i64) -> Result<Vec<(Timestamp, SignIns)>, Error> {
    let day = Lifetime::days(1).as_millis();
    let today = now.as_millis().div_euclid(day);
    let start = |n: i64| Timestamp::from_millis((today - days + 1 + n).saturating_mul(day));
    let counted = last_times::find(connection, Noted::SignInsCounted)?.unwrap_or_else(|| start(0));
    let rows: Vec<(i64, String, i64)> = sign_in_hours::table
        .filter(sign_in_hours::hour.ge(hour_of(start(0))))
        .filter(sign_in_hours::hour.le(hour_of(now)))
        .select((sign_in_hours::hour, sign_in_hours::what, sign_in_hours::number))
        .load(connection)?;
    let mut found = Vec::new();
    for n in 0..days {
        let (from, until) = (start(n), start(n + 1));
        let mut sums = SignIns::default();
        for (hour, what, number) in &rows {
            let at = start_of(*hour);
            let kind = Kind::parse(what);
            if at >= from && at < until && (kind == Kind::Failed || at < counted) {
                sums.add(kind, *number);
            }
        }
        if until > counted {
            for (kind, number) in count(connection, (from.max(counted), until))? {
                sums.add(kind, number);
            }
        }
        found.push((from, sums));
    }
    Ok(found)
}

/// Deletes what was counted before a moment.
pub fn purge(connection: &mut DbConnection, before: Timestamp) -> Result<(), Error> {
    diesel::delete(sign_in_hours::table.filter(sign_in_hours::hour.lt(hour_of(before)))).run_kept(connection)?;
    Ok(())
}
