//! Reads what an SQLite database writes: the pages in its write-ahead log, by their B-tree.

use diesel::{
    Connection, QueryableByName, RunQueryDsl, connection::SimpleConnection, sql_query, sqlite::SqliteConnection,
};
use std::{
    collections::{BTreeMap, HashMap, HashSet},
    fs,
    path::PathBuf,
};

const HEADER: usize = 32;
const FRAME_HEADER: usize = 24;
/// Place of the page's size in the header.
const PAGE_SIZE: std::ops::Range<usize> = 8..12;

/// A log that begins empty, and that no checkpoint empties until it is read.
pub struct Log {
    path: PathBuf,
    connection: SqliteConnection,
}

/// Contents of the log.
#[derive(Default)]
pub struct Written {
    pub bytes: usize,
    pub commits: usize,
    /// B-trees touched, summed over all commits.
    pub trees: usize,
    /// Pages of each B-tree, summed over all commits.
    pub pages: BTreeMap<String, usize>,
}

#[derive(QueryableByName)]
struct Page {
    #[diesel(sql_type = diesel::sql_types::Text)]
    name: String,
    #[diesel(sql_type = diesel::sql_types::BigInt)]
    pageno: i64,
}

impl Log {
    pub fn begin(database: &std::path::Path) -> Self {
        let mut connection = SqliteConnection::establish(&database.display().to_string()).expect("the database");
        let empty_and_pin =
            "PRAGMA busy_timeout = 10000; PRAGMA wal_checkpoint(TRUNCATE); BEGIN; SELECT 1 FROM settings";
        connection.batch_execute(empty_and_pin).expect("an empty log");
        Self { path: format!("{}-wal", database.display()).into(), connection }
    }

    pub fn end(mut self) -> Written {
        let log = fs::read(&self.path).expect("the log");
        self.connection.batch_execute("COMMIT").expect("a commit");
        let pages: Vec<Page> =
            sql_query("SELECT name, pageno FROM dbstat").load(&mut self.connection).expect("the pages");
        let trees: HashMap<i64, String> = pages.into_iter().map(|page| (page.pageno, page.name)).collect();
        let mut written = Written { bytes: log.len(), ..Written::default() };
        let mut touched = HashSet::new();
        let number = |bytes: &[u8]| u32::from_be_bytes(bytes.try_into().expect("four bytes"));
        // An empty log has no header.
        let page = log.get(PAGE_SIZE).map_or(0, number) as usize;
        for frame in log.get(HEADER..).unwrap_or_default().chunks_exact(FRAME_HEADER + page) {
            let number = |at: usize| i64::from(number(&frame[at..at + 4]));
            let tree = trees.get(&number(0)).map_or("free pages", String::as_str);
            *written.pages.entry(tree.to_owned()).or_default() += 1;
            touched.insert(tree);
            // Not zero in the last frame of a commit.
            if number(4) != 0 {
                written.commits += 1;
                written.trees += touched.drain().count();
            }
        }
        written
    }
}

impl Written {
    pub fn print(&self, name: &str, requests: usize) {
        let each = |count: usize| count as f64 / requests as f64;
        println!(
            "{name:<46} {:>8.1} kB   {:>5.1} B-trees   {:.2} commits",
            each(self.bytes) / 1000.0,
            each(self.trees),
            each(self.commits)
        );
        let mut pages: Vec<_> = self.pages.iter().collect();
        pages.sort_by_key(|(_, count)| std::cmp::Reverse(**count));
        let pages: Vec<_> = pages.into_iter().map(|(name, count)| format!("{name} {:.2}", each(*count))).collect();
        println!("    pages: {}", pages.join(", "));
    }
}
