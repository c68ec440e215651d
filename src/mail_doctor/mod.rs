//! Findings of receivers in the DNS about our emails, by which spam filters judge whether to trust
//! them. Also the answers of the email server to us.

mod finding;
mod records;
mod resolver;

pub use finding::{Finding, Outcome, Part};

use crate::{
    config::{Config, Dkim, MailUrl},
    domain::{
        Entropy, Lifetime, Timestamp,
        dns::{RecordType, text},
    },
    mail::{Certificate, DevMailbox, MailRefusal, Ready, Talk, Transport, Validity, Verb},
    signing::dkim_public_key,
};
use resolver::Resolver;
use std::{fs, net::IpAddr, sync::Arc};

/// Time before its end at which a certificate should be renewed. Tools renew it when a third of its
/// life is left. Of 90 days that is 30, and of 6 days it is 2.
const RENEWED_BEFORE: Lifetime = Lifetime::days(21);

/// Asks the DNS. No sign-in waits for it: call it for an admin or the operator.
pub async fn records(config: &Config, entropy: &Arc<dyn Entropy>) -> Vec<Finding> {
    let resolver = &Resolver::new(config.dns_server, Arc::clone(entropy));
    let domain = config.mail_from.address.domain();
    // Side by side, so that a resolver that is silent costs its time once.
    let (spf, dkim, dmarc, helo) = tokio::join!(
        spf(resolver, domain, config),
        dkims(resolver, domain, &config.mail_dkim),
        dmarc(resolver, domain, !config.mail_dkim.is_empty()),
        helo(resolver, &config.mail_helo),
    );
    let dmarc = records::aligned(dmarc, &dkim);
    [vec![spf], dkim, vec![dmarc, helo]].concat()
}

/// Has the one conversation with the email server that everything about it is read from.
pub async fn talk(config: &Config) -> Talk {
    match Transport::new(config, &DevMailbox::default()) {
        Ok(transport) => transport.talk().await,
        Err(reply) => Talk::without_server(Err(MailRefusal { at: Verb::Connect, lasting: false, reply })),
    }
}

/// Says whether the email server would take an email.
pub fn server(talk: &Talk) -> Finding {
    let of = |outcome, key| Finding::new(Part::Server, outcome, key);
    match &talk.verdict {
        Ok(Ready::Server(answer)) => of(Outcome::Good, "mail-check-server-good").with("answer", answer),
        Ok(Ready::Folder(folder)) => of(Outcome::NotChecked, "mail-check-server-folder").with("folder", folder),
        Ok(Ready::TestMailbox) => of(Outcome::NotChecked, "mail-check-server-test"),
        Err(refused) => {
            let finding = Finding::new(Part::Server, Outcome::Bad, "mail-check-server-bad");
            finding.with("answer", refused.to_string())
        }
    }
}

/// Says how long the email server's certificate is good. It was good for its name in this
/// conversation, or there would be none.
pub fn certificate(talk: &Talk, now: Timestamp) -> Finding {
    let of = |outcome, key| Finding::new(Part::Certificate, outcome, key);
    let cannot_tell = |key| of(Outcome::CannotTell, key);
    match (talk.certificate, &talk.greeting) {
        (Certificate::Good(Validity { start, end }), _) => {
            let third = Lifetime::millis(end.since(start).as_millis() / 3);
            let is_late = end < now.plus(RENEWED_BEFORE.min(third));
            let key = if is_late { "mail-check-certificate-ends" } else { "mail-check-certificate-good" };
            of(if is_late { Outcome::Bad } else { Outcome::Good }, key).at(end)
        }
        (Certificate::Unreadable, _) => cannot_tell("mail-check-certificate-unreadable"),
        (Certificate::Absent, Some(_)) => cannot_tell("mail-check-certificate-plain"),
        (Certificate::Absent, None) => silent(talk, Part::Certificate),
    }
}

/// Compares our clock with the email server's.
pub fn clock(talk: &Talk, now: Timestamp) -> Finding {
    match &talk.greeting {
        Some(greeting) => records::clock(&greeting.words, now.minus(greeting.ago)),
        None => silent(talk, Part::Clock),
    }
}

/// Says that no server answered, or that there is no server to ask.
fn silent(talk: &Talk, part: Part) -> Finding {
    match &talk.verdict {
        Ok(Ready::Folder(_) | Ready::TestMailbox) => Finding::new(part, Outcome::NotChecked, "mail-check-server-none"),
        Ok(Ready::Server(_)) | Err(_) => Finding::new(part, Outcome::CannotTell, "mail-check-no-server"),
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

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns what is said of a certificate that is good for some days, as many days before its
    /// end.
    fn outcome(life: i64, left: i64) -> Outcome {
        let now = Timestamp::from_millis(1_795_356_180_000);
        let end = now.plus(Lifetime::days(left));
        let certificate = Certificate::Good(Validity { start: end.minus(Lifetime::days(life)), end });
        super::certificate(&Talk { certificate, ..Talk::without_server(Ok(Ready::TestMailbox)) }, now).outcome
    }

    #[test]
    fn a_certificate_that_should_have_been_renewed_is_noted_before_it_ends() {
        for (life, left, expected) in [
            (90, 60, Outcome::Good),
            (90, 21, Outcome::Good),
            (90, 20, Outcome::Bad),
            (90, -1, Outcome::Bad),
            (365, 22, Outcome::Good),
            (365, 20, Outcome::Bad),
            // Some authorities issue certificates for six days, and renewing starts when two are
            // left.
            (6, 5, Outcome::Good),
            (6, 1, Outcome::Bad),
        ] {
            assert_eq!(outcome(life, left), expected, "{left} of {life} days left");
        }
    }
}
