//! Last run of housekeeping, and the traces of a clock that ran ahead.

use crate::{
    db::{
        DbConnection, Error,
        columns::Named,
        schema::{attempts, housekeeping_runs, mail_domains, outbox, sessions, trusted_devices},
    },
    domain::{AttemptId, Timestamp, clock_jump::LastRun, mail::MailState},
};
use diesel::{
    dsl::{exists, select},
    prelude::*,
};

pub fn last(connection: &mut DbConnection) -> Result<Option<LastRun>, Error> {
    let row: Option<(Timestamp, Option<Timestamp>)> = housekeeping_runs::table
        .select((housekeeping_runs::ran_at, housekeeping_runs::jumped_at))
        .first(connection)
        .optional()?;
    Ok(row.map(|(ran_at, jumped_at)| LastRun { ran_at, jumped_at }))
}

pub fn note(connection: &mut DbConnection, run: LastRun) -> Result<(), Error> {
    let values = (housekeeping_runs::ran_at.eq(run.ran_at), housekeeping_runs::jumped_at.eq(run.jumped_at));
    if diesel::update(housekeeping_runs::table).set(values).execute(connection)? == 0 {
        diesel::insert_into(housekeeping_runs::table)
            .values((housekeeping_runs::id.eq(1), values))
            .execute(connection)?;
    }
    Ok(())
}

/// Returns whether there is an attempt from after `latest`. A clock that was ahead issued ids of
/// that time, by which it is found.
pub(in crate::db) fn future_attempts(connection: &mut DbConnection, latest: Timestamp) -> Result<bool, Error> {
    let future = attempts::table.filter(attempts::id.ge(AttemptId::first_at(latest)));
    Ok(select(exists(future.filter(attempts::requested_at.gt(latest)))).get_result(connection)?)
}

/// Returns whether there is something for [`mend_future`]. Reads whole tables, so that it is work
/// for a reader.
pub fn has_future(connection: &mut DbConnection, latest: Timestamp) -> Result<bool, Error> {
    let waiting = outbox::table.filter(outbox::state.eq(Named(MailState::Waiting)));
    let later = outbox::due_at.gt(latest).or(outbox::leased_until.gt(latest).assume_not_null());
    let seen = sessions::created_at.gt(latest).or(sessions::last_seen_at.gt(latest));
    Ok(select(exists(waiting.filter(later))).get_result::<bool>(connection)?
        || select(exists(mail_domains::table.filter(mail_domains::paused_until.gt(latest)))).get_result(connection)?
        || future_attempts(connection, latest)?
        || select(exists(sessions::table.filter(seen))).get_result(connection)?
        || select(exists(trusted_devices::table.filter(trusted_devices::trusted_at.gt(latest))))
            .get_result(connection)?)
}

/// Repairs dates later than `latest`, which were written while the clock was ahead. Waiting emails
/// leave, and links and sessions end that would stay valid for far too long. The last step of an
/// authenticator app stays, because lowering it would accept used codes again. Call it only under a
/// clock that is believed: one that fell back would take everything for the future.
pub fn mend_future(connection: &mut DbConnection, now: Timestamp, latest: Timestamp) -> Result<usize, Error> {
    let waiting = outbox::table.filter(outbox::state.eq(Named(MailState::Waiting)));
    let mut mended =
        diesel::update(waiting.filter(outbox::due_at.gt(latest))).set(outbox::due_at.eq(now)).execute(connection)?;
    mended += diesel::update(waiting.filter(outbox::leased_until.gt(latest)))
        .set(outbox::leased_until.eq(None::<Timestamp>))
        .execute(connection)?;
    mended += diesel::update(mail_domains::table.filter(mail_domains::paused_until.gt(latest)))
        .set(mail_domains::paused_until.eq(now))
        .execute(connection)?;
    let ids_ahead = attempts::table.filter(attempts::id.ge(AttemptId::first_at(latest)));
    mended += diesel::delete(ids_ahead.filter(attempts::requested_at.gt(latest))).execute(connection)?;
    mended += diesel::delete(sessions::table.filter(sessions::created_at.gt(latest))).execute(connection)?;
    // A session that was used while the clock was ahead would not go idle until then.
    mended += diesel::update(sessions::table.filter(sessions::last_seen_at.gt(latest)))
        .set(sessions::last_seen_at.eq(now))
        .execute(connection)?;
    mended +=
        diesel::delete(trusted_devices::table.filter(trusted_devices::trusted_at.gt(latest))).execute(connection)?;
    Ok(mended)
}
