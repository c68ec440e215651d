//! Bodies of the fuzz targets for parts of the server: the configuration, and emails that are read
//! back.

use super::{
    config::{BackChannelUrl, BaseUrl, DatabaseUrl, Encryption, MailUrl, Sender, without_passwords},
    domain::{EmailAddress, Entropy, Timestamp, apps::AppName, logo::Logos},
    mail::{Draft, MessageBuilder, Wording},
};
use base64::{Engine, engine::general_purpose::STANDARD};
use std::sync::Arc;

/// A kind of text, and what tries one, as in `bodies`.
pub type Body = (&'static str, fn(&[u8]));

/// As `bodies::BODIES`.
pub const BODIES: [Body; 2] = [("configuration", configuration), ("mails", mails)];

/// A value of the configuration is refused, or means one thing and shows no password.
pub fn configuration(data: &[u8]) {
    let typed = String::from_utf8_lossy(data);
    if let Ok(base) = BaseUrl::parse(&typed) {
        assert!(base.is_https() || base.is_loopback(), "{base}");
        assert!(base.origin().bytes().all(|byte| byte.is_ascii_graphic() && byte != b'@'), "{base}");
        assert_eq!(BaseUrl::parse(base.origin()), Ok(base));
    }
    if let Ok(Some(url)) = BackChannelUrl::parse(&typed) {
        assert!(url.origin().bytes().all(|byte| byte.is_ascii_graphic() && byte != b'@'), "{url:?}");
        assert_eq!(BackChannelUrl::parse(url.origin()), Ok(Some(url)));
    }
    if let Ok(sender) = Sender::parse(&typed) {
        let name = sender.name.clone().unwrap_or_default();
        assert!(!name.contains(['"', '<', '>']) && !name.chars().any(char::is_control), "{sender:?}");
        let again = if name.is_empty() {
            sender.address.as_str().to_owned()
        } else {
            format!("{name} <{}>", sender.address.as_str())
        };
        assert_eq!(Sender::parse(&again), Ok(sender));
    }
    if let Ok(MailUrl::Smtp(server)) = MailUrl::parse(&typed) {
        assert!(server.encryption != Encryption::None || server.is_loopback(), "{server:?}");
        assert!(server.host.bytes().all(|byte| byte.is_ascii_graphic()), "{server:?}");
        let shown = format!("{server:?}");
        assert_eq!(server.credentials.is_some(), shown.contains("Password(…)"), "{shown}");
    }
    if let Ok(DatabaseUrl::Postgres(url)) = DatabaseUrl::parse(&typed) {
        assert_eq!(format!("{:?}", DatabaseUrl::Postgres(url.clone())), "postgres://…");
        let password = url::Url::parse(&url).ok().and_then(|url| url.password().map(ToOwned::to_owned));
        let shown = without_passwords(&url, &format!("cannot reach {url}"));
        assert!(password.is_none_or(|password| password.len() < 12 || !shown.contains(&password)), "{shown}");
    }
}

/// The same bytes in each run, so that a find can be repeated.
struct Zeros;

impl Entropy for Zeros {
    fn fill(&self, bytes: &mut [u8]) {
        bytes.fill(0);
    }
}

/// An email is read back as it was written, and no word of it becomes a header. The sender's name,
/// the product's, the subject and the text have a `|` between them.
pub fn mails(data: &[u8]) {
    let mut parts = data.splitn(4, |byte| *byte == b'|').map(String::from_utf8_lossy);
    let mut next = || parts.next().unwrap_or_default().into_owned();
    let (name, product, subject, text) = (next(), next(), next(), next());
    // The operator names the sender, an admin the product. Both are read before they get this far.
    let sender = Sender::parse(&format!("{name} <login@example.com>")).or(Sender::parse("login@example.com"));
    let product = AppName::parse(&product).map_or_else(|_| "Gatepost".to_owned(), |name| name.as_str().to_owned());
    let message_builder = MessageBuilder::new(&sender.unwrap(), &[], Arc::new(Zeros)).unwrap();
    let recipient = EmailAddress::parse("ana@example.com").unwrap();
    let draft = Draft {
        recipient: &recipient,
        wording: Wording {
            language: "en".to_owned(),
            subject: subject.clone(),
            html: format!("<p>{text}</p>"),
            text: text.clone(),
            whole_text: String::new(),
        },
        logos: Logos::default(),
        product_name: &product,
        support_address: None,
    };
    let Ok(outgoing) = message_builder.write(draft, Timestamp::from_millis(0)) else { return };
    let mail = String::from_utf8(outgoing.bytes).unwrap();
    let is_line = |line: &str| line.len() <= 998 && !line.contains(['\r', '\n', '\0']);
    assert!(mail.is_ascii() && mail.split("\r\n").all(is_line), "{mail:?}");
    let (head, body) = mail.split_once("\r\n\r\n").unwrap();
    assert_eq!(header(head, "To"), ["ana@example.com"]);
    assert_eq!((header(head, "Subject").len(), header(head, "From").len()), (1, 1), "{head}");
    assert_eq!(head.to_lowercase().matches("\r\nbcc:").count(), 0, "{head}");
    let is_calm = |text: &str| !text.chars().any(char::is_control) && text.trim() == text && !text.contains("  ");
    let subject = subject.replace("=?", "= ?");
    if is_calm(&subject) && subject.chars().count() <= 250 {
        assert_eq!(header(head, "Subject"), [subject]);
    }
    let text = text.replace("\r\n", "\n").replace('\r', "\n").replace('\0', "");
    if text.is_ascii() && text.lines().all(|line| line.len() <= 998) {
        let lines: Vec<&str> = text.lines().collect();
        assert!(body.contains(&lines.join("\r\n")), "{body}");
    }
}

/// Returns the values of a header as readers see them: unfolded, encoded words decoded (RFC 2047).
fn header(head: &str, name: &str) -> Vec<String> {
    let unfolded = head.replace("\r\n ", " ").replace("\r\n\t", " ");
    let lines = unfolded.split("\r\n").filter_map(|line| line.strip_prefix(&format!("{name}: ")));
    lines.map(decoded).collect()
}

fn decoded(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut was_encoded = false;
    for (number, word) in text.split(' ').enumerate() {
        let encoded = word.strip_prefix("=?utf-8?b?").and_then(|rest| rest.strip_suffix("?="));
        // White space between two encoded words does not count.
        if number > 0 && !(was_encoded && encoded.is_some()) {
            bytes.push(b' ');
        }
        was_encoded = encoded.is_some();
        match encoded {
            Some(base64) => bytes.extend(STANDARD.decode(base64).unwrap()),
            None => bytes.extend(word.bytes()),
        }
    }
    String::from_utf8(bytes).unwrap()
}
