//! Counts what one request writes on SQLite: bytes of the log, and B-trees.
//!
//! Each request comes from another client for another address, one at a time, so that each has its
//! own commit.

use super::{
    redeems::{Browsers, ask, settle, start},
    wal::Log,
};
use crate::{client::Client, server::Gatepost};
use std::{net::TcpListener, path::PathBuf};

/// Requests before the count, so that the B-trees have grown.
const BEFORE: usize = 6000;
const ASKS: usize = 300;
const SIGN_INS: usize = 60;

pub fn run() {
    println!("== counted on SQLite, for each request");
    asks();
    redeems();
}

/// `POST /login`, while the mail server is silent, so that no worker writes.
fn asks() {
    let silent = TcpListener::bind("127.0.0.1:0").expect("a port");
    let url = format!("smtp://{}?tls=none", silent.local_addr().expect("an address"));
    let gatepost = start(&[], &url);
    std::thread::scope(|scope| {
        for thread in 0..8 {
            let address = gatepost.address;
            scope.spawn(move || {
                let mut client = Client::new(address);
                (0..BEFORE / 8).for_each(|n| ask(&mut client, BEFORE + 8 * n + thread));
            });
        }
    });
    settle();
    let mut client = Client::new(gatepost.address);
    let log = Log::begin(&database(&gatepost));
    (0..ASKS).for_each(|n| ask(&mut client, 3 * BEFORE + n));
    log.end().print("POST /login", ASKS);
}

/// `POST /auth/verify` in browsers that have signed in before.
fn redeems() {
    let mut browsers = Browsers::new(&[], SIGN_INS);
    browsers.open_links();
    browsers.redeem(1);
    browsers.sign_out();
    browsers.open_links();
    settle();
    let log = Log::begin(&database(&browsers.gatepost));
    browsers.redeem(1);
    log.end().print("redeem", SIGN_INS);
}

fn database(gatepost: &Gatepost) -> PathBuf {
    gatepost.folder.path().join("gatepost.db")
}
