//! Tests how SQLite finds the rows of statements about the outbox and attempts. Strangers can add
//! any number of rows there. SQLite keeps no statistics, so that its plans are the same for any
//! number.

use super::{
    DbConnection, Error, accounts, attempts, audit_pages, delivery, engine::role::Role, housekeeping_runs, migrations,
    news, outbox, people_pages, sign_in_hours, ways_in, where_done,
};
use crate::{
    config::DatabaseUrl,
    domain::{
        AccountId, AskedFrom, AttemptId, AuditFilter, AuditKind, BrowserLabel, ClientAddress, EmailAddress, Timestamp,
        mail::{Line, MailState, Urgency},
    },
};
use diesel::{connection::InstrumentationEvent, prelude::*};
use std::{
    net::Ipv4Addr,
    sync::{Arc, Mutex},
};

#[derive(QueryableByName)]
struct Step {
    #[diesel(sql_type = diesel::sql_types::Text)]
    detail: String,
}

/// The steps of every statement that `work` runs.
fn steps_of(work: impl FnOnce(&mut DbConnection) -> Result<(), Error>) -> Vec<String> {
    let folder = tempfile::tempdir().unwrap();
    let url = DatabaseUrl::Sqlite(folder.path().join("gatepost.db"));
    migrations::run(&url).unwrap();
    let mut connection = DbConnection::open(&url, Role::Writer, false).unwrap();
    let statements: Arc<Mutex<Vec<String>>> = Arc::default();
    let seen = Arc::clone(&statements);
    connection.set_instrumentation(move |event: InstrumentationEvent<'_>| {
        if let InstrumentationEvent::StartQuery { query, .. } = event {
            seen.lock().unwrap().push(query.to_string());
        }
    });
    work(&mut connection).unwrap();
    let statements = statements.lock().unwrap().clone();
    connection.set_instrumentation(|_: InstrumentationEvent<'_>| ());
    assert!(!statements.is_empty());
    let explain = |statement: &String| {
        let statement = statement.split(" -- binds").next().unwrap_or_default();
        let steps: Vec<Step> =
            diesel::sql_query(format!("EXPLAIN QUERY PLAN {statement}")).load(&mut connection).unwrap();
        steps.into_iter().map(|step| step.detail).collect::<Vec<_>>()
    };
    // "1=0" is Diesel's form of membership in an empty list. SQLite then reads no row.
    statements.iter().filter(|statement| !statement.contains("1=0")).flat_map(explain).collect()
}

#[test]
fn no_statement_goes_through_all_rows_that_strangers_added() {
    let email = EmailAddress::parse("ana@example.com").unwrap();
    let client = ClientAddress::new(Ipv4Addr::new(192, 0, 2, 1).into());
    let now = Timestamp::from_millis(1_000_000);
    let from = AskedFrom { browser: BrowserLabel::from_user_agent(""), client: Some(client), language: None };
    let lease = outbox::Lease(1);
    let wanted = outbox::Wanted { most: 4, first: Urgency::WaitedFor, pass_over: outbox::Stuck::default() };
    let steps = steps_of(|connection| {
        outbox::stuck(connection, now, now)?;
        outbox::lease(connection, lease, (now, now), &wanted)?;
        outbox::renew(connection, lease, now)?;
        outbox::release(connection, lease, None)?;
        outbox::next_due(connection)?;
        for ends in [&[MailState::Dropped][..], &[MailState::Sent, MailState::Dead]] {
            outbox::purge(connection, ends, now, 500)?;
        }
        for line in [Line::Changes, Line::SignIns] {
            let stream = news::Stream { recipient: &email, line };
            news::pace(connection, stream, now)?;
            news::postpone(connection, stream, (lease, now), now)?;
        }
        where_done::note_from(connection, &email, now, &from)?;
        attempts::end_all_of_address(connection, &email, now)?;
        attempts::thin_out_muted(connection, client)?;
        attempts::over(connection, now, now, 500)?;
        attempts::purge(connection, &[AttemptId::first_at(now)])?;
        housekeeping_runs::future_attempts(connection, now)?;
        Ok(())
    });
    // The next to send: from the beginning of an index of waiting emails, and a limit stops it.
    let next = |step: &&String| step.ends_with("SCAN outbox USING INDEX outbox_next");
    // The one row of "SELECT EXISTS".
    let is_constant = |step: &&String| *step == "SCAN CONSTANT ROW";
    let is_scan = |step: &&String| step.starts_with("SCAN") && !next(step) && !is_constant(step);
    let scans: Vec<_> = steps.iter().filter(is_scan).collect();
    assert!(scans.is_empty(), "{scans:?}");
    let finds = |how: &str| steps.iter().filter(|step| step.ends_with(how)).count();
    assert_eq!(finds("outbox_ended (state=? AND settled_at<?)"), 2, "{steps:?}");
    assert_eq!(finds("outbox_news (recipient=? AND state=? AND settled_at>?)"), 2, "{steps:?}");
    assert_eq!(finds("outbox_news (recipient=? AND state=?)"), 3, "{steps:?}");
    assert_eq!(finds("attempts USING INTEGER PRIMARY KEY (rowid>? AND rowid<?)"), 2, "{steps:?}");
    assert_eq!(finds("attempts USING INTEGER PRIMARY KEY (rowid>?)"), 1, "{steps:?}");
}

#[test]
fn every_page_of_the_audit_log_reads_as_many_rows_as_it_shows() {
    let place = audit_pages::Place::parse("1000000-0123456789abcdef").unwrap();
    let of_all = AuditFilter::default();
    let of_days = AuditFilter { since: Some(place.at), until: Some(place.at), ..AuditFilter::default() };
    let of_kind = AuditFilter { kind: Some(AuditKind::Accounts), ..AuditFilter::default() };
    let of_account = AuditFilter { account: Some(AccountId::from_i64(1)), ..AuditFilter::default() };
    let starts =
        [audit_pages::Start::Newest, audit_pages::Start::OlderThan(place), audit_pages::Start::NewerThan(place)];
    let steps = steps_of(|connection| {
        for filter in [&of_all, &of_days, &of_kind, &of_account] {
            for start in starts {
                audit_pages::find(connection, filter, start, 50)?;
            }
        }
        Ok(())
    });
    // The first page reads its rows from the end of an index, and the limit stops it.
    let ends = |step: &&String| step.starts_with("SCAN") && !step.ends_with("USING INDEX audit_by_moment");
    let sorts = |step: &&String| step.contains("TEMP B-TREE") && !step.contains("LAST TERM");
    let wrong: Vec<_> = steps.iter().filter(|step| ends(step) || sorts(step)).collect();
    assert!(wrong.is_empty(), "{wrong:?}");
    assert!(steps.iter().any(|step| step.contains("audit_by_action (action=? AND at<?)")), "{steps:?}");
}

#[test]
fn no_list_of_users_goes_through_all_users_to_find_its_first() {
    let steps = steps_of(|connection| {
        for order in [people_pages::Order::Address, people_pages::Order::Created, people_pages::Order::SignedIn] {
            let filter = people_pages::Filter { order, ..people_pages::Filter::default() };
            people_pages::find(connection, &filter, &people_pages::Start::First, 51)?;
        }
        let admins = people_pages::Filter { only: people_pages::Only::Admins, ..people_pages::Filter::default() };
        people_pages::find(connection, &admins, &people_pages::Start::First, 51)?;
        ways_in::of_admins(connection)?;
        accounts::active_admins(connection)?;
        Ok(())
    });
    // Each begins at an end of an index, and a limit stops it. Few users are admins.
    let indexes = ["sqlite_autoindex_accounts_2", "accounts_by_age", "accounts_by_sign_in", "accounts_admins"];
    let is_wrong = |step: &&String| {
        step.contains("TEMP B-TREE")
            || step.starts_with("SCAN")
                && !indexes.iter().any(|index| step.split_whitespace().any(|word| word == *index))
    };
    let wrong: Vec<_> = steps.iter().filter(is_wrong).collect();
    assert!(wrong.is_empty(), "{wrong:?} of {steps:?}");
    for index in ["accounts_by_age", "accounts_by_sign_in", "accounts_admins"] {
        assert!(steps.iter().any(|step| step.contains(index)), "{index}: {steps:?}");
    }
}

#[test]
fn the_overview_counts_ranges_of_indexes() {
    let now = Timestamp::from_millis(100 * 86_400_000);
    let steps = steps_of(|connection| {
        delivery::since(connection, now)?;
        sign_in_hours::count_hours(connection, now, now)?;
        sign_in_hours::of_days(connection, now, 30)?;
        Ok(())
    });
    // Indexes that hold only the emails that wait. The total bounds them.
    let waiting = ["USING INDEX outbox_next", "USING INDEX outbox_of_asker"];
    let is_scan = |step: &&String| step.starts_with("SCAN") && !waiting.iter().any(|index| step.ends_with(index));
    let scans: Vec<_> = steps.iter().filter(is_scan).collect();
    assert!(scans.is_empty(), "{scans:?}");
    let finds = |how: &str| steps.iter().any(|step| step.ends_with(how));
    assert!(finds("outbox_ended (state=? AND settled_at>?)"), "{steps:?}");
    assert!(finds("audit_by_action (action=? AND at>? AND at<?)"), "{steps:?}");
}
