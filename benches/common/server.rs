//! The real binary, on a new database.

use std::{
    net::{SocketAddr, TcpListener, TcpStream},
    process::{Child, Command, Stdio},
    time::Duration,
};
use tempfile::TempDir;

pub struct Gatepost {
    pub child: Child,
    pub address: SocketAddr,
    pub folder: TempDir,
}

impl Gatepost {
    /// Starts the binary. `env` overrides the defaults.
    pub fn start(env: &[(&str, &str)]) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let port = TcpListener::bind("127.0.0.1:0").and_then(|socket| socket.local_addr()).expect("a port").port();
        let mut command = Command::new(env!("CARGO_BIN_EXE_gatepost"));
        command
            .current_dir(folder.path())
            .env("ROCKET_PORT", port.to_string())
            .env("ROCKET_LOG_LEVEL", std::env::var("ROCKET_LOG_LEVEL").unwrap_or_else(|_| "off".to_owned()))
            .envs(env.iter().copied())
            .stdin(Stdio::null())
            .stdout(Stdio::null());
        let child = command.spawn().expect("the binary");
        let gatepost = Self { child, address: SocketAddr::from(([127, 0, 0, 1], port)), folder };
        gatepost.wait();
        gatepost
    }

    fn wait(&self) {
        for _ in 0..200 {
            if TcpStream::connect(self.address).is_ok() {
                return;
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        panic!("it does not start");
    }

    pub fn database_url(&self, env: &[(&str, &str)]) -> String {
        let given = env.iter().find(|(key, _)| *key == "GATEPOST_DATABASE_URL").map(|(_, url)| (*url).to_owned());
        given.unwrap_or_else(|| format!("sqlite://{}", self.folder.path().join("gatepost.db").display()))
    }
}

impl Drop for Gatepost {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
