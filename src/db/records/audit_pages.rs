//! Pages of the audit log: lines of one reader's choice, from any place, newer or older.
//!
//! A page starts at a line, not at a number of lines. The last page is therefore as quick as the
//! first. Kind and text are compared here, in a bounded number of rows.

use crate::{
    db::{DbConnection, Error, audit::Row, schema::audit},
    domain::{AccountId, AuditEntry, AuditFilter, AuditId, AuditKind, Timestamp, audit::Action},
};
use diesel::prelude::*;
use std::{cmp::Reverse, fmt};

/// Rows that one search compares with a text. A page then says how far it has looked.
pub const MAX_COMPARED: usize = 20_000;
/// Rows of one statement while it compares.
const BATCH: usize = 1_000;

/// A line of the log, as a place to start from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    pub at: Timestamp,
    id: AuditId,
}

/// Start of a page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Start {
    Newest,
    OlderThan(Place),
    NewerThan(Place),
}

/// A line, and the account that it is about.
#[derive(Debug)]
pub struct Line {
    pub entry: AuditEntry,
    pub about: Option<AccountId>,
}

/// Lines, newest first.
#[derive(Debug)]
pub struct Found {
    pub lines: Vec<Line>,
    /// Place from which to look on in the same direction, if there is more.
    pub rest: Option<Place>,
}

impl Place {
    pub const fn of(entry: &AuditEntry) -> Self {
        Self { at: entry.at, id: entry.id }
    }

    /// Reads the form in addresses of pages.
    pub fn parse(text: &str) -> Option<Self> {
        let (at, id) = text.split_once('-')?;
        Some(Self { at: Timestamp::from_millis(at.parse().ok()?), id: id.parse().ok()? })
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.at.as_millis(), self.id)
    }
}

impl Start {
    const fn is_backwards(self) -> bool {
        !matches!(self, Self::NewerThan(_))
    }

    /// Returns the start of the rows after this one, in the same direction.
    fn after(self, row: &Row) -> Self {
        let place = Place { at: row.at, id: row.id };
        if self.is_backwards() { Self::OlderThan(place) } else { Self::NewerThan(place) }
    }

    const fn place(self) -> Option<Place> {
        match self {
            Self::Newest => None,
            Self::OlderThan(place) | Self::NewerThan(place) => Some(place),
        }
    }
}

/// Returns up to `most` lines that fit, and where to look on.
pub fn find(connection: &mut DbConnection, filter: &AuditFilter, start: Start, most: usize) -> Result<Found, Error> {
    let has_residue = !filter.text.is_empty() || (filter.account.is_some() && filter.kind.is_some());
    let batch = if has_residue { BATCH } else { most.saturating_add(1) };
    let (mut lines, mut start, mut compared) = (Vec::new(), start, 0);
    let mut rest = None;
    while rest.is_none() {
        let rows = next_rows(connection, filter, start, batch)?;
        let is_end = rows.len() < batch;
        for row in rows {
            let next = start.after(&row);
            let about = row.subject_id;
            let entry = row.read()?;
            if filter.fits(&entry) {
                if lines.len() == most {
                    rest = start.place();
                    break;
                }
                lines.push(Line { entry, about });
            }
            start = next;
            compared += 1;
        }
        if is_end {
            break;
        }
        if compared >= MAX_COMPARED {
            rest = rest.or_else(|| start.place());
        }
    }
    if !start.is_backwards() {
        lines.reverse();
    }
    Ok(Found { lines, rest })
}

/// One range of an index.
#[derive(Clone, Copy)]
enum Range {
    All,
    Of(Action),
    By(AccountId),
    /// Acts of an account that concern only itself.
    ByAlone(AccountId),
    About(AccountId),
}

/// Acts of these kinds concern others, even if a line names no account.
const OF_ADMINS: [AuditKind; 3] = [AuditKind::Settings, AuditKind::Server, AuditKind::Accounts];

/// Returns the next `most` rows in the direction of `start`, from every range together.
fn next_rows(
    connection: &mut DbConnection,
    filter: &AuditFilter,
    start: Start,
    most: usize,
) -> Result<Vec<Row>, Error> {
    let ranges: Vec<Range> = match (filter.account, filter.kind) {
        (Some(account), _) if filter.is_of_owner => vec![Range::ByAlone(account), Range::About(account)],
        (Some(account), _) => vec![Range::By(account), Range::About(account)],
        (None, Some(kind)) => AuditKind::actions(kind).map(Range::Of).collect(),
        (None, None) => vec![Range::All],
    };
    let mut rows = Vec::new();
    for range in ranges {
        rows.extend(rows_of(connection, filter, (range, start), most)?);
    }
    if start.is_backwards() {
        rows.sort_unstable_by_key(|row| Reverse((row.at, row.id.as_i64())));
    } else {
        rows.sort_unstable_by_key(|row| (row.at, row.id.as_i64()));
    }
    rows.dedup_by_key(|row| row.id);
    rows.truncate(most);
    Ok(rows)
}

fn rows_of(
    connection: &mut DbConnection,
    filter: &AuditFilter,
    (range, start): (Range, Start),
    most: usize,
) -> Result<Vec<Row>, Error> {
    let rows = audit::table.select(Row::as_select()).into_boxed();
    let rows = match range {
        Range::All => rows,
        Range::Of(action) => rows.filter(audit::action.eq(action.into_str())),
        Range::By(account) => rows.filter(audit::actor_id.eq(account)),
        Range::ByAlone(account) => {
            let of_admins = OF_ADMINS.into_iter().flat_map(AuditKind::actions).map(|action| action.into_str());
            rows.filter(audit::actor_id.eq(account))
                .filter(audit::subject_id.is_null())
                .filter(audit::action.ne_all(of_admins.collect::<Vec<_>>()))
        }
        Range::About(account) => rows.filter(audit::subject_id.eq(account)),
    };
    let rows = match filter.since {
        Some(since) => rows.filter(audit::at.ge(since)),
        None => rows,
    };
    let rows = match filter.until {
        Some(until) => rows.filter(audit::at.lt(until)),
        None => rows,
    };
    let rows = match start {
        Start::Newest => rows,
        // The first condition finds the place in the index.
        Start::OlderThan(Place { at, id }) => {
            rows.filter(audit::at.le(at)).filter(audit::at.lt(at).or(audit::id.lt(id)))
        }
        Start::NewerThan(Place { at, id }) => {
            rows.filter(audit::at.ge(at)).filter(audit::at.gt(at).or(audit::id.gt(id)))
        }
    };
    let rows = if start.is_backwards() {
        rows.order((audit::at.desc(), audit::id.desc()))
    } else {
        rows.order((audit::at.asc(), audit::id.asc()))
    };
    Ok(rows.limit(i64::try_from(most).unwrap_or(i64::MAX)).load(connection)?)
}
