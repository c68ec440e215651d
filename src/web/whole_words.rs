//! Keeps short words such as "E-Mail" and "IP-Adresse" on one line. Browsers break a line after any
//! hyphen, which leaves a single letter behind. A hyphen that does not break would be another
//! character for search and for copied text.

/// Most letters before the hyphen.
const MOST_BEFORE: usize = 2;
/// Most letters after it, because what never breaks must fit the narrowest phone.
const MOST_AFTER: usize = 12;
/// Elements that hold no other HTML element. One in a picture would end the picture.
const CLOSED: [&str; 6] = ["title", "option", "textarea", "script", "style", "svg"];

/// Returns the page with each of these words in an element that the stylesheet keeps whole.
pub fn keep_whole(page: &str) -> String {
    let mut kept = String::with_capacity(page.len() + page.len() / 16);
    let mut pieces = page.split('<');
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
            _ => CLOSED.into_iter().find(|name| tag.split_ascii_whitespace().next() == Some(name)),
        };
        if closed.is_some() { kept.push_str(text) } else { push_text(&mut kept, text) }
    }
    kept
}

fn push_text(kept: &mut String, text: &str) {
    let mut rest = text;
    while let Some((before, word, after)) = first_word(rest) {
        kept.push_str(before);
        kept.push_str("<span class=\"whole\">");
        kept.push_str(word);
        kept.push_str("</span>");
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
        if is_inside || goes_on || !(1..=MOST_BEFORE).contains(&short) || !(2..=MOST_AFTER).contains(&many) {
            return None;
        }
        let (word, after) = text.get(before.len()..)?.split_at_checked(short + length)?;
        Some((before, word, after))
    })
}

#[cfg(test)]
mod tests {
    use super::keep_whole;

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
}
