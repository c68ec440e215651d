//! Taking a database away and giving it back: SQLite's file is moved, PostgreSQL is cut off by a relay in between.

use crate::harness::TestDatabase;
use std::{
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};
use tokio::{
    io::copy_bidirectional,
    net::{TcpListener, TcpStream},
    sync::Notify,
};

pub struct Outage {
    database: Arc<TestDatabase>,
    relay: Option<Relay>,
}

#[derive(Clone)]
struct Relay {
    open: Arc<AtomicBool>,
    cut: Arc<Notify>,
}

impl Outage {
    pub async fn prepare() -> Self {
        let mut database = TestDatabase::new();
        if database.is_sqlite() {
            return Self { database: Arc::new(database), relay: None };
        }
        let (user, rest) = database.url.split_once('@').unwrap();
        let (server, name) = rest.split_once('/').unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let relay = Relay { open: Arc::new(AtomicBool::new(true)), cut: Arc::default() };
        let url = format!("{user}@{}/{name}", listener.local_addr().unwrap());
        tokio::spawn(relay.clone().run(listener, server.to_owned()));
        database.url = url;
        Self { database: Arc::new(database), relay: Some(relay) }
    }

    pub fn database(&self) -> Arc<TestDatabase> {
        Arc::clone(&self.database)
    }

    pub async fn begin(&self) {
        match &self.relay {
            Some(relay) => {
                relay.open.store(false, Ordering::SeqCst);
                relay.cut.notify_waiters();
            }
            None => std::fs::rename(self.file(), self.moved()).unwrap(),
        }
    }

    pub async fn end(&self) {
        match &self.relay {
            Some(relay) => relay.open.store(true, Ordering::SeqCst),
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

impl Relay {
    async fn run(self, listener: TcpListener, server: String) {
        loop {
            let Ok((mut near, _)) = listener.accept().await else { return };
            let (relay, server) = (self.clone(), server.clone());
            tokio::spawn(async move {
                let cut = relay.cut.notified();
                if !relay.open.load(Ordering::SeqCst) {
                    return;
                }
                let Ok(mut far) = TcpStream::connect(server).await else { return };
                tokio::select! {
                    _ = copy_bidirectional(&mut near, &mut far) => {}
                    () = cut => {}
                }
            });
        }
    }
}
