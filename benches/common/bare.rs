//! A Rocket that does nothing but answer, in its own process, so that its CPU time can be told.

use rocket::{Request, Response, State, get, response, response::Responder, routes};
use std::{
    net::{SocketAddr, TcpListener, TcpStream},
    process::{Child, Command, Stdio},
    time::Duration,
};

/// Path at which Gatepost checks a session.
pub const CHECK: &str = "/";
/// Path at which Gatepost answers a proxy.
pub const FORWARD_AUTH: &str = "/forward-auth";

/// The port, and the lengths of both headers. Set only for the process of the server.
const ASKED_FOR: &str = "BENCH_BARE_ROCKET";

pub struct Bare {
    pub child: Child,
    pub address: SocketAddr,
}

impl Bare {
    /// Starts this benchmark once more, as a server. Its answers at [`CHECK`] and [`FORWARD_AUTH`]
    /// have a header of these lengths.
    pub fn start([check, forward_auth]: [usize; 2]) -> Self {
        let address = free_port();
        let binary = std::env::current_exe().expect("this binary");
        let wanted = format!("{} {check} {forward_auth}", address.port());
        let child = Command::new(binary).env(ASKED_FOR, wanted).stdin(Stdio::null()).spawn().expect("a server");
        let bare = Self { child, address };
        for _ in 0..200 {
            if TcpStream::connect(address).is_ok() {
                return bare;
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        panic!("bare Rocket does not start");
    }
}

impl Drop for Bare {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Returns whether this process is to be the server.
pub fn is_wanted() -> bool {
    std::env::var_os(ASKED_FOR).is_some()
}

/// Headers that make the answers as long as Gatepost's.
struct Fills {
    check: String,
    forward_auth: String,
}

struct Filled<'r>(&'r str);

impl<'r> Responder<'r, 'r> for Filled<'r> {
    fn respond_to(self, _: &'r Request<'_>) -> response::Result<'r> {
        Response::build().raw_header("X-Fill", self.0).ok()
    }
}

#[get("/")]
fn check(fills: &State<Fills>) -> Filled<'_> {
    Filled(&fills.check)
}

#[get("/forward-auth")]
fn forward_auth(fills: &State<Fills>) -> Filled<'_> {
    Filled(&fills.forward_auth)
}

/// Serves until the benchmark ends it, on as many threads as Gatepost has.
pub fn serve() {
    let wanted = std::env::var(ASKED_FOR).expect("what is wanted");
    let numbers: Vec<usize> = wanted.split(' ').map(|number| number.parse().expect("a number")).collect();
    let [port, check_length, forward_auth_length] = numbers[..] else { panic!("three numbers: {wanted}") };
    let config = rocket::Config {
        address: [127, 0, 0, 1].into(),
        port: u16::try_from(port).expect("a port"),
        log_level: rocket::config::LogLevel::Off,
        ..rocket::Config::release_default()
    };
    let fills = Fills { check: "a".repeat(check_length), forward_auth: "a".repeat(forward_auth_length) };
    let rocket = rocket::custom(config).manage(fills).mount("/", routes![check, forward_auth]);
    rocket::execute(rocket.launch()).expect("a server");
}

pub fn free_port() -> SocketAddr {
    TcpListener::bind("127.0.0.1:0").and_then(|socket| socket.local_addr()).expect("a port")
}
