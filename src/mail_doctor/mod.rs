//! What receivers find in the DNS about our emails: whether their spam filters can trust them. And
//! what the email server says to us.

mod finding;
mod records;
mod resolver;

pub use finding::{Finding, Outcome, Part};

use crate::{
    config::{Config, Dkim, MailUrl},
    domain::{
        Clock, Entropy,
        dns::{RecordType, text},
    },
    mail::{DevMailbox, Transport},
    signing::dkim_public_key,
};
use resolver::Resolver;
use std::{fs, net::IpAddr, sync::Arc};

/// Asks for everything. No sign-in waits for it: call it for an admin or the operator.
pub async fn examine(config: &Config, clock: &dyn Clock, entropy: &Arc<dyn Entropy>) -> Vec<Finding> {
    let resolver = &Resolver::new(config.dns_server, Arc::clone(entropy));
    let domain = config.mail_from.address.domain();
    // Side by side, so that a resolver that is silent costs its time once.
    let (spf, dkim, dmarc, helo, clock) = tokio::join!(
        spf(resolver, domain, config),
        dkims(resolver, domain, &config.mail_dkim),
        dmarc(resolver, domain, !config.mail_dkim.is_empty()),
        helo(resolver, &config.mail_helo),
        server_clock(config, clock),
    );
    [vec![spf], dkim, vec![dmarc, helo, clock]].concat()
}

/// Asks the email server whether it would take an email.
pub async fn server(config: &Config) -> Finding {
    let checked = match Transport::new(config, &DevMailbox::default()) {
        Ok(mut transport) => transport.check().await.map_err(|refused| refused.to_string()),
        Err(problem) => Err(problem),
    };
    match checked {
        Ok(answer) => Finding::new(Part::Server, Outcome::Good, "mail-check-server-good").with("answer", answer),
        Err(answer) => Finding::new(Part::Server, Outcome::Bad, "mail-check-server-bad").with("answer", answer),
    }
}

async fn texts(resolver: &Resolver, part: Part, name: &str) -> Result<Vec<String>, Finding> {
    let found = resolver.ask(name, RecordType::Txt).await.map_err(|unknown| unknown.finding(part))?;
    Ok(found.iter().filter_map(|data| text(data)).collect())
}

/// A name of one label, such as `localhost`, has no records. Asking would tell nothing.
fn no_name(part: Part, name: &str) -> Option<Finding> {
    let is_none = name.starts_with('[') || !name.contains('.');
    is_none.then(|| Finding::new(part, Outcome::CannotTell, "mail-check-helo-no-name").with("name", name))
}

async fn spf(resolver: &Resolver, domain: &str, config: &Config) -> Finding {
    if let Some(finding) = no_name(Part::Spf, domain) {
        return finding;
    }
    let server = match &config.mail_url {
        MailUrl::Smtp(server) if server.host.parse::<IpAddr>().is_err() => Some(server.host.as_str()),
        _ => None,
    };
    let texts = texts(resolver, Part::Spf, domain).await;
    texts.map_or_else(|unknown| unknown, |texts| records::spf(domain, &texts, server))
}

async fn dkims(resolver: &Resolver, domain: &str, keys: &[Dkim]) -> Vec<Finding> {
    if keys.is_empty() {
        return vec![Finding::new(Part::Dkim, Outcome::CannotTell, "mail-check-dkim-elsewhere")];
    }
    let mut findings = Vec::new();
    for key in keys {
        findings.push(dkim(resolver, domain, key).await);
    }
    findings
}

async fn dkim(resolver: &Resolver, domain: &str, key: &Dkim) -> Finding {
    let public = fs::read_to_string(&key.key_file).ok().and_then(|private| dkim_public_key(&private));
    let Some(public) = public else {
        let finding = Finding::new(Part::Dkim, Outcome::CannotTell, "mail-check-dkim-unreadable");
        return finding.with("file", key.key_file.display().to_string());
    };
    let name = format!("{}._domainkey.{domain}", key.selector);
    let texts = texts(resolver, Part::Dkim, &name).await;
    texts.map_or_else(|unknown| unknown, |texts| records::dkim(&name, &texts, &public))
}

/// Looks at the domain and at those above it, as receivers do.
async fn dmarc(resolver: &Resolver, domain: &str, is_signed: bool) -> Finding {
    if let Some(finding) = no_name(Part::Dmarc, domain) {
        return finding;
    }
    let mut above = Some(domain);
    while let Some(name) = above.filter(|name| name.contains('.')) {
        let found = match texts(resolver, Part::Dmarc, &format!("_dmarc.{name}")).await {
            Ok(texts) => texts,
            Err(unknown) => return unknown,
        };
        if let Some(finding) = records::dmarc((domain, name), &found, is_signed) {
            return finding;
        }
        above = name.split_once('.').map(|(_, above)| above);
    }
    records::no_dmarc(domain)
}

/// Servers that receive emails distrust a name that has no address.
async fn helo(resolver: &Resolver, name: &str) -> Finding {
    let of = |outcome, key| Finding::new(Part::Helo, outcome, key).with("name", name);
    if let Some(finding) = no_name(Part::Helo, name) {
        return finding;
    }
    for kind in [RecordType::A, RecordType::Aaaa] {
        match resolver.ask(name, kind).await {
            Ok(found) if found.is_empty() => {}
            Ok(_) => return of(Outcome::Good, "mail-check-helo-good"),
            Err(unknown) => return unknown.finding(Part::Helo),
        }
    }
    of(Outcome::Bad, "mail-check-helo-none")
}

async fn server_clock(config: &Config, clock: &dyn Clock) -> Finding {
    let cannot_tell = |key| Finding::new(Part::Clock, Outcome::CannotTell, key);
    let greeting = match Transport::new(config, &DevMailbox::default()) {
        Ok(transport) => transport.greeting().await,
        Err(_) => return cannot_tell("mail-check-clock-no-server"),
    };
    match greeting {
        Some(Ok(greeting)) => records::clock(&greeting, clock.now()),
        Some(Err(_)) | None => cannot_tell("mail-check-clock-no-server"),
    }
}
