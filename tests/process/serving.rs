//! Starting, and serving beside another node.

use crate::{
    port,
    server::{Home, eventually, link_in},
};
use std::{os::unix::net::UnixDatagram, process::Command, time::Duration};

const ANA: &str = "ana@example.com";

#[test]
fn a_first_start_prints_a_set_up_link_that_works() {
    for home in Home::all() {
        let server = home.start();
        let line = server.line("/setup?token=");
        let path = format!("/setup?token={}", &line.split("/setup?token=").nth(1).unwrap()[..43]);
        let mut visitor = home.visitor();
        assert_eq!(visitor.get(&path).unwrap().status, 303);
        let named = visitor.post("/setup", &[("email", ANA)]).unwrap();
        assert_eq!((named.status, named.header("location")), (303, Some("/admin")));
        assert_eq!(visitor.get("/admin").unwrap().status, 200);
        drop(server);
        let again = home.start();
        assert_eq!(visitor.get("/admin").unwrap().status, 200, "the session has survived");
        assert!(!again.last_words().iter().any(|line| line.contains("/setup?token=")), "not at the next start");
    }
}

#[test]
fn a_port_that_is_taken_is_said_in_a_sentence() {
    let (home, mut other) = (Home::new(), Home::new());
    let _server = home.start();
    other.set("ROCKET_PORT", &home.address().port().to_string());
    let second = other.run(&[]);
    assert_eq!(second.status.code(), Some(1));
    let text = String::from_utf8(second.stderr).unwrap();
    assert!(text.contains("ROCKET_PORT"), "{text}");
    assert!(!text.contains("/setup?token="), "no link to a place that is not there: {text}");
}

#[test]
fn metrics_are_on_an_address_of_their_own() {
    let mut home = Home::new();
    let port = port::free();
    home.set("GATEPOST_METRICS_ADDRESS", &format!("127.0.0.1:{port}"));
    let _server = home.start();
    let mut visitor = home.visitor();
    visitor.post("/login", &[("email", ANA)]).unwrap();
    assert_eq!(visitor.get("/metrics").unwrap().status, 404);
    visitor.server.set_port(port);
    let text = eventually("metrics", || visitor.get("/metrics").ok().filter(|answer| answer.status == 200)).body;
    for line in [
        "gatepost_attempts_total{kind=\"asked\"} 1",
        "gatepost_requests_total{",
        "gatepost_file_limit ",
        "gatepost_mails_waiting ",
        concat!("gatepost_build_info{version=\"", env!("CARGO_PKG_VERSION"), "\",commit=\""),
        "gatepost_mail_delivery_seconds_count ",
        "gatepost_request_seconds_count ",
    ] {
        assert!(text.contains(line), "no {line} in {text}");
    }
    assert!(!text.contains("example.com"));
    let asked_as = |host: &str| {
        let request = format!("GET /metrics HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
        visitor.clone().send(&request).unwrap().status
    };
    assert_eq!(
        (asked_as("evil.example"), asked_as(&format!("127.0.0.1:{port}")), asked_as("[::1]:9100")),
        (421, 200, 200)
    );
}

#[test]
fn two_nodes_share_limits_links_and_settings() {
    let Some(one) = Home::on_postgres() else { return };
    let two = Home::beside(&one);
    one.run(&["account", "add", ANA]);
    let (_first, _second) = (one.start(), two.start());
    let mut ana = one.visitor();
    assert_eq!(ana.post("/login", &[("email", ANA)]).unwrap().status, 303);
    for n in 0..6 {
        let home = if n % 2 == 0 { &one } else { &two };
        assert_eq!(home.visitor().post("/login", &[("email", ANA)]).unwrap().status, 303);
    }
    let mails = || [one.mails(), two.mails()].concat();
    eventually("three mails", || (mails().len() >= 3).then_some(()));
    // Ana's own is among them. Either node knows her browser by its verifier.
    ana.server = two.address();
    let signed_in = mails().iter().any(|(_, text)| {
        ana.get(&link_in(text)).unwrap();
        ana.get("/auth/verify").unwrap().body.contains("Sign in as")
            && ana.post("/auth/verify", &[]).unwrap().status == 303
    });
    assert!(signed_in);
    assert_eq!(ana.get("/account").unwrap().status, 200);
    ana.server = one.address();
    assert_eq!(ana.get("/account").unwrap().status, 200, "a session is good on every node");
    assert_eq!(mails().len(), 3, "the limit is one for both");
    ana.post("/logout", &[]).unwrap();
    let mut gone = ana.clone();
    gone.server = two.address();
    eventually("signed out there too", || (gone.get("/account").unwrap().status == 303).then_some(()));
}

#[test]
fn many_nodes_that_start_together_migrate_once() {
    let Some(one) = Home::on_postgres() else { return };
    let homes: Vec<_> = (0..4).map(|_| Home::beside(&one)).collect();
    std::thread::scope(|scope| {
        for home in &homes {
            scope.spawn(|| {
                let output = home.run(&["account", "list"]);
                assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
            });
        }
    });
}

#[test]
fn nothing_is_asked_of_the_machine_but_a_place_for_the_database() {
    let home = Home::new();
    let _server = home.start();
    let mut names: Vec<_> = std::fs::read_dir(home.folder.path())
        .unwrap()
        .map(|file| file.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    assert_eq!(
        names,
        ["gatepost.db", "gatepost.db-lock", "gatepost.db-shm", "gatepost.db-wal", "gatepost.key", "mail"]
    );
    // The binary needs only the system's own libraries.
    let linked = Command::new("ldd").arg(env!("CARGO_BIN_EXE_gatepost")).output().unwrap();
    for line in String::from_utf8(linked.stdout).unwrap().lines() {
        let fine = ["linux-vdso", "libgcc_s", "libm.", "libc.", "ld-linux", "libpthread", "libdl", "librt"];
        assert!(fine.iter().any(|library| line.contains(library)), "{line}");
    }
}

#[test]
fn a_supervisor_hears_when_it_serves_that_it_lives_and_when_it_stops() {
    let mut home = Home::new();
    let path = home.folder.path().join("notify");
    let supervisor = UnixDatagram::bind(&path).unwrap();
    supervisor.set_read_timeout(Some(Duration::from_secs(120))).unwrap();
    home.set("NOTIFY_SOCKET", path.to_str().unwrap());
    home.set("WATCHDOG_USEC", "200000");
    let hears = || {
        let mut said = [0; 200];
        let length = supervisor.recv(&mut said).unwrap();
        String::from_utf8(said[..length].to_vec()).unwrap()
    };
    let hears_of = |words: &str| {
        let mut before = Vec::new();
        while !before.last().is_some_and(|said: &String| said.contains(words)) {
            before.push(hears());
        }
        before
    };
    let server = home.begin();
    assert!(!hears_of("READY=1").concat().contains("STOPPING"));
    assert_eq!(home.visitor().get("/health/live").unwrap().status, 200, "it listens before it says so");
    for _ in 0..3 {
        assert_eq!(hears_of("WATCHDOG=1").last().unwrap(), "WATCHDOG=1");
    }
    server.terminate();
    hears_of("STOPPING=1");
    assert_eq!(server.stop(), Some(0));
    // Of another process.
    home.set("WATCHDOG_PID", "1");
    let server = home.begin();
    assert!(!hears_of("READY=1").last().unwrap().contains("WATCHDOG"));
    server.terminate();
    let said = hears_of("STOPPING=1");
    assert!(!said.iter().any(|said| said.contains("WATCHDOG")), "{said:?}");
    assert_eq!(server.stop(), Some(0));
    // A supervisor that has gone, and one in the abstract namespace.
    home.set("NOTIFY_SOCKET", "@gatepost-listens-nowhere");
    let server = home.start();
    server.line("cannot tell the supervisor");
}
