//! Delivery of emails: the URL of the mail server, and the keys that sign.

use super::{BaseUrl, userinfo};
use crate::domain::{EmailAddress, account::deceives};
use std::{fmt, net::IpAddr, path::PathBuf};
use url::Url;

/// Way in which emails leave.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MailUrl {
    Smtp(SmtpServer),
    /// One `.eml` file each.
    File(PathBuf),
    /// Kept in memory and shown at `/dev/mailbox`.
    Dev,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SmtpServer {
    pub host: String,
    pub port: u16,
    pub encryption: Encryption,
    pub credentials: Option<(String, Password)>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encryption {
    /// From the first byte (RFC 8314).
    Implicit,
    /// STARTTLS is required.
    StartTls,
    /// No encryption, only to this machine.
    None,
}

impl SmtpServer {
    /// Returns whether it is on this machine.
    pub fn is_loopback(&self) -> bool {
        is_loopback(&self.host)
    }
}

/// A password that cannot be printed.
#[derive(Clone, PartialEq, Eq)]
pub struct Password(String);

impl Password {
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Password(…)")
    }
}

impl MailUrl {
    /// Parses the text. `Err` says what is wrong with it, without repeating it.
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        let text = text.trim();
        if text == "dev:" {
            return Ok(Self::Dev);
        }
        let after = text.strip_prefix("smtp://").or_else(|| text.strip_prefix("smtps://"));
        if let Some(fault) = after.and_then(userinfo::fault) {
            return Err(fault);
        }
        let url = Url::parse(text).map_err(|_| "it is not a URL")?;
        match url.scheme() {
            "smtp" => parse_smtp(&url, Encryption::StartTls, 587),
            "smtps" => parse_smtp(&url, Encryption::Implicit, 465),
            "file" => url
                .to_file_path()
                .map(Self::File)
                .map_err(|()| "it must name a folder of this machine, as file:///var/mail/out"),
            _ => Err("it must begin with smtp://, smtps:// or file:///, or be dev:"),
        }
    }
}

fn parse_smtp(url: &Url, encryption: Encryption, port: u16) -> Result<MailUrl, &'static str> {
    let host = url.host_str().filter(|host| !host.is_empty()).ok_or("it names no email server")?;
    if !matches!(url.path(), "" | "/") || url.fragment().is_some() {
        return Err("it must end after the host and port");
    }
    let encryption = match url.query() {
        None => encryption,
        Some("tls=none") if url.scheme() == "smtp" && is_loopback(host.trim_matches(['[', ']'])) => Encryption::None,
        Some("tls=none") => {
            return Err(
                "tls=none is only for an email server on this machine: passwords and links must not cross a network unencrypted",
            );
        }
        Some(_) => return Err("the only parameter it knows is tls=none"),
    };
    let decode = |text: &str| percent_decode(text).ok_or("its name or password is not UTF-8 once decoded");
    let credentials = match (url.username(), url.password()) {
        ("", None) => None,
        (name, Some(password)) if !name.is_empty() => Some((decode(name)?, Password(decode(password)?))),
        _ => return Err("it must hold both a name and a password, or neither"),
    };
    Ok(MailUrl::Smtp(SmtpServer {
        host: host.trim_matches(['[', ']']).to_owned(),
        port: url.port().unwrap_or(port),
        encryption,
        credentials,
    }))
}

fn percent_decode(text: &str) -> Option<String> {
    // The form decoder decodes percent signs and reads a plus as a space, so that the plus is
    // encoded first.
    let text = text.replace('+', "%2B");
    url::form_urlencoded::parse(text.as_bytes()).next().map_or(Some(String::new()), |(key, value)| {
        (value.is_empty() && !key.contains('\u{fffd}')).then(|| key.into_owned())
    })
}

/// Returns whether a host is this machine. An IPv6 address comes without a URL's brackets.
fn is_loopback(host: &str) -> bool {
    host.parse().map_or_else(|_| host.eq_ignore_ascii_case("localhost"), |ip: IpAddr| ip.is_loopback())
}

/// Returns the name for EHLO without the operator's own: the host of the base URL. An address
/// becomes a literal (RFC 5321 §4.1.3).
pub(super) fn helo_name(base_url: &BaseUrl) -> String {
    let host = base_url.host();
    match host.trim_matches(['[', ']']).parse() {
        Ok(IpAddr::V4(ip)) => format!("[{ip}]"),
        Ok(IpAddr::V6(ip)) => format!("[IPv6:{ip}]"),
        Err(_) => host.to_owned(),
    }
}

/// Parses a host name or an address literal. Nothing else may reach the line of a command.
pub(super) fn parse_helo(text: &str) -> Result<String, &'static str> {
    let text = text.trim();
    let is_fine = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-');
    let is_name = text.chars().all(is_fine) && text.starts_with(|c: char| c.is_ascii_alphanumeric());
    let literal = text.strip_prefix('[').and_then(|text| text.strip_suffix(']'));
    let is_literal = literal.is_some_and(|text| text.strip_prefix("IPv6:").unwrap_or(text).parse::<IpAddr>().is_ok());
    if text.len() <= 255 && (is_name || is_literal) { Ok(text.to_owned()) } else { Err("it is not a host name") }
}

/// The sender of emails: `Gatepost <gatepost@localhost>`, or an address alone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sender {
    pub name: Option<String>,
    pub address: EmailAddress,
}

impl Sender {
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        let (name, address) = match text.trim().strip_suffix('>').and_then(|text| text.rsplit_once('<')) {
            Some((name, address)) => (name.trim().trim_matches('"').trim(), address),
            None => ("", text),
        };
        if deceives(name) || name.chars().any(|c| matches!(c, '"' | '<' | '>')) || name.chars().count() > 60 {
            return Err("its name may have up to 60 characters, and no quotes or brackets");
        }
        let address = EmailAddress::parse_own(address).map_err(|_| "its address cannot be read")?;
        Ok(Self { name: (!name.is_empty()).then(|| name.to_owned()), address })
    }

    /// Returns whether its address is valid on this machine only.
    pub fn is_local(&self) -> bool {
        let domain = self.address.domain();
        matches!(domain, "localhost" | "localhost.localdomain") || domain.ends_with(".localhost")
    }
}

/// DKIM signing (RFC 6376): the selector in the DNS, and the private key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dkim {
    pub selector: String,
    pub key_file: PathBuf,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn smtp(text: &str) -> SmtpServer {
        match MailUrl::parse(text) {
            Ok(MailUrl::Smtp(server)) => server,
            other => panic!("{text} is {other:?}"),
        }
    }

    #[test]
    fn encryption_follows_the_scheme_and_is_never_off_across_a_network() {
        assert_eq!(smtp("smtp://mail.example.com").encryption, Encryption::StartTls);
        assert_eq!(smtp("smtp://mail.example.com").port, 587);
        assert_eq!(smtp("smtps://mail.example.com").encryption, Encryption::Implicit);
        assert_eq!(smtp("smtps://mail.example.com").port, 465);
        assert_eq!(smtp("smtp://127.0.0.1:2525?tls=none").encryption, Encryption::None);
        assert_eq!(smtp("smtp://[::1]:2525?tls=none").host, "::1");
        for text in [
            "smtp://mail.example.com?tls=none",
            "smtps://127.0.0.1?tls=none",
            "smtp://127.0.0.1?tls=off",
            "smtp://",
            "smtp://mail.example.com/path",
            "smtp://user@mail.example.com",
            "http://mail.example.com",
            "file://other/dir",
            "dev",
            "",
        ] {
            assert!(MailUrl::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn the_mail_server_is_greeted_by_the_name_that_people_know() {
        for (base_url, helo) in [
            ("https://login.example.com", "login.example.com"),
            ("https://192.0.2.7:8443", "[192.0.2.7]"),
            ("https://[2001:db8::7]", "[IPv6:2001:db8::7]"),
            ("http://localhost:8000", "localhost"),
        ] {
            let name = helo_name(&BaseUrl::parse(base_url).unwrap());
            assert_eq!((name.as_str(), parse_helo(&name).is_ok()), (helo, true));
        }
        // Derived from the base URL by default, not from the machine's own name.
        let env =
            [("GATEPOST_BASE_URL", "https://login.example.com"), ("GATEPOST_MAIL_URL", "smtp://127.0.0.1:25?tls=none")];
        let env = env.map(|(key, value)| (key.to_owned(), value.to_owned()));
        assert_eq!(crate::config::Config::read(None, &env).unwrap().mail_helo, "login.example.com");
        for text in ["", "a b", "a\r\nMAIL", "[a]", "[1.2.3.4", "-x", "mäil.example"] {
            assert!(parse_helo(text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn names_and_passwords_are_decoded_and_not_printed() {
        let server = smtp("smtp://ana%40example.com:p%3As%2Fs%20%2B+%26x=y@mail.example.com");
        let (name, password) = server.credentials.clone().unwrap();
        assert_eq!((name.as_str(), password.reveal()), ("ana@example.com", "p:s/s ++&x=y"));
        assert!(!format!("{server:?}").contains("p:s"));
    }

    #[test]
    fn a_sender_is_a_name_and_an_address() {
        let sender =
            |text: &str| Sender::parse(text).map(|s| (s.name.unwrap_or_default(), s.address.as_str().to_owned()));
        assert_eq!(sender("Gatepost <gatepost@localhost>"), Ok(("Gatepost".into(), "gatepost@localhost".into())));
        assert_eq!(sender("\"Ana & Co\" <ana@example.com>"), Ok(("Ana & Co".into(), "ana@example.com".into())));
        assert_eq!(sender("ana@example.com"), Ok((String::new(), "ana@example.com".into())));
        for text in ["", "Gatepost", "a <b> <c@example.com>", "Gate\npost <c@example.com>", "x <y>"] {
            assert!(sender(text).is_err(), "{text}");
        }
    }
}
