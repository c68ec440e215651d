//! The measure for writes: one small row, by the same HTTP server, writer and group commit.

use crate::{client::Client, timed::load};
use gatepost::{
    config::DatabaseUrl,
    db::{self, Db},
};
use rocket::{Config, State, http::Status, post, routes};
use std::{
    net::{SocketAddr, TcpListener, TcpStream},
    sync::Arc,
    time::Duration,
};

#[post("/row")]
async fn row(db: &State<Arc<Db>>) -> Status {
    db.write(db::heartbeat::beat).await.map_or(Status::InternalServerError, |()| Status::NoContent)
}

/// Returns how many rows are written each second, on the database of a running server.
pub fn measure(url: &str, clients: usize, span: Duration) -> f64 {
    let url = DatabaseUrl::parse(url).expect("a URL");
    let port = TcpListener::bind("127.0.0.1:0").and_then(|socket| socket.local_addr()).expect("a port").port();
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let db = Arc::new(Db::open(&url, 10).expect("the database"));
    let config = Config { port, log_level: rocket::config::LogLevel::Off, ..Config::release_default() };
    let served = runtime.spawn(rocket::custom(config).manage(db).mount("/", routes![row]).launch());
    let address = SocketAddr::from(([127, 0, 0, 1], port));
    while TcpStream::connect(address).is_err() {
        std::thread::sleep(Duration::from_millis(20));
    }
    let name = format!("group commit of one small row, {clients} clients");
    let connect = |_| Client::new(address);
    let each_second =
        load(&name, (clients, span), connect, |client, _| assert_eq!(client.post("/row", "").status, 204));
    served.abort();
    each_second
}
