//! Rows for every table of every schema that there ever was, on both databases.
//!
//! A table gets three rows. The second has no value where its table allows that. The `n`th row of
//! a table refers to the `n`th rows of others.

use crate::{
    tables::{makes_its_own, text},
    upgrade::lines,
    upgrade_values::{number, octets, rows_of},
};
use diesel::connection::SimpleConnection;
use gatepost::db::DbConnection;

/// The row that has values only where it must.
const SPARSE: usize = 1;

/// Lists table, column, type, whether it may be NULL, and the table to which it refers.
const OF_SQLITE: &str = "SELECT t.name || ' ' || c.name || ' ' || lower(c.type) || ' ' || iif(c.\"notnull\", '!', '?') \
    || ' ' || coalesce((SELECT f.\"table\" FROM pragma_foreign_key_list(t.name) AS f WHERE f.\"from\" = c.name), '') AS line \
    FROM sqlite_master AS t, pragma_table_info(t.name) AS c \
    WHERE t.type = 'table' AND t.name NOT LIKE 'sqlite_%' AND t.name NOT LIKE '__diesel%' ORDER BY t.name, c.cid";
const OF_POSTGRES: &str = "SELECT t.relname::text || ' ' || a.attname::text || ' ' || format_type(a.atttypid, NULL) || ' ' \
    || CASE WHEN a.attnotnull THEN '!' ELSE '?' END || ' ' || coalesce((SELECT r.relname::text FROM pg_constraint AS k \
    JOIN pg_class AS r ON r.oid = k.confrelid WHERE k.contype = 'f' AND k.conrelid = t.oid AND a.attnum = ANY (k.conkey)), '') AS line \
    FROM pg_class AS t JOIN pg_attribute AS a ON a.attrelid = t.oid \
    WHERE t.relkind = 'r' AND t.relnamespace = 'public'::regnamespace AND a.attnum > 0 AND NOT a.attisdropped \
    AND t.relname NOT LIKE '__diesel%' ORDER BY t.relname, a.attnum";

struct Column {
    table: String,
    name: String,
    kind: String,
    may_be_null: bool,
    refers_to: Option<String>,
}

impl Column {
    fn read(line: &str) -> Self {
        let mut words = line.split_whitespace().map(str::to_owned);
        let mut next = || words.next();
        let (table, name, kind) = (next().unwrap(), next().unwrap(), next().unwrap());
        Self { table, name, kind, may_be_null: next().unwrap() == "?", refers_to: next() }
    }

    /// Returns the value of the `n`th row, as SQL.
    fn value(&self, n: usize) -> String {
        let (table, name) = (self.table.as_str(), self.name.as_str());
        if self.may_be_null && n == SPARSE {
            return "NULL".to_owned();
        }
        let hex = || octets(name, n).iter().map(|octet| format!("{octet:02x}")).collect::<String>();
        match self.kind.as_str() {
            "text" => format!("'{}'", text(table, name, n).replace('\'', "''")),
            "blob" => format!("X'{}'", hex()),
            "bytea" => format!(r"'\x{}'", hex()),
            "boolean" => if n == SPARSE { "FALSE" } else { "TRUE" }.to_owned(),
            "integer" | "bigint" => number(table, name, n).to_string(),
            kind => panic!("{table}.{name}: say what its rows hold, which is {kind}"),
        }
    }
}

fn insert(table: &str, columns: &[&Column]) -> String {
    let names: Vec<String> = columns.iter().map(|column| format!("\"{}\"", column.name)).collect();
    let row = |n| format!("({})", columns.iter().map(|column| column.value(n)).collect::<Vec<_>>().join(", "));
    let rows: Vec<String> = (0..rows_of(table)).map(row).collect();
    format!("INSERT INTO \"{table}\" ({}) VALUES {};\n", names.join(", "), rows.join(", "))
}

/// Puts rows into every table that is not among `filled` yet, and adds it there. Those to which
/// others refer come first. Returns the new ones.
pub fn fill(connection: &mut DbConnection, filled: &mut Vec<String>) -> Vec<String> {
    let (all, keys) = match connection {
        DbConnection::Sqlite(_) => (lines(connection, OF_SQLITE), "PRAGMA foreign_keys = ON;"),
        DbConnection::Postgres(_) => (lines(connection, OF_POSTGRES), ""),
    };
    let columns: Vec<Column> = all.iter().map(|line| Column::read(line)).collect();
    let mut waiting: Vec<&str> = columns.iter().map(|column| column.table.as_str()).collect();
    waiting.dedup();
    waiting.retain(|table| !makes_its_own(table) && !filled.iter().any(|known| known == table));
    let (before, mut inserts) = (filled.len(), String::new());
    while !waiting.is_empty() {
        let left = waiting.len();
        waiting.retain(|table| {
            let own: Vec<&Column> = columns.iter().filter(|column| column.table == *table).collect();
            let is_next = own.iter().filter_map(|column| column.refers_to.as_ref()).all(|to| filled.contains(to));
            if is_next {
                inserts.push_str(&insert(table, &own));
                filled.push((*table).to_owned());
            }
            !is_next
        });
        assert!(waiting.len() < left, "these tables refer to each other: {waiting:?}");
    }
    connection.batch_execute(&format!("{keys} BEGIN; {inserts} COMMIT;")).unwrap();
    filled[before..].to_vec()
}
