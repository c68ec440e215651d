//! Rows that a benchmark writes into a server's database before it measures.

use gatepost::{
    config::DatabaseUrl,
    db::{self, Db},
    domain::Timestamp,
};

/// Runs `work` on the database of a server.
pub fn on_database(url: &str, work: impl AsyncFnOnce(&Db)) {
    let url = DatabaseUrl::parse(url).expect("a URL");
    tokio::runtime::Runtime::new().expect("a runtime").block_on(async {
        let db = Db::open(&url, 2).expect("the database");
        work(&db).await;
    });
}

pub async fn settings(db: &Db, settings: &'static [(&'static str, &'static str)]) {
    let store = |connection: &mut db::DbConnection| {
        settings
            .iter()
            .try_for_each(|(name, value)| db::settings::store(connection, name, value, Timestamp::from_millis(0)))
    };
    db.write(store).await.expect("settings");
}
