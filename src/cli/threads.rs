//! The threads that everything asynchronous runs on. Made here and not by `rocket::execute`, which looks for Rocket.toml in the working folder
//! alone, so that `workers` in a file next to the binary would count for nothing.

use super::Ending;
use crate::config::Config;
use std::{future::Future, time::Duration};

pub struct Threads {
    workers: usize,
    max_blocking: usize,
}

impl Threads {
    pub fn of(config: &Config) -> Self {
        let usual = rocket::Config::default();
        let number = |key, usual| config.rocket.extract_inner(key).unwrap_or(usual);
        Self { workers: number("workers", usual.workers), max_blocking: number("max_blocking", usual.max_blocking) }
    }

    /// Runs `work` to its end.
    pub fn run<T>(&self, work: impl Future<Output = Result<T, Ending>>) -> Result<T, Ending> {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .thread_name("gatepost")
            .worker_threads(self.workers.max(1))
            .max_blocking_threads(self.max_blocking.max(1))
            .enable_all()
            .build()
            .map_err(|error| Ending::Failed(format!("No threads can be started: {error}")))?;
        let result = runtime.block_on(work);
        // A name that is being looked up, a folder on a disk that hangs: nobody waits for it any more.
        runtime.shutdown_timeout(Duration::from_secs(1));
        result
    }
}
