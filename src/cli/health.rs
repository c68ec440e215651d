//! `gatepost health`: asks a running server how it is, so that a container needs no other program
//! for that.

use super::{Ending, out::Out};
use crate::config::Config;
use rocket::figment::error::Error;
use serde_json::json;
use std::{
    io::{self, Read, Write},
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpStream, ToSocketAddrs},
    time::Duration,
};

/// Longest time for each step. A server that takes longer is not well.
const PATIENCE: Duration = Duration::from_secs(10);
/// The start of the answer, which has the status.
const HEAD: usize = 16;

#[derive(clap::Args)]
pub(super) struct Options {
    /// Ask whether it can serve: whether the database can be read and written
    #[arg(long)]
    ready: bool,
    /// Address to ask instead of the configured address and port
    #[arg(long, value_name = "HOST:PORT")]
    address: Option<String>,
}

pub(super) fn run(config: &Config, options: &Options, out: Out) -> Result<(), Ending> {
    let address = match &options.address {
        Some(typed) => resolve(typed)?,
        None => own(config).map_err(|error| Ending::Failed(error.to_string()))?,
    };
    let path = if options.ready { "/health/ready" } else { "/health/live" };
    let asked = ask(address, path);
    let status = asked.as_ref().ok().copied();
    let is_well = status == Some(200);
    let words = match (&asked, options.ready) {
        (Err(error), _) => format!("{address} does not answer: {error}."),
        (Ok(200), true) => "ready".to_owned(),
        (Ok(200), false) => "live".to_owned(),
        (Ok(503), true) => format!("The server at {address} is not ready. Its log says why."),
        (Ok(status), _) => format!("The server at {address} answers {status}."),
    };
    out.tell(&json!({ "ok": is_well, "asked": path, "address": address.to_string(), "status": status }))?;
    if is_well { out.say(words) } else { Err(Ending::Failed(words)) }
}

fn resolve(typed: &str) -> Result<SocketAddr, Ending> {
    let found = typed.to_socket_addrs().ok().and_then(|mut found| found.next());
    found.ok_or_else(|| Ending::Usage(format!("{typed:?} is not an address and a port, like 127.0.0.1:8000.")))
}

/// Returns the configured address. A server that listens everywhere listens on loopback, too.
fn own(config: &Config) -> Result<SocketAddr, Box<Error>> {
    let address = match config.rocket.extract_inner("address").map_err(Box::new)? {
        IpAddr::V4(address) if address.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(address) if address.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        address => address,
    };
    let port = config.rocket.extract_inner("port").map_err(Box::new)?;
    Ok(SocketAddr::new(address, port))
}

/// Returns the status of the answer.
fn ask(address: SocketAddr, path: &str) -> io::Result<u16> {
    let mut stream = TcpStream::connect_timeout(&address, PATIENCE)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    stream.set_write_timeout(Some(PATIENCE))?;
    stream.write_all(format!("GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n").as_bytes())?;
    let mut head = [0; HEAD];
    stream.read_exact(&mut head)?;
    let head = String::from_utf8_lossy(&head);
    let status = head.strip_prefix("HTTP/1.1 ").and_then(|rest| rest.get(..3)).and_then(|status| status.parse().ok());
    status.ok_or_else(|| io::Error::new(io::ErrorKind::InvalidData, "it is not a web server"))
}
