//! An address, as an email to another user may show it.
//!
//! Email programs turn text into links. An address such as
//! `www.evil.example/verify?id=1@attacker.example` is valid, and most of them make a web link of
//! it. The email would carry the attacker's link under our name.

use crate::EmailAddress;

impl EmailAddress {
    /// Returns the address, written so that no email program makes a web link of it. An ordinary
    /// address stays as it is.
    pub fn unlinked(&self) -> String {
        if self.is_ordinary() {
            return self.as_str().to_owned();
        }
        let mut text = String::new();
        for c in self.as_str().chars() {
            match c {
                '.' => text.push_str("[.]"),
                '@' => text.push_str("[at]"),
                '/' => text.push_str("[/]"),
                c => text.push(c),
            }
        }
        text
    }

    /// Returns the address with its domain in the reader's own script, if that differs.
    pub fn in_unicode(&self) -> Option<String> {
        let (domain, valid) = idna::domain_to_unicode(self.domain());
        let differs = self.is_ordinary() && valid.is_ok() && domain != self.domain();
        differs.then(|| format!("{}@{domain}", self.local()))
    }

    /// Returns whether a part has only letters, digits and usual separators. `www.` begins a link
    /// for many programs.
    fn is_ordinary(&self) -> bool {
        let local = self.local();
        local.bytes().all(|b| b.is_ascii_alphanumeric() || b"._+-".contains(&b)) && !local.contains("www.")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn unlinked(text: &str) -> String {
        EmailAddress::parse(text).unwrap().unlinked()
    }

    #[test]
    fn an_address_that_programs_would_link_is_broken_up() {
        for (typed, shown) in [
            ("ana@example.com", "ana@example.com"),
            ("vorname.nach-name+tag_1@example.com", "vorname.nach-name+tag_1@example.com"),
            (
                "www.evil.example/verify?id=1@attacker.example",
                "www[.]evil[.]example[/]verify?id=1[at]attacker[.]example",
            ),
            ("www.evil.example@attacker.example", "www[.]evil[.]example[at]attacker[.]example"),
            ("evil.example/x@attacker.example", "evil[.]example[/]x[at]attacker[.]example"),
            ("a'b@example.com", "a'b[at]example[.]com"),
        ] {
            assert_eq!(unlinked(typed), shown);
        }
    }

    #[test]
    fn a_domain_in_another_script_is_shown_in_it() {
        let unicode = |text: &str| EmailAddress::parse(text).unwrap().in_unicode();
        assert_eq!(unicode("ana@münchen.de").as_deref(), Some("ana@münchen.de"));
        assert_eq!(unicode("ana@example.com"), None);
        assert_eq!(unicode("a/b@münchen.de"), None);
    }

    proptest! {
        #[test]
        fn nothing_with_a_slash_keeps_a_dot(local in "[a-z0-9./?=&]{1,20}") {
            if let Ok(address) = EmailAddress::parse(&format!("{local}@attacker.example")) {
                let shown = address.unlinked();
                prop_assert!(!shown.contains('/') || !shown.replace("[.]", "").contains('.'));
            }
        }
    }
}
