//! The floods: what each of their connections does again and again.

use crate::{client::Client, house::House, users::enters};
use std::{
    collections::BTreeMap,
    net::{Ipv4Addr, SocketAddr},
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};

/// Number of times that the flood got each answer: the status, and where it leads.
pub type Answers = BTreeMap<String, usize>;

pub struct Flood {
    pub name: &'static str,
    pub connections: usize,
    /// Number of clients in the flood. The first limit would stop a single one.
    clients: usize,
    /// Pause between two requests of a connection.
    pause: Duration,
    path: fn(usize) -> (&'static str, Option<String>),
    cookies: BTreeMap<String, String>,
}

/// Returns the floods that stopped the service before, and an empty one to compare with.
pub fn all(house: &House) -> Vec<Flood> {
    let stranger = BTreeMap::new();
    let asked = {
        let mut client = from(house.address, 250);
        client.post("/login", "email=owner%40example.com");
        client.cookies
    };
    let flooder = enters(house, "flooder@example.com", &mut from(house.address, 251));
    let flood = |name, connections, path, cookies: &BTreeMap<String, String>| Flood {
        name,
        connections,
        clients: 10,
        pause: Duration::ZERO,
        path,
        cookies: cookies.clone(),
    };
    vec![
        flood("nothing", 0, |_| ("/", None), &stranger),
        flood("exports of 20,000 lines", 20, |_| ("/account/data", None), &flooder),
        flood("acts that send news", 20, acts_that_send_news, &flooder),
        flood("hashes of one account", 60, hashes, &flooder),
        flood("asks for one address", 40, |_| post("/login", "email=owner%40example.com"), &stranger),
        flood("looks at /login/sent", 40, |_| ("/login/sent", None), &asked),
        flood("audit lines and codes", 40, audit_lines_and_codes, &flooder),
        Flood {
            clients: 11,
            pause: Duration::from_millis(50),
            ..flood("asks for a domain", 11, |n| post("/login", &format!("email=x{n}%40example.com")), &stranger)
        },
    ]
}

fn post(path: &'static str, form: &str) -> (&'static str, Option<String>) {
    (path, Some(form.to_owned()))
}

fn acts_that_send_news(n: usize) -> (&'static str, Option<String>) {
    match n % 2 {
        0 => post("/account/password", "new_password=another+horse+battery+staple"),
        _ => post("/account/password/remove", ""),
    }
}

fn hashes(n: usize) -> (&'static str, Option<String>) {
    match n % 3 {
        0 => post("/account/password", "new_password=another+horse+battery+staple"),
        1 => post("/step-up/password", "password=not+that+horse+battery"),
        _ => post("/account/recovery-codes", ""),
    }
}

fn audit_lines_and_codes(n: usize) -> (&'static str, Option<String>) {
    match n % 2 {
        0 => post("/account/name", &format!("name=n{n}")),
        _ => post("/login/code", "code=AAA-AAA"),
    }
}

impl Flood {
    /// Sends requests over one connection until the flood ends.
    pub fn pour(&self, address: SocketAddr, nth: usize, is_over: &AtomicBool) -> Answers {
        let mut client = from(address, u8::try_from(nth % self.clients).expect("a small number"));
        let mut answers = Answers::new();
        for round in 0.. {
            if is_over.load(Ordering::Relaxed) {
                break;
            }
            // An answer that signs out, or that identifies the browser, does not end the flood.
            client.cookies.clone_from(&self.cookies);
            let (path, form) = (self.path)(nth + round * 1001);
            let answer = match form {
                Some(form) => client.post(path, &form),
                None => client.get(path),
            };
            let leads_to = answer.head.lines().find_map(|line| line.strip_prefix("location: ")).unwrap_or_default();
            let leads_to = leads_to.split('?').next().unwrap_or_default();
            *answers.entry(format!("{} {leads_to}", answer.status)).or_default() += 1;
            std::thread::sleep(self.pause);
        }
        answers
    }
}

/// Makes a client of the flood.
fn from(address: SocketAddr, host: u8) -> Client {
    let mut client = Client::new(address);
    client.forwarded_for = Some(Ipv4Addr::new(198, 51, 100, host));
    client
}
