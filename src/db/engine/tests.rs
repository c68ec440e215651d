//! Settings of a new connection to SQLite, and the judgement of errors.

use super::{connection::open_sqlite, error::Error, patience::Patience, role::Role};
use diesel::{
    RunQueryDsl,
    dsl::sql,
    result::{DatabaseErrorInformation, DatabaseErrorKind as Kind, Error as Diesel},
    sql_types::Integer,
};

#[test]
fn an_answered_commit_survives_a_power_cut_and_deleted_data_is_overwritten() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("gatepost.db");
    std::fs::write(&path, "").unwrap();
    for (role, query_only) in [(Role::Writer, 0), (Role::Reader, 1)] {
        let mut connection = open_sqlite(&path, role, Patience::default()).unwrap();
        for (name, expected) in [
            // 2 is FULL.
            ("synchronous", 2),
            ("secure_delete", 1),
            ("trusted_schema", 0),
            ("foreign_keys", 1),
            ("query_only", query_only),
        ] {
            let value: i32 = sql::<Integer>(&format!("PRAGMA {name}")).get_result(&mut connection).unwrap();
            assert_eq!(value, expected, "{name} of a {role:?}");
        }
    }
}

/// The words of a server. Those about our own defect name a table, a column or a rule, or have a
/// place in the statement.
struct Said {
    text: &'static str,
    names: [Option<&'static str>; 3],
    place: Option<i32>,
}

impl DatabaseErrorInformation for Said {
    fn message(&self) -> &str {
        self.text
    }

    fn details(&self) -> Option<&str> {
        None
    }

    fn hint(&self) -> Option<&str> {
        None
    }

    fn table_name(&self) -> Option<&str> {
        self.names[0]
    }

    fn column_name(&self) -> Option<&str> {
        self.names[1]
    }

    fn constraint_name(&self) -> Option<&str> {
        self.names[2]
    }

    fn statement_position(&self) -> Option<i32> {
        self.place
    }
}

fn said(kind: Kind, text: &'static str) -> Error {
    Error::from(Diesel::DatabaseError(kind, Box::new(Said { text, names: [None; 3], place: None })))
}

#[test]
fn trouble_that_passes_is_worth_another_try() {
    for text in [
        "database is locked",
        "database table is locked: sessions",
        "database or disk is full",
        "disk I/O error",
        "attempt to write a readonly database",
        "unable to open database file",
        "locking protocol",
        "file is not a database",
        "no such savepoint: job",
        "deadlock detected",
        "canceling statement due to statement timeout",
        "could not extend file \"base/1\": check free disk space",
        "could not write: No space left on device",
        "could not write to file \"base/1\"",
        "terminating connection due to administrator command",
        "server closed the connection unexpectedly",
        "the database system is shutting down",
        "sorry, too many clients already",
        "remaining connection slots are reserved",
        "could not receive data from server",
        "no connection to the server",
    ] {
        assert!(said(Kind::Unknown, text).is_unavailable(), "{text}");
    }
    for kind in
        [Kind::ClosedConnection, Kind::UnableToSendCommand, Kind::ReadOnlyTransaction, Kind::SerializationFailure]
    {
        assert!(said(kind, "x").is_unavailable(), "{kind:?}");
    }
    assert!(Error::from(Diesel::BrokenTransactionManager).is_unavailable());
}

#[test]
fn a_defect_of_ours_and_a_duplicate_are_not_worth_another_try() {
    assert!(matches!(said(Kind::UniqueViolation, "database is locked"), Error::Conflict(_)));
    for error in [
        said(Kind::Unknown, "no such column: x"),
        said(Kind::NotNullViolation, "x"),
        said(Kind::ForeignKeyViolation, "x"),
        Error::from(Diesel::NotFound),
    ] {
        assert!(matches!(error, Error::Fault(_)), "{error}");
    }
}

#[test]
fn locks_and_crossings_are_told_apart() {
    for text in ["database is locked", "canceling statement due to lock timeout"] {
        let error = said(Kind::Unknown, text);
        assert!(error.is_lock() && !error.is_crossing(), "{text}");
    }
    for error in [said(Kind::Unknown, "deadlock detected"), said(Kind::SerializationFailure, "x"), Error::crossing()] {
        assert!(error.is_crossing() && !error.is_lock() && error.is_unavailable(), "{error}");
    }
    for text in ["canceling statement due to statement timeout", "disk I/O error"] {
        let error = said(Kind::Unknown, text);
        assert!(!error.is_lock() && !error.is_crossing(), "{text}");
    }
}

#[test]
fn in_an_unknown_language_what_names_nothing_of_ours_may_pass() {
    let judged = |names, place, has_waited| {
        let said = Said { text: "Verklemmung", names, place };
        Error::from(Diesel::DatabaseError(Kind::Unknown, Box::new(said))).judged_by_shape(has_waited)
    };
    // Only a lock on a whole table has a place, after a while.
    for (place, has_waited) in [(None, false), (None, true), (Some(7), true)] {
        let error = judged([None; 3], place, has_waited);
        assert!(error.is_unavailable() && error.is_crossing(), "{place:?} {has_waited}");
    }
    assert!(matches!(judged([None; 3], Some(7), false), Error::Fault(_)));
    for named in 0..3 {
        let names = std::array::from_fn(|n| (n == named).then_some("sessions"));
        for has_waited in [false, true] {
            assert!(matches!(judged(names, None, has_waited), Error::Fault(_)), "{named} {has_waited}");
        }
    }
}
