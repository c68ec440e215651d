//! Redeeming emailed links, by browsers of which each has its own address.

use super::open_house;
use crate::{client::Client, inbox::Inbox, mail_server, memory, server::Gatepost};
use std::{
    net::Ipv4Addr,
    time::{Duration, Instant},
};

/// Below what the largest possible limit lets through in a second.
const ASKS_A_SECOND: f64 = 700.0;

/// Browsers with a server and its emails.
pub struct Browsers {
    pub gatepost: Gatepost,
    inbox: Inbox,
    browsers: Vec<Client>,
}

impl Browsers {
    pub fn new(env: &[(&str, &str)], count: usize) -> Self {
        let inbox = Inbox::default();
        let taken = inbox.clone();
        let port = mail_server::start(Duration::ZERO, move |to, text| taken.take(to, text));
        let gatepost = start(env, &format!("smtp://127.0.0.1:{port}?tls=none"));
        let browsers = (0..count).map(|_| Client::new(gatepost.address)).collect();
        Self { gatepost, inbox, browsers }
    }

    /// Lets every browser ask for a link and open it.
    pub fn open_links(&mut self) {
        let begun = Instant::now();
        for (n, browser) in self.browsers.iter_mut().enumerate() {
            ask(browser, n);
            let due = Duration::from_secs_f64(n as f64 / ASKS_A_SECOND);
            std::thread::sleep(due.saturating_sub(begun.elapsed()));
        }
        for (n, browser) in self.browsers.iter_mut().enumerate() {
            let (_, text) = self.inbox.wait_for(&address(n), &["/auth/verify"]).expect("an email");
            let text = text.replace("=\n", "").replace("=3D", "=");
            let token = text.split("/auth/verify?token=").nth(1).expect("a link");
            browser.get(&format!("/auth/verify?token={}", &token[..43]));
        }
    }

    /// Presses the button behind every link, with so many at once. Returns how long each took.
    pub fn redeem(&mut self, clients: usize) -> Vec<Duration> {
        let share = self.browsers.len().div_ceil(clients);
        std::thread::scope(|scope| {
            let press = |browsers: &mut [Client]| -> Vec<Duration> {
                let press = |browser: &mut Client| {
                    let begun = Instant::now();
                    assert_eq!(browser.post("/auth/verify", "").status, 303);
                    begun.elapsed()
                };
                browsers.iter_mut().map(press).collect()
            };
            let threads: Vec<_> =
                self.browsers.chunks_mut(share).map(|browsers| scope.spawn(move || press(browsers))).collect();
            threads.into_iter().flat_map(|thread| thread.join().expect("a client")).collect()
        })
    }

    pub fn sign_out(&mut self) {
        for browser in &mut self.browsers {
            assert_eq!(browser.post("/logout", "").status, 303);
        }
    }
}

/// Measures newcomers, and then users who come back.
pub fn measure(env: &[(&str, &str)]) {
    const CLIENTS: usize = 32;
    let mut browsers = Browsers::new(env, 3200);
    for name in ["newcomers", "users who come back"] {
        browsers.open_links();
        settle();
        let begun = Instant::now();
        let mut times = browsers.redeem(CLIENTS);
        let each_second = times.len() as f64 / begun.elapsed().as_secs_f64();
        times.sort_unstable();
        let at = |share: usize| times[(times.len() - 1) * share / 100].as_secs_f64() * 1000.0;
        println!(
            "{:<46} {each_second:>8.0}/s   p50 {:>7.2} ms   p99 {:>7.2} ms",
            format!("redeem, {name}, {CLIENTS} clients"),
            at(50),
            at(99)
        );
        browsers.sign_out();
    }
    let process = browsers.gatepost.child.id();
    let (after, own) = (memory::resident(process) / 1_000_000, memory::own(process) / 1_000_000);
    println!(
        "{:<46} {after:>8} MB after {} sign-ins ({own} without the binary)",
        "memory",
        2 * browsers.browsers.len()
    );
}

pub fn start(env: &[(&str, &str)], mail_url: &str) -> Gatepost {
    let own = [("GATEPOST_MAIL_URL", mail_url), ("GATEPOST_TRUSTED_PROXIES", "127.0.0.1")];
    let env: Vec<_> = env.iter().copied().chain(own).collect();
    let gatepost = Gatepost::start(&env);
    open_house(&gatepost.database_url(&env));
    settle();
    gatepost
}

/// Asks for a link, for another address and from another client for each number.
pub fn ask(client: &mut Client, n: usize) {
    let from = Ipv4Addr::new(10, 0, 0, 0).to_bits() + u32::try_from(n * 7919 % 0xff_ffff).expect("a number");
    client.forwarded_for = Some(Ipv4Addr::from_bits(from));
    let answer = client.post("/login", &format!("email={}", address(n).replace('@', "%40")));
    assert!(answer.status == 303 && answer.head.contains("/login/sent"), "{} {}", answer.status, answer.head);
}

/// An address whose order is not that of the requests.
fn address(n: usize) -> String {
    format!("{:06x}@example{}.com", n * 7919 % 0xff_ffff, n % 50)
}

/// Waits for work in the background.
pub fn settle() {
    std::thread::sleep(Duration::from_millis(2500));
}
