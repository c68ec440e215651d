//! The log, as text or JSON, on standard error.
//!
//! Never log a token, a code, a verifier, a session's secret, a path or query as typed, or an unmasked address. Rocket's lines are left out
//! because they hold the request line with its query; `web::headers` says what they would say.
//!
//! A thread writes the lines, from a bounded queue. A reader of the log that stops reading therefore stops nothing else: lines that find
//! the queue full are dropped and counted, and the log says how many.

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

/// Lines that may wait for the reader: about a megabyte.
const QUEUE: usize = 4096;
/// How long the end of the process waits for a reader.
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

/// Starts logging at the level that the operator set. Once for each process; a second call changes nothing.
pub fn start(config: &Config) -> Log {
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
        // They log, as errors, what a stranger may post. Our own lines say what came of it.
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
        // Without this thread there is no log, and a process that cannot start one thread ends at the next.
        let _ = thread::Builder::new().name("log".to_owned()).spawn(move || write(&lines, &counted));
        Self { queue, dropped }
    }

    /// How many lines found the queue full.
    pub fn dropped(&self) -> Arc<AtomicU64> {
        Arc::clone(&self.dropped)
    }

    /// Waits until what was logged is written, but not for a reader that does not read.
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
                    tracing::warn!(lines = mem::take(&mut lost), "log lines could not be written");
                }
                Ok(()) => {}
                // A full disk or a reader that has left is no reason to end.
                Err(_) => lost += 1,
            },
            Message::Flush(done) => {
                let _ = done.send(());
            }
        }
        let now = dropped.load(Ordering::Relaxed);
        if now != told {
            // Comes by the same queue, in which there is room again.
            tracing::warn!(lines = now - told, "log lines were dropped, because the log was not read fast enough");
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
