//! Opened email links, counted by the domain of the address.

use crate::{
    db::{
        DbConnection, Error,
        columns::Named,
        engine::kept::KeptDsl,
        schema::{attempt_links, attempts, domain_openings, outbox},
    },
    domain::{AttemptId, EmailAddress, Purpose, Timestamp, TokenHash, mail::MailState, opened_link},
};
use diesel::prelude::*;
use std::collections::HashMap;

/// Most domains that a page shows.
const MAX: i64 = 50;

/// A browser opened a link.
#[derive(Clone, Debug)]
pub struct Opening {
    pub link: TokenHash,
    /// Hashes of the verifiers that the browser keeps.
    pub own: Vec<TokenHash>,
    pub at: Timestamp,
}

/// An opening of a link that exists.
#[derive(Clone, Debug)]
pub struct Seen {
    link: TokenHash,
    at: Timestamp,
    domain: String,
    by_scanner: bool,
}

/// Counts of a domain's links.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OfDomain {
    pub domain: String,
    pub since: Timestamp,
    /// Links that were opened.
    pub opened: i64,
    /// Links that another browser opened within seconds.
    pub scanned: i64,
}

/// Returns the openings of links that exist, and whose they were.
pub fn judge(connection: &mut DbConnection, openings: &[Opening]) -> Result<Vec<Seen>, Error> {
    let links_opened: Vec<_> = openings.iter().map(|opening| opening.link).collect();
    type Link = (TokenHash, Option<Timestamp>, AttemptId, EmailAddress, Option<TokenHash>);
    let links: Vec<Link> = attempt_links::table
        .inner_join(attempts::table.on(attempts::id.eq(attempt_links::attempt_id)))
        .filter(attempt_links::token_hash.eq_any(links_opened))
        .filter(attempts::purpose.eq(Named(Purpose::SignIn)))
        .select((
            attempt_links::token_hash,
            attempt_links::made_at,
            attempts::id,
            attempts::email,
            attempts::verifier_hash,
        ))
        .load(connection)?;
    let arrivals = arrivals(connection, links.iter().map(|(_, _, attempt, ..)| *attempt).collect())?;
    let known: HashMap<_, _> = links.iter().map(|link| (link.0, link)).collect();
    let mut seen = Vec::new();
    for opening in openings {
        let Some((_, made_at, attempt, email, verifier)) = known.get(&opening.link) else { continue };
        let is_own = verifier.is_some_and(|verifier| opening.own.contains(&verifier));
        let of_attempt = arrivals.get(attempt).into_iter().flatten().copied();
        let arrived = of_attempt.filter(|at| made_at.is_none_or(|made| *at >= made)).min();
        seen.push(Seen {
            link: opening.link,
            at: opening.at,
            domain: email.domain().to_owned(),
            by_scanner: opened_link::is_scanned(is_own, opening.at, arrived),
        });
    }
    // In one order on every node, so that no two of them wait for each other's rows.
    seen.sort_unstable_by(|one, other| (&one.domain, one.link.as_bytes()).cmp(&(&other.domain, other.link.as_bytes())));
    Ok(seen)
}

/// Returns when the email server accepted the emails of each of these attempts.
fn arrivals(connection: &mut DbConnection, ids: Vec<AttemptId>) -> Result<HashMap<AttemptId, Vec<Timestamp>>, Error> {
    let rows: Vec<(Option<AttemptId>, Option<Timestamp>)> = outbox::table
        .filter(outbox::attempt_id.eq_any(ids))
        .filter(outbox::attempt_id.is_not_null())
        .filter(outbox::state.eq(Named(MailState::Sent)))
        .select((outbox::attempt_id, outbox::settled_at))
        .load(connection)?;
    let mut arrivals: HashMap<AttemptId, Vec<Timestamp>> = HashMap::new();
    for (attempt, at) in rows.into_iter().filter_map(|(attempt, at)| attempt.zip(at)) {
        arrivals.entry(attempt).or_default().push(at);
    }
    Ok(arrivals)
}

/// Counts openings. Each link counts once as opened, and once as scanned.
pub fn count(connection: &mut DbConnection, seen: &[Seen]) -> Result<(), Error> {
    for opening in seen {
        let (link, at) = (opening.link, opening.at);
        let opened = diesel::update(attempt_links::table.find(link).filter(attempt_links::opened_at.is_null()))
            .set(attempt_links::opened_at.eq(at))
            .execute_either(connection)?;
        let scanned = if opening.by_scanner {
            diesel::update(attempt_links::table.find(link).filter(attempt_links::scanned_at.is_null()))
                .set(attempt_links::scanned_at.eq(at))
                .execute_either(connection)?
        } else {
            0
        };
        add(connection, opening, (i64::from(opened > 0), i64::from(scanned > 0)))?;
    }
    Ok(())
}

fn add(connection: &mut DbConnection, seen: &Seen, (opened, scanned): (i64, i64)) -> Result<(), Error> {
    if opened + scanned == 0 {
        return Ok(());
    }
    diesel::insert_into(domain_openings::table)
        .values((
            domain_openings::domain.eq(seen.domain.as_str()),
            domain_openings::since_at.eq(seen.at),
            domain_openings::opened.eq(0_i64),
            domain_openings::scanned.eq(0_i64),
        ))
        .on_conflict(domain_openings::domain)
        .do_nothing()
        .execute_either(connection)?;
    diesel::update(domain_openings::table.find(seen.domain.as_str()))
        .set((
            domain_openings::opened.eq(domain_openings::opened + opened),
            domain_openings::scanned.eq(domain_openings::scanned + scanned),
        ))
        .execute_either(connection)?;
    Ok(())
}

/// Returns the domains whose links were scanned most.
pub fn scanned(connection: &mut DbConnection) -> Result<Vec<OfDomain>, Error> {
    let rows: Vec<(String, Timestamp, i64, i64)> = domain_openings::table
        .filter(domain_openings::scanned.gt(0))
        .order((domain_openings::scanned.desc(), domain_openings::domain.asc()))
        .limit(MAX)
        .select(domain_openings::all_columns)
        .load(connection)?;
    let read = |(domain, since, opened, scanned)| OfDomain { domain, since, opened, scanned };
    Ok(rows.into_iter().map(read).collect())
}

/// Forgets counts that began before a moment, so that they begin anew.
pub fn purge(connection: &mut DbConnection, before: Timestamp) -> Result<usize, Error> {
    Ok(diesel::delete(domain_openings::table.filter(domain_openings::since_at.lt(before))).execute(connection)?)
}
