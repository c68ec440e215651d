//! How a worker is told to stop: looked at between two mails, waited for while there are none.

use tokio::sync::watch;

/// For as long as this lives, work goes on.
pub struct Running(#[expect(dead_code, reason = "that it is dropped is all that it says")] watch::Sender<()>);

/// The word to stop.
#[derive(Clone)]
pub struct Stop(Option<watch::Receiver<()>>);

impl Stop {
    pub fn pair() -> (Running, Self) {
        let (sender, receiver) = watch::channel(());
        (Running(sender), Self(Some(receiver)))
    }

    /// A word that never comes.
    pub const fn never() -> Self {
        Self(None)
    }

    pub fn is_wanted(&self) -> bool {
        self.0.as_ref().is_some_and(|running| running.has_changed().is_err())
    }

    /// Returns when the word comes.
    pub async fn wanted(&mut self) {
        match &mut self.0 {
            // It never changes; it only ends.
            Some(running) => while running.changed().await.is_ok() {},
            None => std::future::pending().await,
        }
    }
}
