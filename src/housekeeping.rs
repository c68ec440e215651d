//! Regular work away from requests: it stores when sessions were last used, and deletes what has
//! expired.

mod audit_chain;
mod steps;

pub use audit_chain::{Checked, verify as verify_audit, verify_kept_for as verify_audit_kept_for};
pub use steps::Unfinished;

use steps::Steps;

use crate::{
    apps,
    db::{self, DbConnection, Error, Tx},
    domain::{
        Account, AccountId, Lifetime, Timestamp,
        account::END_NOTICE,
        admin_act::ACT_LIFETIME,
        audit::{Action, Actor},
        clock_jump::{self, Verdict},
        mail::{MailKind, MailState},
        totp,
    },
    people, rotation,
    services::Services,
};
use std::{
    future::Future,
    sync::{Arc, atomic::Ordering},
    time::Duration,
};

const EVERY: Duration = Duration::from_secs(30);
/// Rows deleted in one transaction, so that no sign-in waits behind a long one.
const PIECE: i64 = 500;
/// Transactions in one round. The next round does the rest.
const PIECES: usize = 40;

/// A link of this age still finds its page, which offers a new email. After that, typed addresses
/// without an account are deleted.
const KEEP_ATTEMPTS: Lifetime = Lifetime::hours(24);
/// Time for which admins see the outcome of an email.
const KEEP_MAILS: Lifetime = Lifetime::days(7);
/// An address change can be undone for seven days.
const KEEP_ADDRESS_CHANGES: Lifetime = Lifetime::days(8);
/// A recovery looks back 7 days from its beginning and may end a day later.
const KEEP_GAINS: Lifetime = Lifetime::days(9);
/// Time for which the list of invitations shows those whose users have signed in.
const KEEP_INVITATIONS: Lifetime = Lifetime::days(90);
/// Time before the end at which a guest is told of it.
const TELL_GUESTS: Lifetime = Lifetime::days(1);
/// Time for which the user's export shows an answered ask for access. One that waits stays: there
/// is one for each user and app.
const KEEP_ASKS: Lifetime = Lifetime::days(30);
/// Time for which opened links are counted for a domain before the count begins anew.
const KEEP_OPENINGS: Lifetime = Lifetime::days(30);
/// Time for which admins see the refusals of proxies and apps.
const KEEP_TROUBLES: Lifetime = Lifetime::days(7);
/// Time for which the link in the email about a recovery shows the outcome.
const KEEP_RECOVERIES: Lifetime = Lifetime::days(7);
/// A code that was used stays used for longer than it counts. An app that comes with an ended
/// refresh token finds that it has ended.
const KEEP_GRANTS: Lifetime = Lifetime::days(1);
/// Time for which admins see whether apps heard of sign-outs.
const KEEP_NOTICES: Lifetime = Lifetime::days(7);
/// No email pauses for that long. A later date was written while the clock was ahead.
const FUTURE: Lifetime = Lifetime::days(1);
/// No limit looks back that far, except a count of wrong passwords in a row.
const LONGEST_LIMIT: Lifetime = Lifetime::days(9);

/// Time for which the numbers of sign-ins in each hour are kept.
const KEEP_SIGN_INS: Lifetime = Lifetime::days(90);
/// Span before now in which the audit log is counted at first.
const COUNT_BACK: Lifetime = Lifetime::days(31);

/// Runs until `stop` resolves, then stores what is left.
pub async fn run(services: Arc<Services>, stop: impl Future<Output = ()>) {
    tokio::pin!(stop);
    loop {
        tokio::select! {
            biased;
            () = &mut stop => break,
            () = tokio::time::sleep(EVERY) => {}
        }
        services.hash_memory.release_unused();
        // One line for all of it, because an outage stops all of it.
        if let Err(unfinished) = round(&services).await {
            tracing::warn!(error = %unfinished, parts = unfinished.names(), "could not finish housekeeping; it tries again");
        }
    }
    if let Err(error) = services.sessions.write_seen(&services.db).await {
        tracing::warn!(error = %error, "could not store when sessions were last used");
    }
}

/// Does all regular work. Skips what depends on the clock while the clock is implausible. What
/// fails keeps nothing else from its turn: a table that strangers filled must not stop all
/// deleting.
pub async fn round(services: &Services) -> Result<(), Unfinished> {
    let mut steps = Steps::default();
    steps.note("last uses of sessions", services.sessions.write_seen(&services.db).await);
    let uses = services.uses.write(&services.db, &services.context(Actor::Gatepost)).await;
    steps.note("last uses of apps", uses);
    steps.note("refusals of proxies", services.troubles.write(&services.db).await);
    steps.note("refused requests of apps", services.refused.write(&services.db).await);
    steps.note("opened links", services.openings.write(&services.db).await);
    let now = services.now();
    steps.note("last uses by apps", services.client_uses.write(&services.db, now).await);
    let verdict = services.db.write_at_leisure(move |connection| {
        let (verdict, run) = clock_jump::judge(db::housekeeping_runs::last(connection)?, now);
        db::housekeeping_runs::note(connection, run)?;
        Ok((verdict, run))
    });
    // The smallest work of all. If it fails, the database is away.
    let Some((verdict, run)) = steps.note("the clock", verdict.await) else { return steps.end() };
    steps.note("numbers of sign-ins", count_sign_ins(services, now).await);
    steps.note("handles", give_handles(services).await);
    match verdict {
        Verdict::Go => {
            steps.note("dates in the future", mend_future(services, now).await);
            steps.note("accounts that end", end_accounts(services).await);
            steps.note("recoveries", finish_recoveries(services).await);
            steps.note("guests", forget_guests(services).await);
            steps.note("signing keys", rotation::keep_up(services).await);
            steps.add(tidy(services).await);
        }
        Verdict::Hold { is_news: true } => {
            let apart = now.since(run.ran_at).max(run.ran_at.since(now));
            tracing::warn!(
                apart_by_hours = apart.as_millis() / Lifetime::hours(1).as_millis(),
                is_ahead = now > run.ran_at,
                "the clock and the last housekeeping are more than a day apart, so nothing is deleted for now. If the clock is wrong, \
                 correct it. If it is right, because the server was down, deleting begins automatically in 24 hours"
            );
        }
        Verdict::Hold { is_news: false } => {}
    }
    steps.end()
}

/// Counts sign-ins of past hours, and stores how many attempts have failed on this node.
pub async fn count_sign_ins(services: &Services, now: Timestamp) -> Result<(), Error> {
    let failed = services.metrics.failed_sign_ins();
    let new = failed.saturating_sub(services.failed_stored.load(Ordering::Relaxed));
    let new = i64::try_from(new).unwrap_or(0);
    services
        .db
        .write_at_leisure(move |connection| {
            if new > 0 {
                db::sign_in_hours::add_failed(connection, now, new)?;
            }
            db::sign_in_hours::count_hours(connection, now, now.minus(COUNT_BACK))
        })
        .await?;
    services.failed_stored.store(failed, Ordering::Relaxed);
    Ok(())
}

/// Gives handles to accounts of an older version.
pub async fn give_handles(services: &Services) -> Result<(), Error> {
    let missing = |connection: &mut DbConnection| db::handles::missing(connection, PIECE);
    found_by_a_reader(services, missing, |connection, accounts| {
        accounts.iter().try_for_each(|(id, email)| db::handles::ensure(connection, *id, email).map(drop))?;
        Ok(accounts.len())
    })
    .await
}

/// Repairs dates that were written while the clock was ahead. They would block, or stay valid,
/// until then. A reader looks first, because most rounds find nothing.
async fn mend_future(services: &Services, now: Timestamp) -> Result<(), Error> {
    let (latest, longest) = (now.plus(FUTURE), now.plus(LONGEST_LIMIT));
    let look = move |connection: &mut DbConnection| db::housekeeping_runs::has_future(connection, latest);
    let has_future = services.db.read_at_leisure(look).await?;
    let look = move |connection: &mut DbConnection| db::limits::is_beyond(connection, longest);
    let has_limits = services.db.read_at_leisure(look).await?;
    if !has_future && !has_limits {
        return Ok(());
    }
    let mended = services.db.write_at_leisure(move |connection| {
        let rows = if has_future { db::housekeeping_runs::mend_future(connection, now, latest)? } else { 0 };
        let limits = if has_limits { db::limits::forget_beyond(connection, longest)? } else { 0 };
        Ok(rows + limits)
    });
    match mended.await? {
        0 => {}
        mended => tracing::warn!(mended, "the clock was ahead earlier; repaired dates in the future"),
    }
    Ok(())
}

/// Removes the second factors of accounts whose waiting period has ended. Each has a separate
/// transaction, so that a failed one does not delay the others.
pub async fn finish_recoveries(services: &Services) -> Result<(), Error> {
    let now = services.now();
    for account in services.db.read(move |connection| db::recoveries::due(connection, now, PIECE)).await? {
        let finished = services.transact(Actor::Gatepost, move |tx| {
            let Some(account) = locked(tx, account)? else { return Ok(false) };
            people::finish_recovery(tx, &account)
        });
        match finished.await {
            Ok(true) => tracing::warn!(%account, "lost second factors were removed"),
            Ok(false) => {}
            Err(error) => tracing::warn!(%account, error = %error, "could not finish a recovery that is due yet"),
        }
    }
    Ok(())
}

/// Deletes the accounts of guests whose time is over, and tells those whose time is over soon.
pub async fn forget_guests(services: &Services) -> Result<(), Error> {
    let now = services.now();
    let ending =
        services.db.read(move |connection| db::accounts::ending_guests(connection, now.plus(TELL_GUESTS), PIECE));
    for (guest, was_told) in ending.await? {
        let is_over = guest.guest_until.is_some_and(|end| end <= now);
        if was_told && !is_over {
            continue;
        }
        let id = guest.id;
        let done = services.transact(Actor::Gatepost, move |tx| {
            let Some(guest) = locked(tx, id)? else { return Ok(()) };
            if is_over {
                // Before the account goes, so that the line still finds it by its address.
                let line = tx.line(Action::GuestForgotten, guest.email.as_str());
                return if people::forget_guest(tx, &guest)? { tx.log(&line) } else { Ok(()) };
            }
            if db::accounts::note_guest_told(tx.connection, id, (now, now.plus(TELL_GUESTS)))? {
                apps::tell(tx, &guest, MailKind::GuestEnds, "")?;
            }
            Ok(())
        });
        if let Err(error) = done.await {
            tracing::warn!(account = %id, error = %error, "could not tell a guest of the end, or delete the account, yet");
        }
    }
    Ok(())
}

/// Tells users whose accounts end soon, and ends what acts for accounts that have ended. Each has a
/// separate transaction, so that a failed one does not delay the others.
pub async fn end_accounts(services: &Services) -> Result<(), Error> {
    let now = services.now();
    let find = move |connection: &mut DbConnection| -> Result<_, Error> {
        let soon = db::account_ends::untold(connection, now.plus(END_NOTICE), PIECE)?;
        Ok((soon, db::account_ends::over(connection, now, PIECE)?))
    };
    let (soon, over) = services.db.read(find).await?;
    for account in soon {
        let told = services.transact(Actor::Gatepost, move |tx| match locked(tx, account)? {
            Some(account) => people::give_notice(tx, &account),
            None => Ok(()),
        });
        if let Err(error) = told.await {
            tracing::warn!(%account, error = %error, "could not tell a user yet that the account ends soon");
        }
    }
    for account in over {
        let ended = services.transact(Actor::Gatepost, move |tx| match locked(tx, account)? {
            Some(account) => people::finish_end(tx, &account),
            None => Ok(false),
        });
        match ended.await {
            Ok(true) => tracing::info!(%account, "an account has ended"),
            Ok(false) => {}
            Err(error) => {
                tracing::warn!(%account, error = %error, "could not end the sessions of an ended account yet")
            }
        }
    }
    Ok(())
}

/// Returns an account under its mailbox's lock. `None` if it has just moved to another mailbox; the
/// next round finishes it.
fn locked(tx: &mut Tx<'_>, id: AccountId) -> Result<Option<Account>, Error> {
    let Some(account) = db::accounts::find(tx.connection, id)? else { return Ok(None) };
    tx.lock(&account.email)?;
    Ok(db::accounts::find(tx.connection, id)?.filter(|still| still.email == account.email))
}

/// Deletes everything that has expired.
pub async fn tidy(services: &Services) -> Result<(), Unfinished> {
    let mut steps = Steps::default();
    let now = services.now();
    let Some(settings) = steps.note("settings", services.settings().await) else { return steps.end() };
    let idle = settings.session_idle_lifetime.max(settings.browser_session_lifetime);
    let audit = services.config.audit_lifetime;
    // Emails that were never to be sent go with their attempts, because strangers can make any
    // number of them.
    let ends = [(&[MailState::Dropped][..], KEEP_ATTEMPTS), (&[MailState::Sent, MailState::Dead], KEEP_MAILS)];
    for (ends, keep) in ends {
        let purge = move |connection: &mut DbConnection| db::outbox::purge(connection, ends, now.minus(keep), PIECE);
        steps.note("emails", in_pieces(services, purge).await);
    }
    let since = (now, now.minus(idle));
    let sessions_over = move |connection: &mut DbConnection| db::sessions::over(connection, since, PIECE);
    let purge = move |connection: &mut DbConnection, ids: &[_]| db::sessions::purge(connection, since, ids);
    steps.note("sessions", found_by_a_reader(services, sessions_over, purge).await);
    // After the sessions, because an attempt is kept as long as the session that it made.
    let attempts_over =
        move |connection: &mut DbConnection| db::attempts::over(connection, now.minus(KEEP_ATTEMPTS), now, PIECE);
    let purge = |connection: &mut DbConnection, ids: &[_]| db::attempts::purge(connection, ids);
    steps.note("attempts", found_by_a_reader(services, attempts_over, purge).await);
    // Only sealed lines are deleted.
    steps.note("seals", audit_chain::seal(services).await);
    let purge = move |connection: &mut DbConnection| db::audit_seals::purge(connection, now.minus(audit), now, PIECE);
    steps.note("audit log", in_pieces(services, purge).await);
    // Apart from others, because it asks which transactions have ended.
    steps.note("change log", services.db.write_at_leisure(db::change_log::trim).await);
    let limits_over = move |connection: &mut DbConnection| db::limits::over(connection, now, PIECE);
    let purge = move |connection: &mut DbConnection, names: &[_]| db::limits::purge(connection, names, now);
    steps.note("limits", found_by_a_reader(services, limits_over, purge).await);
    let rest = services.db.write_at_leisure(move |connection| small_things(connection, now));
    steps.note("the rest", rest.await);
    steps.end()
}

/// Deletes what no index finds: a reader searches, so that the one writer only deletes.
async fn found_by_a_reader<T: Send + 'static>(
    services: &Services,
    find: impl Fn(&mut DbConnection) -> Result<Vec<T>, Error> + Clone + Send + 'static,
    delete: impl Fn(&mut DbConnection, &[T]) -> Result<usize, Error> + Clone + Send + 'static,
) -> Result<(), Error> {
    for _ in 0..PIECES {
        let found = services.db.read_at_leisure(find.clone()).await?;
        if found.is_empty() {
            break;
        }
        let delete = delete.clone();
        services.db.write_at_leisure(move |connection| delete(connection, &found)).await?;
    }
    Ok(())
}

fn small_things(connection: &mut DbConnection, now: Timestamp) -> Result<(), Error> {
    db::held_forms::purge(connection, now)?;
    db::pending_sign_ins::purge(connection, now)?;
    db::trusted_devices::purge(connection, now)?;
    db::known_browsers::purge(connection, now)?;
    db::totp::purge(connection, now.minus(totp::ENROLMENT))?;
    db::ceremonies::purge(connection, now)?;
    db::recoveries::purge(connection, now.minus(KEEP_RECOVERIES))?;
    db::address_changes::purge(connection, now.minus(KEEP_ADDRESS_CHANGES))?;
    db::gains::purge(connection, now.minus(KEEP_GAINS), now)?;
    db::invitations::purge(connection, now.minus(KEEP_INVITATIONS))?;
    db::admin_acts::purge(connection, now.minus(ACT_LIFETIME))?;
    db::sign_in_hours::purge(connection, now.minus(KEEP_SIGN_INS))?;
    db::apps::purge_ended(connection, now)?;
    db::app_asks::purge(connection, now.minus(KEEP_ASKS))?;
    db::openings::purge(connection, now.minus(KEEP_OPENINGS))?;
    db::apps::purge_troubles(connection, now.minus(KEEP_TROUBLES))?;
    db::apps::purge_refusals(connection, now.minus(KEEP_TROUBLES))?;
    db::oidc_grants::purge_tokens(connection, now)?;
    db::oidc_grants::purge(connection, now.minus(KEEP_GRANTS))?;
    db::oidc_clients::purge_secrets(connection, now.minus(KEEP_GRANTS))?;
    db::oidc_reach::purge_assertions(connection, now)?;
    db::oidc_devices::purge(connection, now.minus(KEEP_GRANTS))?;
    db::logout_notices::purge(connection, now.minus(KEEP_NOTICES))?;
    Ok(())
}

async fn in_pieces(
    services: &Services,
    purge: impl Fn(&mut DbConnection) -> Result<usize, Error> + Clone + Send + 'static,
) -> Result<(), Error> {
    for _ in 0..PIECES {
        let gone = services.db.write_at_leisure(purge.clone()).await?;
        if i64::try_from(gone).is_ok_and(|gone| gone < PIECE) {
            break;
        }
    }
    Ok(())
}
