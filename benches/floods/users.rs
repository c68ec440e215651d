//! Acts of other users during a flood.

use crate::{
    client::{Answer, Client},
    house::{House, PASSWORD},
    report::Step,
};
use std::{
    collections::BTreeMap,
    net::Ipv4Addr,
    time::{Duration, Instant},
};

const SESSION: &str = "gatepost_session";
const DEVICE: &str = "gatepost_device";

/// Pause between two sign-ins of the owner, who may have a hundred emails in a quarter of an hour.
const PAUSE: Duration = Duration::from_millis(700);

/// A browser, and how long each of its requests takes.
struct Timed<'a> {
    client: &'a mut Client,
    steps: Vec<Step>,
}

impl Timed<'_> {
    fn step(&mut self, kind: &'static str, request: impl FnOnce(&mut Client) -> Answer) -> Answer {
        let begun = Instant::now();
        let answer = request(self.client);
        self.steps.push(Step { kind, took: begun.elapsed(), trouble: None });
        answer
    }

    /// Notes that the last request has failed.
    fn trouble(&mut self, trouble: String) {
        if let Some(step) = self.steps.last_mut() {
            step.trouble = Some(trouble);
        }
    }

    /// Asks for a link, waits for the email, opens the link and presses the button. `kinds` names
    /// the four steps.
    fn sign_in_by_link(&mut self, house: &House, address: &str, kinds: [&'static str; 4]) {
        let [ask, email, open, link] = kinds;
        let form = format!("email={}", address.replace('@', "%40"));
        let answer = self.step(ask, |client| client.post("/login", &form));
        if answer.status != 303 || !answer.head.contains("/login/sent") {
            return self.trouble(what(&answer));
        }
        let asked = Instant::now();
        // Strangers ask for the owner's address, too. The email says where the request came from.
        // So does the email about a new browser, which has no such link.
        let from = self.client.forwarded_for.map(|client| client.to_string()).unwrap_or_default();
        let arrived = house.inbox.wait_for(address, &["/auth/verify?token=", &from]);
        let took = arrived.as_ref().map_or_else(|| asked.elapsed(), |(at, _)| at.saturating_duration_since(asked));
        self.steps.push(Step { kind: email, took, trouble: None });
        let token = arrived.as_ref().and_then(|(_, text)| text.split("/auth/verify?token=").nth(1)?.get(..43));
        let Some(token) = token else { return self.trouble("no email with a link".to_owned()) };
        self.step(open, |client| client.get(&format!("/auth/verify?token={token}")));
        let page = self.step(open, |client| client.get("/auth/verify"));
        if page.status != 200 {
            return self.trouble(what(&page));
        }
        let answer = self.step(link, |client| client.post("/auth/verify", ""));
        self.has_session(&answer);
    }

    fn sign_in_by_password(&mut self, address: &str) {
        let form = format!("email={}&password={}", address.replace('@', "%40"), PASSWORD.replace(' ', "+"));
        let answer = self.step("password", |client| client.post("/login/password", &form));
        self.has_session(&answer);
    }

    /// Checks that the sign-in worked: its session opens `/account`.
    fn has_session(&mut self, answer: &Answer) {
        if !self.client.cookies.contains_key(SESSION) {
            return self.trouble(what(answer));
        }
        let account = self.step("session check", |client| client.get("/account"));
        if account.status != 200 {
            self.trouble(what(&account));
        }
    }
}

/// Returns what came instead: the status, where it leads, and the page's heading.
fn what(answer: &Answer) -> String {
    let leads_to = answer.head.lines().find(|line| line.starts_with("location: ")).unwrap_or_default();
    let page = String::from_utf8_lossy(&answer.body);
    let heading = page.split("<h1").nth(1).and_then(|rest| rest.split("</h1>").next()).unwrap_or_default();
    format!("{} {leads_to}{heading}", answer.status)
}

/// Signs in new users from new addresses, one after the other: each by link, then by password.
pub fn sign_in(house: &House, span: Duration, nth: usize) -> Vec<Step> {
    let begun = Instant::now();
    let mut steps = Vec::new();
    for round in 0.. {
        if begun.elapsed() >= span {
            break;
        }
        let mut client = Client::new(house.address);
        let host = u32::try_from(nth * 1000 + round).expect("a number of rounds");
        client.forwarded_for = Some(Ipv4Addr::from_bits(Ipv4Addr::new(10, 0, 0, 0).to_bits() + host));
        let address = house.next_user();
        let mut timed = Timed { client: &mut client, steps: Vec::new() };
        timed.sign_in_by_link(house, &address, ["ask", "email", "open", "link"]);
        timed.client.cookies.clear();
        timed.sign_in_by_password(&address);
        steps.append(&mut timed.steps);
        std::thread::sleep(Duration::from_millis(20));
    }
    steps
}

/// Signs in the owner of the flooded address, in the only browser that the owner uses.
pub fn owner_signs_in(house: &House, span: Duration) -> Vec<Step> {
    let begun = Instant::now();
    let mut client = Client::new(house.address);
    client.forwarded_for = Some(Ipv4Addr::new(10, 255, 0, 1));
    let mut timed = Timed { client: &mut client, steps: Vec::new() };
    while begun.elapsed() < span {
        let mut device = house.owners_device.lock().expect("a lock");
        timed.client.cookies = BTreeMap::from([(DEVICE.to_owned(), device.clone())]);
        timed.sign_in_by_link(house, house.owner, ["owner's ask", "owner's email", "owner's open", "owner's link"]);
        // Each sign-in gives the browser a new secret.
        device.clone_from(timed.client.cookies.get(DEVICE).expect("a known browser"));
        drop(device);
        std::thread::sleep(PAUSE);
    }
    timed.steps
}

/// Signs in by link. Returns the cookies that the browser then has.
pub fn enters(house: &House, address: &str, client: &mut Client) -> BTreeMap<String, String> {
    let mut timed = Timed { client, steps: Vec::new() };
    timed.sign_in_by_link(house, address, ["ask", "email", "open", "link"]);
    let trouble = timed.steps.iter().find_map(|step| step.trouble.as_ref());
    assert!(trouble.is_none(), "{address} cannot sign in: {trouble:?}");
    client.cookies.clone()
}

/// Returns the secret by which the server recognises the owner's browser.
pub fn device_of(house: &House, address: &str) -> String {
    let mut client = Client::new(house.address);
    client.forwarded_for = Some(Ipv4Addr::new(10, 255, 0, 1));
    enters(house, address, &mut client).remove(DEVICE).expect("a known browser")
}
