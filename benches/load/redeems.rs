//! Redeeming email links, by browsers of which each has its own address; and the memory that it
//! takes.

use super::open_house;
use crate::{client::Client, inbox::Inbox, mail_server, memory, server::Gatepost};
use std::{
    collections::BTreeMap,
    mem,
    net::Ipv4Addr,
    time::{Duration, Instant},
};

/// Below what the largest possible limit lets through in a second.
const ASKS_A_SECOND: f64 = 700.0;

/// Browsers with a server and its emails. They share a few connections, as behind a proxy: the
/// server closes one that is unused for 75 seconds.
pub struct Browsers {
    pub gatepost: Gatepost,
    inbox: Inbox,
    browsers: Vec<Browser>,
    /// The number of the first one's address.
    first: usize,
}

/// Cookies and address of one browser.
#[derive(Default)]
struct Browser {
    cookies: BTreeMap<String, String>,
    address: Option<Ipv4Addr>,
}

impl Browser {
    /// Works with a connection that others use, too.
    fn on<T>(&mut self, connection: &mut Client, work: impl FnOnce(&mut Client) -> T) -> T {
        connection.cookies = mem::take(&mut self.cookies);
        connection.forwarded_for = self.address;
        let done = work(connection);
        self.cookies = mem::take(&mut connection.cookies);
        self.address = connection.forwarded_for;
        done
    }
}

impl Browsers {
    pub fn new(env: &[(&str, &str)], count: usize) -> Self {
        let inbox = Inbox::default();
        let taken = inbox.clone();
        let port = mail_server::start(Duration::ZERO, move |to, text| taken.take(to, text));
        let gatepost = start(env, &format!("smtp://127.0.0.1:{port}?tls=none"));
        let browsers = (0..count).map(|_| Browser::default()).collect();
        Self { gatepost, inbox, browsers, first: 0 }
    }

    /// Lets every browser ask for a link and open it.
    pub fn open_links(&mut self) {
        let mut connection = Client::new(self.gatepost.address);
        for (n, browser) in self.browsers.iter_mut().enumerate() {
            // Each waits for itself: to make up for a pause of the machine would exceed the limit.
            let next = Instant::now() + Duration::from_secs_f64(1.0 / ASKS_A_SECOND);
            browser.on(&mut connection, |client| ask(client, self.first + n));
            std::thread::sleep(next.saturating_duration_since(Instant::now()));
        }
        for (n, browser) in self.browsers.iter_mut().enumerate() {
            let (_, text) = self.inbox.wait_for(&address(self.first + n), &["/auth/verify"]).expect("an email");
            // Plain text, and nothing to decode: one token in 4,096 begins with "3D".
            let token = text.split("/auth/verify?token=").nth(1).expect("a link");
            let path = format!("/auth/verify?token={}", &token[..43]);
            let answer = browser.on(&mut connection, |client| client.get(&path));
            assert!(matches!(answer.status, 200 | 303), "{} {path:?}", answer.status);
        }
    }

    /// Presses the button behind every link, with so many at once. Returns how long each took.
    pub fn redeem(&mut self, clients: usize) -> Vec<Duration> {
        let (address, share) = (self.gatepost.address, self.browsers.len().div_ceil(clients));
        let press = |browsers: &mut [Browser]| -> Vec<Duration> {
            let mut connection = Client::new(address);
            let mut press = |browser: &mut Browser| {
                let begun = Instant::now();
                let answer = browser.on(&mut connection, |client| client.post("/auth/verify", ""));
                assert_eq!(answer.status, 303);
                begun.elapsed()
            };
            browsers.iter_mut().map(&mut press).collect()
        };
        std::thread::scope(|scope| {
            let threads: Vec<_> =
                self.browsers.chunks_mut(share).map(|browsers| scope.spawn(move || press(browsers))).collect();
            threads.into_iter().flat_map(|thread| thread.join().expect("a client")).collect()
        })
    }

    pub fn sign_out(&mut self) {
        let mut connection = Client::new(self.gatepost.address);
        for browser in &mut self.browsers {
            assert_eq!(browser.on(&mut connection, |client| client.post("/logout", "")).status, 303);
        }
    }
}

/// Measures newcomers, and then users who come back, beside `rows`: the least that a durable write
/// costs.
pub fn measure(env: &[(&str, &str)], rows: f64) {
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
        println!("{:<46} {:>8.2} of one row   (goal 0.4)", format!("redeem, {name}"), each_second / rows);
        browsers.sign_out();
    }
    browsers.print_memory(2 * browsers.browsers.len());
}

/// Measures the memory while users sign in and out, 3,200 after the other 3,200.
pub fn memory(env: &[(&str, &str)]) {
    const SIGN_INS: usize = 100_000;
    let mut browsers = Browsers::new(env, 3200);
    browsers.print_memory(0);
    while browsers.first < SIGN_INS {
        browsers.open_links();
        browsers.redeem(32);
        browsers.sign_out();
        browsers.become_others();
        browsers.print_memory(browsers.first);
    }
}

impl Browsers {
    /// Lets other users in other browsers take over.
    fn become_others(&mut self) {
        self.first += self.browsers.len();
        self.browsers.iter_mut().for_each(|browser| *browser = Browser::default());
    }

    fn print_memory(&self, sign_ins: usize) {
        let process = self.gatepost.child.id();
        let (all, own) = (memory::resident(process) / 1_000_000, memory::own(process) / 1_000_000);
        println!("{:<46} {all:>8} MB after {sign_ins} sign-ins ({own} without the binary)", "memory");
    }
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
