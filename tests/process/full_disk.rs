//! Fills the disk under a running server. Writes wait or fail with a message, and recover by
//! themselves.

use crate::{
    http::{Answer, Visitor},
    server::{Home, eventually, link_in},
};
use std::{
    fs,
    io::Write,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

const ANA: &str = "ana@example.com";

/// A server whose shell may have made a small disk. Ends with the test.
struct Running {
    child: Child,
    log: PathBuf,
}

impl Running {
    fn log(&self) -> String {
        fs::read_to_string(&self.log).unwrap_or_default()
    }

    /// Returns a path as the server sees it.
    fn seen(&self, path: &Path) -> PathBuf {
        PathBuf::from(format!("/proc/{}/root{}", self.child.id(), path.display()))
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A disk of a few megabytes that only one server sees.
struct SmallDisk(PathBuf);

impl SmallDisk {
    /// Makes a disk. Returns `None`, and says so, if the system lets no user make one. Then this
    /// tests only the limit of file sizes.
    #[expect(clippy::print_stdout, reason = "what is left out of a test is said where the test is read")]
    fn at(folder: &Path) -> Option<Self> {
        let made =
            Command::new("unshare").args(["-rm", "mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", "/tmp"]).output();
        if made.as_ref().is_ok_and(|made| made.status.success()) {
            let disk = folder.join("small");
            fs::create_dir(&disk).unwrap();
            return Some(Self(disk));
        }
        println!("SKIPPED: no disk can be made by unshare and mount here: {made:?}");
        None
    }

    /// Starts the server with the disk. `log` is the file for its lines.
    fn start(&self, home: &Home, log: &Path) -> Running {
        self.start_with(home, (4, ""), log)
    }

    /// Does the same with a disk of so many megabytes, after a command that may write to it.
    fn start_with(&self, home: &Home, (megabytes, command): (u32, &str), log: &Path) -> Running {
        let disk = self.0.display();
        let mount = format!("mount -t tmpfs -o size={megabytes}m tmpfs {disk} && mkdir {disk}/mail");
        started(home, &["unshare", "-rm"], &format!("{mount} && {command}"), log)
    }
}

/// Fills a disk to its last octet.
fn fill(disk: &Path) -> PathBuf {
    let ballast = disk.join("ballast");
    let mut file = fs::File::create(&ballast).unwrap();
    for size in [4096, 1] {
        while file.write_all(&vec![0; size]).is_ok() {}
    }
    ballast
}

fn started(home: &Home, outer: &[&str], before: &str, log: &Path) -> Running {
    let child = home.spawn_in_shell(outer, &format!("{before} exec 2>{} &&", log.display()));
    let mut running = Running { child, log: log.to_owned() };
    eventually("the server answers", || {
        assert!(running.child.try_wait().unwrap().is_none(), "it ended: {}", running.log());
        home.visitor().get("/health/live").ok().filter(|answer| answer.status == 200)
    });
    running
}

fn asks(home: &Home) -> Answer {
    home.visitor().post("/login", &[("email", ANA)]).unwrap()
}

fn is_ready(home: &Home) -> bool {
    home.visitor().get("/health/ready").unwrap().status == 200
}

/// Asks until the database has no room left. The page says so, and the log says why.
fn runs_out(home: &Home, server: &Running) {
    let page = eventually("no room", || Some(asks(home)).filter(|answer| answer.status != 303));
    assert_eq!(page.status, 503, "{page:?}");
    let reference = page.header("x-request-id").unwrap();
    assert!(page.body.contains("Temporarily unavailable") && page.body.contains(reference), "{page:?}");
    assert_eq!(page.header("retry-after"), Some("5"));
    eventually("the reference in the log", || {
        server.log().lines().any(|line| line.contains(reference) && line.contains("unavailable")).then_some(())
    });
    eventually("not ready", || (!is_ready(home)).then_some(()));
    assert_eq!(home.visitor().get("/login").unwrap().status, 200, "what only looks goes on");
}

/// It continues by itself, and what it answered is kept.
fn recovers(home: &Home, server: &mut Running) {
    eventually("ready", || is_ready(home).then_some(()));
    eventually("taken", || (asks(home).status == 303).then_some(()));
    assert!(server.child.try_wait().unwrap().is_none(), "without a restart");
}

#[test]
fn a_database_on_a_full_disk_is_503_with_a_reference_and_goes_on_when_there_is_room() {
    let mut home = Home::new();
    let Some(disk) = SmallDisk::at(home.folder.path()) else { return };
    home.set("GATEPOST_DATABASE_URL", &format!("sqlite://{}/gatepost.db", disk.0.display()));
    let mut server = disk.start(&home, &home.folder.path().join("log"));
    assert_eq!(asks(&home).status, 303);
    let ballast = fill(&server.seen(&disk.0));
    runs_out(&home, &server);
    fs::remove_file(ballast).unwrap();
    recovers(&home, &mut server);
}

#[test]
fn emails_wait_for_a_full_disk_and_arrive_whole() {
    let mut home = Home::new();
    let Some(disk) = SmallDisk::at(home.folder.path()) else { return };
    home.set("GATEPOST_MAIL_URL", &format!("file://{}/mail", disk.0.display()));
    home.run(&["account", "add", ANA]);
    let server = disk.start(&home, &home.folder.path().join("log"));
    let mails = server.seen(&disk.0.join("mail"));
    let names = || fs::read_dir(&mails).unwrap().map(|file| file.unwrap().path()).collect::<Vec<_>>();
    let ballast = fill(&server.seen(&disk.0));
    assert_eq!(asks(&home).status, 303);
    eventually("the log says why", || server.log().contains("cannot write to the email folder").then_some(()));
    eventually("nothing half is left", || names().is_empty().then_some(()));
    fs::remove_file(ballast).unwrap();
    let mail =
        eventually("the mail", || names().into_iter().find(|name| name.extension().is_some_and(|end| end == "eml")));
    assert!(fs::read_to_string(mail).unwrap().contains("/auth/verify?token="));
}

#[test]
fn a_log_on_a_full_disk_holds_up_no_request_and_tells_what_it_lost() {
    let mut home = Home::new();
    let Some(disk) = SmallDisk::at(home.folder.path()) else { return };
    home.set("GATEPOST_LOG_REQUESTS", "on");
    let log = disk.0.join("log");
    let server = disk.start(&home, &log);
    let said = || fs::read_to_string(server.seen(&log)).unwrap_or_default();
    eventually("the log begins", || said().contains("listening on").then_some(()));
    let ballast = fill(&server.seen(&disk.0));
    for _ in 0..50 {
        assert_eq!(home.visitor().get("/health/live").unwrap().status, 200);
    }
    fs::remove_file(ballast).unwrap();
    eventually("the log goes on", || {
        home.visitor().get("/health/live").unwrap();
        said().contains("could not write log lines").then_some(())
    });
}

fn sign_in(home: &Home) -> Visitor {
    let mut ana = home.visitor();
    assert_eq!(ana.post("/login", &[("email", ANA)]).unwrap().status, 303);
    let mail = eventually("the mail", || home.mails().pop());
    ana.get(&link_in(&mail.1)).unwrap();
    assert_eq!(ana.post("/auth/verify", &[]).unwrap().status, 303);
    ana
}

#[test]
fn admins_hear_of_a_disk_that_is_nearly_full_and_no_more_once_there_is_room() {
    const MEGABYTES: u64 = 64;
    const ALARM: &str = "% of the disk with the database is free";
    let mut home = Home::new();
    let Some(disk) = SmallDisk::at(home.folder.path()) else { return };
    home.set("GATEPOST_DATABASE_URL", &format!("sqlite://{}/gatepost.db", disk.0.display()));
    let add = format!("{} account add {ANA} --admin && ", env!("CARGO_BIN_EXE_gatepost"));
    let server = disk.start_with(&home, (MEGABYTES.try_into().unwrap(), &add), &home.folder.path().join("log"));
    let mut ana = sign_in(&home);
    let page = ana.get("/admin").unwrap();
    assert!(page.status == 200 && !page.body.contains(ALARM), "{page:?}");

    let ballast = fill(&server.seen(&disk.0));
    // Between 2 and 3 percent of the disk become free again.
    let file = fs::OpenOptions::new().write(true).open(&ballast).unwrap();
    file.set_len(file.metadata().unwrap().len() - (MEGABYTES << 20) / 40).unwrap();
    let page = ana.get("/admin").unwrap();
    assert!(page.body.contains(&format!("Only 2{ALARM}")), "{page:?}");

    drop(file);
    fs::remove_file(ballast).unwrap();
    assert!(!ana.get("/admin").unwrap().body.contains(ALARM));
}

/// A real write that fails, even where no disk can be made: SQLite may write no further in any
/// file.
#[test]
fn a_database_at_the_limit_of_file_sizes_is_503_and_goes_on_when_the_limit_is_lifted() {
    let home = Home::new();
    home.run(&["migrate"]);
    // In blocks of 512 octets, and only the soft limit, so that it can be lifted again.
    let mut server = started(&home, &["env"], "ulimit -S -f 2048 &&", &home.folder.path().join("log"));
    runs_out(&home, &server);
    let lifted = Command::new("prlimit")
        .args(["--pid", &server.child.id().to_string(), "--fsize=unlimited:"])
        .stdin(Stdio::null())
        .status();
    assert!(lifted.unwrap().success());
    recovers(&home, &mut server);
}
