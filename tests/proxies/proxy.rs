//! A proxy under test: its configuration from docs/proxies, with this machine's ports and folders.

use crate::server::eventually;
use std::{
    fs,
    net::{SocketAddr, TcpStream},
    os::unix::fs::PermissionsExt,
    path::Path,
    process::{Child, Command, Stdio},
};
use tempfile::TempDir;

/// Addresses at which a proxy finds what it connects.
#[derive(Clone, Copy)]
pub struct Places<'a> {
    pub folder: &'a Path,
    pub port: u16,
    /// A second port, for a proxy that needs one.
    pub inner: u16,
    pub gatepost: SocketAddr,
    pub app: SocketAddr,
    /// The second app, at [`crate::rig::BLOG`].
    pub blog: SocketAddr,
}

/// Differences between proxies.
pub struct Kind {
    pub name: &'static str,
    /// Writes its files, and returns the program with its arguments.
    pub prepare: fn(Places<'_>) -> Command,
    /// True if a redirect, or any other answer of the check, reaches the browser as it is. nginx
    /// knows two refusals.
    pub hands_all_on: bool,
    /// True if its files serve a wildcard, too, with the second app behind it.
    pub has_wildcard: bool,
    /// Paths that the proxy passes to the app in another form than the visitor's.
    pub rewrites: &'static [(&'static str, &'static str)],
}

/// A running proxy, ended when it is dropped.
pub struct Proxy {
    child: Child,
    pub address: SocketAddr,
    _folder: TempDir,
}

impl Proxy {
    pub fn start(kind: &Kind, [gatepost, app, blog]: [SocketAddr; 3]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        // Apache's processes are of another user if this one is root.
        fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).unwrap();
        let [port, inner] = [crate::port::free(), crate::port::free()];
        let places = Places { folder: folder.path(), port, inner, gatepost, app, blog };
        let log = fs::File::create(folder.path().join("output.log")).unwrap();
        let mut command = (kind.prepare)(places);
        command.current_dir(folder.path()).stdin(Stdio::null()).stdout(log.try_clone().unwrap()).stderr(log);
        let mut child = command.spawn().unwrap_or_else(|error| panic!("{}: {error}", kind.name));
        let address = SocketAddr::from(([127, 0, 0, 1], port));
        eventually(kind.name, || {
            if let Ok(Some(status)) = child.try_wait() {
                let log = fs::read_to_string(folder.path().join("output.log")).unwrap_or_default();
                panic!("{} ended with {status}: {log}", kind.name);
            }
            TcpStream::connect(address).ok()
        });
        Self { child, address, _folder: folder }
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        // A signal that lets it end its own processes, too.
        let _ = Command::new("kill").args(["-TERM", &self.child.id().to_string()]).status();
        let _ = self.child.wait();
    }
}

/// Returns a file of docs/proxies with these texts replaced. Each has to be there. A replacement by
/// nothing removes the whole line.
pub fn adapted(name: &str, replaced: &[(&str, String)]) -> String {
    let path = format!("{}/docs/proxies/{name}", env!("CARGO_MANIFEST_DIR"));
    let mut text = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"));
    for (theirs, ours) in replaced {
        assert!(text.contains(theirs), "{name} has no {theirs:?}");
        text = if ours.is_empty() {
            text.lines().filter(|line| !line.contains(theirs)).map(|line| format!("{line}\n")).collect()
        } else {
            text.replace(theirs, ours)
        };
    }
    text
}

/// Writes a certificate for the app's host and its key, under the names that the files have for
/// them.
pub fn certificate(folder: &Path) {
    let certified = rcgen::generate_simple_self_signed(["app.example.com".to_owned()]).unwrap();
    fs::write(folder.join("fullchain.pem"), certified.cert.pem()).unwrap();
    fs::write(folder.join("privkey.pem"), certified.signing_key.serialize_pem()).unwrap();
}
