//! A page in German: nothing English is left on it, and no key shows through.

use crate::browser::{Browser, Page, without_whole_words};
use fluent_syntax::{
    ast::{Entry, Expression, Pattern, PatternElement},
    parser,
};
use rocket::http::Method;
use std::{collections::BTreeSet, fs, sync::LazyLock};

/// Opens a page as a browser that asks for German, and follows where it leads.
pub async fn opens(browser: &mut Browser<'_>, path: &str) -> Page {
    let mut page =
        browser.with(&[("Accept-Language", "de-AT,de;q=0.9,en;q=0.5")]).request(Method::Get, path, None).await;
    while let Some(to) = page.location().map(str::to_owned) {
        page = browser.with(&[("Accept-Language", "de-AT,de;q=0.9,en;q=0.5")]).request(Method::Get, &to, None).await;
    }
    page
}

/// Asserts that the page has this heading and is entirely in German.
#[track_caller]
pub fn is_german(page: &Page, heading: &str) {
    assert!(page.body.contains("<html lang=\"de\" dir=\"ltr\">"), "{}", page.body);
    let h1 = page.body.split("<h1").nth(1).and_then(|rest| rest.split("</h1>").next()).unwrap_or_default();
    let h1 = without_whole_words(h1.split_once('>').map_or("", |(_, text)| text));
    assert_eq!(h1, heading, "{}", page.text());
    let shown = page.text();
    let english = ENGLISH_ONLY.values.iter().find(|text| page.body.contains(text.as_str()));
    assert_eq!(english, None, "{shown}");
    let key = shown.split_whitespace().find(|word| ENGLISH_ONLY.keys.contains(*word));
    assert_eq!(key, None, "{shown}");
}

/// Texts that no German page shows: keys, and the longer ones that German does not share. Read
/// once, because a hundred pages ask.
static ENGLISH_ONLY: LazyLock<Texts> = LazyLock::new(|| {
    let (mut english, german) = (texts("en"), texts("de"));
    english.keys.retain(|key| key.contains('-'));
    english.values.retain(|text| {
        let is_long = text.chars().filter(|c| c.is_alphabetic()).count() > 12;
        is_long && !german.values.iter().any(|german| german.contains(text.as_str()))
    });
    english
});

/// The keys of a language, and the pieces of its texts between values and tags.
#[derive(Default)]
struct Texts {
    keys: BTreeSet<String>,
    values: BTreeSet<String>,
}

fn texts(language: &str) -> Texts {
    let mut texts = Texts::default();
    for file in fs::read_dir(format!("locales/{language}")).unwrap() {
        let source = fs::read_to_string(file.unwrap().path()).unwrap();
        for entry in parser::parse(source.as_str()).unwrap().body {
            let Entry::Message(message) = entry else { continue };
            texts.keys.insert(message.id.name.to_owned());
            message.value.iter().for_each(|pattern| texts.read(pattern));
            for attribute in &message.attributes {
                texts.keys.insert(format!("{}.{}", message.id.name, attribute.id.name));
                texts.read(&attribute.value);
            }
        }
    }
    texts
}

impl Texts {
    fn read(&mut self, pattern: &Pattern<&str>) {
        for element in &pattern.elements {
            match element {
                PatternElement::TextElement { value } => {
                    let pieces = value.split(['<', '>']).map(|piece| piece.trim().to_owned());
                    self.values.extend(pieces.filter(|piece| !piece.is_empty()));
                }
                PatternElement::Placeable { expression: Expression::Select { variants, .. } } => {
                    variants.iter().for_each(|variant| self.read(&variant.value));
                }
                PatternElement::Placeable { .. } => {}
            }
        }
    }
}

/// Words of a text that speaks to a friend, and English ones that have a German name.
const REFUSED: [&str; 23] = [
    "du",
    "dein",
    "deine",
    "deinen",
    "deinem",
    "deiner",
    "dich",
    "dir",
    "euch",
    "euer",
    "eure",
    "euren",
    "einloggen",
    "eingeloggt",
    "ausloggen",
    "ausgeloggt",
    "login",
    "checken",
    "canceln",
    "downloaden",
    "account",
    "user",
    "email",
];

/// Returns the refused words of a text, each as a whole word.
fn refused_in(text: &str) -> Vec<&'static str> {
    let text = text.to_lowercase();
    let words: BTreeSet<&str> = text.split(|c: char| !c.is_alphanumeric() && c != '-').collect();
    REFUSED.iter().copied().filter(|word| words.contains(word)).collect()
}

#[test]
fn german_texts_say_sie_and_use_german_words() {
    for text in &texts("de").values {
        assert_eq!(refused_in(text), [""; 0], "{text}");
    }
    assert_eq!(refused_in("Hast du dich eingeloggt?"), ["du", "dich", "eingeloggt"]);
    assert_eq!(refused_in("Ihr Konto, Ihre E-Mail-Adresse und der Durchgang"), [""; 0]);
}
