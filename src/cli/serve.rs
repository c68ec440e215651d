//! `gatepost serve`.

use super::{Ending, clock, entropy, threads::Threads};
use crate::{app, config::Config, logging::Log};

pub(super) fn run(config: Config, log: &Log) -> Result<(), Ending> {
    // Rocket has no limit on connections, but the operating system's default of 1024 files would be
    // one.
    if let Err(error) = rlimit::increase_nofile_limit(u64::MAX) {
        tracing::warn!(%error, "cannot raise the limit of open files");
    }
    let threads = Threads::of(&config);
    threads.run(async {
        let app = app::build(config, clock(), entropy()).await?;
        // Runs once for each process, so that it is never set before.
        let _ = app.services.log_lines_dropped.set(log.dropped());
        app::serve(app).await?;
        Ok(())
    })
}
