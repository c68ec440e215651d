//! Statistics of a database that a benchmark has filled.

use diesel::{Connection, connection::SimpleConnection};

/// Does what autovacuum does soon after so many rows came: PostgreSQL then knows how many there
/// are. SQLite keeps no statistics.
pub fn renew(url: &str) {
    if !url.starts_with("sqlite:") {
        let mut connection = diesel::PgConnection::establish(url).expect("PostgreSQL");
        connection.batch_execute("VACUUM (ANALYZE)").expect("statistics");
    }
}
