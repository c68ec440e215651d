//! Runs the fuzz targets on their corpus and on mutations of it. Also sends odd requests to the
//! whole application.
//!
//! `FUZZ_INPUTS` sets how many inputs each body gets, and `FUZZ_SEED` which ones: the same number
//! gives the same inputs.

use crate::harness::TestApp;
use gatepost::{
    config::{self, Config},
    domain, mail,
};
use rocket::http::{ContentType, Header};
use std::{env, fs, path::Path, thread};

#[path = "../../fuzz/bodies.rs"]
mod bodies;
#[path = "../../fuzz/server_bodies.rs"]
mod server_bodies;

/// Pieces that readers of such texts treat in a special way.
const PIECES: [&str; 24] = [
    "@",
    "//",
    "\\",
    "%00",
    "%2f",
    "%0d%0a",
    "\r\n",
    "\n",
    "\t",
    ": ",
    "&",
    "=",
    "?",
    "#",
    "..",
    "\u{202e}",
    "\u{200b}",
    "ß",
    "xn--",
    "https://",
    "javascript:",
    "\0",
    ";",
    "'\"><",
];

/// Numbers that are the same in each run, so that a failure comes again (xorshift).
struct Chance(u64);

impl Chance {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.next() % (end.max(1) as u64)).unwrap()
    }

    fn pick<'a, T: ?Sized>(&mut self, from: &[&'a T]) -> &'a T {
        from[self.below(from.len())]
    }

    /// Changes an input in some places. It changes a byte, adds a piece, takes a range out or
    /// repeats it, or takes another input's end.
    fn mutate(&mut self, seeds: &[Vec<u8>]) -> Vec<u8> {
        let mut data = seeds[self.below(seeds.len())].clone();
        for _ in 0..=self.below(6) {
            let at = self.below(data.len() + 1);
            let end = (at + self.below(8)).min(data.len());
            match self.below(6) {
                0 if at < data.len() => data[at] = self.next().to_le_bytes()[0],
                1 => drop(data.splice(at..at, self.pick(&PIECES).bytes())),
                2 => drop(data.drain(at..end)),
                3 => {
                    let again = data[at..end].repeat(self.below(40) + 1);
                    drop(data.splice(at..at, again));
                }
                4 => {
                    let other = &seeds[self.below(seeds.len())];
                    let from = self.below(other.len() + 1);
                    data.truncate(at);
                    data.extend_from_slice(&other[from..]);
                }
                _ => data.extend(self.pick(&PIECES).bytes()),
            }
        }
        data
    }

    fn text(&mut self, seeds: &[Vec<u8>]) -> String {
        String::from_utf8_lossy(&self.mutate(seeds)).into_owned()
    }
}

fn corpus(name: &str) -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus").join(name);
    let mut files: Vec<_> = fs::read_dir(folder).unwrap().map(|file| file.unwrap().path()).collect();
    files.sort();
    files.iter().map(|file| fs::read(file).unwrap()).collect()
}

fn inputs(usual: usize) -> usize {
    env::var("FUZZ_INPUTS").map_or(usual, |number| number.parse().expect("FUZZ_INPUTS is a number"))
}

fn seed() -> u64 {
    let usual = 0x9e37_79b9_7f4a_7c15;
    let seed =
        env::var("FUZZ_SEED").map_or(usual, |hex| u64::from_str_radix(&hex, 16).expect("FUZZ_SEED is hexadecimal"));
    // Zero stays zero under xorshift.
    seed.max(1)
}

/// Prints the input under which a body fails, ready for the corpus.
struct Tried<'a>(&'a str, &'a [u8]);

impl Drop for Tried<'_> {
    #[expect(clippy::print_stderr, reason = "only a failing test prints")]
    fn drop(&mut self) {
        if thread::panicking() {
            eprintln!("the body {} fails on b\"{}\"", self.0, self.1.escape_ascii());
        }
    }
}

fn all_bodies() -> impl Iterator<Item = bodies::Body> {
    bodies::BODIES.into_iter().chain(server_bodies::BODIES)
}

#[test]
fn what_strangers_send_keeps_the_promises_of_its_readers() {
    for (name, body) in all_bodies() {
        let seeds = corpus(name);
        assert!(seeds.len() >= 4, "{name}: {}", seeds.len());
        seeds.iter().for_each(|seed| body(seed));
        let mut chance = Chance(seed());
        for _ in 0..inputs(4000) {
            let input = chance.mutate(&seeds);
            let _tried = Tried(name, &input);
            body(&input);
        }
    }
}

/// Found by the body for emails. Mail servers refuse a longer line (RFC 5322, section 2.1.1).
#[test]
fn a_subject_of_one_long_word_makes_no_line_that_servers_refuse() {
    for letter in ["y", "é", "😀"] {
        server_bodies::mails(format!("||{}|text", letter.repeat(2000)).as_bytes());
    }
}

/// Found by the body for emails. Readers would decode it (RFC 2047), and no one had judged what is
/// in it.
#[test]
fn a_name_or_a_subject_that_looks_encoded_is_shown_as_it_was_typed() {
    for word in ["=?utf-8?b?4oCu?=", "=?utf-8?q?=E2=80=AE?=", "a=?utf-8?b?AA?=b"] {
        server_bodies::mails(format!("{word}|{word}|{word}|text").as_bytes());
    }
}

#[test]
fn each_body_has_a_target_for_the_fuzzer() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz");
    let manifest = fs::read_to_string(folder.join("Cargo.toml")).unwrap();
    for (name, _) in all_bodies() {
        assert!(manifest.contains(&format!("name = \"{name}\"")), "{name}");
        assert!(folder.join("fuzz_targets").join(format!("{name}.rs")).is_file(), "{name}");
    }
}

/// Everything that readers of requests look at.
fn seeds_of_requests() -> Vec<Vec<u8>> {
    ["addresses", "destinations", "authorize", "token", "typed", "cookies", "forms"]
        .iter()
        .flat_map(|name| corpus(name))
        .collect()
}

const FORMS: [&str; 7] =
    ["/login", "/login/code", "/login/password", "/auth/verify", "/setup", "/oidc/token", "/login/other-address"];
const PAGES: [&str; 7] =
    ["/login", "/auth/verify", "/oidc/authorize", "/apps/enter", "/step-up", "/forward-auth", "/forward-auth/nginx"];

#[rocket::async_test]
async fn no_form_is_a_fault() {
    let app = TestApp::new().await;
    let (seeds, mut chance) = (seeds_of_requests(), Chance(7));
    for _ in 0..inputs(300) {
        let path = chance.pick(&FORMS);
        let field = chance.pick(&["email", "code", "password", "token", "return_to", "address", "grant_type"]);
        let body = match chance.below(3) {
            0 => chance.mutate(&seeds),
            1 => format!("{field}={}", chance.text(&seeds)).into_bytes(),
            _ => url::form_urlencoded::Serializer::new(String::new())
                .append_pair(field, &chance.text(&seeds))
                .finish()
                .into_bytes(),
        };
        let shown = String::from_utf8_lossy(&body).into_owned();
        let request = app.client.post(path).header(Header::new("Host", "localhost:8000"));
        let request = request.header(Header::new("Sec-Fetch-Site", "same-origin")).header(ContentType::Form).body(body);
        let status = request.dispatch().await.status();
        assert!(status.code < 500, "{path} {shown:?}: {status}");
    }
}

#[rocket::async_test]
async fn no_query_cookie_or_header_is_a_fault_or_lets_a_stranger_in() {
    let app = TestApp::new().await;
    let (mut seeds, mut chance) = (seeds_of_requests(), Chance(11));
    seeds.extend(corpus("proxy_headers"));
    let names = ["X-Forwarded-Uri", "X-Forwarded-Host", "X-Original-URL", "Accept-Language", "Origin", "Authorization"];
    for _ in 0..inputs(300) {
        let path = chance.pick(&PAGES);
        let query: String = url::form_urlencoded::byte_serialize(&chance.mutate(&seeds)).collect();
        let value = chance.text(&seeds).replace(['\r', '\n', '\0'], "");
        let cookie =
            chance.pick(&["session", "attempts", "ceremony", "flash", "kept", "device", "pending", "known", "address"]);
        let name = chance.pick(&names);
        let request =
            app.client.get(format!("{path}?{}={query}", chance.pick(&["token", "return_to", "client_id", "x"])));
        let request = request
            .header(Header::new("Host", "localhost:8000"))
            .header(Header::new("Cookie", format!("gatepost_{cookie}={value}")))
            .header(Header::new(name, value.clone()));
        let answer = request.dispatch().await;
        assert!(answer.status().code < 500, "{path}?{query} {cookie} {name}: {value:?}: {}", answer.status());
        let lets_in = path.starts_with("/forward-auth") && answer.status().code == 200;
        assert!(!lets_in, "{path}?{query} {name}: {value:?}");
    }
}

#[test]
fn no_configuration_is_a_panic_and_no_message_holds_a_password() {
    let keys = include_str!("../../Rocket.toml").lines().filter_map(|line| line.strip_prefix("# ")?.split_once(" = "));
    let keys: Vec<(String, Vec<u8>)> = keys
        .map(|(key, value)| (format!("GATEPOST_{}", key.to_uppercase()), value.trim_matches('"').as_bytes().to_vec()))
        .collect();
    assert!(keys.len() > 20, "{}", keys.len());
    let mut seeds: Vec<Vec<u8>> = keys.iter().map(|(_, value)| value.clone()).collect();
    seeds.push(b"smtp://name:hunter2@mail.example.com:587".to_vec());
    seeds.push(b"postgres://name:hunter2@db.example.com/gatepost?sslmode=disable".to_vec());
    let mut chance = Chance(13);
    for _ in 0..inputs(2000) {
        let env: Vec<(String, String)> =
            (0..=chance.below(3)).map(|_| (keys[chance.below(keys.len())].0.clone(), chance.text(&seeds))).collect();
        let Err(problems) = Config::read(None, &env) else { continue };
        let of_secret = |key: &str| key == "GATEPOST_MAIL_URL" || key == "GATEPOST_DATABASE_URL";
        let secret = env.iter().any(|(key, value)| of_secret(key) && value.contains("hunter2"));
        let others = env.iter().any(|(key, value)| !of_secret(key) && value.contains("hunter2"));
        assert!(!secret || others || !problems.to_string().contains("hunter2"), "{env:?}: {problems}");
    }
}
