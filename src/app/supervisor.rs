//! Tells a supervisor how the server is, by the protocol of systemd's `sd_notify`. That is a
//! datagram of lines to the socket that `NOTIFY_SOCKET` names. It is twenty lines, so no crate is
//! needed.
//!
//! The watchdog hears that our threads still take turns. It hears nothing of the database, because
//! a restart mends none.

use std::{
    env, io,
    os::{
        linux::net::SocketAddrExt,
        unix::net::{SocketAddr, UnixDatagram},
    },
    process,
    time::Duration,
};

/// The supervisor that started this process, if it wants to hear from it.
pub(super) struct Supervisor {
    /// The socket, and where it sends to. `None` without a supervisor that listens.
    ears: Option<(UnixDatagram, SocketAddr)>,
    /// Interval at which the watchdog wants to hear.
    watchdog: Option<Duration>,
}

impl Supervisor {
    /// Finds it by the environment. A wrong address is logged, and the server runs all the same.
    pub(super) fn of_environment() -> Self {
        let ears = env::var("NOTIFY_SOCKET").ok().filter(|name| !name.is_empty()).and_then(|name| {
            let found = ears(&name);
            found.inspect_err(|error| tracing::warn!(%error, "cannot reach the supervisor at NOTIFY_SOCKET")).ok()
        });
        let is_for_us = env::var("WATCHDOG_PID").map_or(true, |pid| pid == process::id().to_string());
        let wanted = env::var("WATCHDOG_USEC").ok().and_then(|micros| micros.parse().ok()).filter(|micros| *micros > 0);
        let watchdog = wanted.filter(|_| is_for_us && ears.is_some()).map(Duration::from_micros);
        Self { ears, watchdog }
    }

    pub(super) fn says_ready(&self) {
        self.say("READY=1\nSTATUS=Serving");
    }

    pub(super) fn says_stopping(&self) {
        self.say("STOPPING=1\nSTATUS=Finishing requests and emails");
    }

    /// Lets the watchdog hear from us, twice as often as it wants, until this is dropped.
    pub(super) async fn keep_watchdog_quiet(&self) {
        let Some(interval) = self.watchdog else { return };
        loop {
            self.say("WATCHDOG=1");
            tokio::time::sleep(interval / 2).await;
        }
    }

    fn say(&self, lines: &str) {
        let Some((socket, address)) = &self.ears else { return };
        if let Err(error) = socket.send_to_addr(lines.as_bytes(), address) {
            tracing::warn!(%error, "cannot tell the supervisor how the server is");
        }
    }
}

/// Opens a socket that never blocks.
fn ears(name: &str) -> io::Result<(UnixDatagram, SocketAddr)> {
    let address = match name.strip_prefix('@') {
        Some(name) => SocketAddr::from_abstract_name(name)?,
        None => SocketAddr::from_pathname(name)?,
    };
    let socket = UnixDatagram::unbound()?;
    socket.set_nonblocking(true)?;
    Ok((socket, address))
}
