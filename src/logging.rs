//! The log, as text or JSON, on standard error.
//!
//! Never log a token, a code, a verifier, a session's secret, a typed path or query, or an unmasked
//! address. Rocket's lines are left out, because they hold the request line with its query.
//! `web::headers` writes the safe part of them.
//!
//! A thread writes the lines from a bounded queue, so that a stuck reader of the log stops nothing
//! else. Lines that find the queue full are dropped and counted, and the log says how many.

use crate::config::{Config, LogFormat, LogLevel};
use std::{
    io::{self, Write},
    mem,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
        mpsc::{self, Receiver, SyncSender, TrySendError},
    },
    thread,
    time::Duration,
};
use tracing::level_filters::LevelFilter;
use tracing_subscriber::{
    Layer,
    filter::Targets,
    fmt::{self, MakeWriter},
    layer::SubscriberExt,
    util::SubscriberInitExt,
};

/// Most lines that wait for the reader: about a megabyte.
const QUEUE: usize = 4096;
/// Time for which the end of the process waits for a reader.
const FAREWELL: Duration = Duration::from_millis(1000);

enum Message {
    Line(Vec<u8>),
    /// Answered once all lines before it are written.
    Flush(mpsc::Sender<()>),
}

/// The log of this process.
#[derive(Clone)]
pub struct Log {
    queue: SyncSender<Message>,
    dropped: Arc<AtomicU64>,
}

/// Starts logging at the level that the operator set. Call it once for each process; a second call
/// changes nothing.
pub(crate) fn start(config: &Config) -> Log {
    let ours = match config.log_level {
        LogLevel::Off => LevelFilter::OFF,
        LogLevel::Critical => LevelFilter::WARN,
        LogLevel::Normal => LevelFilter::INFO,
        LogLevel::Debug => LevelFilter::DEBUG,
    };
    let log = Log::begin();
    let others = ours.min(LevelFilter::WARN);
    let filter = Targets::new()
        .with_default(others)
        .with_target("gatepost", ours)
        .with_target("rocket", LevelFilter::OFF)
        // It logs as errors what a stranger may post. Our own lines say what came of it.
        .with_target("webauthn_rs", LevelFilter::OFF)
        .with_target("webauthn_rs_core", LevelFilter::OFF)
        .with_target("_", LevelFilter::OFF);
    let layer = match config.log_format {
        LogFormat::Text => fmt::layer().with_target(false).with_ansi(false).with_writer(log.clone()).boxed(),
        LogFormat::Json => fmt::layer().json().flatten_event(true).with_writer(log.clone()).boxed(),
    };
    // Fails only if logging was started before.
    let _ = tracing_subscriber::registry().with(layer.with_filter(filter)).try_init();
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map(ToString::to_string).unwrap_or_default();
        let message = panic.payload_as_str().unwrap_or("without a message");
        tracing::error!(place, message, "panic");
    }));
    log
}

impl Log {
    fn begin() -> Self {
        let (queue, lines) = mpsc::sync_channel(QUEUE);
        let dropped = Arc::new(AtomicU64::new(0));
        let counted = Arc::clone(&dropped);
        // Without this thread there is no log. A process that cannot start it fails at the next
        // one.
        let _ = thread::Builder::new().name("log".to_owned()).spawn(move || write(&lines, &counted));
        Self { queue, dropped }
    }

    /// Returns how many lines found the queue full.
    pub fn dropped(&self) -> Arc<AtomicU64> {
        Arc::clone(&self.dropped)
    }

    /// Waits until all lines are written, unless the reader is stuck.
    pub fn flush(&self) {
        let (done, is_done) = mpsc::channel();
        let mut message = Message::Flush(done);
        for _ in 0..100 {
            match self.queue.try_send(message) {
                Ok(()) => {
                    let _ = is_done.recv_timeout(FAREWELL);
                    return;
                }
                Err(TrySendError::Full(again)) => message = again,
                Err(TrySendError::Disconnected(_)) => return,
            }
            thread::park_timeout(FAREWELL / 100);
        }
    }
}

fn write(lines: &Receiver<Message>, dropped: &AtomicU64) {
    let (mut out, mut told, mut lost) = (io::stderr(), 0, 0_u64);
    while let Ok(message) = lines.recv() {
        match message {
            Message::Line(line) => match out.write_all(&line) {
                Ok(()) if lost > 0 => {
                    tracing::warn!(lines = mem::take(&mut lost), "could not write log lines");
                }
                Ok(()) => {}
                // A full disk or a reader that has left is no reason to stop.
                Err(_) => lost += 1,
            },
            Message::Flush(done) => {
                let _ = done.send(());
            }
        }
        let now = dropped.load(Ordering::Relaxed);
        if now != told {
            // This line takes the same queue, which has room again.
            tracing::warn!(lines = now - told, "dropped log lines, because their reader was too slow");
            told = now;
        }
    }
}

impl<'a> MakeWriter<'a> for Log {
    type Writer = &'a Self;

    fn make_writer(&'a self) -> Self::Writer {
        self
    }
}

/// Takes one whole line at a time, as tracing-subscriber writes them.
impl Write for &Log {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        if let Err(TrySendError::Full(_)) = self.queue.try_send(Message::Line(line.to_vec())) {
            self.dropped.fetch_add(1, Ordering::Relaxed);
        }
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_that_finds_no_room_is_counted_and_holds_nothing_up() {
        let (queue, lines) = mpsc::sync_channel(2);
        let log = Log { queue, dropped: Arc::default() };
        for n in 0..5 {
            assert_eq!((&log).write(format!("{n}\n").as_bytes()).unwrap(), 2);
        }
        assert_eq!(log.dropped().load(Ordering::Relaxed), 3);
        assert!(matches!(lines.try_recv(), Ok(Message::Line(line)) if line == b"0\n"));
    }
}
