//! Asks a DNS resolver. It asks for few types of records: a library for the rest of the DNS would
//! bring a dozen crates.

use super::finding::{Finding, Outcome, Part};
use crate::domain::{
    Entropy,
    dns::{DnsAnswer, RecordType, answer, question},
    entropy,
};
use std::{
    fs, io,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    sync::Arc,
    time::Duration,
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpStream, UdpSocket},
    time::timeout,
};

/// Longest times for one try, and for all tries of one question.
const PATIENCE: Duration = Duration::from_secs(2);
const WHOLE_PATIENCE: Duration = Duration::from_secs(5);
const TRIES: usize = 2;
const CONFIGURATION: &str = "/etc/resolv.conf";

pub(super) struct Resolver {
    servers: Vec<SocketAddr>,
    entropy: Arc<dyn Entropy>,
}

/// Why a question has no answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Unknown {
    key: &'static str,
    server: Option<SocketAddr>,
    name: String,
    detail: String,
}

impl Unknown {
    pub(super) fn finding(self, part: Part) -> Finding {
        let server = self.server.map(|server| server.to_string()).unwrap_or_default();
        let finding = Finding::new(part, Outcome::CannotTell, self.key);
        finding.with("server", server).with("name", self.name).with("detail", self.detail)
    }
}

impl Resolver {
    /// Asks this server only, or else those that the system names, or else this machine.
    pub(super) fn new(server: Option<SocketAddr>, entropy: Arc<dyn Entropy>) -> Self {
        let servers = server.map_or_else(of_system, |server| vec![server]);
        Self { servers, entropy }
    }

    /// Returns the data of a name's records.
    pub(super) async fn ask(&self, name: &str, kind: RecordType) -> Result<Vec<Vec<u8>>, Unknown> {
        let unknown = |key, server, detail| Unknown { key, server, name: name.to_owned(), detail };
        let asked = timeout(WHOLE_PATIENCE, self.ask_each(name, kind)).await;
        asked
            .unwrap_or_else(|_| Err((None, "mail-check-dns-silent", String::new())))
            .map_err(|(server, key, detail)| unknown(key, server.or_else(|| self.servers.first().copied()), detail))
    }

    async fn ask_each(&self, name: &str, kind: RecordType) -> Result<Vec<Vec<u8>>, Failed> {
        let mut failed = (None, "mail-check-dns-silent", String::new());
        for server in self.servers.iter().copied().cycle().take(self.servers.len() * TRIES) {
            let tried = timeout(PATIENCE, self.try_once(server, name, kind)).await;
            let (key, detail) = match tried {
                Ok(Ok(DnsAnswer::Records(records))) => return Ok(records),
                Ok(Ok(DnsAnswer::Failed(code))) => ("mail-check-dns-failed", code.to_string()),
                Ok(Ok(DnsAnswer::Truncated)) => ("mail-check-dns-error", "it is cut off".to_owned()),
                Ok(Err(error)) => ("mail-check-dns-error", error.to_string()),
                Err(_) => ("mail-check-dns-silent", String::new()),
            };
            failed = (Some(server), key, detail);
        }
        Err(failed)
    }

    async fn try_once(&self, server: SocketAddr, name: &str, kind: RecordType) -> io::Result<DnsAnswer> {
        let id = u16::from_be_bytes(entropy::bytes(&*self.entropy));
        let asked = question(id, name, kind).ok_or_else(|| io::Error::other("it is not a name"))?;
        match by_datagram(server, &asked, (id, kind)).await? {
            DnsAnswer::Truncated => by_stream(server, &asked, (id, kind)).await,
            answer => Ok(answer),
        }
    }
}

/// The server, the key of what went wrong, and more about it.
type Failed = (Option<SocketAddr>, &'static str, String);

fn of_system() -> Vec<SocketAddr> {
    let text = fs::read_to_string(CONFIGURATION).unwrap_or_default();
    let named = text.lines().filter_map(|line| line.trim().strip_prefix("nameserver"));
    // A scope behind an address names a network card, which a socket address does not need here.
    let address = |name: &str| name.trim().split('%').next().and_then(|name| name.parse::<IpAddr>().ok());
    let servers: Vec<SocketAddr> = named.filter_map(address).map(|address| (address, 53).into()).collect();
    if servers.is_empty() { vec![(Ipv4Addr::LOCALHOST, 53).into()] } else { servers }
}

async fn by_datagram(server: SocketAddr, asked: &[u8], (id, kind): (u16, RecordType)) -> io::Result<DnsAnswer> {
    let own: IpAddr = if server.is_ipv4() { Ipv4Addr::UNSPECIFIED.into() } else { Ipv6Addr::UNSPECIFIED.into() };
    let socket = UdpSocket::bind((own, 0)).await?;
    socket.connect(server).await?;
    socket.send(asked).await?;
    let mut bytes = vec![0; 4096];
    loop {
        let length = socket.recv(&mut bytes).await?;
        // An answer to another question may be forged.
        if let Some(answer) = bytes.get(..length).and_then(|bytes| answer(id, kind, bytes)) {
            return Ok(answer);
        }
    }
}

async fn by_stream(server: SocketAddr, asked: &[u8], (id, kind): (u16, RecordType)) -> io::Result<DnsAnswer> {
    let mut stream = TcpStream::connect(server).await?;
    let length = u16::try_from(asked.len()).map_err(io::Error::other)?;
    stream.write_all(&[&length.to_be_bytes()[..], asked].concat()).await?;
    let length = stream.read_u16().await?;
    let mut bytes = vec![0; length.into()];
    stream.read_exact(&mut bytes).await?;
    answer(id, kind, &bytes).ok_or_else(|| io::Error::other("its answer cannot be read"))
}
