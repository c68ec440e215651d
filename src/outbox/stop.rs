//! Signal that tells a worker to stop. The worker checks it between two emails, and waits for it
//! while there are none.

use tokio::sync::watch;

/// Work continues until this is dropped.
pub struct Running(#[expect(dead_code, reason = "dropping it is the signal")] watch::Sender<()>);

/// The signal to stop.
#[derive(Clone)]
pub struct StopSignal(Option<watch::Receiver<()>>);

impl StopSignal {
    pub fn pair() -> (Running, Self) {
        let (sender, receiver) = watch::channel(());
        (Running(sender), Self(Some(receiver)))
    }

    /// Returns a signal that never comes.
    pub const fn never() -> Self {
        Self(None)
    }

    pub fn is_wanted(&self) -> bool {
        self.0.as_ref().is_some_and(|running| running.has_changed().is_err())
    }

    /// Returns when the signal comes.
    pub async fn wanted(&mut self) {
        match &mut self.0 {
            // The value never changes; the channel only closes.
            Some(running) => while running.changed().await.is_ok() {},
            None => std::future::pending().await,
        }
    }
}
