//! Gains of power: what signs an attacker in or lets them do more, and who can undo it.
//!
//! An attacker who copies one fresh session can add a passkey, choose a password or move the
//! account. The mailbox that was told can undo that for [`UNDO_LIFETIME`], and no gain can prevent
//! it. The methods of [`Gain`] are the whole rule, as a table.

use crate::{Account, AccountId, EmailAddress, Id, Lifetime, Timestamp, recovery::AskedBy};
use strum::{EnumString, IntoStaticStr, VariantArray};

/// Time within which the link in the email undoes a gain. During it, a gain also ends no recovery.
pub const UNDO_LIFETIME: Lifetime = Lifetime::days(7);

/// A kind of gain. The list is closed, so that the compiler names every place that a new kind
/// extends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, VariantArray, EnumString, IntoStaticStr)]
#[strum(serialize_all = "snake_case", const_into_str)]
pub enum Gain {
    Passkey,
    App,
    RecoveryCodes,
    RememberedBrowser,
    Password,
    Address,
    AdminRights,
}

/// The mailbox that gets the email with the undo link.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Told {
    /// The account's own.
    Own,
    /// The mailbox that the account had before.
    Former,
    /// The mailbox of the admin who gave the rights.
    Giver,
}

/// Former value that comes back when a gain is undone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Returns {
    /// Nothing: the gain only goes.
    Nothing,
    /// The password that the account had before, if any.
    FormerPassword,
    /// The former set of codes. The codes that were used stay used.
    FormerCodes,
    FormerAddress,
}

impl Gain {
    /// Returns who can undo it.
    pub const fn told(self) -> Told {
        match self {
            Self::Passkey | Self::App | Self::RecoveryCodes | Self::RememberedBrowser | Self::Password => Told::Own,
            Self::Address => Told::Former,
            Self::AdminRights => Told::Giver,
        }
    }

    pub const fn returns(self) -> Returns {
        match self {
            Self::Passkey | Self::App | Self::RememberedBrowser | Self::AdminRights => Returns::Nothing,
            Self::RecoveryCodes => Returns::FormerCodes,
            Self::Password => Returns::FormerPassword,
            Self::Address => Returns::FormerAddress,
        }
    }

    /// Returns whether it can end a recovery once it is settled. A second factor ends one when it
    /// is used, an address by its mailbox, admin rights by the button. `_by` asked for the
    /// recovery, which makes no difference. A password alone must not keep an owner out, and a
    /// remembered browser uses no second factor.
    pub const fn ends_recoveries(self, _by: AskedBy) -> bool {
        match self {
            Self::Passkey | Self::App | Self::RecoveryCodes | Self::Address | Self::AdminRights => true,
            Self::RememberedBrowser | Self::Password => false,
        }
    }

    /// Returns whether undoing `undone` removes this one too. `is_later` means gained after it.
    /// What came before stays, of every kind.
    pub const fn goes_with(self, _undone: Self, is_later: bool) -> bool {
        is_later
    }

    /// Returns whether a recovery removes it at its end, however old it is. A password goes only if
    /// it is young and an admin or the command line gives the account back. See
    /// [`Self::young_goes_at_end_of`].
    pub const fn goes_at_end_of_recovery(self) -> bool {
        match self {
            Self::Passkey | Self::App | Self::RecoveryCodes | Self::RememberedBrowser => true,
            Self::Password | Self::Address | Self::AdminRights => false,
        }
    }

    /// Returns whether a recovery also removes it at its end if it was young when the recovery
    /// began. An owner uses the password to ask for a recovery, so it stays there. An address
    /// always stays, because only its former mailbox can say that an attacker moved the account.
    pub const fn young_goes_at_end_of(self, by: AskedBy) -> bool {
        match self {
            Self::Passkey | Self::App | Self::RecoveryCodes | Self::RememberedBrowser => true,
            Self::Password => matches!(by, AskedBy::Admin | AskedBy::CommandLine),
            Self::Address | Self::AdminRights => false,
        }
    }
}

/// Returns whether a gain was too old to be undone at `then`. Only a settled gain counts against a
/// recovery.
pub fn is_settled(gained_at: Timestamp, then: Timestamp) -> bool {
    gained_at.plus(UNDO_LIFETIME) <= then
}

pub type GainId = Id<Gained>;

/// A gain of an account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gained {
    pub id: GainId,
    /// The account that gained it. For admin rights: the account of the admin who gave them.
    pub account_id: AccountId,
    pub kind: Gain,
    /// Id of the passkey, the app, the remembered browser, or of the account that became an admin.
    pub thing: Option<i64>,
    /// The mailbox that got the email. For a changed address: the former address.
    pub told: EmailAddress,
    /// Time of the gain, different for each gain of an account, so that their order is certain.
    pub gained_at: Timestamp,
    pub undone_at: Option<Timestamp>,
}

impl Gained {
    pub fn can_be_undone(&self, now: Timestamp) -> bool {
        self.undone_at.is_none() && !is_settled(self.gained_at, now)
    }

    /// Returns everything that goes when this is undone: itself and later gains, oldest first.
    pub fn takes_along(&self, all: &[Self]) -> Vec<Self> {
        let goes = |other: &&Self| {
            let is_later = other.gained_at > self.gained_at;
            other.undone_at.is_none() && (other.id == self.id || other.kind.goes_with(self.kind, is_later))
        };
        let mut gone: Vec<_> = all.iter().filter(goes).cloned().collect();
        gone.sort_by_key(|gained| gained.gained_at);
        gone
    }
}

/// Returns the first of a kind among what goes. What the account had before it comes back.
pub fn first_of(gone: &[Gained], kind: Gain) -> Option<&Gained> {
    gone.iter().filter(|gained| gained.kind == kind).min_by_key(|gained| gained.gained_at)
}

/// Evidence of a user who takes an account back to its former address, while another account has
/// that address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Claim {
    /// True if the user is signed in to that other account.
    pub is_signed_in: bool,
    /// Time at which the opened link was made, if known.
    pub link_made_at: Option<Timestamp>,
}

/// The other account at the former address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Newcomer<'a> {
    pub account: &'a Account,
    /// Time at which it last came to this address. `None` if it has always had it.
    pub since: Option<Timestamp>,
    /// True if it is disabled, or has ended, by the decision of a settled admin or the operator.
    pub is_disabled_for_good: bool,
}

impl Newcomer<'_> {
    /// Returns when it verified this mailbox. The verification of an earlier address says nothing
    /// about this one.
    fn proven_at(&self) -> Option<Timestamp> {
        self.account.proven_at.map(|first| self.since.map_or(first, |since| since.max(first)))
    }
}

/// Returns whether the newcomer gives way.
///
/// - An account that never verified the mailbox always does, even if it is disabled or an admin.
///   Otherwise an attacker with an admin's session could put one there and keep the stolen account.
///
/// - An account that verified the mailbox may belong to the next owner of the address. So only its
///   own browser can give it up.
///
/// - A disabled or ended account has no signed-in browser. Its link counts only if it was made
///   after the account verified this mailbox. Only the reader of that mailbox has such a link.
///   Otherwise an attacker could disable the owner's new account, or let it end, and keep the
///   stolen one.
///
/// - None of these links counts once a settled admin or the operator has disabled it.
pub fn gives_way(newcomer: Newcomer<'_>, claim: Claim, now: Timestamp) -> bool {
    match (newcomer.proven_at(), newcomer.account.is_usable(now)) {
        (None, _) => true,
        (Some(_), true) => claim.is_signed_in,
        (Some(proven_at), false) => {
            !newcomer.is_disabled_for_good && claim.link_made_at.is_some_and(|made_at| made_at > proven_at)
        }
    }
}

/// Returns whether the mailbox gets a second email about the move, with a new link. The occasion:
/// `by` disables the account that has the address now, or sets its end. It does if `by` may act for
/// an attacker. `by` is then the account that moved, or an admin whose rights could still be
/// undone.
pub fn is_told_again(moved: &Gained, by: AccountId, has_young_rights: bool, now: Timestamp) -> bool {
    moved.kind == Gain::Address && moved.can_be_undone(now) && (by == moved.account_id || has_young_rights)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::account::AccountName;
    use Gain::{Address, AdminRights, App, Passkey, Password, RecoveryCodes, RememberedBrowser};
    use proptest::prelude::*;

    const NOW: Timestamp = Timestamp::from_millis(10_000_000_000);

    fn gained(id: i64, kind: Gain, at: i64) -> Gained {
        Gained {
            id: GainId::from_i64(id),
            account_id: AccountId::from_i64(1),
            kind,
            thing: None,
            told: EmailAddress::parse("ana@example.com").unwrap(),
            gained_at: Timestamp::from_millis(at),
            undone_at: None,
        }
    }

    #[test]
    fn every_cell_of_the_table() {
        use Returns::{FormerAddress, FormerCodes, FormerPassword, Nothing};
        // Kind; who can undo it; what comes back; whether it ends a recovery once settled. Then
        // whether it goes at the end of one, and with one that an admin began.
        let table = [
            (Passkey, Told::Own, Nothing, true, true, true),
            (App, Told::Own, Nothing, true, true, true),
            (RecoveryCodes, Told::Own, FormerCodes, true, true, true),
            (RememberedBrowser, Told::Own, Nothing, false, true, true),
            (Password, Told::Own, FormerPassword, false, false, true),
            (Address, Told::Former, FormerAddress, true, false, false),
            (AdminRights, Told::Giver, Nothing, true, false, false),
        ];
        assert_eq!(table.map(|row| row.0), *Gain::VARIANTS);
        for (kind, told, returns, ends, goes, young_goes) in table {
            assert_eq!((kind.told(), kind.returns()), (told, returns), "{kind:?}");
            for &by in AskedBy::VARIANTS {
                assert_eq!(kind.ends_recoveries(by), ends, "{kind:?} {by:?}");
                let young_goes = young_goes && (by != AskedBy::Owner || kind != Password);
                assert_eq!(kind.young_goes_at_end_of(by), young_goes, "{kind:?} {by:?}");
            }
            assert_eq!(kind.goes_at_end_of_recovery(), goes, "{kind:?}");
        }
    }

    #[test]
    fn what_came_before_stays_and_what_came_after_goes_whatever_kind_either_is() {
        for &undone in Gain::VARIANTS {
            for &other in Gain::VARIANTS {
                assert!(other.goes_with(undone, true), "{other:?} after {undone:?}");
                assert!(!other.goes_with(undone, false), "{other:?} before {undone:?}");
            }
        }
    }

    #[test]
    fn a_gain_can_be_undone_for_seven_days_and_once() {
        let gain = gained(1, Passkey, NOW.as_millis());
        let last = NOW.plus(UNDO_LIFETIME).minus(Lifetime::millis(1));
        assert!(gain.can_be_undone(NOW) && gain.can_be_undone(last));
        assert!(!gain.can_be_undone(NOW.plus(UNDO_LIFETIME)));
        assert!(!Gained { undone_at: Some(NOW), ..gain }.can_be_undone(NOW));
    }

    #[test]
    fn every_cell_of_who_gives_way() {
        let at = |minute| NOW.plus(Lifetime::minutes(minute));
        // First proven; at this address since; disabled; signed in to it; when the link was made;
        // gives way.
        let table = [
            (None, None, false, false, None, true),
            (None, None, true, false, None, true),
            (Some(5), None, false, false, None, false),
            (Some(5), None, false, false, Some(4), false),
            (Some(5), None, false, false, Some(6), false),
            (Some(5), None, false, true, None, true),
            (Some(5), None, true, false, None, false),
            (Some(5), None, true, false, Some(4), false),
            (Some(5), None, true, false, Some(5), false),
            (Some(5), None, true, false, Some(6), true),
            // No session belongs to a disabled account. If one outlives that, it counts for
            // nothing.
            (Some(5), None, true, true, None, false),
            // It verified another mailbox first, and this one when it came here.
            (Some(1), Some(5), false, false, Some(6), false),
            (Some(1), Some(5), false, true, Some(4), true),
            (Some(1), Some(5), true, false, Some(4), false),
            (Some(1), Some(5), true, false, Some(5), false),
            (Some(1), Some(5), true, false, Some(6), true),
            // It came back here before it was verified, and was verified here later.
            (Some(5), Some(1), true, false, Some(4), false),
            (Some(5), Some(1), true, false, Some(6), true),
            (None, Some(5), true, false, Some(4), true),
        ];
        for (proven, since, is_disabled, is_signed_in, made, gives) in table {
            let account = Account {
                id: AccountId::from_i64(2),
                email: EmailAddress::parse("ana@example.com").unwrap(),
                name: AccountName::default(),
                is_admin: false,
                disabled_at: is_disabled.then(|| at(7)),
                proven_at: proven.map(at),
                created_at: NOW,
                last_signed_in_at: None,
                language: None,
                time_zone: None,
                guest_until: None,
                ends_at: None,
            };
            let claim = Claim { is_signed_in, link_made_at: made.map(at) };
            let newcomer = Newcomer { account: &account, since: since.map(at), is_disabled_for_good: false };
            assert_eq!(gives_way(newcomer, claim, NOW), gives, "{proven:?} {since:?} {is_disabled} {claim:?}");
            // One that has ended is as one that is disabled, and not before its end.
            let ends = Account { disabled_at: None, ends_at: is_disabled.then_some(NOW), ..account.clone() };
            let ended = Newcomer { account: &ends, ..newcomer };
            assert_eq!(gives_way(ended, claim, NOW), gives, "{proven:?} {since:?} {is_disabled} {claim:?} ended");
            let before = proven.is_none() || is_signed_in;
            assert_eq!(gives_way(ended, claim, NOW.minus(Lifetime::millis(1))), before, "{claim:?} before its end");
            if is_disabled {
                let newcomer = Newcomer { is_disabled_for_good: true, ..newcomer };
                assert_eq!(
                    gives_way(newcomer, claim, NOW),
                    proven.is_none(),
                    "{proven:?} {since:?} for good {claim:?}"
                );
            }
        }
    }

    #[test]
    fn every_cell_of_who_is_told_again() {
        let (mover, other) = (AccountId::from_i64(1), AccountId::from_i64(2));
        let moved = gained(1, Address, NOW.as_millis());
        let over = NOW.plus(UNDO_LIFETIME);
        for (kind, by, has_young_rights, now, told) in [
            (Address, mover, false, NOW, true),
            (Address, other, true, NOW, true),
            (Address, other, false, NOW, false),
            (Address, mover, true, over, false),
            (Passkey, mover, true, NOW, false),
        ] {
            let moved = Gained { kind, ..moved.clone() };
            assert_eq!(is_told_again(&moved, by, has_young_rights, now), told, "{kind:?} {by:?} {has_young_rights}");
        }
    }

    #[test]
    fn kinds_read_back_as_they_were_stored() {
        for &kind in Gain::VARIANTS {
            assert_eq!(kind.into_str().parse(), Ok(kind));
        }
        assert_eq!("cat".parse::<Gain>().ok(), None);
    }

    proptest! {
        #[test]
        fn undoing_takes_all_that_came_later_and_nothing_that_came_before(
            kinds in prop::collection::vec(prop::sample::select(Gain::VARIANTS), 1..12),
            chosen: prop::sample::Index,
            undone: Vec<prop::sample::Index>,
        ) {
            let mut all: Vec<_> = kinds.iter().zip(0..).map(|(&kind, n)| gained(n, kind, 100 + n)).collect();
            let chosen = all[chosen.index(all.len())].clone();
            for index in undone {
                let at = index.index(all.len());
                all[at].undone_at = Some(NOW);
            }
            let gone = chosen.takes_along(&all);
            for gained in &all {
                let expected = gained.gained_at >= chosen.gained_at && gained.undone_at.is_none();
                prop_assert_eq!(gone.contains(gained), expected);
            }
            for &kind in Gain::VARIANTS {
                let first = gone.iter().find(|gained| gained.kind == kind);
                prop_assert_eq!(first_of(&gone, kind), first);
            }
        }

        #[test]
        fn what_is_young_when_a_recovery_begins_stays_young_for_it(age in 0..20_i64) {
            let gained_at = NOW.minus(Lifetime::days(age));
            prop_assert_eq!(is_settled(gained_at, NOW), age >= 7);
        }
    }
}
