//! Lists that browsers carry for us in cookies, as text: attempts and passkey challenges.

use crate::{AttemptId, Token};

/// Most attempts that a browser may have open, about one per tab.
const MAX_ATTEMPTS: usize = 4;
/// Most passkey challenges that may wait in a browser, about one per window.
pub const MAX_CEREMONIES: usize = 4;

/// An attempt as its browser knows it.
#[derive(Clone, Debug)]
pub struct OwnAttempt {
    pub id: AttemptId,
    pub verifier: Token,
}

/// A passkey challenge as its browser knows it.
#[derive(Clone, Debug)]
pub struct OwnCeremony {
    /// Identifies the challenge. Not a secret.
    pub tag: String,
    pub secret: Token,
}

/// Returns the cookies of a `Cookie` header that are text.
///
/// A cookie is octets (RFC 6265 section 4.1.1). One that is not UTF-8 is a neighbour's, and the
/// others stay. Blanks are those of HTTP alone: a neighbour's name may begin with another one.
pub fn cookies(header: &[u8]) -> impl Iterator<Item = &str> {
    let all = header.split(|octet| *octet == b';');
    all.filter_map(|octets| str::from_utf8(octets).ok()).map(|text| text.trim_matches([' ', '\t']))
}

/// Reads attempts, newest first. What cannot be read is left out.
pub fn attempts(value: &str) -> Vec<OwnAttempt> {
    let read =
        |(id, verifier): (&str, &str)| Some(OwnAttempt { id: id.parse().ok()?, verifier: Token::present(verifier)? });
    pairs(value).take(MAX_ATTEMPTS).filter_map(read).collect()
}

pub fn write_attempts(attempts: impl IntoIterator<Item = OwnAttempt>) -> String {
    let attempts = attempts.into_iter().take(MAX_ATTEMPTS);
    joined(attempts.map(|own| (own.id.to_string(), own.verifier)))
}

/// Reads passkey challenges, newest first. What cannot be read is left out.
pub fn ceremonies(value: &str) -> Vec<OwnCeremony> {
    let read = |(tag, secret): (&str, &str)| Some(OwnCeremony { tag: tag.to_owned(), secret: Token::present(secret)? });
    pairs(value).take(MAX_CEREMONIES).filter_map(read).collect()
}

pub fn write_ceremonies(ceremonies: &[OwnCeremony]) -> String {
    joined(ceremonies.iter().map(|own| (own.tag.clone(), own.secret.clone())))
}

fn pairs(value: &str) -> impl Iterator<Item = (&str, &str)> {
    value.split('~').filter_map(|text| text.split_once('.'))
}

fn joined(pairs: impl Iterator<Item = (String, Token)>) -> String {
    pairs.map(|(name, secret)| format!("{name}.{}", secret.reveal())).collect::<Vec<_>>().join("~")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Entropy;

    struct Fixed(u8);

    impl Entropy for Fixed {
        fn fill(&self, bytes: &mut [u8]) {
            bytes.fill(self.0);
        }
    }

    fn attempt(n: u8) -> OwnAttempt {
        OwnAttempt { id: AttemptId::from_i64(n.into()), verifier: Token::issue(&Fixed(n)) }
    }

    fn ids(value: &str) -> Vec<i64> {
        attempts(value).iter().map(|own| own.id.as_i64()).collect()
    }

    #[test]
    fn a_browser_carries_its_four_newest_attempts_and_nothing_unreadable() {
        let written = write_attempts((1..=6).map(attempt));
        assert_eq!(ids(&written), [1, 2, 3, 4]);
        assert_eq!(ids(&format!("x~{written}")), [1, 2, 3, 4]);
        assert_eq!(ids(&format!("x.y~{written}")), [1, 2, 3], "it takes one of the four places");
        assert_eq!(ids("0000000000000001.short~.~"), Vec::<i64>::new());
        let verifiers: Vec<String> = attempts(&written).iter().map(|own| own.verifier.reveal()).collect();
        assert_eq!(verifiers, [1, 2, 3, 4].map(|n| attempt(n).verifier.reveal()));
    }

    #[test]
    fn a_browser_carries_its_four_newest_challenges_and_nothing_unreadable() {
        let own = |n: u8| OwnCeremony { tag: format!("t{n}"), secret: Token::issue(&Fixed(n)) };
        let written = write_ceremonies(&[1, 2, 3, 4, 5].map(own));
        let read = |value: &str| -> Vec<(String, String)> {
            ceremonies(value).into_iter().map(|own| (own.tag, own.secret.reveal())).collect()
        };
        assert_eq!(read(&written), [1, 2, 3, 4].map(|n| (own(n).tag, own(n).secret.reveal())));
        assert_eq!(read("t1.short~t2~."), []);
    }

    #[test]
    fn a_neighbours_cookie_is_left_alone() {
        let header = b"a=1; \xff=2;\tb=3 ;\xc2\xa0c=4";
        assert_eq!(cookies(header).collect::<Vec<_>>(), ["a=1", "b=3", "\u{a0}c=4"]);
    }
}
