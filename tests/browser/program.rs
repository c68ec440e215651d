//! Programs that a test starts. They end with it, even if it panics.

use crate::patience;
use std::{
    io::{BufRead, BufReader, Read},
    process::{Child, Command, Stdio},
    sync::{Arc, Mutex},
    thread,
};

pub struct Program {
    name: String,
    child: Child,
    said: Arc<Mutex<Vec<String>>>,
}

impl Program {
    pub fn start(command: &mut Command) -> Self {
        let name = command.get_program().to_string_lossy().into_owned();
        let child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
        let mut child = child.unwrap_or_else(|error| panic!("{name} cannot be started: {error}"));
        let said = Arc::default();
        listen(child.stdout.take().unwrap(), &said);
        listen(child.stderr.take().unwrap(), &said);
        Self { name, child, said }
    }

    /// Returns everything it has said so far, a line each.
    pub fn said(&self) -> Vec<String> {
        self.said.lock().unwrap().clone()
    }

    /// Waits for a line and takes a part of it.
    pub async fn hear<T>(&mut self, what: &str, take: impl Fn(&str) -> Option<T>) -> T {
        let heard = self.hear_unless_it_ends(what, take).await;
        heard.unwrap_or_else(|| panic!("{} ended before {what}: {:#?}", self.name, self.said()))
    }

    /// Does the same as [`Self::hear`]. Returns `None` if the program ends without that line.
    pub async fn hear_unless_it_ends<T>(&mut self, what: &str, take: impl Fn(&str) -> Option<T>) -> Option<T> {
        patience::until(what, async || {
            // In this order, so that its last lines are not missed.
            let has_ended = matches!(self.child.try_wait(), Ok(Some(_)));
            let found = self.said().iter().find_map(|line| take(line));
            (found.is_some() || has_ended).then_some(found)
        })
        .await
    }
}

/// Reads a pipe to its end, so that it never fills up and blocks the program.
fn listen(pipe: impl Read + Send + 'static, said: &Arc<Mutex<Vec<String>>>) {
    let said = Arc::clone(said);
    thread::spawn(move || {
        for line in BufReader::new(pipe).lines().map_while(Result::ok) {
            said.lock().unwrap().push(line);
        }
    });
}

impl Drop for Program {
    fn drop(&mut self) {
        // It may have ended by itself. Either way nothing of it stays.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
