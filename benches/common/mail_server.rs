//! A mail server on loopback that takes everything.

use std::{
    io::{BufRead, BufReader, Write},
    net::{TcpListener, TcpStream},
    time::Duration,
};

/// Starts one, and returns its port. It calls `taken` with each recipient and text, and answers
/// after `delay`.
pub fn start(delay: Duration, taken: impl Fn(&str, &str) + Clone + Send + 'static) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = listener.local_addr().expect("an address").port();
    std::thread::spawn(move || {
        for stream in listener.incoming().map_while(Result::ok) {
            let taken = taken.clone();
            std::thread::spawn(move || serve(stream, delay, taken));
        }
    });
    port
}

fn serve(stream: TcpStream, delay: Duration, taken: impl Fn(&str, &str)) {
    let _ = stream.set_nodelay(true);
    let mut writer = stream.try_clone().expect("a stream");
    let mut say = |text: &str| writer.write_all(text.as_bytes()).is_ok();
    let (mut in_data, mut to, mut text) = (false, String::new(), String::new());
    say("220 ready\r\n");
    for line in BufReader::new(stream).lines().map_while(Result::ok) {
        let is_fine = match line.as_str() {
            "." if in_data => {
                in_data = false;
                taken(&to, &std::mem::take(&mut text));
                std::thread::sleep(delay);
                say("250 taken\r\n")
            }
            part if in_data => {
                text.push_str(part);
                text.push('\n');
                true
            }
            "DATA" => {
                in_data = true;
                say("354 send it\r\n")
            }
            other => {
                if let Some(address) = other.strip_prefix("RCPT TO:<") {
                    to = address.split('>').next().unwrap_or_default().to_owned();
                }
                say("250 ok\r\n")
            }
        };
        if !is_fine {
            return;
        }
    }
}
