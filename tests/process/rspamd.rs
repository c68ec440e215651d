//! Verdicts of rspamd, a spam filter of many email servers, on every email. It runs with its rules
//! about content, and with SPF, DKIM and DMARC by a DNS server of the test. It asks no other
//! server.

use crate::{dns, letters::Press, port, server::eventually};
use ::gatepost::{
    config::Dkim,
    domain::{
        EmailAddress,
        logo::{Logo, Logos},
    },
};
use serde_json::Value;
use std::{
    fs,
    io::{Read, Write},
    net::TcpStream,
    process::{Child, Command, Stdio},
    sync::Arc,
    time::Duration,
};
use tempfile::TempDir;

/// Records that an operator publishes, as docs/operate.md asks. The key belongs to [`SEED`].
const RECORDS: [(&str, &[&str]); 3] = [
    ("lindenschule.org", &["v=spf1 ip4:192.0.2.1 -all"]),
    ("_dmarc.lindenschule.org", &["v=DMARC1; p=reject"]),
    ("mail2026._domainkey.lindenschule.org", &["v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="]),
];

const SEED: &str = "nWGxne/9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A=";

/// Names as they are, and names with accents. In English text, R_MIXED_CHARSET looks at the subject
/// and the sender's name (chartable.cxx). It divides their accented letters by their words, and
/// multiplies that by five. It is at most 1.25. "Łódź" has three such letters.
const NAMES: [&str; 4] = ["Linden School", "Lycée Saint-Éxupéry", "Łódź Urząd", "Café Zürich"];

struct Rspamd {
    process: Child,
    port: u16,
    _folder: TempDir,
}

impl Rspamd {
    fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let port = port::free();
        let file = folder.path().join("rspamd.conf");
        let names = dns::serve(&RECORDS).port().to_string();
        let conf = include_str!("rspamd.conf").replace("PORT", &port.to_string()).replace("DNS", &names);
        fs::write(&file, conf).unwrap();
        let process = Command::new("rspamd")
            .args(["-f", "-i", "-c", file.to_str().unwrap()])
            .arg(format!("--var=DBDIR={}", folder.path().display()))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap_or_else(|error| panic!("rspamd does not start ({error}). scripts/test installs it."));
        let rspamd = Self { process, port, _folder: folder };
        eventually("rspamd answers", || rspamd.ask("GET /ping", &[], b""));
        rspamd
    }

    /// Returns the answer's body.
    fn ask(&self, what: &str, headers: &[(&str, &str)], body: &[u8]) -> Option<String> {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).ok()?;
        stream.set_read_timeout(Some(Duration::from_secs(120))).ok()?;
        let mut request = format!("{what} HTTP/1.0\r\nHost: localhost\r\nContent-Length: {}\r\n", body.len());
        for (name, value) in headers {
            request += &format!("{name}: {value}\r\n");
        }
        stream.write_all(&[request.as_bytes(), b"\r\n", body].concat()).ok()?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer).ok()?;
        Some(answer.split_once("\r\n\r\n")?.1.to_owned())
    }

    /// Returns the score, the symbols that raise it, and whether SPF, DKIM and DMARC all hold.
    fn judges(&self, mail: &[u8]) -> (f64, Vec<String>, bool) {
        let headers = [
            ("From", "login@lindenschule.org"),
            ("Rcpt", crate::letters::LONG_ADDRESS),
            ("Ip", "192.0.2.1"),
            ("Helo", "mail.lindenschule.org"),
        ];
        let answer = self.ask("POST /checkv2", &headers, mail).unwrap();
        let found: Value = serde_json::from_str(&answer).unwrap_or_else(|error| panic!("{error}: {answer}"));
        let symbols = found["symbols"].as_object().unwrap();
        assert!(symbols.len() > 5, "rspamd has looked: {answer}");
        let raise = |(name, symbol): (&String, &Value)| {
            symbol["score"].as_f64().filter(|score| *score > 0.0).map(|score| format!("{name} {score}"))
        };
        let is_genuine =
            ["R_SPF_ALLOW", "R_DKIM_ALLOW", "DMARC_POLICY_ALLOW"].iter().all(|name| symbols.contains_key(*name));
        (found["score"].as_f64().unwrap(), symbols.iter().filter_map(raise).collect(), is_genuine)
    }
}

impl Drop for Rspamd {
    fn drop(&mut self) {
        let _ = Command::new("kill").arg(self.process.id().to_string()).status();
        let _ = self.process.wait();
    }
}

#[test]
fn no_email_looks_like_spam() {
    let rspamd = Rspamd::start();
    let mut problems = Vec::new();
    let logo = Logo::parse(include_bytes!("logo.png").to_vec()).ok().map(Arc::new);
    assert!(logo.is_some());
    let folder = tempfile::tempdir().unwrap();
    let dkim = Dkim { selector: "mail2026".into(), key_file: folder.path().join("dkim.key") };
    fs::write(&dkim.key_file, SEED).unwrap();
    for product_name in NAMES {
        for logo in [None, logo.clone()] {
            let presses = Press::each(product_name).map(|press| Press {
                logos: Logos { light: logo.clone(), dark: None },
                support_address: EmailAddress::parse("help@lindenschule.org").ok(),
                code_in_subject: logo.is_some(),
                dkim: vec![dkim.clone()],
                ..press
            });
            for (_, mail) in presses.flat_map(|press| press.all()) {
                let (score, symbols, is_genuine) = rspamd.judges(&mail.bytes);
                if score >= 0.0 || !is_genuine {
                    problems.push(format!("{} has {score:.2}: {symbols:?} {is_genuine}", mail.wording.subject));
                }
                for symbol in ["URI_COUNT_ODD", "R_SUSPICIOUS_URL", "MULTIPLE_UNIQUE_HEADERS"] {
                    if symbols.iter().any(|found| found.starts_with(symbol)) {
                        problems.push(format!("{}: {symbol}", mail.wording.subject));
                    }
                }
            }
        }
    }
    assert!(problems.is_empty(), "{}", problems.join("\n"));
    // It would have found what it looks for.
    let (_, symbols, is_genuine) =
        rspamd.judges(b"Subject: a\r\nSubject: b\r\nFrom: a@lindenschule.org\r\n\r\nhttp://localhost.lan/x\r\n");
    assert!(symbols.iter().any(|symbol| symbol.starts_with("MULTIPLE_UNIQUE_HEADERS")) && !is_genuine, "{symbols:?}");
}
