//! Contents of the records of SPF (RFC 7208), DKIM (RFC 6376) and DMARC (RFC 7489). Also the
//! greeting of an email server.

use super::finding::{Finding, Outcome, Part};
use crate::{domain::Timestamp, signing::DkimPublicKey};

/// Terms of a record that make a receiver ask the DNS. More than ten are an error for it.
const ASKING: [&str; 6] = ["include:", "a", "mx", "ptr", "exists:", "redirect="];
const MAX_ASKING: usize = 10;
/// Largest difference between two clocks, in seconds.
const MAX_APART: i64 = 120;
/// Most characters of one text in the DNS. A record may have several (RFC 1035 section 3.3).
const MAX_IN_TEXT: usize = 255;
const WEEKDAYS: [&str; 7] = ["Mon,", "Tue,", "Wed,", "Thu,", "Fri,", "Sat,", "Sun,"];

/// Returns a record to publish, as a line of a zone. What is too long for one text follows in
/// others, which receivers join.
fn to_publish(name: &str, text: &str) -> String {
    // Records have ASCII only, so that each piece is text.
    let pieces = text.as_bytes().chunks(MAX_IN_TEXT).map(|piece| format!("\"{}\"", String::from_utf8_lossy(piece)));
    format!("{name}. TXT {}", pieces.collect::<Vec<_>>().join(" "))
}

/// Returns whether a server is the sender's domain, or below it. Any other one is a provider's, and
/// delivers from addresses that only the provider knows.
fn is_own(server: &str, domain: &str) -> bool {
    let (server, domain) = (server.to_ascii_lowercase(), domain.to_ascii_lowercase());
    server == domain || server.strip_suffix(&domain).is_some_and(|rest| rest.ends_with('.'))
}

pub(super) fn spf(domain: &str, texts: &[String], server: Option<&str>) -> Finding {
    let of = |outcome, key| Finding::new(Part::Spf, outcome, key).with("domain", domain);
    let is_spf = |text: &&String| text.split(' ').next().is_some_and(|first| first.eq_ignore_ascii_case("v=spf1"));
    let found: Vec<&String> = texts.iter().filter(is_spf).collect();
    let record = match found.as_slice() {
        [record] => record.to_lowercase(),
        [] => {
            let Some(server) = server.filter(|server| is_own(server, domain)) else {
                return of(Outcome::Bad, "mail-check-spf-none-own");
            };
            // `~all` and not `-all`: other emails of this domain may come from servers that we do
            // not know.
            let publish = to_publish(domain, &format!("v=spf1 a:{server} ~all"));
            return of(Outcome::Bad, "mail-check-spf-none").publish(Some(publish));
        }
        _ => return of(Outcome::Bad, "mail-check-spf-several"),
    };
    let terms: Vec<&str> = record.split_whitespace().skip(1).collect();
    let ends = terms.iter().any(|term| matches!(*term, "-all" | "~all") || term.starts_with("redirect="));
    let (outcome, key) = if terms.iter().any(|term| matches!(*term, "all" | "+all")) {
        (Outcome::Bad, "mail-check-spf-open")
    } else if terms.iter().filter(|term| asks(term)).count() > MAX_ASKING {
        (Outcome::Bad, "mail-check-spf-long")
    } else if ends {
        (Outcome::Good, "mail-check-spf-good")
    } else {
        (Outcome::Good, "mail-check-spf-soft")
    };
    of(outcome, key).with("record", record.clone())
}

/// Returns whether a term of SPF makes a receiver ask the DNS.
fn asks(term: &str) -> bool {
    let term = term.trim_start_matches(['+', '-', '~', '?']);
    ASKING.iter().any(|name| {
        let rest = term.strip_prefix(name);
        rest.is_some_and(|rest| name.ends_with([':', '=']) || rest.is_empty() || rest.starts_with([':', '/']))
    })
}

/// Returns the value of a tag, without spaces.
fn tag(record: &str, name: &str) -> Option<String> {
    record.split(';').find_map(|part| {
        let (found, value) = part.split_once('=')?;
        (found.trim() == name).then(|| value.split_whitespace().collect())
    })
}

pub(super) fn dkim(name: &str, texts: &[String], key: &DkimPublicKey) -> Finding {
    let of = |outcome, key| Finding::new(Part::Dkim, outcome, key).with("name", name);
    let publish = Some(to_publish(name, &format!("v=DKIM1; k={}; p={}", key.algorithm, key.base64)));
    let values: Vec<String> = texts.iter().filter_map(|text| tag(text, "p")).collect();
    match values.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        [only] if *only == key.base64 => of(Outcome::Good, "mail-check-dkim-good"),
        [] => of(Outcome::Bad, "mail-check-dkim-none").publish(publish),
        [""] => of(Outcome::Bad, "mail-check-dkim-withdrawn").publish(publish),
        [_] => of(Outcome::Bad, "mail-check-dkim-other").publish(publish),
        _ => of(Outcome::Bad, "mail-check-dkim-several").publish(publish),
    }
}

/// Returns what the record of a name means for a domain. `None` if it has no such record.
pub(super) fn dmarc((domain, name): (&str, &str), texts: &[String], is_signed: bool) -> Option<Finding> {
    let of = |outcome, key| Finding::new(Part::Dmarc, outcome, key).with("domain", domain).with("name", name);
    let found: Vec<&String> = texts.iter().filter(|text| tag(text, "v").as_deref() == Some("DMARC1")).collect();
    let record = match found.as_slice() {
        [] => return None,
        [record] => record.as_str(),
        _ => return Some(of(Outcome::Bad, "mail-check-dmarc-several")),
    };
    let own = tag(record, "p");
    let policy = if domain == name { own } else { tag(record, "sp").or(own) };
    Some(match policy.as_deref() {
        Some(policy @ ("none" | "quarantine" | "reject")) if is_signed => {
            of(Outcome::Good, "mail-check-dmarc-good").with("policy", policy)
        }
        // The provider may sign as itself, and receivers want one that names the sender's domain.
        Some(policy @ ("none" | "quarantine" | "reject")) => {
            of(Outcome::CannotTell, "mail-check-dmarc-unsigned").with("policy", policy)
        }
        _ => of(Outcome::Bad, "mail-check-dmarc-odd").with("record", record),
    })
}

/// A good policy serves only with a signature that receivers can check.
pub(super) fn aligned(dmarc: Finding, dkim: &[Finding]) -> Finding {
    let has = |outcome| dkim.iter().any(|finding| finding.outcome == outcome);
    if dmarc.outcome != Outcome::Good || has(Outcome::Good) {
        return dmarc;
    }
    let outcome = if has(Outcome::CannotTell) { Outcome::CannotTell } else { Outcome::Bad };
    dmarc.turned(outcome, "mail-check-dmarc-unsure")
}

pub(super) fn no_dmarc(domain: &str) -> Finding {
    let finding = Finding::new(Part::Dmarc, Outcome::Bad, "mail-check-dmarc-none").with("domain", domain);
    finding.publish(Some(to_publish(&format!("_dmarc.{domain}"), "v=DMARC1; p=none")))
}

/// Compares our clock with the time in a greeting, which some email servers tell.
pub(super) fn clock(greeting: &str, now: Timestamp) -> Finding {
    let of = |outcome, key| Finding::new(Part::Clock, outcome, key);
    let Some(told) = moment(greeting) else { return of(Outcome::CannotTell, "mail-check-clock-untold") };
    let apart = told - now.as_seconds();
    if apart.abs() <= MAX_APART {
        of(Outcome::Good, "mail-check-clock-good")
    } else {
        of(Outcome::Bad, "mail-check-clock-wrong").with("seconds", apart.abs().to_string())
    }
}

/// Returns the seconds of a date such as "Thu, 26 Nov 2026 22:29:58 +0000".
fn moment(greeting: &str) -> Option<i64> {
    let words: Vec<&str> = greeting.split_whitespace().collect();
    let at = words.iter().position(|word| WEEKDAYS.contains(word))?;
    let date = words.get(at..at + 6)?.join(" ");
    Timestamp::parse_rfc2822(&date).map(Timestamp::as_seconds)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn owned(texts: &[&str]) -> Vec<String> {
        texts.iter().map(ToString::to_string).collect()
    }

    fn is_good(finding: &Finding) -> bool {
        finding.outcome == Outcome::Good
    }

    #[test]
    fn an_spf_record_is_one_that_refuses_strangers() {
        let spf = |texts: &[&str]| spf("example.com", &owned(texts), Some("mail.example.com"));
        for texts in
            [&["v=spf1 mx -all"][..], &["other", "v=SPF1 include:a.example ~all"], &["v=spf1 redirect=b.example"]]
        {
            assert!(is_good(&spf(texts)), "{texts:?}");
        }
        for texts in
            [&["v=spf1 mx all"][..], &["v=spf1 +all"], &["v=spf1 -all", "v=spf1 mx -all"], &["v=spf10 -all"], &[]]
        {
            assert!(!is_good(&spf(texts)), "{texts:?}");
        }
        let many =
            format!("v=spf1 {} -all", (0..11).map(|n| format!("include:{n}.example")).collect::<Vec<_>>().join(" "));
        assert!(!is_good(&spf(&[&many])));
        assert!(is_good(&spf(&[&many.replacen("include:0.example", "ip4:192.0.2.1", 1)])));
    }

    #[test]
    fn an_spf_record_to_publish_loses_no_email_of_the_domain() {
        let to_publish = |server| spf("example.com", &[], server).publish;
        for (server, listed) in [("mail.example.com", "mail.example.com"), ("Example.com", "Example.com")] {
            let expected = format!("example.com. TXT \"v=spf1 a:{listed} ~all\"");
            assert_eq!(to_publish(Some(server)), Some(expected), "{server}");
        }
        // A provider delivers by other addresses than the one that takes our emails.
        for server in [Some("smtp.provider.example"), Some("notexample.com"), Some("com"), None] {
            assert_eq!(to_publish(server), None, "{server:?}");
        }
    }

    #[test]
    fn a_record_to_publish_fits_into_texts_of_the_dns() {
        // As long as an RSA key of 2048 bits is, in base64.
        let key = DkimPublicKey { algorithm: "rsa", base64: "A".repeat(392) };
        let line = dkim("s._domainkey.example.com", &[], &key).publish.unwrap();
        let (name, quoted) = line.split_once(" TXT ").unwrap();
        let texts: Vec<&str> = quoted.trim_matches('"').split("\" \"").collect();
        assert_eq!((name, texts.len()), ("s._domainkey.example.com.", 2));
        assert!(texts.iter().all(|text| text.len() <= 255), "{line}");
        assert!(is_good(&dkim("s._domainkey.example.com", &[texts.concat()], &key)));
    }

    #[test]
    fn a_dkim_record_has_our_key_however_it_is_broken_up() {
        let key = DkimPublicKey { algorithm: "rsa", base64: "AAAABBBB".to_owned() };
        let dkim = |texts: &[&str]| dkim("s._domainkey.example.com", &owned(texts), &key);
        assert!(is_good(&dkim(&["v=DKIM1; k=rsa; p=AAAA BBBB"])));
        assert!(is_good(&dkim(&["k=rsa;p=AAAABBBB;"])));
        for texts in [&["v=DKIM1; p="][..], &["v=DKIM1; p=CCCC"], &[], &["p=AAAABBBB", "p=CCCC"]] {
            let found = dkim(texts);
            assert_eq!(found.outcome, Outcome::Bad, "{texts:?}");
            assert_eq!(found.publish.as_deref(), Some("s._domainkey.example.com. TXT \"v=DKIM1; k=rsa; p=AAAABBBB\""));
        }
    }

    #[test]
    fn a_dmarc_record_counts_for_domains_below() {
        let dmarc = |name: &str, texts: &[&str]| dmarc(("login.example.com", name), &owned(texts), true);
        assert_eq!(dmarc("login.example.com", &["other"]), None);
        let found = dmarc("example.com", &["v=DMARC1; p=reject; sp=none"]).unwrap();
        assert!(is_good(&found) && format!("{found:?}").contains("\"none\""), "{found:?}");
        assert!(is_good(&dmarc("login.example.com", &["v=DMARC1; p=quarantine"]).unwrap()));
        for odd in [&["v=DMARC1; p=maybe"][..], &["v=DMARC1; p=none", "v=DMARC1; p=none"]] {
            assert_eq!(dmarc("example.com", odd).unwrap().outcome, Outcome::Bad, "{odd:?}");
        }
    }

    #[test]
    fn without_a_key_of_ours_a_signature_cannot_be_told() {
        let found = dmarc(("example.com", "example.com"), &owned(&["v=DMARC1; p=none"]), false).unwrap();
        assert_eq!(found.outcome, Outcome::CannotTell);
    }

    #[test]
    fn a_policy_is_no_better_than_the_signatures() {
        use Outcome::{Bad, CannotTell, Good};
        let dkim = |outcomes: &[Outcome]| -> Vec<Finding> {
            outcomes.iter().map(|outcome| Finding::new(Part::Dkim, *outcome, "mail-check-dkim-good")).collect()
        };
        for (signatures, expected) in [
            (&[Good][..], Good),
            (&[Bad, Good], Good),
            (&[Bad], Bad),
            (&[CannotTell], CannotTell),
            (&[Bad, CannotTell], CannotTell),
        ] {
            let policy = dmarc(("example.com", "example.com"), &owned(&["v=DMARC1; p=none"]), true).unwrap();
            assert_eq!(aligned(policy, &dkim(signatures)).outcome, expected, "{signatures:?}");
        }
    }

    #[test]
    fn a_clock_is_compared_with_the_time_in_a_greeting() {
        let now = Timestamp::from_millis(1_795_732_200_000);
        let clock = |greeting: &str| clock(greeting, now).outcome;
        assert_eq!(clock("mail ESMTP Exim 4.96 Thu, 26 Nov 2026 22:30:10 +0000"), Outcome::Good);
        assert_eq!(clock("mail ESMTP Sendmail; Thu, 26 Nov 2026 23:30:10 +0100"), Outcome::Good);
        assert_eq!(clock("mail ESMTP Exim 4.96 Thu, 26 Nov 2026 22:40:10 +0000"), Outcome::Bad);
        for greeting in ["mail ESMTP Postfix", "Thu, 26 Nov", "Thu, 99 Nov 2026 22:40:10 +0000", ""] {
            assert_eq!(clock(greeting), Outcome::CannotTell, "{greeting}");
        }
    }

    #[test]
    fn clocks_two_minutes_apart_are_good_and_further_apart_are_not() {
        let now = Timestamp::from_millis(1_795_732_200_000);
        let clock = |at: &str| clock(&format!("mail; Thu, 26 Nov 2026 {at} +0000"), now).outcome;
        assert_eq!(["22:28:00", "22:32:00"].map(clock), [Outcome::Good; 2]);
        assert_eq!(["22:27:59", "22:32:01"].map(clock), [Outcome::Bad; 2]);
    }

    #[test]
    fn each_term_that_makes_a_receiver_ask_is_counted() {
        let asking = "include:a.example a a:b.example a/24 mx mx:b.example ptr exists:%{i}.b.example \
                      redirect=b.example +a -mx ~include:a.example ?ptr";
        for term in asking.split_whitespace() {
            assert!(asks(term), "{term}");
        }
        for term in "ip4:192.0.2.1 ip6:2001:db8::1 all -all exp=a.example amx mxa include".split_whitespace() {
            assert!(!asks(term), "{term}");
        }
    }
}
