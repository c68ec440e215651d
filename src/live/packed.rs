//! A known session in as few bytes as possible: one piece of memory, about a hundred bytes.
//!
//! The part that a session check needs comes first, at fixed places. Names and addresses follow.

use super::{
    changes::Stamp,
    current_user::{CachedSession, CurrentUser},
    octets::{Reader, Writer},
};
use crate::domain::{
    Account, AccountId, EmailAddress, Enrolled, LanguageTag, Method, Proof, SessionId, TimeZone, Timestamp,
    account::AccountName,
};
use strum::VariantArray;

/// Bytes that an entry of the map adds to those of its session: key, pointer, links and index.
const OF_THE_MAP: usize = 56;
/// Bytes that the allocator adds.
const OF_THE_HEAP: usize = 8;

/// Flags of a session.
mod flag {
    pub(super) const REMEMBER: u8 = 1;
    pub(super) const ADMIN: u8 = 2;
    pub(super) const PASSWORD: u8 = 4;
    pub(super) const TOTP: u8 = 8;
    pub(super) const PASSKEY: u8 = 16;
    pub(super) const RECOVERY_CODES: u8 = 32;
    pub(super) const HAS_LANGUAGE: u8 = 64;
    pub(super) const HAS_RECOVERY: u8 = 128;
}

/// Flags beside the number of proofs. What is missing takes no byte.
mod beside_proofs {
    /// Bits of the number. A session has one proof of each method at most.
    pub(super) const COUNT: u8 = 15;
    pub(super) const HAS_PROVEN: u8 = 16;
    pub(super) const HAS_EXITS: u8 = 32;
    pub(super) const HAS_TIME_ZONE: u8 = 64;
    pub(super) const GUEST: u8 = 128;
}

/// Places of the parts with a fixed length.
mod place {
    use std::ops::Range;

    pub(super) const STAMP: Range<usize> = 0..6;
    pub(super) const ACCOUNT: Range<usize> = 6..14;
    pub(super) const SESSION: Range<usize> = 14..22;
    pub(super) const SEEN: Range<usize> = 22..28;
    pub(super) const CREATED: Range<usize> = 28..34;
    pub(super) const ENDS: Range<usize> = 34..40;
    pub(super) const FLAGS: usize = 40;
    pub(super) const PROOFS: usize = 41;
    pub(super) const REST: usize = 42;
}

const _: () = assert!(Method::VARIANTS.len() <= 15, "the count of proofs has four bits");

/// A copy for each reader costs less than the 16 bytes that an `Arc` would add to each session.
#[derive(Clone)]
pub(super) struct Packed(Box<[u8]>);

impl Packed {
    /// Packs a session of an active account. Returns `None` for one that cannot be right,
    /// such as one of the year 7000.
    pub(super) fn of(known: &CurrentUser, stamp: Stamp) -> Option<Self> {
        if !known.account.is_active() {
            return None;
        }
        let (session, account) = (&known.session, &known.account);
        let mut to = Writer(Vec::with_capacity(160));
        to.six_bytes(i64::try_from(stamp.0).ok().filter(|stamp| *stamp < 1 << 47)?)?;
        // Ids are random, and take all 64 bits.
        to.0.extend(account.id.as_i64().to_le_bytes());
        to.0.extend(session.id.as_i64().to_le_bytes());
        to.time(session.seen_at)?;
        to.time(session.created_at)?;
        // A session ends with its account at the latest.
        to.time(account.over_at().map_or(session.ends_at, |end| end.min(session.ends_at)))?;
        to.0.push(flags(known));
        let count = u8::try_from(session.proofs.len()).ok().filter(|count| *count <= beside_proofs::COUNT)?;
        to.0.push(count | flags_beside_proofs(known));
        for proof in &session.proofs {
            let method = Method::VARIANTS.iter().position(|method| *method == proof.method)?;
            to.0.push(u8::try_from(method).ok()?);
            // Usually the moment in which the session began.
            to.time_beside(session.created_at, proof.at)?;
        }
        // Five bytes for an account that is up to six months older than the session.
        to.time_beside(session.created_at, account.created_at)?;
        if let Some(proven) = account.proven_at {
            to.time_beside(account.created_at, proven)?;
        }
        to.text(account.email.as_str())?;
        to.text(account.name.as_str())?;
        if let Some(language) = &account.language {
            to.text(language.as_str())?;
        }
        if let Some(time_zone) = &account.time_zone {
            to.text(time_zone.name())?;
        }
        to.handle(known.handle.as_ref(), account.email.as_str())?;
        to.groups(&known.groups)?;
        if !session.exits.is_empty() {
            to.exits(&session.exits)?;
        }
        if let Some(until) = account.guest_until {
            to.time(until)?;
        }
        if let Some(recovery) = &known.recovery {
            to.recovery(recovery)?;
        }
        Some(Self(to.0.into()))
    }

    pub(super) fn stamp(&self) -> Stamp {
        Stamp(self.six_bytes(place::STAMP).cast_unsigned())
    }

    pub(super) fn account(&self) -> AccountId {
        AccountId::from_i64(self.number(place::ACCOUNT))
    }

    pub(super) fn session(&self) -> SessionId {
        SessionId::from_i64(self.number(place::SESSION))
    }

    /// Returns when the session was last seen, as far as this node knows.
    pub(super) fn seen_at(&self) -> Timestamp {
        self.time(place::SEEN)
    }

    /// Returns when the session began, and when it is to end.
    pub(super) fn span(&self) -> (Timestamp, Timestamp) {
        (self.time(place::CREATED), self.time(place::ENDS))
    }

    pub(super) fn is_remembered(&self) -> bool {
        self.has(flag::REMEMBER)
    }

    pub(super) fn is_admin(&self) -> bool {
        self.has(flag::ADMIN)
    }

    pub(super) fn is_guest(&self) -> bool {
        self.has_beside_proofs(beside_proofs::GUEST)
    }

    pub(super) fn enrolled(&self) -> Enrolled {
        Enrolled {
            password: self.has(flag::PASSWORD),
            totp: self.has(flag::TOTP),
            passkey: self.has(flag::PASSKEY),
            recovery_codes: self.has(flag::RECOVERY_CODES),
        }
    }

    /// Returns the methods that were shown.
    pub(super) fn methods(&self) -> Vec<Method> {
        self.proofs(&mut self.rest()).unwrap_or_default().iter().map(|proof| proof.method).collect()
    }

    /// Returns the same session, seen at another moment.
    pub(super) fn with_seen(&self, at: Timestamp) -> Option<Self> {
        let mut to = Writer(Vec::with_capacity(6));
        to.time(at)?;
        let mut bytes = self.0.to_vec();
        bytes.get_mut(place::SEEN)?.copy_from_slice(&to.0);
        Some(Self(bytes.into()))
    }

    /// Returns everything that was packed.
    pub(super) fn open(&self) -> Option<CurrentUser> {
        let mut from = self.rest();
        let proofs = self.proofs(&mut from)?;
        let (created_at, ends_at) = self.span();
        let account_created_at = from.time_beside(created_at)?;
        let is_proven = self.has_beside_proofs(beside_proofs::HAS_PROVEN);
        let proven_at = if is_proven { Some(from.time_beside(account_created_at)?) } else { None };
        let email = EmailAddress::parse(from.text()?).ok()?;
        let name = AccountName::parse(from.text()?).ok()?;
        let language = if self.has(flag::HAS_LANGUAGE) { Some(LanguageTag::parse(from.text()?)?) } else { None };
        let has_time_zone = self.has_beside_proofs(beside_proofs::HAS_TIME_ZONE);
        let time_zone = if has_time_zone { TimeZone::parse(from.text()?) } else { None };
        let handle = from.handle(email.as_str())?;
        let groups = from.groups()?;
        let session = CachedSession {
            id: self.session(),
            remember: self.is_remembered(),
            created_at,
            ends_at,
            seen_at: self.seen_at(),
            proofs,
            exits: if self.has_beside_proofs(beside_proofs::HAS_EXITS) { from.exits()? } else { Vec::new() },
        };
        let guest_until = if self.is_guest() { Some(from.time()?) } else { None };
        let recovery = if self.has(flag::HAS_RECOVERY) { Some(from.recovery(self.account())?) } else { None };
        let account = Account {
            id: self.account(),
            email,
            name,
            is_admin: self.is_admin(),
            disabled_at: None,
            proven_at,
            created_at: account_created_at,
            last_signed_in_at: None,
            language,
            time_zone,
            guest_until,
            ends_at: None,
        };
        Some(CurrentUser { session, account, enrolled: self.enrolled(), recovery, handle, groups })
    }

    /// Returns the bytes of memory that a map needs for it.
    pub(super) fn weight(&self) -> usize {
        (self.0.len() + OF_THE_HEAP).next_multiple_of(16) + OF_THE_MAP
    }

    fn has(&self, flag: u8) -> bool {
        self.0.get(place::FLAGS).is_some_and(|flags| flags & flag != 0)
    }

    fn has_beside_proofs(&self, flag: u8) -> bool {
        self.0.get(place::PROOFS).is_some_and(|proofs| proofs & flag != 0)
    }

    fn number(&self, place: std::ops::Range<usize>) -> i64 {
        Reader(self.0.get(place).unwrap_or_default()).number().unwrap_or_default()
    }

    fn six_bytes(&self, place: std::ops::Range<usize>) -> i64 {
        Reader(self.0.get(place).unwrap_or_default()).six_bytes().unwrap_or_default()
    }

    fn time(&self, place: std::ops::Range<usize>) -> Timestamp {
        Timestamp::from_millis(self.six_bytes(place))
    }

    fn rest(&self) -> Reader<'_> {
        Reader(self.0.get(place::REST..).unwrap_or_default())
    }

    fn proofs(&self, from: &mut Reader<'_>) -> Option<Vec<Proof>> {
        let count = *self.0.get(place::PROOFS)? & beside_proofs::COUNT;
        let created_at = self.time(place::CREATED);
        let proof = |from: &mut Reader<'_>| {
            let method = *Method::VARIANTS.get(usize::from(from.byte()?))?;
            Some(Proof { method, at: from.time_beside(created_at)? })
        };
        (0..count).map(|_| proof(from)).collect()
    }
}

fn flags(known: &CurrentUser) -> u8 {
    let enrolled = known.enrolled;
    let all = [
        (flag::REMEMBER, known.session.remember),
        (flag::ADMIN, known.account.is_admin),
        (flag::PASSWORD, enrolled.password),
        (flag::TOTP, enrolled.totp),
        (flag::PASSKEY, enrolled.passkey),
        (flag::RECOVERY_CODES, enrolled.recovery_codes),
        (flag::HAS_LANGUAGE, known.account.language.is_some()),
        (flag::HAS_RECOVERY, known.recovery.is_some()),
    ];
    sum_of(&all)
}

fn flags_beside_proofs(known: &CurrentUser) -> u8 {
    let account = &known.account;
    let all = [
        (beside_proofs::HAS_PROVEN, account.proven_at.is_some()),
        (beside_proofs::HAS_EXITS, !known.session.exits.is_empty()),
        (beside_proofs::HAS_TIME_ZONE, account.time_zone.is_some()),
        (beside_proofs::GUEST, account.is_guest()),
    ];
    sum_of(&all)
}

fn sum_of(flags: &[(u8, bool)]) -> u8 {
    flags.iter().filter(|(_, is_set)| *is_set).map(|(flag, _)| flag).sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{
        BrowserLabel, ClientAddress, RecoveryId,
        apps::{AppId, exit::Exit},
        group::GroupId,
        handle::Handle,
        recovery::{AskedBy, Recovery},
    };
    use proptest::prelude::*;

    fn known(email: &str, name: &str) -> CurrentUser {
        let at = Timestamp::from_millis(1_795_356_180_000);
        let account = Account {
            id: AccountId::from_i64(i64::MIN),
            email: EmailAddress::parse(email).unwrap(),
            name: AccountName::parse(name).unwrap(),
            is_admin: false,
            disabled_at: None,
            proven_at: Some(at),
            created_at: at,
            last_signed_in_at: None,
            language: None,
            time_zone: None,
            guest_until: None,
            ends_at: None,
        };
        let session = CachedSession {
            id: SessionId::from_i64(i64::MAX),
            remember: true,
            created_at: at,
            ends_at: at,
            seen_at: at,
            proofs: vec![Proof { method: Method::EmailLink, at }],
            exits: Vec::new(),
        };
        let (handle, groups) = (Handle::parse("anna.lindner").ok(), vec![GroupId::from_i64(1)]);
        CurrentUser { session, account, enrolled: Enrolled::default(), recovery: None, handle, groups }
    }

    proptest! {
        #[test]
        fn what_was_packed_comes_out_again(
            (millis, proven, joined) in (-10_000_000_000_000i64..10_000_000_000_000, -10_000_000_000_000i64..10_000_000_000_000, -10_000_000_000_000i64..10_000_000_000_000),
            is_proven: bool,
            flags: [bool; 6], stamp in 0u64..1 << 47, name in "[a-zé]{0,100}", method in 0usize..8, has_language: bool, recovering in 0u8..3,
            groups in proptest::collection::vec(any::<i64>(), 0..600), has_handle: bool, is_guest: bool, exits in 0i64..200,
        ) {
            let at = Timestamp::from_millis(millis);
            let mut known = known("ana@example.com", &name);
            known.session.proofs.push(Proof { method: Method::VARIANTS[method], at });
            (known.session.remember, known.account.is_admin) = (flags[0], flags[1]);
            known.enrolled = Enrolled { password: flags[2], totp: flags[3], passkey: flags[4], recovery_codes: flags[5] };
            known.session.seen_at = at;
            known.account.created_at = Timestamp::from_millis(joined);
            known.account.proven_at = is_proven.then_some(Timestamp::from_millis(proven));
            known.account.guest_until = is_guest.then_some(at);
            // A guest's session ends with the account.
            known.session.ends_at = if is_guest { known.session.ends_at.min(at) } else { known.session.ends_at };
            known.session.exits = (0..exits).map(|n| Exit { app: AppId::from_i64(n), left_at: at, is_out: n % 2 == 0 }).collect();
            known.account.time_zone = flags[1].then(|| TimeZone::parse("Europe/Berlin").unwrap());
            known.account.language = has_language.then(|| LanguageTag::parse("de").unwrap());
            known.groups = groups.into_iter().map(GroupId::from_i64).collect();
            known.handle = known.handle.filter(|_| has_handle).or_else(|| Handle::parse("ana").ok().filter(|_| flags[0]));
            known.recovery = (recovering > 0).then(|| Recovery {
                browser: (recovering > 1).then(|| BrowserLabel::from_user_agent("Firefox/1 Linux")),
                client: (recovering > 1).then(|| ClientAddress::new("2001:db8::1".parse().unwrap())),
                ..Recovery::new(RecoveryId::from_i64(9), known.account.id, AskedBy::Admin, at)
            });
            let packed = Packed::of(&known, Stamp(stamp)).unwrap();
            prop_assert_eq!(format!("{:?}", packed.open().unwrap()), format!("{known:?}"));
            prop_assert_eq!(packed.stamp(), Stamp(stamp));
            let later = at.plus(crate::domain::Lifetime::days(1));
            let seen = packed.with_seen(later).unwrap();
            known.session.seen_at = later;
            prop_assert_eq!(format!("{:?}", seen.open().unwrap()), format!("{known:?}"));
        }
    }

    #[test]
    fn a_usual_session_takes_at_most_200_bytes() {
        let packed = |known: &CurrentUser| Packed::of(known, Stamp(0)).unwrap().weight();
        assert_eq!(packed(&known("anna.lindner@example.com", "Anna Lindner")).max(200), 200);
        // A long name and a long address.
        let name = "é".repeat(AccountName::MAX_LENGTH);
        assert!(packed(&known(&format!("{}@{}.example.com", "a".repeat(64), "b".repeat(63)), &name)) < 600);
    }

    #[test]
    fn what_does_not_fit_is_not_packed() {
        let mut far = known("ana@example.com", "");
        far.session.ends_at = Timestamp::from_millis(i64::MAX);
        assert!(Packed::of(&far, Stamp(0)).is_none());
        assert!(Packed::of(&known("ana@example.com", ""), Stamp(1 << 47)).is_none());
        let mut many = known("ana@example.com", "");
        many.session.proofs = vec![many.session.proofs[0]; 16];
        assert!(Packed::of(&many, Stamp(0)).is_none());
        let mut disabled = known("ana@example.com", "");
        disabled.account.disabled_at = Some(Timestamp::from_millis(0));
        assert!(Packed::of(&disabled, Stamp(0)).is_none(), "a disabled account's never counts");
    }
}
