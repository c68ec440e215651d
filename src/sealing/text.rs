//! The key file as text: a few words for its reader, then a line for each secret. Each line has the
//! secret's name, so that a typing error is noticed and is not read as another key.

use super::key::{Keys, Role, Secret};

/// A fault and its line, counted from 1.
pub(super) type LineFault = (usize, &'static str);

const FIRST: &str = "gatepost-keys 1";

const COMMENT: &str = "\
# Gatepost's key file: what seals the secrets in its database, such as those of authenticator apps.
# Back it up apart from the database, and keep it secret. Every node needs the same one.
# Only `gatepost rotate-key` changes it. The first key seals; the others open what was sealed before.
";

pub(super) fn write(keys: &Keys) -> String {
    let mut text = format!("{COMMENT}{FIRST}\nstable {} {}\n", keys.stable.id(), keys.stable.reveal());
    for key in keys.all() {
        text.push_str(&format!("key {} {}\n", key.id(), key.reveal()));
    }
    text
}

pub(super) fn read(text: &str) -> Result<Keys, LineFault> {
    let lines = text.lines().enumerate().map(|(n, line)| (n + 1, line));
    let mut lines = lines.filter(|(_, line)| !line.is_empty() && !line.starts_with('#'));
    match lines.next() {
        Some((_, FIRST)) => {}
        Some((n, line)) if line.starts_with("gatepost-keys ") => return Err((n, "it was written by a newer Gatepost")),
        Some((n, _)) => return Err((n, "this is not a Gatepost key file")),
        None => return Err((1, "nothing is in it")),
    }
    let (mut stable, mut keys) = (None, Vec::<Secret>::new());
    let mut last = 1;
    for (n, line) in lines {
        last = n;
        let mut words = line.split(' ');
        let (Some(kind), Some(id), Some(secret), None) = (words.next(), words.next(), words.next(), words.next())
        else {
            return Err((n, "it needs three words"));
        };
        let role = match kind {
            "stable" => Role::Stable,
            "key" => Role::Sealing,
            _ => return Err((n, "it begins with neither `stable` nor `key`")),
        };
        let secret = Secret::read(secret, role).ok_or((n, "its secret is not whole"))?;
        if id != secret.id().to_string() {
            return Err((n, "its secret is not the one that it names"));
        }
        match role {
            Role::Stable if stable.is_some() => return Err((n, "there is a `stable` line already")),
            Role::Stable => stable = Some(secret),
            Role::Sealing if keys.iter().any(|key| key.id() == secret.id()) => {
                return Err((n, "this key is here twice"));
            }
            Role::Sealing => keys.push(secret),
        }
    }
    let stable = stable.ok_or((last, "the `stable` line is missing"))?;
    let mut keys = keys.into_iter();
    let newest = keys.next().ok_or((last, "no key is in it"))?;
    Ok(Keys { stable, newest, older: keys.collect() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::entropy::SystemEntropy;
    use proptest::prelude::*;

    fn three() -> Keys {
        let another = || Secret::make(&SystemEntropy, Role::Sealing);
        Keys::make(&SystemEntropy).with(another()).with(another())
    }

    fn fault(text: &str) -> LineFault {
        read(text).unwrap_err()
    }

    #[test]
    fn a_file_reads_back_as_it_was_written() {
        let keys = three();
        let again = read(&write(&keys)).unwrap();
        assert_eq!(write(&again), write(&keys));
        assert_eq!(again.ids(), keys.ids());
        assert!(read(&write(&keys).replace('\n', "\r\n")).is_ok(), "as some editors save it");
    }

    #[test]
    fn no_letter_of_it_can_be_changed_unnoticed() {
        let text = write(&three());
        for (at, letter) in text.char_indices().filter(|(at, _)| *at >= COMMENT.len()) {
            for other in ['A', '-', ' ', '\n', '#'] {
                if other == letter {
                    continue;
                }
                let changed = format!("{}{other}{}", &text[..at], &text[at + 1..]);
                // Turned into a comment, a key is missing, and the database notices that.
                let begins_a_line = at == 0 || text.as_bytes()[at - 1] == b'\n';
                assert!(read(&changed).is_err() || (begins_a_line && "#\n".contains(other)), "{changed}");
            }
        }
    }

    #[test]
    fn what_is_wrong_is_named_with_its_line() {
        let text = write(&three());
        let keys: Vec<&str> = text.lines().filter(|line| line.starts_with("key ")).collect();
        assert_eq!(fault(""), (1, "nothing is in it"));
        assert_eq!(fault("# gatepost\n\nhello\n"), (3, "this is not a Gatepost key file"));
        assert_eq!(fault("gatepost-keys 2\n"), (1, "it was written by a newer Gatepost"));
        assert_eq!(fault("gatepost-keys 1\n"), (1, "the `stable` line is missing"));
        assert_eq!(fault(&format!("{text}key 1\n")), (9, "it needs three words"));
        assert_eq!(fault(&format!("{text}kee 1 2\n")), (9, "it begins with neither `stable` nor `key`"));
        assert_eq!(fault(&format!("{text}{}\n", keys[1])), (9, "this key is here twice"));
        assert_eq!(fault(&text[..text.len() - 2]), (8, "its secret is not whole"));
        let swapped = keys[0].replace(&keys[0][4..20], &keys[1][4..20]);
        assert_eq!(fault(&format!("{text}{swapped}\n")), (9, "its secret is not the one that it names"));
        let without = keys.iter().fold(text.clone(), |text, key| text.replace(key, ""));
        assert_eq!(fault(&without), (5, "no key is in it"));
        let stable = text.lines().find(|line| line.starts_with("stable")).unwrap();
        assert_eq!(fault(&format!("{text}{stable}\n")), (9, "there is a `stable` line already"));
        assert_eq!(
            fault(&format!("{text}{}\n", stable.replace("stable", "key"))),
            (9, "its secret is not the one that it names")
        );
    }

    proptest! {
        #[test]
        fn reading_anything_at_all_never_panics(text in "(gatepost-keys 1\n)?(\\PC{0,40}\n){0,4}") {
            let _ = read(&text);
        }
    }
}
