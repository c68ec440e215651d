//! The threads that run everything asynchronous.
//!
//! `rocket::execute` looks for Rocket.toml in the working folder alone. It would ignore `workers`
//! in a file next to the binary.

use super::Ending;
use crate::config::Config;
use std::{future::Future, time::Duration};

pub(super) struct Threads {
    workers: usize,
    max_blocking: usize,
}

impl Threads {
    pub(super) fn of(config: &Config) -> Self {
        let usual = rocket::Config::default();
        let number = |key, usual| config.rocket.extract_inner(key).unwrap_or(usual);
        Self { workers: number("workers", usual.workers), max_blocking: number("max_blocking", usual.max_blocking) }
    }

    /// Runs `work` to its end.
    pub(super) fn run<T>(&self, work: impl Future<Output = Result<T, Ending>>) -> Result<T, Ending> {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .thread_name("gatepost")
            .worker_threads(self.workers.max(1))
            .max_blocking_threads(self.max_blocking.max(1))
            .enable_all()
            .build()
            .map_err(|error| Ending::Failed(format!("Cannot start threads: {error}")))?;
        let result = runtime.block_on(work);
        // Do not wait for a name look-up or a folder on a disk that hangs.
        runtime.shutdown_timeout(Duration::from_secs(1));
        result
    }
}
