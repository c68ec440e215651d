//! Writes each email to a folder as an `.eml` file. The write is atomic and synced before the
//! email counts as sent.

use super::{MailRefusal, Outcome, Ready, Verb};
use crate::mail::message::Outgoing;
use std::{
    fs::{self, File},
    io::{self, Write},
    path::{Path, PathBuf},
};

pub struct Folder(PathBuf);

impl Folder {
    pub fn new(path: &Path) -> Self {
        Self(path.to_owned())
    }

    pub async fn send(&self, mail: &Outgoing) -> Outcome {
        let (folder, name, bytes) = (self.0.clone(), file_name(&mail.message_id), mail.bytes.clone());
        let reply = format!("written to {name}");
        // Whole or not at all, so that the outcome is always known.
        match blocking(move || write(&folder, &name, &bytes)).await {
            Ok(()) => Outcome::Accepted(reply),
            Err(refused) => Outcome::Refused(refused),
        }
    }

    pub async fn check(&self) -> Result<Ready, MailRefusal> {
        let folder = self.0.clone();
        let ready = Ready::Folder(folder.display().to_string());
        blocking(move || {
            let trial = folder.join(".gatepost-check");
            File::create(&trial)?;
            fs::remove_file(trial)
        })
        .await
        .map(|()| ready)
    }
}

/// Returns the message id without its brackets. It consists of hexadecimal digits and our own
/// domain.
fn file_name(message_id: &str) -> String {
    format!("{}.eml", message_id.trim_matches(['<', '>']))
}

fn write(folder: &Path, name: &str, bytes: &[u8]) -> io::Result<()> {
    // Readable only by its owner, because it holds a link that signs in. It is removed if it cannot
    // be finished, because on a full disk each try would leave another.
    let mut unfinished = tempfile::Builder::new().prefix(&format!(".{name}.")).suffix(".part").tempfile_in(folder)?;
    unfinished.write_all(bytes)?;
    unfinished.as_file().sync_all()?;
    unfinished.persist(folder.join(name)).map_err(|error| error.error)?;
    File::open(folder)?.sync_all()
}

async fn blocking(work: impl FnOnce() -> io::Result<()> + Send + 'static) -> Result<(), MailRefusal> {
    let failed = |reply: String| MailRefusal { at: Verb::Connect, lasting: false, reply };
    tokio::task::spawn_blocking(work)
        .await
        .map_err(|error| failed(error.to_string()))?
        .map_err(|error| failed(format!("cannot write to the email folder: {error}")))
}
