//! Every email, on the wire and as it reads.

use crate::{
    browser::without_whole_words,
    dkim::{RSA_PEM, is_signed_by, is_signed_by_rsa},
    harness::{Mail, TestApp},
    shared_letters::{BASE_URL, LONG_ADDRESS, Press},
    source,
};
use gatepost::{
    config::Dkim,
    db,
    domain::{
        EmailAddress, LanguageTag,
        logo::{Logo, Logos},
    },
    locale::Catalogue,
    mail::{MailFacts, Outgoing, Samples},
    outbox::kinds::{
        address_changed::AddressChanged, challenge::Challenge, confirm_address::ConfirmAddress,
        reset_password::ResetPassword, security_changed::SecurityChanged,
    },
};
use rocket::http::Method;
use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
    sync::Arc,
};

const ACCENTED: &str = "Lycée Saint-Éxupéry";

/// Returns an email's name for messages of tests.
fn name(mail: &Outgoing) -> &str {
    &mail.wording.subject
}

/// Returns the links of the text, each of which is alone on its line.
fn text_links(mail: &Outgoing) -> Vec<&str> {
    let has_link = |line: &&str| line.contains("://");
    let lines: Vec<&str> = mail.wording.text.lines().filter(has_link).collect();
    for line in &lines {
        assert!(line.starts_with(BASE_URL) && !line.contains(' '), "{}: {line} is not alone", name(mail));
    }
    lines
}

/// Returns the links of the HTML, each once: buttons repeat theirs for Outlook, and again as text.
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

/// Returns the header and the bytes of the text part.
fn text_part(mail: &Outgoing) -> (String, String) {
    let source = String::from_utf8(mail.bytes.clone()).unwrap();
    let boundary = format!("--{}", between(&source, "boundary=\"", "\""));
    let part = source.split(&boundary).find(|part| part.contains("Content-Type: text/plain")).unwrap();
    let (header, body) = part.split_once("\r\n\r\n").unwrap();
    (header.to_owned(), body.to_owned())
}

/// Returns a press for emails in English.
fn english(product_name: &'static str) -> Press {
    Press::each(product_name).next().unwrap()
}

/// Returns every email in every language.
fn every(product_name: &'static str) -> Vec<(MailFacts, Outgoing)> {
    Press::each(product_name).flat_map(|press| press.all()).collect()
}

#[test]
fn the_text_is_sent_as_it_is_in_short_lines() {
    for (_, mail) in english("Linden School").all() {
        let (header, body) = text_part(&mail);
        assert!(header.contains("Content-Transfer-Encoding: 7bit"), "{}: {header}", name(&mail));
        let sent: Vec<&str> = body.split("\r\n").collect();
        let wanted: Vec<&str> = mail.wording.text.lines().collect();
        assert!(sent.starts_with(&wanted), "{}: {body}", name(&mail));
        assert!(mail.wording.text.is_ascii(), "{}", mail.wording.text);
    }
    for (_, mail) in every("Linden School") {
        for line in mail.wording.text.lines() {
            assert!(line.chars().count() <= 76 || line.contains("://"), "{}: {line}", name(&mail));
        }
        let source = String::from_utf8(mail.bytes.clone()).unwrap();
        // Only a signature is longer, and this email has none.
        for line in source.split("\r\n").filter(|line| !line.contains("://")) {
            assert!(line.len() <= 78, "{}: {line}", name(&mail));
        }
        assert!(mail.wording.text.contains("\n\n-- \nlogin.lindenschule.org"), "{}", mail.wording.text);
        assert!(!mail.wording.text.contains("\n\n\n"), "{}", mail.wording.text);
        assert!(mail.bytes.is_ascii());
    }
}

#[test]
fn text_and_html_have_the_same_links() {
    for (mail_facts, mail) in every(ACCENTED) {
        let mut links = text_links(&mail);
        links.sort_unstable();
        let home = format!("{BASE_URL}/");
        let html: Vec<&str> = html_links(&mail).into_iter().filter(|link| *link != home).collect();
        assert_eq!(links, html, "{}", name(&mail));
        for essential in mail_facts.essentials() {
            assert!(mail.wording.text.contains(essential) && mail.wording.html.contains(essential));
        }
    }
}

/// rspamd counts the links of both parts if the text is beside the HTML. It treats an odd number as
/// a sign of spam.
#[test]
fn the_number_of_links_is_even() {
    for (_, mail) in every(ACCENTED) {
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
    for (_, mail) in every(ACCENTED) {
        let title = between(&mail.wording.html, "<title>", "</title>");
        for text in [name(&mail), title, &mail.wording.text] {
            assert!(!doubled(text), "{text}");
        }
    }
    assert!(doubled("Codes were guessed at at Gatepost"));
}

/// Returns what a reader of the HTML sees, from the top.
fn visible(html: &str) -> String {
    let (mut text, mut in_tag) = (String::new(), false);
    for c in html.split_once("<body").unwrap().1.split_once('>').unwrap().1.chars() {
        match c {
            '<' => in_tag = true,
            '>' => in_tag = false,
            c if !in_tag => text.push(c),
            _ => {}
        }
    }
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Two characters without a width and a space: a list of emails shows nothing of them.
const UNSEEN: &str = "&#847;&#8204;&#160;";

/// Lists of emails and lock screens show some 100 characters of the HTML. What cannot be seen
/// comes after the sentence, so that a list in a wide window shows no code either.
#[test]
fn a_list_of_emails_shows_a_sentence_and_no_code() {
    for (mail_facts, mail) in every("Linden School") {
        let whole = between(&mail.wording.html, "mso-hide:all;\">", "</div>");
        assert!(whole.matches(UNSEEN).count() >= 100, "{whole}");
        let preheader = whole.replace(UNSEEN, "").replace('\u{a0}', " ");
        let preheader = without_whole_words(&preheader);
        assert!(preheader.split_whitespace().count() >= 3, "{}: {preheader}", name(&mail));
        let seen = visible(&mail.wording.html);
        let start: String = seen.chars().take(120).collect();
        assert!(
            seen.starts_with(preheader.trim()) && !start.contains("K7M") && !name(&mail).contains("K7M"),
            "{start}"
        );
        if mail_facts.facts::<Challenge>().is_some() {
            assert!(seen.contains("K7M-2QX"), "{seen}");
        }
    }
}

#[test]
fn the_code_is_the_first_word_of_the_text_and_the_browser_is_named_before_anything_is_to_be_pressed() {
    for (mail_facts, mail) in every("Linden School") {
        let Some(challenge) = mail_facts.facts::<Challenge>().cloned() else { continue };
        let (text, html) = (&mail.wording.text, &mail.wording.html);
        assert!(text.starts_with("K7M-2QX "), "{text}");
        let browser = |part: &str| part.find(&challenge.asked.browser).unwrap();
        assert!(browser(text) < text.find(&challenge.link).unwrap(), "{text}");
        assert!(browser(html) < html.find(&challenge.link).unwrap(), "{html}");
        assert!(html.find("K7M-2QX").unwrap() < html.find(&challenge.link).unwrap(), "{html}");
        for fact in [Some(challenge.asked.asked_at), challenge.asked.client].into_iter().flatten() {
            assert!(text.contains(&fact.replace('\u{a0}', " ")) && html.contains(&fact), "{fact}");
        }
    }
}

#[test]
fn a_subject_names_the_code_only_where_an_admin_wants_it() {
    for press in Press::each("Linden School") {
        let press = Press { code_in_subject: true, ..press };
        for (mail_facts, mail) in press.all() {
            let has_code = mail_facts.facts::<Challenge>().is_some();
            assert_eq!(mail.wording.subject.starts_with("K7M-2QX "), has_code, "{}", name(&mail));
            assert!(mail.wording.subject.contains("Linden School"), "{}", name(&mail));
        }
    }
}

/// In English text, rspamd counts the accented letters of the subject and of the sender's name.
#[test]
fn an_accented_name_sends_an_english_email_and_is_not_in_its_subject() {
    for press in Press::each(ACCENTED) {
        let is_english = press.locale.tag().as_str() == "en";
        for (_, mail) in press.all() {
            let subject = &mail.wording.subject;
            assert_eq!(subject.contains(ACCENTED), !is_english, "{subject}");
            // It says where and what for, in words enough.
            assert_eq!(subject.contains("login.lindenschule.org"), is_english, "{subject}");
        }
    }
    assert!(english("Linden School").all().iter().all(|(_, mail)| name(mail).contains("Linden School")));
}

#[test]
fn webmail_that_drops_the_page_keeps_its_language_and_its_name() {
    for press in Press::each(ACCENTED) {
        let lang = press.locale.tag();
        let (role, dir) = (press.locale.say("mail-role"), press.locale.direction());
        for (_, mail) in press.all() {
            let title = between(&mail.wording.html, "<title>", "</title>");
            let frame = format!(
                "<div role=\"article\" aria-roledescription=\"{role}\" aria-label=\"{title}\" lang=\"{lang}\" dir=\"{dir}\">"
            );
            assert!(mail.wording.html.contains(&frame), "{}", name(&mail));
            assert!(mail.wording.html.contains(&format!("<html lang=\"{lang}\" dir=\"{dir}\"")), "{}", name(&mail));
        }
    }
}

/// Returns the longer pieces of the sentences in the emails' own files, without values and markup.
fn sentences(language: &str) -> Vec<String> {
    let is_of_emails = |name: &str| ["mail.ftl", "events.ftl"].contains(&name) || name.starts_with("email-");
    let files = fs::read_dir(format!("locales/{language}")).unwrap().map(|entry| entry.unwrap());
    let files = files.filter(|file| is_of_emails(file.file_name().to_str().unwrap()));
    let files: Vec<String> = files.map(|file| fs::read_to_string(file.path()).unwrap()).collect();
    // Admins read the kinds' names on a page.
    let lines = files.iter().flat_map(|file| file.lines()).filter(|line| !line.starts_with("email-kind-"));
    let values = lines.filter_map(|line| line.split_once(" = ").map(|(_, value)| value.to_owned()));
    let without_values = |value: &str| {
        let pieces: Vec<&str> = value.split(['{', '<']).map(|piece| piece.rsplit(['}', '>']).next().unwrap()).collect();
        pieces.into_iter().map(|piece| piece.trim().to_owned()).collect::<Vec<_>>()
    };
    values.flat_map(|value| without_values(&value)).filter(|piece| piece.len() > 12).collect()
}

#[test]
fn an_email_speaks_one_language() {
    let english = sentences("en");
    assert!(english.len() > 40);
    for press in Press::each("Linden School") {
        let lang = press.locale.tag().as_str();
        let mails = press.all();
        let count_english = |part: &str| english.iter().filter(|sentence| part.contains(*sentence)).count();
        for (_, mail) in &mails {
            for part in [&mail.wording.text.split_whitespace().collect::<Vec<_>>().join(" "), &mail.wording.html] {
                assert!(!part.contains("mail-") && !part.contains("event-"), "{part}");
                assert_eq!(count_english(part) > 0, lang == "en", "{part}");
            }
        }
        // Each kind has a different subject in each language.
        let subjects: std::collections::BTreeSet<&str> = mails.iter().map(|(_, mail)| name(mail)).collect();
        assert!(subjects.len() > 20, "{subjects:?}");
    }
    let subjects = |press: Press| press.all().into_iter().map(|(_, mail)| mail.wording.subject).collect::<Vec<_>>();
    let all: Vec<Vec<String>> = Press::each("Linden School").map(subjects).collect();
    assert!(all[0].iter().all(|subject| !all[1].contains(subject)));
}

#[test]
fn news_told_together_are_in_the_language_of_the_email() {
    for press in Press::each("Linden School") {
        let words = press.locale.say("mail-other-changes").with("detail", "").with("changes", "").to_string();
        // Without the last word, around which an email may have markup.
        let words = words.trim_start_matches(|c: char| !c.is_alphanumeric()).split(['-', ':']).next().unwrap();
        let words = words.rsplit_once(' ').unwrap().0;
        let (mut first, second) = {
            let mut news = press.all().into_iter().map(|(mail_facts, _)| mail_facts).filter(|mail_facts| {
                mail_facts.facts::<SecurityChanged>().is_some_and(|changed| changed.undo_link.is_none())
            });
            (news.next().unwrap(), news.next().unwrap())
        };
        let other = second.facts::<SecurityChanged>().unwrap();
        let title = other.news.title.clone();
        first.tell_also(std::slice::from_ref(&second), &press.locale);
        let mail = press.prints(&first);
        let text = mail.wording.text.split_whitespace().collect::<Vec<_>>().join(" ");
        for part in [&text, &mail.wording.html] {
            assert!(part.contains(words) && part.contains(&format!("{title} (")), "{part}");
        }
    }
}

/// rspamd takes accents in an English email for a disguise, more so the more there are.
#[test]
fn each_part_names_the_product_once() {
    for (_, mail) in every(ACCENTED) {
        for part in [&mail.wording.text, &mail.wording.html] {
            let part = part.split_whitespace().collect::<Vec<_>>().join(" ");
            assert_eq!(part.matches(ACCENTED).count(), 1, "{}: {part}", name(&mail));
        }
    }
}

#[test]
fn no_text_begins_by_repeating_its_subject() {
    for (_, mail) in every("Linden School") {
        let start = mail.wording.text.split("\n\n").next().unwrap();
        let start = start.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(start.contains("Linden School") && start != name(&mail), "{start}");
    }
}

#[test]
fn answers_go_to_the_support_address_where_it_is_of_the_same_domain() {
    let reply_to = |support: &str| {
        let press = Press { support_address: EmailAddress::parse(support).ok(), ..english("Linden School") };
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
            let press = Press { logos: logos(), ..english("Linden School") };
            let source = String::from_utf8(press.all().remove(0).1.bytes).unwrap();
            assert!(source.contains("filename=\"logo.png\""), "{source}");
            between(&source, "Content-ID: <", ">").to_owned()
        })
        .collect();
    assert!(ids[0].ends_with("@lindenschule.org") && ids[0] != ids[1], "{ids:?}");
    let press = Press { logos: logos(), ..english("Linden School") };
    let source = source::decoded(&String::from_utf8(press.all().remove(0).1.bytes).unwrap());
    let id = between(&source, "Content-ID: <", ">");
    assert!(source.contains(&format!("src=\"cid:{id}\"")), "{source}");
}

fn logos() -> Logos {
    Logos { light: Some(Arc::new(logo())), dark: None }
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
        ..english(ACCENTED)
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

/// Mail programs must not make a link of an attacker's address that another user sees.
#[test]
fn an_address_that_looks_like_a_link_is_broken_up() {
    let evil = EmailAddress::parse("www.evil.example/verify?id=1@attacker.example").unwrap();
    for (mail_facts, _) in english(ACCENTED).all() {
        let mail_facts = if let Some(confirm) = mail_facts.facts::<ConfirmAddress>().cloned() {
            MailFacts::new(mail_facts.kind(), ConfirmAddress { old: (&evil).into(), ..confirm })
        } else if let Some(changed) = mail_facts.facts::<AddressChanged>().cloned() {
            MailFacts::new(mail_facts.kind(), AddressChanged { new: (&evil).into(), ..changed })
        } else {
            continue;
        };
        let mail = english(ACCENTED).prints(&mail_facts);
        for part in [&mail.wording.text, &mail.wording.html] {
            assert!(part.contains("www[.]evil[.]example[/]verify?id=1[at]attacker[.]example"), "{part}");
            assert!(!part.contains("evil.example") && !part.contains("attacker.example"), "{part}");
        }
    }
}

#[test]
fn what_strangers_get_holds_nothing_that_was_typed() {
    for (mail_facts, mail) in every(ACCENTED) {
        if mail_facts.facts::<Challenge>().is_some() || mail_facts.facts::<ResetPassword>().is_some() {
            assert!(!mail.wording.text.contains(LONG_ADDRESS) && !mail.wording.html.contains(LONG_ADDRESS));
        }
    }
}

/// Asks for a sign-in email in a browser with these languages.
async fn asks(app: &TestApp, email: &str, languages: &str) -> Mail {
    app.a_second_later();
    let headers = [
        ("Content-Type", "application/x-www-form-urlencoded"),
        ("Sec-Fetch-Site", "same-origin"),
        ("Origin", &app.base_url),
        ("Accept-Language", languages),
    ];
    let form = format!("email={}", email.replace('@', "%40"));
    app.browser().with(&headers).request(Method::Post, "/login", Some(&form)).await.assert_leads_to("/login/sent");
    app.mail_to(email).await
}

fn language_of(mail: &Mail) -> &'static str {
    let is_german = mail.html.contains("<html lang=\"de\"");
    assert_eq!(is_german, mail.text.contains(" ist Ihr Anmeldecode"), "{}", mail.text);
    assert_eq!(is_german, mail.subject == "Bei Gatepost anmelden", "{}", mail.subject);
    if is_german { "de" } else { "en" }
}

#[rocket::async_test]
async fn an_email_is_in_the_owners_language_else_the_browsers_else_the_installations() {
    let app = TestApp::new().await;
    app.set("join_policy", "anyone").await;
    for email in ["chosen@example.com", "open@example.com"] {
        app.add_account(email).await;
    }
    let id = app.account_of("chosen@example.com").await.unwrap().id;
    app.write(move |connection| db::accounts::set_language(connection, id, LanguageTag::parse("de").as_ref())).await;
    for (email, languages, expected, which) in [
        ("chosen@example.com", "en", "de", "the owner's choice"),
        ("open@example.com", "de-AT", "de", "the browser's"),
        ("open@example.com", "tlh", "en", "the installation's"),
        ("new@example.com", "de", "de", "the browser's, without an account, too"),
    ] {
        assert_eq!(language_of(&asks(&app, email, languages).await), expected, "{which}");
    }
    app.set("language", "de").await;
    assert_eq!(language_of(&asks(&app, "other@example.com", "tlh").await), "de");
}

/// A mail server on the way must not learn which addresses have accounts.
#[rocket::async_test]
async fn with_and_without_an_account_an_email_is_the_same_in_each_language() {
    let app = TestApp::new().await;
    app.set("join_policy", "anyone").await;
    app.add_account("ana@example.com").await;
    for languages in ["en", "de"] {
        let [known, unknown] =
            [asks(&app, "ana@example.com", languages).await, asks(&app, "new@example.com", languages).await];
        let masked = |mail: &Mail| {
            let parts = [&mail.subject, &mail.text, &mail.html].map(String::as_str).join("\n");
            let secrets = [mail.code(), mail.link(), mail.cancel_link()];
            secrets.iter().fold(parts, |parts, secret| parts.replace(secret.as_str(), "…"))
        };
        assert_eq!(masked(&known).replace("14:03", "14:0x"), masked(&unknown).replace("14:03", "14:0x"), "{languages}");
    }
}

#[rocket::async_test]
async fn an_invitation_is_in_the_language_of_the_installation() {
    let app = TestApp::new().await;
    app.add_admin("ana@example.com").await;
    let mut ana = app.signed_in("ana@example.com").await;
    app.set("language", "de").await;
    app.a_second_later();
    ana.submit("/admin/people", &[("email", "ben@example.com")]).await;
    let mail = app.mail_to("ben@example.com").await;
    assert_eq!(mail.subject, "Einladung zu Gatepost");
}

/// The admin reads it beside the page that asked for it.
#[rocket::async_test]
async fn a_test_email_is_in_the_language_of_the_admins_page() {
    let app = TestApp::new().await;
    app.add_admin("ana@example.com").await;
    let mut ana = app.signed_in("ana@example.com").await;
    for (language, subject) in [("de", "Test-E-Mail von Gatepost"), ("en", "Test email from Gatepost")] {
        app.a_second_later();
        ana = ana.speaking(language);
        ana.post("/admin/mail/test", &[]).await.assert_leads_to("/admin/mail");
        assert_eq!(app.mail_to("ana@example.com").await.subject, subject);
    }
}

#[rocket::async_test]
async fn the_last_email_of_a_closed_account_is_in_its_owners_language() {
    let app = TestApp::new().await;
    app.add_account("ana@example.com").await;
    let mut ana = app.signed_in("ana@example.com").await;
    let id = app.account_of("ana@example.com").await.unwrap().id;
    app.write(move |connection| db::accounts::set_language(connection, id, LanguageTag::parse("de").as_ref())).await;
    ana.submit("/account/close", &[("sure", "yes")]).await.assert_status(200);
    assert_eq!(app.mail_to("ana@example.com").await.subject, "Ihr Konto bei Gatepost ist geschlossen");
}

#[rocket::async_test]
async fn an_admin_puts_the_code_into_the_subject() {
    let app = TestApp::new().await;
    app.add_account("ana@example.com").await;
    assert_eq!(asks(&app, "ana@example.com", "en").await.subject, "Sign in to Gatepost");
    app.set("code_in_subject", "on").await;
    let mail = asks(&app, "ana@example.com", "en").await;
    assert_eq!(mail.subject, format!("{} is your Gatepost sign-in code", mail.code()));
}

/// Operators wrote these templates before the frame and the facts changed.
#[rocket::async_test]
async fn older_templates_of_an_operator_go_on_working() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/older_templates");
    let app = crate::harness::Setup::new().with("GATEPOST_MAIL_TEMPLATES", folder.to_str().unwrap()).start().await;
    app.add_account("ana@example.com").await;
    app.browser().post("/login", &[("email", "ana@example.com")]).await.assert_leads_to("/login/sent");
    let mail = app.mail_to("ana@example.com").await;
    assert!(mail.html.contains("An older frame") && mail.html.contains("Sign in"), "{}", mail.html);
}

/// Returns what a mail program shows of HTML: no elements' attributes, no title, no style.
fn shown(html: &str) -> String {
    let mut shown = String::new();
    let mut pieces = html.split('<');
    shown.push_str(pieces.next().unwrap());
    for piece in pieces {
        // A comment for Outlook alone ends its beginning in a later piece.
        let Some((tag, text)) = piece.split_once('>') else { continue };
        let hidden = ["title", "style"].contains(&tag.split(' ').next().unwrap());
        if tag == "span style=\"white-space:nowrap\"" {
            shown.push_str("{whole}");
        } else if !hidden {
            shown.push_str(text);
        }
    }
    shown
}

#[test]
fn no_letter_of_an_email_is_left_behind_at_a_hyphen() {
    let (mut firm, mut whole) = (0, 0);
    for (_, mail) in every("Linden School") {
        let html = shown(&mail.wording.html);
        for word in ["E-Mail", "IP-Adresse"] {
            assert!(!mail.wording.text.contains(word), "{}: {}", name(&mail), mail.wording.text);
            assert!(!html.contains(word), "{}: {html}", name(&mail));
        }
        assert!(!name(&mail).contains('\u{2011}'), "{}", name(&mail));
        firm += mail.wording.text.matches('\u{2011}').count();
        whole += html.matches("{whole}").count();
    }
    assert!(firm > 20 && whole > 20, "{firm} {whole}");
}

/// Returns the declarations of the rules with this selector, without `!important`.
fn declared(rules: &[(String, String)], selector: &str) -> Vec<String> {
    let blocks = rules.iter().filter(|(found, _)| found == selector);
    let all = blocks.flat_map(|(_, block)| block.split(';')).map(str::trim).filter(|one| !one.is_empty());
    all.map(|one| one.replace(" !important", "")).collect()
}

/// Returns selector and declarations of each rule, one for each selector of a list.
fn rules_in(css: &str) -> Vec<(String, String)> {
    let rules = css.split('}').filter_map(|rule| rule.split_once('{'));
    rules
        .flat_map(|(selectors, block)| {
            selectors.split(',').map(|one| (one.trim().to_owned(), block.to_owned())).collect::<Vec<_>>()
        })
        .collect()
}

/// Outlook.com ignores the media query. It recolours what it takes for too bright and marks it, on
/// the element or above it. The mark is `data-ogsc` for a colour of text, `data-ogsb` for a
/// background.
#[test]
fn outlook_com_gets_the_same_colours_in_the_dark_as_every_other_program() {
    let mail = every("Linden School").remove(0).1;
    let style = between(&mail.wording.html, "<style>", "</style>");
    let (_, rest) = style.split_once("@media (prefers-color-scheme: dark) {").unwrap();
    let (dark, outlook) = rest.split_once("\n}\n").unwrap();
    let (dark, outlook) = (rules_in(dark), rules_in(outlook));
    assert!(dark.len() >= 9, "{dark:?}");
    for (class, block) in &dark {
        for one in block.split(';').map(str::trim).filter(|one| !one.is_empty()) {
            let mark = if one.starts_with("color:") { "data-ogsc" } else { "data-ogsb" };
            let wanted = one.replace(" !important", "");
            for selector in [format!("[{mark}] {class}"), format!("{class}[{mark}]")] {
                let told = declared(&outlook, &selector);
                assert!(told.contains(&wanted), "{selector} says nothing of {wanted}: {told:?}");
            }
        }
        assert!(mail.wording.html.contains(&format!("class=\"{}\"", &class[1..])) || class == ".logo", "{class}");
    }
    // Every element that names its colour has a class that the dark rules name.
    let body = mail.wording.html.split_once("</style>").unwrap().1;
    for tag in body.split('<').filter_map(|piece| piece.split_once('>')).map(|(tag, _)| tag) {
        let coloured = tag.contains("style=") && (tag.contains("color:#") || tag.contains("background:#"));
        let named = dark.iter().any(|(class, _)| tag.contains(&format!("class=\"{}\"", &class[1..])));
        assert!(!coloured || named || tag.starts_with("center"), "{tag}");
    }
    // The button keeps its colours in every dark mode.
    for (selector, wanted) in
        [("[data-ogsc] .button", "color: #ffffff"), ("[data-ogsb] .button", "background: #1f5f4f")]
    {
        assert!(declared(&outlook, selector).contains(&wanted.to_owned()), "{selector}");
    }
}

/// Returns the names that a cell of a table has as code, without their values, which are in
/// brackets.
fn names_in(cell: &str) -> BTreeSet<String> {
    let mut depth = 0;
    let outside = cell.chars().filter(|character| {
        depth += i32::from(*character == '(') - i32::from(*character == ')');
        depth == 0
    });
    outside.collect::<String>().split('`').skip(1).step_by(2).map(str::to_owned).collect()
}

/// Operators write templates by this table.
#[test]
fn the_guide_names_every_fact_of_every_email() {
    let guide = fs::read_to_string("docs/operate.md").unwrap();
    let table = guide.split_once("| kind | what else it knows |\n|---|---|\n").unwrap().1;
    let rows = table.lines().map_while(|line| line.strip_prefix("| ")?.split_once(" | "));
    let told: BTreeMap<String, BTreeSet<String>> =
        rows.flat_map(|(kinds, facts)| names_in(kinds).into_iter().map(|kind| (kind, names_in(facts)))).collect();
    let english = Catalogue::embedded().unwrap().first_of([]);
    let samples = Samples { base_url: BASE_URL, address: "ana@xn--mnchen-3ya.example", locale: &english };
    let mut known = BTreeMap::new();
    for mail_facts in samples.all() {
        let facts = mail_facts.value().try_iter().unwrap().map(|name| name.to_string()).collect::<BTreeSet<_>>();
        known.entry(mail_facts.kind().as_str().to_owned()).or_insert_with(BTreeSet::new).extend(facts);
    }
    assert_eq!(told, known);
}
