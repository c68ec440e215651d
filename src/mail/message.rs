//! One mail as bytes: headers and the two bodies.

use super::templates::Wording;
use crate::{
    config::{Dkim, Sender},
    domain::{EmailAddress, Entropy, Timestamp, entropy, logo::Logo},
};
use lettre::{
    Message,
    address::{Address, Envelope},
    message::{
        Attachment, Mailbox, MultiPart, SinglePart,
        dkim::{DkimCanonicalization, DkimCanonicalizationType, DkimConfig, DkimSigningAlgorithm, DkimSigningKey},
        header::{ContentType, HeaderName, HeaderValue},
    },
};
use std::{fmt, fs, sync::Arc};

/// A mail ready to be handed to a mail server.
#[derive(Clone)]
pub struct Outgoing {
    pub envelope: Envelope,
    pub bytes: Vec<u8>,
    pub recipient: EmailAddress,
    pub wording: Wording,
    pub message_id: String,
}

/// Puts mails together: who they come from, and who signs.
#[derive(Clone)]
pub struct Stationery {
    from: Mailbox,
    from_domain: String,
    entropy: Arc<dyn Entropy>,
    dkim: Option<Arc<DkimConfig>>,
}

/// A mail that cannot be built. Our own fault: addresses are strict and texts are ours.
#[derive(Clone, Debug)]
pub struct Unbuildable(String);

impl Stationery {
    pub fn new(sender: &Sender, dkim: Option<&Dkim>, entropy: Arc<dyn Entropy>) -> Result<Self, Unbuildable> {
        let from_domain = sender.address.domain().to_owned();
        let dkim = dkim.map(|dkim| signer(dkim, &from_domain)).transpose()?.map(Arc::new);
        let from = Mailbox::new(sender.name.clone(), address(&sender.address)?);
        Ok(Self { from, from_domain, entropy, dkim })
    }

    pub fn write(
        &self,
        recipient: &EmailAddress,
        wording: Wording,
        logo: Option<&Logo>,
        now: Timestamp,
    ) -> Result<Outgoing, Unbuildable> {
        let message_id = format!("<{}@{}>", self.random_name(), self.from_domain);
        let to = address(recipient)?;
        let mut message = Message::builder()
            .from(self.from.clone())
            .to(Mailbox::new(None, to.clone()))
            .subject(wording.subject.clone())
            .message_id(Some(message_id.clone()))
            .date(now.to_system_time())
            // Mail programs gather mails with one subject into a thread and hide all but some of them, the newest link among them.
            // A reference to something that never was keeps each mail by itself.
            .references(format!("<{}@{}>", self.random_name(), self.from_domain))
            // RFC 3834: no vacation replies. The second is what Exchange listens to.
            .raw_header(header("Auto-Submitted", "auto-generated"))
            .raw_header(header("X-Auto-Response-Suppress", "All"))
            .multipart(bodies(&wording, logo))
            .map_err(|error| Unbuildable(error.to_string()))?;
        if let Some(dkim) = &self.dkim {
            message.sign(dkim);
        }
        let envelope =
            Envelope::new(Some(self.from.email.clone()), vec![to]).map_err(|error| Unbuildable(error.to_string()))?;
        Ok(Outgoing { envelope, bytes: message.formatted(), recipient: recipient.clone(), wording, message_id })
    }

    fn random_name(&self) -> String {
        entropy::bytes::<16>(&*self.entropy).iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

/// Text, and HTML with the logo beside it if there is one.
fn bodies(wording: &Wording, logo: Option<&Logo>) -> MultiPart {
    let text = SinglePart::builder().header(ContentType::TEXT_PLAIN).body(wording.text.clone());
    let html = SinglePart::builder().header(ContentType::TEXT_HTML).body(wording.html.clone());
    let alternatives = MultiPart::alternative().singlepart(text);
    let png = ContentType::parse("image/png").ok();
    match logo.zip(png) {
        Some((logo, png)) => {
            let picture = Attachment::new_inline("logo".to_owned()).body(logo.bytes().to_vec(), png);
            alternatives.multipart(MultiPart::related().singlepart(html).singlepart(picture))
        }
        None => alternatives.singlepart(html),
    }
}

fn header(name: &'static str, value: &str) -> HeaderValue {
    HeaderValue::new(HeaderName::new_from_ascii_str(name), value.to_owned())
}

/// lettre's own address type takes more than a mail server does, so only ours is ever turned into it.
fn address(address: &EmailAddress) -> Result<Address, Unbuildable> {
    address.as_str().parse().map_err(|_| Unbuildable("an address that is ours and not lettre's".into()))
}

/// An RSA key in PKCS#1 PEM, or the base64 of an Ed25519 seed.
fn signer(dkim: &Dkim, domain: &str) -> Result<DkimConfig, Unbuildable> {
    let name = dkim.key_file.display();
    let key = fs::read_to_string(&dkim.key_file)
        .map_err(|error| Unbuildable(format!("the DKIM key {name} cannot be read: {error}")))?;
    let algorithm = if key.contains("-----BEGIN") { DkimSigningAlgorithm::Rsa } else { DkimSigningAlgorithm::Ed25519 };
    let key = DkimSigningKey::new(key.trim(), algorithm).map_err(|error| {
        Unbuildable(format!(
            "the DKIM key {name} is neither an RSA key in PKCS#1 PEM nor the base64 of an Ed25519 seed: {error}"
        ))
    })?;
    // Not Content-Type: of a mail in parts lettre hashes it as absent, and receivers, who find it there, as wrong.
    let signed = ["From", "To", "Subject", "Date", "Message-ID", "References", "MIME-Version", "Auto-Submitted"];
    Ok(DkimConfig::new(
        dkim.selector.clone(),
        domain.to_owned(),
        key,
        signed.map(HeaderName::new_from_ascii_str).to_vec(),
        DkimCanonicalization { header: DkimCanonicalizationType::Relaxed, body: DkimCanonicalizationType::Relaxed },
    ))
}

impl fmt::Debug for Outgoing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Outgoing({} to {})", self.message_id, self.recipient)
    }
}

impl fmt::Display for Unbuildable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Unbuildable {}
