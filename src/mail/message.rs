//! One email as bytes: headers and the two bodies.

use super::{signing::Signer, unbuildable::Unbuildable, wording::Wording};
use crate::{
    config::{Dkim, Sender},
    domain::{
        EmailAddress, Entropy, Timestamp, entropy,
        logo::{Logo, Logos},
    },
};
use base64::{Engine, engine::general_purpose::STANDARD};
use lettre::{
    Message,
    address::{Address, Envelope},
    message::{
        Attachment, Body, Mailbox, MultiPart, SinglePart,
        header::{self, ContentTransferEncoding, ContentType, HeaderName, HeaderValue},
    },
};
use std::{fmt, sync::Arc};

/// Characters of a line that a mail server passes on unchanged (RFC 5322, section 2.1.1).
const LONGEST_LINE: usize = 998;

/// Most characters of a subject or a name. No program shows as many, and a longer word would make a
/// line that servers refuse.
const LONGEST_HEADER: usize = 250;

/// The logos as templates name them.
const LOGO: &str = "\"cid:logo\"";
const DARK_LOGO: &str = "\"cid:logo-dark\"";

/// An email ready for a mail server.
#[derive(Clone)]
pub struct Outgoing {
    pub envelope: Envelope,
    pub bytes: Vec<u8>,
    pub recipient: EmailAddress,
    pub wording: Wording,
    pub logos: Logos,
    pub message_id: String,
}

/// The parts of an email, before it is bytes.
pub struct Draft<'a> {
    pub recipient: &'a EmailAddress,
    pub wording: Wording,
    pub logos: Logos,
    /// The name before the sender's address, unless the operator set another one.
    pub product_name: &'a str,
    pub support_address: Option<&'a EmailAddress>,
}

/// Assembles emails: it knows the sender and the keys that sign.
#[derive(Clone)]
pub struct MessageBuilder {
    from: Address,
    /// The name before the address. `None` if the operator set none; the product's name then takes
    /// its place.
    from_name: Option<String>,
    from_domain: String,
    entropy: Arc<dyn Entropy>,
    signer: Arc<Signer>,
}

impl MessageBuilder {
    pub fn new(sender: &Sender, dkim: &[Dkim], entropy: Arc<dyn Entropy>) -> Result<Self, Unbuildable> {
        let from_domain = sender.address.domain().to_owned();
        let signer = Arc::new(Signer::new(dkim, &from_domain)?);
        Ok(Self { from: address(&sender.address)?, from_name: sender.name.clone(), from_domain, entropy, signer })
    }

    pub fn write(&self, draft: Draft<'_>, now: Timestamp) -> Result<Outgoing, Unbuildable> {
        let Draft { recipient, wording, logos, product_name, support_address } = draft;
        let message_id = format!("<{}>", self.random_id());
        let to = address(recipient)?;
        let name = header_text(self.from_name.as_deref().unwrap_or(product_name));
        let mut builder = Message::builder()
            .from(Mailbox::new(Some(name), self.from.clone()))
            .to(Mailbox::new(None, to.clone()))
            .subject(header_text(&wording.subject))
            .message_id(Some(message_id.clone()))
            .date(now.to_system_time())
            // Mail programs gather emails with one subject into a thread and hide all but some of
            // them. A hidden one may have the newest link. A reference to an email that never
            // existed keeps each one separate.
            .references(format!("<{}>", self.random_id()))
            // RFC 3834: no vacation replies. Exchange obeys the second header.
            .raw_header(header("Auto-Submitted", "auto-generated"))
            .raw_header(header("X-Auto-Response-Suppress", "All"));
        // Only an address of our own domain: spam filters take a reply that goes elsewhere for a
        // forgery.
        if let Some(support) = support_address.filter(|support| support.domain() == self.from_domain) {
            builder = builder.reply_to(Mailbox::new(None, address(support)?));
        }
        let (content_type, body) = self.body(&wording, &logos)?;
        let message =
            builder.header(header::MIME_VERSION_1_0).header(content_type).body(body).map_err(Unbuildable::new)?;
        let envelope = Envelope::new(Some(self.from.clone()), vec![to]).map_err(Unbuildable::new)?;
        let bytes = self.signer.sign(&message);
        Ok(Outgoing { envelope, bytes, recipient: recipient.clone(), wording, logos, message_id })
    }

    /// Returns the parts as one body, and their `Content-Type`. The library lettre signs headers
    /// only. It keeps a multipart email's content type among the parts.
    fn body(&self, wording: &Wording, logos: &Logos) -> Result<(ContentType, Body), Unbuildable> {
        let parts = self.parts(wording, logos)?;
        let content_type = parts.headers().get::<ContentType>();
        let content_type = content_type.ok_or_else(|| Unbuildable::new("parts without a type"))?;
        let whole = parts.formatted();
        let start = whole.windows(4).position(|end| end == b"\r\n\r\n").map(|end| end + 4);
        let body =
            start.and_then(|start| whole.get(start..)).ok_or_else(|| Unbuildable::new("parts without a body"))?;
        Ok((content_type, Body::dangerous_pre_encoded(body.to_vec(), ContentTransferEncoding::SevenBit)))
    }

    /// Returns text and HTML, with the logos beside the HTML if there are any.
    fn parts(&self, wording: &Wording, logos: &Logos) -> Result<MultiPart, Unbuildable> {
        let text = SinglePart::builder().header(ContentType::TEXT_PLAIN).body(text_body(&plain(&wording.text)));
        let html = |html: &str| SinglePart::builder().header(ContentType::TEXT_HTML).body(plain(html));
        let alternatives = MultiPart::alternative().singlepart(text);
        let pictures = pictures(logos);
        if pictures.is_empty() {
            return Ok(alternatives.singlepart(html(&wording.html)));
        }
        let png = ContentType::parse("image/png").map_err(Unbuildable::new)?;
        let (mut with_ids, mut attached) = (wording.html.clone(), Vec::new());
        for (short, file, logo) in pictures {
            // A Content-ID is unique in the world, as a Message-ID is (RFC 2045, section 7).
            // Templates call each logo by a short name.
            let id = format!("logo.{}", self.random_id());
            with_ids = with_ids.replace(short, &format!("\"cid:{id}\""));
            let attachment = Attachment::new_inline_with_name(id, file.to_owned());
            attached.push(attachment.body(logo.bytes().to_vec(), png.clone()));
        }
        let whole = MultiPart::related().singlepart(html(&with_ids));
        Ok(alternatives.multipart(attached.into_iter().fold(whole, MultiPart::singlepart)))
    }

    /// Returns a name that is unique in the world.
    fn random_id(&self) -> String {
        let random: String = entropy::bytes::<16>(&*self.entropy).iter().map(|byte| format!("{byte:02x}")).collect();
        format!("{random}@{}", self.from_domain)
    }
}

/// Returns each logo with its name in templates and the name of its file.
fn pictures(logos: &Logos) -> Vec<(&'static str, &'static str, &Logo)> {
    let light = logos.light.as_deref().map(|logo| (LOGO, "logo.png", logo));
    let dark = logos.dark.as_deref().map(|logo| (DARK_LOGO, "logo-dark.png", logo));
    light.into_iter().chain(dark).collect()
}

/// Returns the HTML with the logos in it, for showing an email as a page.
pub fn with_pictures(html: &str, logos: &Logos) -> String {
    pictures(logos).into_iter().fold(html.to_owned(), |html, (name, _, logo)| {
        html.replace(name, &format!("\"data:image/png;base64,{}\"", STANDARD.encode(logo.bytes())))
    })
}

/// Returns text for a header.
///
/// Shortens the text. Breaks up words such as `=?utf-8?b?4oCu?=`, because mail programs decode them
/// (RFC 2047). Such a word could hold what no name may: a mark that turns the order of the letters
/// around.
fn header_text(text: &str) -> String {
    let text = text.replace("=?", "= ?");
    if text.chars().count() <= LONGEST_HEADER {
        return text;
    }
    text.chars().take(LONGEST_HEADER - 1).chain(['…']).collect()
}

/// Returns text without NUL, and without a carriage return that ends no line (RFC 5322, section
/// 2.3). An operator's template may have them.
fn plain(text: &str) -> String {
    text.replace("\r\n", "\n").replace('\r', "\n").replace('\0', "")
}

/// Sends text unencoded if every mail server passes it on unchanged. Encoded, the `=` of a link
/// becomes `=3D`, which a gateway may decode twice.
fn text_body(text: &str) -> Body {
    if text.is_ascii() && text.lines().all(|line| line.len() <= LONGEST_LINE) {
        let lines: Vec<&str> = text.lines().collect();
        return Body::dangerous_pre_encoded(lines.join("\r\n").into_bytes(), ContentTransferEncoding::SevenBit);
    }
    Body::new(text.to_owned())
}

fn header(name: &'static str, value: &str) -> HeaderValue {
    HeaderValue::new(HeaderName::new_from_ascii_str(name), value.to_owned())
}

/// Converts one of our own addresses. lettre's address type accepts more than an email server does.
/// So no other address goes through it.
fn address(address: &EmailAddress) -> Result<Address, Unbuildable> {
    address.as_str().parse().map_err(|_| Unbuildable::new("an address that is ours and not lettre's"))
}

impl fmt::Debug for Outgoing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Outgoing({} to {})", self.message_id, self.recipient)
    }
}

impl std::error::Error for Unbuildable {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_sent_as_it_is_only_if_every_server_passes_it_on() {
        let is_plain = |text: &str| text_body(text).encoding() == ContentTransferEncoding::SevenBit;
        let line = |length: usize| format!("a\n{}\n", "x".repeat(length));
        assert!(is_plain("a\nb") && is_plain(&line(998)));
        assert!(!is_plain(&line(999)) && !is_plain("é"));
        assert_eq!(plain("a\r\nb\rc\0d"), "a\nb\ncd");
    }

    #[test]
    fn a_header_is_shortened_and_hides_no_encoded_word() {
        assert_eq!(header_text(&"é".repeat(250)), "é".repeat(250));
        assert_eq!(header_text(&"é".repeat(251)), format!("{}…", "é".repeat(249)));
        assert_eq!(header_text("=?utf-8?b?4oCu?="), "= ?utf-8?b?4oCu?=");
    }
}
