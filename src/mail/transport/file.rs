//! Into a folder: one `.eml` file for each mail, whole or not at all, and on the disk before it counts as sent.

use super::{NotSent, Trouble};
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

    pub async fn send(&self, mail: &Outgoing) -> Result<String, NotSent> {
        let (folder, name, bytes) = (self.0.clone(), file_name(&mail.message_id), mail.bytes.clone());
        let reply = format!("written to {name}");
        blocking(move || write(&folder, &name, &bytes)).await.map(|()| reply)
    }

    pub async fn check(&self) -> Result<String, NotSent> {
        let folder = self.0.clone();
        let reply = format!("mails are written to {}", folder.display());
        blocking(move || {
            let trial = folder.join(".gatepost-check");
            File::create(&trial)?;
            fs::remove_file(trial)
        })
        .await
        .map(|()| reply)
    }
}

/// The message id without its brackets; it is made of hexadecimal digits and our own domain.
fn file_name(message_id: &str) -> String {
    format!("{}.eml", message_id.trim_matches(['<', '>']))
}

fn write(folder: &Path, name: &str, bytes: &[u8]) -> io::Result<()> {
    let unfinished = folder.join(format!(".{name}.part"));
    let mut file = File::create(&unfinished)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    fs::rename(&unfinished, folder.join(name))?;
    File::open(folder)?.sync_all()
}

async fn blocking(work: impl FnOnce() -> io::Result<()> + Send + 'static) -> Result<(), NotSent> {
    let failed = |reply: String| NotSent { kind: Trouble::Server, reply };
    tokio::task::spawn_blocking(work)
        .await
        .map_err(|error| failed(error.to_string()))?
        .map_err(|error| failed(format!("the mail folder cannot be written: {error}")))
}
