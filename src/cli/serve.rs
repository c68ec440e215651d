//! `gatepost serve`.

use super::{Ending, clock, entropy, threads::Threads};
use crate::{app, config::Config, logging::Log};

pub fn run(config: Config, log: &Log) -> Result<(), Ending> {
    // Rocket has no limit on connections; the operating system's default of 1024 files would be one.
    if let Err(error) = rlimit::increase_nofile_limit(u64::MAX) {
        tracing::warn!(%error, "the limit of open files cannot be raised");
    }
    let threads = Threads::of(&config);
    threads.run(async {
        let app = app::build(config, clock(), entropy()).await?;
        // Once for each process, so it is never set already.
        let _ = app.services.log_lines_dropped.set(log.dropped());
        app::serve(app).await?;
        Ok(())
    })
}
