//! Killed at random moments: everything answered has happened, and nothing has happened by halves.

use crate::{
    http::{Answer, Visitor},
    server::{Home, eventually, link_in},
};
use gatepost::db;
use std::{
    collections::{BTreeMap, BTreeSet},
    io,
    sync::{
        Mutex,
        atomic::{AtomicBool, AtomicU32, Ordering},
        mpsc,
    },
    time::Duration,
};

/// Lets every address join, without limits.
fn open_house(home: &Home) {
    home.with_database(|connection| {
        let now = gatepost::domain::Timestamp::from_millis(0);
        for (name, value) in [
            ("join_policy", "anyone"),
            ("limits_per_client", "1000/1s"),
            ("limits_per_domain", "1000/1s"),
            ("limits_global", "1000/1s"),
        ] {
            db::settings::store(connection, name, value, now)?;
        }
        Ok(())
    });
}

/// Waits for a different time in each round.
pub fn a_moment(round: u32) {
    let (_never, waiting) = mpsc::channel::<()>();
    let _ = waiting.recv_timeout(Duration::from_millis(u64::from(37 * round % 211 + 40)));
}

#[test]
fn what_was_accepted_is_mailed_whatever_moment_the_process_dies() {
    for home in Home::all() {
        open_house(&home);
        let asked: Mutex<BTreeMap<String, Visitor>> = Mutex::default();
        let count = AtomicU32::new(0);
        const ROUNDS: u32 = 6;
        // This many in each round, even on a slow machine.
        const ACCEPTED: usize = 5;
        for round in 0..ROUNDS {
            let mut server = home.start();
            let stop = AtomicBool::new(false);
            std::thread::scope(|scope| {
                for _ in 0..4 {
                    scope.spawn(|| {
                        while !stop.load(Ordering::SeqCst) {
                            let email = format!("p{}@example.com", count.fetch_add(1, Ordering::SeqCst));
                            let mut visitor = home.visitor();
                            // Only an answer counts. What was interrupted may or may not have
                            // happened.
                            if visitor.post("/login", &[("email", &email)]).is_ok_and(|answer| answer.status == 303) {
                                asked.lock().unwrap().insert(email, visitor);
                            }
                        }
                    });
                }
                let before = asked.lock().unwrap().len();
                eventually("some are accepted", || (asked.lock().unwrap().len() >= before + ACCEPTED).then_some(()));
                a_moment(round);
                server.kill();
                stop.store(true, Ordering::SeqCst);
            });
        }
        let asked = asked.into_inner().unwrap();
        assert!(asked.len() >= ACCEPTED * ROUNDS as usize, "{} were accepted", asked.len());
        let _server = home.start();
        let mails = eventually("a mail for everyone who was accepted", || {
            let mails = home.mails();
            let reached: BTreeSet<_> = mails.iter().map(|(to, _)| to.as_str()).collect();
            asked.keys().all(|email| reached.contains(email.as_str())).then_some(mails)
        });
        // At each crash, each worker, spare ones too, sends at most one email twice. It had handed
        // that one over and not yet noted it.
        let duplicates = mails.len() - mails.iter().map(|(to, _)| to).collect::<BTreeSet<_>>().len();
        assert!(duplicates <= (4 * ROUNDS) as usize, "{duplicates} duplicates");
        // And what arrived works, in the browser that asked.
        for (email, mut visitor) in asked.into_iter().take(25) {
            let works = mails.iter().filter(|(to, _)| *to == email).any(|(_, text)| {
                visitor.get(&link_in(text)).unwrap();
                redeems(visitor.post("/auth/verify", &[]))
            });
            assert!(works, "{email}");
            assert!(visitor.get("/account").unwrap().body.contains(&email));
        }
    }
}

/// Returns whether a press signed in. A refused press leads back to its page.
fn redeems(answer: io::Result<Answer>) -> bool {
    answer.is_ok_and(|answer| answer.status == 303 && answer.header("Location") != Some("/auth/verify"))
}

#[test]
fn a_link_makes_one_session_or_none_whatever_moment_the_process_dies() {
    for home in Home::all() {
        open_house(&home);
        const PEOPLE: u32 = 40;
        let mut visitors: Vec<(String, Visitor)> = Vec::new();
        {
            let _server = home.start();
            for n in 0..PEOPLE {
                let (email, mut visitor) = (format!("p{n}@example.com"), home.visitor());
                assert_eq!(visitor.post("/login", &[("email", &email)]).unwrap().status, 303);
                visitors.push((email, visitor));
            }
            eventually("all mails", || (home.mails().len() >= PEOPLE as usize).then_some(()));
        }
        let mails: BTreeMap<String, String> = home.mails().into_iter().collect();
        let mut server = home.start();
        let pressing = Mutex::new(visitors.into_iter());
        let pressed: Mutex<Vec<(String, Visitor, bool)>> = Mutex::default();
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    loop {
                        let Some((email, mut visitor)) = pressing.lock().unwrap().next() else { return };
                        let opened = visitor.get(&link_in(&mails[&email])).is_ok();
                        let answered = opened && redeems(visitor.post("/auth/verify", &[]));
                        pressed.lock().unwrap().push((email, visitor, answered));
                    }
                });
            }
            // At least one has an answer, and others are on their way.
            eventually("an answer", || pressed.lock().unwrap().iter().any(|(_, _, answered)| *answered).then_some(()));
            a_moment(3);
            server.kill();
        });
        let _server = home.start();
        let mut answered_count = 0;
        for (email, mut visitor, answered) in pressed.into_inner().unwrap() {
            if answered {
                answered_count += 1;
                assert_eq!(visitor.get("/account").unwrap().status, 200, "{email} was told that it worked");
            } else {
                // Either nothing happened, and the link works now; or it did, and the page offers a
                // new email.
                visitor.get(&link_in(&mails[&email])).unwrap();
                let status = visitor.post("/auth/verify", &[]).unwrap().status;
                assert!(matches!(status, 303 | 410), "{email}: {status}");
            }
        }
        let (sessions, accounts) =
            home.with_database(|connection| Ok((db::sessions::count(connection)?, db::accounts::count(connection)?)));
        assert_eq!(sessions, accounts, "each account has the one session that its link made");
        assert!(answered_count > 0);
    }
}
