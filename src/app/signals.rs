//! Signals that stop the server: SIGTERM, SIGINT (Ctrl-C) and SIGHUP, all alike.
//!
//! Rocket would close the port at once. Load balancers see "not ready" only while the port is open,
//! so that it stays open for a while first.

use super::supervisor::Supervisor;
use crate::services::Services;
use rocket::Shutdown;
use std::{
    io,
    sync::{Arc, atomic::Ordering},
    time::Duration,
};
use tokio::{
    signal::unix::{Signal, SignalKind, signal},
    time::timeout,
};

/// The signals that stop the server.
pub(super) struct Signals {
    terminate: Signal,
    interrupt: Signal,
    hang_up: Signal,
}

impl Signals {
    /// Keeps each of them from ending the process by itself.
    pub(super) fn listen() -> io::Result<Self> {
        Ok(Self {
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
            hang_up: signal(SignalKind::hangup())?,
        })
    }

    async fn next(&mut self) -> &'static str {
        tokio::select! {
            _ = self.terminate.recv() => "SIGTERM",
            _ = self.interrupt.recv() => "SIGINT",
            _ = self.hang_up.recv() => "SIGHUP",
        }
    }

    /// At the first signal says "not ready", serves on for the configured time, and closes the
    /// port. At the second one it closes the port at once.
    pub(super) async fn obey(mut self, services: Arc<Services>, shutdown: Shutdown, supervisor: Arc<Supervisor>) {
        let drain = Duration::from_millis(u64::try_from(services.config.drain.as_millis()).unwrap_or(0));
        let signal = self.next().await;
        services.draining.store(true, Ordering::Relaxed);
        supervisor.says_stopping();
        tracing::info!(signal, seconds = drain.as_secs(), "stopping: no longer ready, still serving for a moment");
        let _ = timeout(drain, self.next()).await;
        shutdown.notify();
        // A later signal must not end work in progress.
        loop {
            self.next().await;
        }
    }
}
