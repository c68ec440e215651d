//! A mail server that accepts an email and says so only once it is told to. It can also refuse
//! every recipient by name.

use std::{
    io::{self, BufRead, BufReader, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    sync::{Arc, Condvar, Mutex},
    thread,
};

pub struct MailServer {
    address: SocketAddr,
    desk: Arc<Desk>,
}

#[derive(Default)]
struct Desk {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    visits: usize,
    taken: usize,
    answers: bool,
    refuses: bool,
}

impl MailServer {
    pub fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let server = Self { address: listener.local_addr().unwrap(), desk: Arc::default() };
        let desk = Arc::clone(&server.desk);
        thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                desk.state.lock().unwrap().visits += 1;
                let desk = Arc::clone(&desk);
                // A client that hangs up has finished.
                thread::spawn(move || converse(&stream, &desk).ok());
            }
        });
        server
    }

    /// Starts one that accepts no email and repeats the recipient.
    pub fn refusing() -> Self {
        let server = Self::start();
        server.desk.state.lock().unwrap().refuses = true;
        server
    }

    pub fn url(&self) -> String {
        format!("smtp://{}?tls=none", self.address)
    }

    /// Returns how many connections there were.
    pub fn visits(&self) -> usize {
        self.desk.state.lock().unwrap().visits
    }

    /// Returns how many emails it has, confirmed or not.
    pub fn taken(&self) -> usize {
        self.desk.state.lock().unwrap().taken
    }

    /// Answers from now on, also the clients that wait.
    pub fn answer(&self) {
        self.desk.state.lock().unwrap().answers = true;
        self.desk.changed.notify_all();
    }
}

impl Desk {
    fn take(&self) {
        let mut state = self.state.lock().unwrap();
        state.taken += 1;
        drop(self.changed.wait_while(state, |state| !state.answers).unwrap());
    }
}

fn converse(stream: &TcpStream, desk: &Desk) -> io::Result<()> {
    let mut out = stream;
    let mut say = |text: &str| out.write_all(format!("{text}\r\n").as_bytes());
    say("220 ready")?;
    let mut lines = BufReader::new(stream).lines();
    while let Some(line) = lines.next().transpose()? {
        match line.split(' ').next().unwrap_or_default() {
            "DATA" => {
                say("354 go on")?;
                while lines.next().transpose()?.is_some_and(|line| line != ".") {}
                desk.take();
                say("250 taken")?;
            }
            "RCPT" if desk.state.lock().unwrap().refuses => say(&format!("550 5.1.1 no such user: {line}"))?,
            "QUIT" => return say("221 bye"),
            _ => say("250 ok")?,
        }
    }
    Ok(())
}
