//! Takes a database away and gives it back. It moves SQLite's file. A relay in between cuts off or
//! silences PostgreSQL.

use crate::{
    browser::Browser,
    harness::{TestApp, TestDatabase},
};
use std::{io, path::PathBuf, sync::Arc, time::Duration};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{
        TcpListener, TcpStream,
        tcp::{OwnedReadHalf, OwnedWriteHalf},
    },
    sync::watch,
};

pub struct Outage {
    database: Arc<TestDatabase>,
    relay: Option<Relay>,
}

/// Traffic that comes through, in both directions.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Flow {
    All,
    /// Nothing, without a notice: the connections stay.
    Nothing,
    /// Nothing, and all connections end.
    Cut,
    /// Nothing on open connections, and everything on new ones.
    OnlyNew,
}

struct Relay(watch::Sender<Flow>);

impl Outage {
    pub async fn prepare() -> Self {
        let mut database = TestDatabase::new();
        if database.is_sqlite() {
            return Self { database: Arc::new(database), relay: None };
        }
        let (user, rest) = database.url.split_once('@').unwrap();
        let (server, name) = rest.split_once('/').unwrap();
        // A silent server is given up as soon as an operator's is.
        let name = name.split('?').next().unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let (flow, flowing) = watch::channel(Flow::All);
        let url = format!("{user}@{}/{name}", listener.local_addr().unwrap());
        tokio::spawn(relay(listener, server.to_owned(), flowing));
        database.url = url;
        Self { database: Arc::new(database), relay: Some(Relay(flow)) }
    }

    pub fn database(&self) -> Arc<TestDatabase> {
        Arc::clone(&self.database)
    }

    pub async fn begin(&self) {
        match &self.relay {
            Some(Relay(flow)) => drop(flow.send_replace(Flow::Cut)),
            None => std::fs::rename(self.file(), self.moved()).unwrap(),
        }
    }

    /// Silences the database without closing connections. Returns `false` for SQLite, which is not
    /// a server.
    pub async fn begin_silence(&self) -> bool {
        self.relay.as_ref().map(|Relay(flow)| flow.send_replace(Flow::Nothing)).is_some()
    }

    /// Makes open connections hang, while the server accepts new ones. Returns `false` for SQLite.
    pub async fn begin_hanging(&self) -> bool {
        self.relay.as_ref().map(|Relay(flow)| flow.send_replace(Flow::OnlyNew)).is_some()
    }

    pub async fn end(&self) {
        match &self.relay {
            Some(Relay(flow)) => drop(flow.send_replace(Flow::All)),
            None => std::fs::rename(self.moved(), self.file()).unwrap(),
        }
    }

    fn file(&self) -> PathBuf {
        self.database.url.strip_prefix("sqlite://").unwrap().into()
    }

    fn moved(&self) -> PathBuf {
        self.file().with_extension("away")
    }
}

async fn relay(listener: TcpListener, server: String, flow: watch::Receiver<Flow>) {
    loop {
        let Ok((near, _)) = listener.accept().await else { return };
        let (server, mut flow) = (server.clone(), flow.clone());
        tokio::spawn(async move {
            if *flow.borrow() == Flow::Cut {
                return;
            }
            let Ok(far) = TcpStream::connect(server).await else { return };
            let ((near_in, near_out), (far_in, far_out)) = (near.into_split(), far.into_split());
            let is_new = *flow.borrow() == Flow::OnlyNew;
            let may_flow = move |flow: &Flow| *flow == Flow::All || is_new && *flow == Flow::OnlyNew;
            tokio::select! {
                _ = pass_on(near_in, far_out, flow.clone(), may_flow) => {}
                _ = pass_on(far_in, near_out, flow.clone(), may_flow) => {}
                _ = flow.wait_for(|flow| *flow == Flow::Cut) => {}
            }
        });
    }
}

/// Passes bytes on for as long as they may flow.
async fn pass_on(
    mut from: OwnedReadHalf,
    mut to: OwnedWriteHalf,
    mut flow: watch::Receiver<Flow>,
    may_flow: impl Fn(&Flow) -> bool,
) -> io::Result<()> {
    let mut buffer = [0; 8192];
    loop {
        let length = from.read(&mut buffer).await?;
        if length == 0 || flow.wait_for(&may_flow).await.is_err() {
            return Ok(());
        }
        to.write_all(&buffer[..length]).await?;
    }
}

/// Waits until the server can write and read again. A try that began during the outage may still
/// fail afterwards.
pub async fn heals(app: &TestApp) {
    until("it can serve", async || {
        app.a_second_later();
        app.browser().get("/health/ready").await.status.code == 200
    })
    .await;
}

/// Waits until a signed-in user's page is shown again.
pub async fn serves(app: &TestApp, browser: &mut Browser<'_>) {
    until("it serves", async || {
        app.a_second_later();
        browser.get("/account").await.status.code == 200
    })
    .await;
}

pub async fn until(what: &str, mut is_so: impl AsyncFnMut() -> bool) {
    let waiting = async { while !is_so().await {} };
    tokio::time::timeout(Duration::from_secs(300), waiting).await.unwrap_or_else(|_| panic!("waited in vain: {what}"));
}

/// Ends all of Gatepost's connections to a PostgreSQL database.
pub async fn end_connections_of(url: &str) {
    use diesel::{Connection, RunQueryDsl};
    let url = url.to_owned();
    tokio::task::spawn_blocking(move || {
        let mut other = diesel::PgConnection::establish(&url).unwrap();
        diesel::sql_query(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'gatepost'",
        )
        .execute(&mut other)
        .unwrap();
    })
    .await
    .unwrap();
}
