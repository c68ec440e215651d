//! Logs: our own, as text or JSON, on standard error.
//!
//! What never to log: a token, a code, a verifier, a session's secret, a path or query as typed, an address unmasked. Rocket's own
//! lines are left out altogether, because they hold the request line with its query; what they would say, `web::headers` says.

use crate::config::{Config, LogFormat, LogLevel};
use tracing::level_filters::LevelFilter;
use tracing_subscriber::{Layer, filter::Targets, fmt, layer::SubscriberExt, util::SubscriberInitExt};

/// Starts logging. Once for each process; a second call changes nothing.
pub fn start(config: &Config) {
    let ours = match config.log_level {
        LogLevel::Off => LevelFilter::OFF,
        LogLevel::Critical => LevelFilter::WARN,
        LogLevel::Normal => LevelFilter::INFO,
        LogLevel::Debug => LevelFilter::DEBUG,
    };
    let others = ours.min(LevelFilter::WARN);
    let filter = Targets::new()
        .with_default(others)
        .with_target("gatepost", ours)
        .with_target("rocket", LevelFilter::OFF)
        // They log, as errors, whatever anybody may post; what came of it, we say.
        .with_target("webauthn_rs", LevelFilter::OFF)
        .with_target("webauthn_rs_core", LevelFilter::OFF)
        .with_target("_", LevelFilter::OFF);
    let layer = match config.log_format {
        LogFormat::Text => fmt::layer().with_target(false).with_ansi(false).with_writer(std::io::stderr).boxed(),
        LogFormat::Json => fmt::layer().json().flatten_event(true).with_writer(std::io::stderr).boxed(),
    };
    // Fails only if somebody else has started logging already.
    let _ = tracing_subscriber::registry().with(layer.with_filter(filter)).try_init();
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map(ToString::to_string).unwrap_or_default();
        let message = panic.payload_as_str().unwrap_or("without a message");
        tracing::error!(place, message, "panic");
    }));
}
