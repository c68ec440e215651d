//! Values for rows of every table, by the names of columns.

use sha2::{Digest, Sha256};

/// Ids of rows begin with it. They need all 63 bits, as in use.
const FIRST_ID: i64 = 4_358_964_988_191_778_021;
/// A few days before the clock of the tests.
const PAST: i64 = 1_795_000_000_000;
/// Ten years after it.
const FUTURE: i64 = 2_110_960_000_000;

const ICON: &[u8] = include_bytes!("../../static/icon.png");
/// Numbers of the first rows, where they are neither ids nor moments. Others are small.
const NUMBERS: [(&str, i64); 11] = [
    ("access_lifetime", 300_000),
    ("fresh_within", 900_000),
    ("hour", 498_611),
    ("housekeeping_runs.id", 1),
    ("last_step", 59_833_333),
    ("logo.id", 1),
    ("pause", 5_000),
    ("port", 443),
    ("refresh_absolute", 7_776_000_000),
    ("refresh_idle", 1_209_600_000),
    ("urgency", 0),
];

/// Returns the value with the name of a column, or else of `table.column`.
pub fn named<T: Copy>(list: &[(&str, T)], table: &str, column: &str) -> Option<T> {
    let of = |name: &str| list.iter().find(|(known, _)| *known == name).map(|(_, value)| *value);
    of(&format!("{table}.{column}")).or_else(|| of(column))
}

/// Returns the id of the `n`th row of every table. Rows that belong together so find each other.
pub fn id(n: usize) -> i64 {
    FIRST_ID + count(n)
}

/// Returns the hash in the `n`th row.
pub fn hash(column: &str, n: usize) -> [u8; 32] {
    Sha256::digest(format!("{column} {n}")).into()
}

/// Returns the octets of the `n`th row.
pub fn octets(column: &str, n: usize) -> Vec<u8> {
    match column {
        "png" | "icon" => ICON.to_vec(),
        "allowed" => moment(column, n).to_be_bytes().to_vec(),
        "salt" => hash(column, n)[..16].to_vec(),
        _ => hash(column, n).to_vec(),
    }
}

/// Returns the moment in the `n`th row. Another column has another one.
pub fn moment(column: &str, n: usize) -> i64 {
    let comes =
        column.contains("_until") || ["ends_at", "expires_at", "due_at", "give_up_at", "forget_at"].contains(&column);
    let of_column: i64 = column.bytes().map(i64::from).sum();
    let start = if comes { FUTURE } else { PAST };
    start + count(n) * 10_000 + of_column
}

/// Returns the number of the `n`th row.
pub fn number(table: &str, column: &str, n: usize) -> i64 {
    let is_moment = column == "at" || column.ends_with("_at") || column.contains("_until");
    let others = ["auth_time", "mailbox_since", "pkce_last_missed", "pkce_last_seen", "signs_from", "turn"];
    if let Some(first) = named(&NUMBERS, table, column) {
        first + count(n)
    } else if column == "id" || column == "bound_to" || column.ends_with("_id") {
        id(n)
    } else if is_moment || others.contains(&column) {
        moment(column, n)
    } else {
        count(n) + 1
    }
}

/// Returns how many rows a table gets.
pub fn rows_of(table: &str) -> usize {
    match table {
        "housekeeping_runs" => 1,
        // One for light grounds and one for dark.
        "logo" => 2,
        _ => 3,
    }
}

fn count(n: usize) -> i64 {
    i64::try_from(n).unwrap()
}
