//! Facts that an app learns of its user.

use crate::{EmailAddress, Proof, Timestamp, account::AccountName, assurance::Part, group::GroupName, handle::Handle};

/// The headers by which an app learns of its user. A check always sets all of them, so that none of
/// a visitor's own survives.
pub const HEADERS: [&str; 6] =
    ["Remote-User", "Remote-Email", "Remote-Name", "Remote-Groups", "Remote-Auth-Time", "Remote-Amr"];

/// The order of the words for methods. One that is not in it comes last.
const ORDER: [&str; 6] = ["email", "pwd", "console", "otp", "pop", "user"];

/// The longest list of groups in a header. Servers refuse longer heads.
const MAX_GROUPS: usize = 2048;

/// Facts that an app learns of its user.
#[derive(Clone, Debug)]
pub struct Identity<'a> {
    pub handle: &'a Handle,
    pub email: &'a EmailAddress,
    pub name: &'a AccountName,
    pub groups: Vec<GroupName>,
    pub proofs: &'a [Proof],
    pub now: Timestamp,
}

impl Identity<'_> {
    /// Returns the headers, each with its value. A value is empty if there is nothing to tell.
    pub fn headers(&self) -> [(&'static str, String); 6] {
        let [user, email, name, names_of_groups, time, amr] = HEADERS;
        let auth_time = auth_time(self.proofs, self.now).map(|at| at.as_millis().div_euclid(1000).to_string());
        [
            (user, self.handle.as_str().to_owned()),
            (email, self.email.as_str().to_owned()),
            (name, self.name.as_str().to_owned()),
            (names_of_groups, groups(self.groups.iter().cloned()).unwrap_or_default()),
            (time, auth_time.unwrap_or_default()),
            (amr, methods(self.proofs).join(" ")),
        ]
    }

    /// Returns whether the names of all groups fit into a header.
    pub fn groups_fit(&self) -> bool {
        groups(self.groups.iter().cloned()).is_some()
    }
}

/// Returns the headers for an app that learns of no user.
pub fn unknown() -> [(&'static str, String); 6] {
    HEADERS.map(|name| (name, String::new()))
}

/// Returns the names of groups as one header, in order. `None` if they do not fit: half of them
/// would be a lie.
pub fn groups(names: impl IntoIterator<Item = GroupName>) -> Option<String> {
    let mut names: Vec<GroupName> = names.into_iter().collect();
    names.sort();
    let joined = names.iter().map(GroupName::as_str).collect::<Vec<_>>().join(",");
    (joined.len() <= MAX_GROUPS).then_some(joined)
}

/// Returns when the user last proved who they are. A remembered browser proves nothing of now.
/// A proof from the future proves nothing at all, because the clock was set back.
pub fn auth_time(proofs: &[Proof], now: Timestamp) -> Option<Timestamp> {
    let counts = |proof: &&Proof| proof.method.proves_presence() && !proof.at.is_ahead_of(now);
    // Another node may be a little ahead. An app learns of no time from the future.
    proofs.iter().filter(counts).map(|proof| proof.at.min(now)).max()
}

/// Returns how the user proved it, in the words of RFC 8176 and always in the same order.
pub fn methods(proofs: &[Proof]) -> Vec<&'static str> {
    let place = |word: &&str| ORDER.iter().position(|known| known == word).unwrap_or(ORDER.len());
    let shown = |part| proofs.iter().any(|proof| proof.method.proves_presence() && proof.method.part() == part);
    let mut words: Vec<&'static str> = proofs.iter().flat_map(|proof| proof.method.amr()).copied().collect();
    words.sort_by_key(|word| (place(word), *word));
    words.dedup();
    if shown(Part::Both) || shown(Part::First) && shown(Part::Second) {
        words.push("mfa");
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Lifetime, Method};
    use Method::{EmailCode, EmailLink, Passkey, Password, RecoveryCode, Totp, TrustedDevice};

    fn proofs(methods: &[Method]) -> Vec<Proof> {
        let at = |n: usize| Timestamp::from_millis(i64::try_from(n).unwrap());
        methods.iter().enumerate().map(|(n, method)| Proof { method: *method, at: at(n) }).collect()
    }

    #[test]
    fn methods_are_named_in_one_order_and_a_remembered_browser_is_not() {
        for (used, expected) in [
            (&[][..], ""),
            (&[EmailLink], "email"),
            (&[EmailCode, EmailLink], "email"),
            (&[Totp, Password], "pwd otp mfa"),
            (&[Password, RecoveryCode], "pwd otp mfa"),
            (&[EmailLink, TrustedDevice], "email"),
            (&[Passkey], "pop user mfa"),
        ] {
            assert_eq!(methods(&proofs(used)).join(" "), expected);
        }
    }

    #[test]
    fn the_newest_proof_counts_unless_it_is_a_remembered_browser() {
        let now = Timestamp::from_millis(1000);
        assert_eq!(auth_time(&proofs(&[EmailLink, Totp, TrustedDevice]), now), Some(Timestamp::from_millis(1)));
        assert_eq!(auth_time(&[], now), None);
        let ahead = Proof { method: Totp, at: now.plus(Lifetime::days(1)) };
        assert_eq!(auth_time(&[ahead], now), None, "the clock was set back");
        let nearly = Proof { method: Totp, at: now.plus(Lifetime::millis(1)) };
        assert_eq!(auth_time(&[nearly], now), Some(now), "another node is a little ahead");
    }

    #[test]
    fn an_app_learns_six_things_and_of_a_stranger_none() {
        let identity = Identity {
            handle: &Handle::parse("ana").unwrap(),
            email: &EmailAddress::parse("ana@example.com").unwrap(),
            name: &AccountName::parse("Ana Müller").unwrap(),
            groups: vec![GroupName::parse("family").unwrap()],
            proofs: &[Proof { method: Passkey, at: Timestamp::from_millis(1_999) }],
            now: Timestamp::from_millis(2_000),
        };
        let values = identity.headers().map(|(_, value)| value);
        assert_eq!(values, ["ana", "ana@example.com", "Ana Müller", "family", "1", "pop user mfa"]);
        assert_eq!(identity.headers().map(|(name, _)| name), HEADERS);
        assert!(unknown().iter().all(|(_, value)| value.is_empty()));
    }

    #[test]
    fn groups_are_one_list_or_none() {
        let name = |text: &str| GroupName::parse(text).unwrap();
        assert_eq!(groups([name("family"), name("admins")]).unwrap(), "admins,family");
        assert_eq!(groups([]).unwrap(), "");
        assert!(groups((0..100).map(|n| name(&format!("a-long-name-of-a-group-{n}")))).is_none());
        let list = |last: usize| groups((0..31).map(|_| name(&"a".repeat(64))).chain([name(&"b".repeat(last))]));
        assert_eq!((list(33).map(|list| list.len()), list(34)), (Some(2048), None));
    }
}
