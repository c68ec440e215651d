//! Keeps short words such as "E-Mail" and "IP-Adresse" on one line. Browsers and mail programs
//! break a line after any hyphen, which leaves a single letter behind. In HTML the hyphen stays as
//! it is. For search and for copied text, another hyphen would be another character.

/// Most letters before the hyphen.
const MAX_BEFORE: usize = 2;
/// Most letters after it, because what never breaks must fit the narrowest phone.
const MAX_AFTER: usize = 12;
/// Elements that hold no other HTML element. One in a picture would end the picture.
const CLOSED: [&str; 6] = ["title", "option", "textarea", "script", "style", "svg"];

/// Beginning of the element on a page, whose stylesheet keeps it whole.
const ON_A_PAGE: &str = "<span class=\"whole\">";
/// Beginning of the element in an email. Many mail programs read no stylesheet.
const IN_AN_EMAIL: &str = "<span style=\"white-space:nowrap\">";
/// Most octets of an address that a line of an email has room for on the narrowest phone.
const FITS_A_LINE: usize = 24;
/// A hyphen at which no line breaks, for text without elements.
const FIRM_HYPHEN: &str = "\u{2011}";

/// Returns the page with each of these words in an element that stays on one line.
pub fn keep_whole(page: &str) -> String {
    kept_by(ON_A_PAGE, page)
}

/// Does the same for the HTML of an email. Long addresses of emails get points where a line may
/// break. Some email programs drop the style that would break them anywhere.
pub fn keep_whole_in_email(html: &str) -> String {
    kept_by(IN_AN_EMAIL, &in_each_text(html, push_with_breaks))
}

/// Returns the text with a hyphen that does not break in each of these words. Users copy addresses,
/// so those stay as they are.
pub fn with_firm_hyphens(text: &str) -> String {
    let words = text.split_inclusive(char::is_whitespace);
    words.fold(String::with_capacity(text.len()), |mut kept, word| {
        let mut push = |kept: &mut String, whole: &str| kept.push_str(&whole.replacen('-', FIRM_HYPHEN, 1));
        if word.contains(['/', '@']) {
            kept.push_str(word)
        } else {
            push_text(&mut kept, word, &mut push)
        }
        kept
    })
}

fn kept_by(element: &str, html: &str) -> String {
    if !has_candidate(html) {
        return html.to_owned();
    }
    let mut push = |kept: &mut String, word: &str| {
        kept.push_str(element);
        kept.push_str(word);
        kept.push_str("</span>");
    };
    in_each_text(html, |kept, text| push_text(kept, text, &mut push))
}

/// Returns whether a hyphen follows a capital anywhere. On most English pages none does, so that
/// one look at the page is enough.
fn has_candidate(html: &str) -> bool {
    html.as_bytes().windows(2).any(|pair| matches!(pair, [b'A'..=b'Z', b'-']))
}

/// Adds a text with places to break in each long address: behind its `@`, and before its dots.
fn push_with_breaks(kept: &mut String, text: &str) {
    for word in text.split_inclusive(char::is_whitespace) {
        if word.len() <= FITS_A_LINE || word.contains('/') || !word.contains('@') {
            kept.push_str(word);
            continue;
        }
        let mut letters = word.chars().peekable();
        while let Some(c) = letters.next() {
            let is_inside = letters.peek().is_some_and(|next| next.is_alphanumeric());
            match c {
                '@' => kept.push_str("@<wbr>"),
                '.' if is_inside => kept.push_str("<wbr>."),
                c => kept.push(c),
            }
        }
    }
}

/// Passes each text between tags to `push`, and leaves the rest as it is.
fn in_each_text(html: &str, mut push: impl FnMut(&mut String, &str)) -> String {
    let mut kept = String::with_capacity(html.len() + html.len() / 16);
    let mut pieces = html.split('<');
    kept.push_str(pieces.next().unwrap_or_default());
    let mut closed = None;
    for piece in pieces {
        kept.push('<');
        let Some((tag, text)) = piece.split_once('>') else {
            kept.push_str(piece);
            continue;
        };
        kept.push_str(tag);
        kept.push('>');
        closed = match closed {
            Some(name) if tag.strip_prefix('/') != Some(name) => Some(name),
            _ => {
                let opened = tag.split_ascii_whitespace().next();
                CLOSED.into_iter().find(|name| opened == Some(name))
            }
        };
        if closed.is_some() { kept.push_str(text) } else { push(&mut kept, text) }
    }
    kept
}

fn push_text(kept: &mut String, text: &str, push: &mut impl FnMut(&mut String, &str)) {
    let mut rest = text;
    while let Some((before, word, after)) = first_word(rest) {
        kept.push_str(before);
        push(kept, word);
        rest = after;
    }
    kept.push_str(rest);
}

/// Returns the text before the first such word, the word, and the text after it.
fn first_word(text: &str) -> Option<(&str, &str, &str)> {
    text.match_indices('-').find_map(|(hyphen, _)| {
        let (head, tail) = text.split_at_checked(hyphen)?;
        let short = head.chars().rev().take_while(char::is_ascii_uppercase).count();
        let (before, _) = head.split_at_checked(hyphen.checked_sub(short)?)?;
        let is_inside = before.chars().next_back().is_some_and(|c| c.is_alphanumeric() || c == '&' || c == '#');
        let letters = tail.get(1..)?.chars().take_while(|c| c.is_alphabetic());
        let (many, length) = letters.fold((0, 1), |(many, length), c| (many + 1, length + c.len_utf8()));
        // A code, and no word.
        let goes_on = tail.get(length..)?.chars().next().is_some_and(char::is_alphanumeric);
        if is_inside || goes_on || !(1..=MAX_BEFORE).contains(&short) || !(2..=MAX_AFTER).contains(&many) {
            return None;
        }
        let (word, after) = text.get(before.len()..)?.split_at_checked(short + length)?;
        Some((before, word, after))
    })
}

#[cfg(test)]
mod tests {
    use super::{keep_whole, keep_whole_in_email, with_firm_hyphens};

    /// Marks what is kept whole by brackets.
    fn kept(page: &str) -> String {
        keep_whole(page).replace("<span class=\"whole\">", "[").replace("</span>", "]")
    }

    #[test]
    fn a_letter_stays_with_the_word_behind_its_hyphen() {
        for (text, whole) in [
            ("E-Mail", "[E-Mail]"),
            ("Ihre E-Mail-Adresse und IP-Adressen", "Ihre [E-Mail]-Adresse und [IP-Adressen]"),
            ("Bestätigungs-E-Mail, „E-Mails“", "Bestätigungs-[E-Mail], „[E-Mails]“"),
            ("K-Müller", "[K-Müller]"),
        ] {
            assert_eq!(kept(&format!("<p>{text}</p>")), format!("<p>{whole}</p>"));
        }
    }

    #[test]
    fn every_other_hyphen_may_break() {
        for text in [
            "Authenticator-App",
            "PNG-Datei",
            "K7M-2QX",
            "AB-CD2",
            "sign-in",
            "A-",
            "-Mail",
            "E-1",
            "E-M",
            "é-Mail",
            "A-bcdefghijklmnopqrst",
            "&#X-Mail",
        ] {
            assert_eq!(kept(&format!("<p>{text}</p>")), format!("<p>{text}</p>"));
        }
    }

    #[test]
    fn tags_and_elements_without_others_stay_as_they_are() {
        for page in [
            "<title>E-Mail</title>",
            "<option value=\"E-Mail\" selected>E-Mail</option>",
            "<textarea>E-Mail</textarea>",
            "<input value=\"E-Mail\">",
            "<p title=\"E-Mail",
            "<svg viewBox=\"0 0 1 1\"><title>E-Mail</title><text>E-Mail</text></svg>",
        ] {
            assert_eq!(kept(page), page);
        }
        assert_eq!(kept("<title>E-Mail</title><h1>E-Mail</h1>"), "<title>E-Mail</title><h1>[E-Mail]</h1>");
    }

    #[test]
    fn an_email_keeps_the_same_words_whole_without_a_stylesheet() {
        assert_eq!(
            keep_whole_in_email("<title>E-Mail</title><p>E-Mail-Adresse</p>"),
            "<title>E-Mail</title><p><span style=\"white-space:nowrap\">E-Mail</span>-Adresse</p>"
        );
    }

    #[test]
    fn a_long_address_in_an_email_may_break_behind_its_sign_and_before_its_dots() {
        for (text, broken) in [
            (
                "Ask maximilian.mustermann@lindenschule.hamburg.de.",
                "Ask maximilian<wbr>.mustermann@<wbr>lindenschule<wbr>.hamburg<wbr>.de.",
            ),
            ("ana@example.com", "ana@example.com"),
            ("https://ana@login.example.com/auth/verify", "https://ana@login.example.com/auth/verify"),
            ("an.uncommonly.long.name.of.a.host.example.com", "an.uncommonly.long.name.of.a.host.example.com"),
        ] {
            assert_eq!(keep_whole_in_email(&format!("<p>{text}</p>")), format!("<p>{broken}</p>"));
        }
        let tag = "<title>maximilian.mustermann@lindenschule.de</title><a href=\"mailto:maximilian.mustermann@lindenschule.de\">";
        assert_eq!(keep_whole_in_email(tag), tag);
    }

    #[test]
    fn a_plain_text_has_firm_hyphens_in_the_same_words_and_none_in_addresses() {
        for (text, firm) in [
            ("Ihre E-Mail-Adresse", "Ihre E\u{2011}Mail-Adresse"),
            ("IP-Adresse: 203.0.113.7\nE-Mails", "IP\u{2011}Adresse: 203.0.113.7\nE\u{2011}Mails"),
            ("Authenticator-App", "Authenticator-App"),
            (
                "https://login.example.com/auth/verify?token=x_A-bcdef",
                "https://login.example.com/auth/verify?token=x_A-bcdef",
            ),
            ("E-Mail@example.com", "E-Mail@example.com"),
            ("K7M-2QX", "K7M-2QX"),
            ("  -- \n", "  -- \n"),
        ] {
            assert_eq!(with_firm_hyphens(text), firm);
        }
    }
}
