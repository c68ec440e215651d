//! The limits that an operating system sets, and output that is lost.

use crate::{port, server::Home};
use std::{
    io::{Read, Write},
    net::TcpStream,
    process::{Child, Command},
    sync::mpsc,
    thread,
    time::Duration,
};

/// Ends a child with the test, even if that panics.
struct Ended(Child);

impl Drop for Ended {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn an_answer_that_cannot_be_written_is_a_failure() {
    let home = Home::new();
    home.run(&["account", "add", "ana@example.com"]);
    for arguments in ["account list", "check", "--help", "--version", "migrate", "link ana@example.com"] {
        let done = home.run_in_shell("", &format!("{arguments} >/dev/full"));
        assert_eq!(done.status.code(), Some(1), "{arguments}: {}", String::from_utf8_lossy(&done.stderr));
        let head = home.run_in_shell("", &format!("{arguments} 3>&1 >/dev/null"));
        assert_eq!(head.status.code(), Some(0), "{arguments}");
    }
}

#[test]
fn a_limit_of_file_sizes_is_an_error_and_no_end() {
    let home = Home::new();
    home.run(&["migrate"]);
    let refused = home.run_in_shell("ulimit -f 64;", "backup copy.db");
    assert_eq!(refused.status.code(), Some(1), "{refused:?}");
    assert!(String::from_utf8_lossy(&refused.stderr).contains("No copy was made"), "{refused:?}");
    assert!(!home.folder.path().join("copy.db").exists());
}

#[test]
fn a_log_that_nothing_reads_holds_up_no_request_and_tells_what_it_lost() {
    let mut home = Home::new();
    let metrics = port::free();
    home.set("GATEPOST_METRICS_ADDRESS", &format!("127.0.0.1:{metrics}"));
    home.set("GATEPOST_LOG_REQUESTS", "on");
    home.run(&["account", "add", "ana@example.com", "--admin"]);
    let mut server = Ended(home.start_in_shell(""));
    // One connection, many requests: the pipe takes 64 KiB, the queue 4,096 lines.
    const MANY: usize = 6000;
    let mut stream = TcpStream::connect(home.address()).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(120))).unwrap();
    let request = format!("GET /health/live HTTP/1.1\r\nHost: localhost:{}\r\n\r\n", home.address().port());
    let mut reading = stream.try_clone().unwrap();
    let reader = thread::spawn(move || {
        let (mut answers, mut bytes) = (0, [0; 64 * 1024]);
        let mut tail = String::new();
        while answers < MANY {
            let read = reading.read(&mut bytes).unwrap();
            assert!(read > 0, "after {answers} answers");
            tail.push_str(&String::from_utf8_lossy(&bytes[..read]));
            answers += tail.matches("HTTP/1.1 200").count();
            tail =
                tail.split_off(tail.len().saturating_sub(11).max(tail.rfind("HTTP/1.1 200").map_or(0, |at| at + 12)));
        }
    });
    for _ in 0..MANY {
        stream.write_all(request.as_bytes()).unwrap();
    }
    reader.join().unwrap();
    let mut visitor = home.visitor();
    visitor.server.set_port(metrics);
    let text = visitor.get("/metrics").unwrap().body;
    let dropped = text.lines().find_map(|line| line.strip_prefix("gatepost_log_lines_dropped_total ")).unwrap();
    assert!(dropped.parse::<u64>().unwrap() > 0, "{text}");
    // The reader comes back.
    let mut log = server.0.stderr.take().unwrap();
    let (told, is_told) = mpsc::channel();
    thread::spawn(move || {
        let (mut text, mut bytes) = (String::new(), [0; 64 * 1024]);
        while let Ok(read @ 1..) = log.read(&mut bytes) {
            text.push_str(&String::from_utf8_lossy(&bytes[..read]));
            if text.contains("dropped log lines") {
                let _ = told.send(());
            }
        }
    });
    is_told.recv_timeout(Duration::from_secs(120)).unwrap();
}

#[test]
fn out_of_files_it_says_so_and_shows_its_numbers() {
    let mut home = Home::new();
    let metrics = port::free();
    home.set("GATEPOST_METRICS_ADDRESS", &format!("127.0.0.1:{metrics}"));
    let mut server = Ended(home.start_in_shell("ulimit -n 80;"));
    let mut log = server.0.stderr.take().unwrap();
    let (lines, logged) = mpsc::channel();
    thread::spawn(move || {
        let (mut text, mut bytes) = (String::new(), [0; 4096]);
        while let Ok(read @ 1..) = log.read(&mut bytes) {
            text.push_str(&String::from_utf8_lossy(&bytes[..read]));
            let _ = lines.send(text.clone());
        }
    });
    let idle: Vec<_> = (0..100).map(|_| TcpStream::connect(home.address()).unwrap()).collect();
    let said = loop {
        let text = logged.recv_timeout(Duration::from_secs(120)).unwrap();
        if text.contains("cannot accept connections") {
            break text;
        }
    };
    assert!(said.contains("Too many open files"), "{said}");
    for _ in 0..3 {
        let mut visitor = home.visitor();
        visitor.server.set_port(metrics);
        let answer = visitor.get("/metrics").unwrap();
        assert!(answer.body.contains("gatepost_file_limit 80"), "{}", answer.body);
        assert!(!answer.body.contains("gatepost_files_open 0"), "{}", answer.body);
    }
    drop(idle);
    crate::server::eventually("it serves again", || {
        home.visitor().get("/health/live").ok().filter(|answer| answer.status == 200)
    });
}

/// Rust ends the process when it gets no memory. So no request for an app is let through by chance.
#[test]
fn a_server_that_runs_out_of_memory_lets_no_request_through() {
    let mut home = Home::new();
    home.set("GATEPOST_TRUSTED_PROXIES", "127.0.0.1");
    // Memory is asked for when it is needed, and not in advance.
    home.set("MIMALLOC_ARENA_RESERVE", "0");
    home.run(&["migrate"]);
    let added = home.run(&["app", "add", "wiki", "--name", "Wiki", "--host", "wiki.example.com", "--everyone"]);
    assert!(added.status.success(), "{added:?}");
    let mut server = Ended(home.start_in_shell(""));
    let asked = ["Proto: https", "Host: wiki.example.com", "Uri: /", "Method: GET"]
        .map(|line| format!("X-Forwarded-{line}\r\n"));
    let request =
        format!("GET /forward-auth HTTP/1.1\r\nHost: x\r\n{}X-Long: {}\r\n\r\n", asked.concat(), "x".repeat(12_000));
    // Connections that stay open keep their memory.
    let mut open = Vec::new();
    let mut status = || -> std::io::Result<String> {
        let mut connection = TcpStream::connect(home.address())?;
        connection.set_read_timeout(Some(Duration::from_secs(20)))?;
        connection.write_all(request.as_bytes())?;
        let mut line = [0; 12];
        connection.read_exact(&mut line)?;
        open.push(connection);
        Ok(String::from_utf8_lossy(&line).into_owned())
    };
    assert_eq!(status().unwrap(), "HTTP/1.1 401");
    let id = server.0.id();
    let pages: u64 =
        std::fs::read_to_string(format!("/proc/{id}/statm")).unwrap().split(' ').next().unwrap().parse().unwrap();
    let limited = Command::new("prlimit").arg(format!("--pid={id}")).arg(format!("--as={}", pages * 4096)).status();
    assert!(limited.unwrap().success());
    let ends = (0..900).map_while(|_| status().ok()).inspect(|answer| assert_ne!(answer, "HTTP/1.1 200")).count();
    assert!(ends < 900, "there is memory for all of them");
    assert!(!server.0.wait().unwrap().success());
}

#[test]
fn a_metrics_address_that_is_taken_is_a_failed_start() {
    let mut home = Home::new();
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    home.set("GATEPOST_METRICS_ADDRESS", &taken.local_addr().unwrap().to_string());
    let failed = home.run(&[]);
    assert_eq!(failed.status.code(), Some(1));
    let said = String::from_utf8(failed.stderr).unwrap();
    assert!(said.contains("GATEPOST_METRICS_ADDRESS") && !said.contains("/setup?token="), "{said}");
}

/// A load balancer has to know before users do.
#[test]
fn it_is_not_ready_before_the_last_file_is_open() {
    let home = Home::new();
    let server = Ended(home.start_in_shell("ulimit -n 96;"));
    assert_eq!(home.visitor().get("/health/ready").unwrap().status, 200);
    let open = || std::fs::read_dir(format!("/proc/{}/fd", server.0.id())).unwrap().count();
    let mut idle = Vec::new();
    crate::server::eventually("files are open", || {
        idle.push(TcpStream::connect(home.address()).unwrap());
        (open() >= 88).then_some(())
    });
    crate::server::eventually("it is not ready", || {
        (home.visitor().get("/health/ready").ok()?.status == 503).then_some(())
    });
    assert_eq!(home.visitor().get("/health/live").unwrap().status, 200, "it says so while it still answers");
    drop(idle);
    crate::server::eventually("it is ready again", || {
        (home.visitor().get("/health/ready").ok()?.status == 200).then_some(())
    });
}
