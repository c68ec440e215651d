//! Every email, as it goes over the wire and as it reads.

use crate::{
    dkim::{RSA_PEM, is_signed_by, is_signed_by_rsa},
    shared_letters::{BASE_URL, LONG_ADDRESS, Press},
};
use gatepost::{
    config::Dkim,
    domain::{EmailAddress, logo::Logo},
    mail::{Letter, Outgoing},
};
use std::{fs, path::Path, sync::Arc};

const ACCENTED: &str = "Lycée Saint-Éxupéry";

/// An email's name in messages of tests.
fn name(mail: &Outgoing) -> &str {
    &mail.wording.subject
}

/// The links of the text, each of which is alone on its line.
fn text_links(mail: &Outgoing) -> Vec<&str> {
    let has_link = |line: &&str| line.contains("://");
    let lines: Vec<&str> = mail.wording.text.lines().filter(has_link).collect();
    for line in &lines {
        assert!(line.starts_with(BASE_URL) && !line.contains(' '), "{}: {line} is not alone", name(mail));
    }
    lines
}

/// The links of the HTML, each once: buttons say theirs again for Outlook, and again as text.
fn html_links(mail: &Outgoing) -> Vec<&str> {
    let hrefs = mail.wording.html.split("href=\"").skip(1).map(|rest| rest.split('"').next().unwrap());
    let mut links: Vec<&str> = hrefs.filter(|href| !href.starts_with("mailto:")).collect();
    links.sort_unstable();
    links.dedup();
    links
}

fn between<'a>(text: &'a str, start: &str, end: &str) -> &'a str {
    let rest = text.split_once(start).unwrap_or_else(|| panic!("no {start} in {text}")).1;
    rest.split_once(end).unwrap().0
}

/// The header and the bytes of the text part.
fn text_part(mail: &Outgoing) -> (String, String) {
    let source = String::from_utf8(mail.bytes.clone()).unwrap();
    let boundary = format!("--{}", between(&source, "boundary=\"", "\""));
    let part = source.split(&boundary).find(|part| part.contains("Content-Type: text/plain")).unwrap();
    let (header, body) = part.split_once("\r\n\r\n").unwrap();
    (header.to_owned(), body.to_owned())
}

#[test]
fn the_text_is_sent_as_it_is_in_short_lines() {
    for (_, mail) in Press::new("Linden School").all() {
        let (header, body) = text_part(&mail);
        assert!(header.contains("Content-Transfer-Encoding: 7bit"), "{}: {header}", name(&mail));
        let sent: Vec<&str> = body.split("\r\n").collect();
        let wanted: Vec<&str> = mail.wording.text.lines().collect();
        assert!(sent.starts_with(&wanted), "{}: {body}", name(&mail));
        for line in wanted {
            assert!(line.is_ascii() && (line.len() <= 76 || line.contains("://")), "{}: {line}", name(&mail));
        }
        assert!(mail.wording.text.contains("\n\n-- \nlogin.lindenschule.org"), "{}", mail.wording.text);
        assert!(!mail.wording.text.contains("\n\n\n"), "{}", mail.wording.text);
        assert!(mail.bytes.is_ascii());
    }
}

#[test]
fn text_and_html_have_the_same_links() {
    for (letter, mail) in Press::new(ACCENTED).all() {
        let mut links = text_links(&mail);
        links.sort_unstable();
        let home = format!("{BASE_URL}/");
        let html: Vec<&str> = html_links(&mail).into_iter().filter(|link| *link != home).collect();
        assert_eq!(links, html, "{}", name(&mail));
        for essential in letter.essentials() {
            assert!(mail.wording.text.contains(essential) && mail.wording.html.contains(essential));
        }
    }
}

/// rspamd counts the links of both parts where the text stands beside the HTML, and takes an odd number for spam.
#[test]
fn the_number_of_links_is_even() {
    for (_, mail) in Press::new(ACCENTED).all() {
        let anchors = mail.wording.html.matches("<a ").count() - mail.wording.html.matches("mailto:").count();
        let text = text_links(&mail).len();
        assert_eq!((text + anchors) % 2, 0, "{}: {text} and {anchors}", name(&mail));
    }
}

#[test]
fn no_word_stands_twice_in_a_row() {
    let doubled = |text: &str| {
        let words: Vec<String> = text.split_whitespace().map(str::to_lowercase).collect();
        words.windows(2).any(|pair| pair[0] == pair[1])
    };
    for (_, mail) in Press::new(ACCENTED).all() {
        let title = between(&mail.wording.html, "<title>", "</title>");
        for text in [name(&mail), title, &mail.wording.text] {
            assert!(!doubled(text), "{text}");
        }
    }
    assert!(doubled("Codes were guessed at at Gatepost"));
}

#[test]
fn a_list_of_emails_shows_a_sentence_and_no_code() {
    for (_, mail) in Press::new(ACCENTED).all() {
        let preheader = between(&mail.wording.html, "mso-hide:all;\">", "</div>");
        assert!(preheader.split_whitespace().count() >= 3, "{}: {preheader}", name(&mail));
        assert!(!preheader.contains("K7M"), "{preheader}");
    }
}

#[test]
fn webmail_that_drops_the_page_keeps_its_language_and_its_name() {
    for (_, mail) in Press::new(ACCENTED).all() {
        let title = between(&mail.wording.html, "<title>", "</title>");
        let frame = format!(
            "<div role=\"article\" aria-roledescription=\"email\" aria-label=\"{title}\" lang=\"en\" dir=\"ltr\">"
        );
        assert!(mail.wording.html.contains(&frame), "{}", name(&mail));
    }
}

/// rspamd takes accents in an English email for a disguise, the more of them the more.
#[test]
fn each_part_names_the_product_once() {
    for (_, mail) in Press::new(ACCENTED).all() {
        for part in [&mail.wording.text, &mail.wording.html] {
            let part = part.split_whitespace().collect::<Vec<_>>().join(" ");
            assert_eq!(part.matches(ACCENTED).count(), 1, "{}: {part}", name(&mail));
        }
    }
}

#[test]
fn answers_go_to_the_support_address_where_it_is_of_the_same_domain() {
    let reply_to = |support: &str| {
        let press = Press { support_address: EmailAddress::parse(support).ok(), ..Press::new("Linden School") };
        let source = String::from_utf8(press.all().remove(0).1.bytes).unwrap();
        source.lines().find(|line| line.starts_with("Reply-To:")).map(str::to_owned)
    };
    assert_eq!(reply_to("help@lindenschule.org").as_deref(), Some("Reply-To: help@lindenschule.org"));
    assert_eq!(reply_to("lindenschule@gmail.com"), None);
    assert_eq!(reply_to(""), None);
}

#[test]
fn a_logo_comes_with_a_name_of_its_own() {
    let ids: Vec<String> = (0..2)
        .map(|_| {
            let press = Press { logo: Some(Arc::new(logo())), ..Press::new("Linden School") };
            let source = String::from_utf8(press.all().remove(0).1.bytes).unwrap();
            assert!(source.contains("filename=\"logo.png\""), "{source}");
            between(&source, "Content-ID: <", ">").to_owned()
        })
        .collect();
    assert!(ids[0].ends_with("@lindenschule.org") && ids[0] != ids[1], "{ids:?}");
    let press = Press { logo: Some(Arc::new(logo())), ..Press::new("Linden School") };
    let source = String::from_utf8(press.all().remove(0).1.bytes).unwrap().replace("=\r\n", "").replace("=3D", "=");
    let id = between(&source, "Content-ID: <", ">");
    assert!(source.contains(&format!("src=\"cid:{id}\"")), "{source}");
}

fn logo() -> Logo {
    Logo::parse(crate::admin::PNG.to_vec()).unwrap()
}

#[test]
fn whatever_is_added_to_a_signed_email_or_changed_in_it_shows() {
    let folder = tempfile::tempdir().unwrap();
    let key = |selector: &str, text: &str| {
        let key_file = folder.path().join(selector);
        fs::write(&key_file, text).unwrap();
        Dkim { selector: selector.into(), key_file }
    };
    let seed: Vec<u8> = (0..32).collect();
    let ed25519 = key("2026e", "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\n");
    let press = Press {
        dkim: vec![key("2026r", RSA_PEM), ed25519],
        support_address: EmailAddress::parse("help@lindenschule.org").ok(),
        ..Press::new(ACCENTED)
    };
    for (_, mail) in press.all() {
        let source = String::from_utf8(mail.bytes.clone()).unwrap();
        assert_eq!(source.matches("DKIM-Signature:").count(), 2);
        assert!(is_signed_by(&source, &seed) && is_signed_by_rsa(&source), "{}", name(&mail));
        assert!(!is_signed_by(&source, &[7; 32]));
        for added in [
            "From: Evil <evil@evil.example>",
            "To: b@evil.example",
            "Subject: Your invoice",
            "Date: Thu, 26 Nov 2030 00:12:51 +0000",
            "Message-ID: <evil@evil.example>",
            "References: <evil@evil.example>",
            "Reply-To: pay@evil.example",
            "Cc: x@evil.example",
            "Sender: evil@evil.example",
            "In-Reply-To: <evil@evil.example>",
            "List-Unsubscribe: <https://evil.example/>",
            "List-Unsubscribe-Post: List-Unsubscribe=One-Click",
            "MIME-Version: 1.0",
            "Auto-Submitted: no",
            "Content-Type: text/plain",
            "Content-Transfer-Encoding: base64",
        ] {
            let (header, body) = source.split_once("\r\n\r\n").unwrap();
            let behind = format!("{header}\r\n{added}\r\n\r\n{body}");
            for tampered in [format!("{added}\r\n{source}"), behind] {
                assert!(!is_signed_by(&tampered, &seed) && !is_signed_by_rsa(&tampered), "{}: {added}", name(&mail));
            }
        }
        for (old, new) in [
            ("boundary=\"", "boundary=\"x"),
            ("multipart/alternative", "multipart/mixed"),
            ("Content-Type: text/html", "Content-Type: text/x"),
        ] {
            let tampered = source.replacen(old, new, 1);
            assert!(!is_signed_by(&tampered, &seed) && !is_signed_by_rsa(&tampered), "{}: {new}", name(&mail));
        }
        assert!(!is_signed_by_rsa(&format!("{source}Pay at evil.example\r\n")));
    }
}

/// Where an attacker's address is shown to someone else, no mail program makes a link of it.
#[test]
fn an_address_that_looks_like_a_link_is_broken_up() {
    let evil = EmailAddress::parse("www.evil.example/verify?id=1@attacker.example").unwrap();
    for (letter, _) in Press::new(ACCENTED).all() {
        let letter = match letter {
            Letter::ConfirmAddress(confirm) => {
                Letter::ConfirmAddress(gatepost::mail::letter::ConfirmAddress { old: (&evil).into(), ..confirm })
            }
            Letter::AddressChanged(changed) => {
                Letter::AddressChanged(gatepost::mail::letter::AddressChanged { new: (&evil).into(), ..changed })
            }
            _ => continue,
        };
        let mail = Press::new(ACCENTED).prints(&letter);
        for part in [&mail.wording.text, &mail.wording.html] {
            assert!(part.contains("www[.]evil[.]example[/]verify?id=1[at]attacker[.]example"), "{part}");
            assert!(!part.contains("evil.example") && !part.contains("attacker.example"), "{part}");
        }
    }
}

#[test]
fn what_strangers_get_holds_nothing_that_was_typed() {
    for (letter, mail) in Press::new(ACCENTED).all() {
        if let Letter::SignIn(_) | Letter::ResetPassword(_) | Letter::StepUp(_) = letter {
            assert!(!mail.wording.text.contains(LONG_ADDRESS) && !mail.wording.html.contains(LONG_ADDRESS));
        }
    }
}

/// Templates of operators who wrote them before the frame and the facts were what they are.
#[rocket::async_test]
async fn older_templates_of_an_operator_go_on_working() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/older_templates");
    let app = crate::harness::Setup::new().with("GATEPOST_MAIL_TEMPLATES", folder.to_str().unwrap()).start().await;
    app.add_account("ana@example.com").await;
    app.browser().post("/login", &[("email", "ana@example.com")]).await.assert_leads_to("/login/sent");
    let mail = app.mail_to("ana@example.com").await;
    assert!(mail.html.contains("An older frame") && mail.html.contains("Sign in"), "{}", mail.html);
}
