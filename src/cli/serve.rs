//! `gatepost serve`.

use super::{Ending, clock, entropy, threads::Threads};
use crate::{app, config::Config};

pub fn run(config: Config) -> Result<(), Ending> {
    // Rocket has no limit on connections; the operating system's default of 1024 files would be one.
    if let Err(error) = rlimit::increase_nofile_limit(u64::MAX) {
        tracing::warn!(%error, "the limit of open files cannot be raised");
    }
    let threads = Threads::of(&config);
    threads.run(async {
        let app = app::build(config, clock(), entropy()).await?;
        app::serve(app).await?;
        Ok(())
    })
}
