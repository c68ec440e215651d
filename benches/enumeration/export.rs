//! Does "Download my data", after asking to move to another address, tell whether that address has
//! an account?

use crate::{
    ADDRESSES, PASSWORD,
    answers::{self, Answers},
    client::Client,
    fill,
    inbox::Inbox,
    mail_server,
    server::Gatepost,
};
use serde_json::Value;
use std::{
    net::Ipv4Addr,
    time::{Duration, Instant},
};

const KINDS: [&str; 2] = ["known", "other"];
/// Accounts of the attacker that ask to move to an address of each kind.
const ASKERS: usize = 40;
/// Exports of each account. The limit is ten in an hour.
const EXPORTS: usize = 8;

pub fn compare() -> bool {
    let inbox = Inbox::default();
    let taken = inbox.clone();
    let port = mail_server::start(Duration::ZERO, move |to, text| taken.take(to, text));
    let url = format!("smtp://127.0.0.1:{port}?tls=none");
    let env = [("GATEPOST_MAIL_URL", url.as_str()), ("GATEPOST_TRUSTED_PROXIES", "127.0.0.1")];
    let gatepost = Gatepost::start(&env);
    fill(&gatepost.database_url(&env), &["passw", "known"]);
    std::thread::sleep(Duration::from_millis(1100));
    let askers: Vec<_> = (0..ASKERS * KINDS.len()).map(|n| Asker::new(&gatepost, n)).collect();
    // Only an address without an account gets an email.
    for asker in askers.iter().filter(|asker| KINDS[asker.kind] == "other") {
        inbox.wait_for(&asker.other, &[]).unwrap_or_else(|| panic!("no email to {}", asker.other));
    }
    let mut seen: Vec<Answers> = KINDS.iter().map(|_| Answers::default()).collect();
    let mut askers = askers;
    for _ in 0..EXPORTS {
        for asker in &mut askers {
            let begun = Instant::now();
            let answer = asker.client.get("/account/data");
            seen[asker.kind].times.push(begun.elapsed().as_secs_f64() * 1e6);
            assert_eq!(answer.status, 200);
            seen[asker.kind].bytes.push(asker.masked(&answer.body));
        }
    }
    answers::cannot_be_told_apart(&KINDS, &mut seen)
}

/// An account of the attacker that has asked to move to the other address.
struct Asker {
    client: Client,
    kind: usize,
    own: String,
    other: String,
}

impl Asker {
    fn new(gatepost: &Gatepost, n: usize) -> Self {
        let kind = n % KINDS.len();
        let own = format!("passw{n:04}@example.com");
        let other = format!("{}{:04}@example.com", KINDS[kind], ADDRESSES - 1 - n);
        let mut client = Client::new(gatepost.address);
        let host = u32::try_from(n).expect("a small number");
        client.forwarded_for = Some(Ipv4Addr::from_bits(Ipv4Addr::new(10, 2, 0, 0).to_bits() + host));
        let form = |email: &str| email.replace('@', "%40");
        let signed_in =
            client.post("/login/password", &format!("email={}&password={}", form(&own), PASSWORD.replace(' ', "+")));
        assert!(client.cookies.contains_key("gatepost_session"), "{}", signed_in.head);
        let asked = client.post("/account/address", &format!("new_email={}", form(&other)));
        assert!(asked.status == 303 && asked.head.contains("location: /account\r\n"), "{}", asked.head);
        Self { client, kind, own, other }
    }

    /// Returns the export without the two addresses, its id, and numbers.
    fn masked(&self, export: &[u8]) -> String {
        let mut export: Value = serde_json::from_slice(export).expect("JSON");
        export["account"]["id"] = Value::Null;
        let text = export.to_string().replace(&self.own, "OWN").replace(&self.other, "OTHER");
        text.chars().filter(|letter| !letter.is_ascii_digit()).collect()
    }
}
