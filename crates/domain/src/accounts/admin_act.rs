//! Acts of admins on the rights of accounts, and what an undone grant of admin rights changes.
//!
//! An attacker with one stolen session of an admin makes another admin, who makes a third one, and
//! so on. Each of them may close their account, or dismiss the admin whose session it was. So the
//! rule reads acts, which outlive accounts. [`verdict`] is its table.

use crate::{Account, AccountId, GainId, Lifetime, Timestamp, gain::UNDO_LIFETIME};
use strum::{EnumString, IntoStaticStr, VariantArray};

/// Time for which acts count. An undo looks back 7 days, and asks whether an admin was young then.
pub const ACT_LIFETIME: Lifetime = Lifetime::days(15);

#[derive(Clone, Copy, Debug, PartialEq, Eq, VariantArray, EnumString, IntoStaticStr)]
#[strum(serialize_all = "snake_case", const_into_str)]
pub enum AdminActKind {
    /// Gave admin rights.
    Granted,
    /// Took admin rights.
    Revoked,
    Disabled,
    /// Set when an account ends.
    EndSet,
}

/// An act of an admin or the operator on an account. Either account may be gone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AdminAct {
    /// Place in the order of all acts.
    pub place: i64,
    pub deed: AdminActKind,
    /// The admin. `None` for the command line or the set-up link.
    pub by: Option<AccountId>,
    pub account: AccountId,
    /// The gain of the admin who granted.
    pub gain: Option<GainId>,
    pub done_at: Timestamp,
}

/// The admins who have their rights by an undone grant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chain {
    giver: AccountId,
    /// Accounts that may act for the giver, and since which place. The giver is the first, because
    /// an attacker may have the giver's own session.
    members: Vec<(AccountId, i64)>,
    /// Accounts that have their rights by this chain.
    pub holders: Vec<AccountId>,
    /// Places of the grants that are undone.
    pub grants: Vec<i64>,
}

/// Loss of the giver's rights since the grant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, VariantArray)]
pub enum Lost {
    /// The giver is an active admin.
    Nothing,
    /// The chain took the rights, or the giver's own session did.
    ToChain,
    /// An admin took them whose own rights could still be undone then, or an unknown admin.
    ToAnother,
    /// A settled admin or the operator took them.
    ToSettled,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The chain loses its rights, and the giver gets back what the chain took.
    Withdrawn,
    Stays(Stay),
}

/// Why rights stay.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stay {
    /// A settled admin or the operator dismissed the giver.
    GiverDismissed,
    /// No admin who can sign in would be left.
    LastAdmin,
}

/// Returns whether undoing a grant takes the rights away. `leaves_admin`: without the chain, an
/// admin is left who can sign in.
///
/// An active giver is an admin afterwards. So is one to whom the chain's dismissal is undone.
pub const fn verdict(lost: Lost, leaves_admin: bool) -> Verdict {
    match (lost, leaves_admin) {
        (Lost::Nothing | Lost::ToChain, _) | (Lost::ToAnother, true) => Verdict::Withdrawn,
        (Lost::ToAnother, false) => Verdict::Stays(Stay::LastAdmin),
        (Lost::ToSettled, _) => Verdict::Stays(Stay::GiverDismissed),
    }
}

/// Returns whether the giver's account must not be closed. The links that take the rights away
/// would go with it. An attacker with the giver's session would keep an admin.
///
/// A giver whom a settled admin dismissed may close the account, because the links change nothing.
/// `has_holders`: someone is an admin by the chain.
pub const fn keeps_giver(lost: Lost, has_holders: bool) -> bool {
    has_holders && !matches!(lost, Lost::ToSettled)
}

/// Returns the deeds by which an account is out of use now. An end that is ahead does not count.
pub fn deeds_in_force(account: &Account, now: Timestamp) -> Vec<AdminActKind> {
    let all = [(AdminActKind::Disabled, !account.is_active()), (AdminActKind::EndSet, account.has_ended(now))];
    all.into_iter().filter_map(|(deed, is_in_force)| is_in_force.then_some(deed)).collect()
}

/// Returns whether an account is out of use by the decision of a settled admin or the operator. The
/// last act of each deed `in_force` counts. It does not if `mover` did it, or an admin whose rights
/// could be undone then. They may act for an attacker.
///
/// `acts` are all acts, also undone ones: an admin who lost young rights since was no settled one.
pub fn is_disabled_for_good(
    acts: &[AdminAct],
    account: AccountId,
    in_force: &[AdminActKind],
    mover: AccountId,
) -> bool {
    in_force.iter().any(|deed| {
        let last = acts.iter().rev().find(|act| act.deed == *deed && act.account == account);
        last.is_some_and(|act| act.by != Some(mover) && !was_young(acts, act))
    })
}

impl Chain {
    /// Follows the grants that belong to the undone `gains` of `giver`, through `acts` in their
    /// order. `None` if there is no such grant.
    pub fn follow(acts: &[AdminAct], giver: AccountId, gains: &[GainId]) -> Option<Self> {
        let is_undone = |act: &AdminAct| act.gain.is_some_and(|gain| gains.contains(&gain));
        let first = acts.iter().find(|act| is_undone(act))?;
        let mut chain = Self { giver, members: vec![(giver, first.place)], holders: Vec::new(), grants: Vec::new() };
        let mut taken = Vec::new();
        for act in acts {
            let by_chain = is_undone(act) || act.by != Some(giver) && chain.did(act);
            match act.deed {
                AdminActKind::Granted if by_chain => {
                    chain.grants.push(act.place);
                    // An admin who gets back what the chain took stays what they were.
                    let had_them = taken.iter().position(|account| *account == act.account);
                    if let Some(index) = had_them {
                        taken.swap_remove(index);
                    } else if act.account != giver {
                        chain.add(act);
                    }
                }
                // Another admin's decision counts, and that admin's own link can undo it.
                AdminActKind::Granted => chain.holders.retain(|holder| *holder != act.account),
                AdminActKind::Revoked if chain.did(act) && !chain.has(act.account) => taken.push(act.account),
                AdminActKind::Revoked | AdminActKind::Disabled | AdminActKind::EndSet => {}
            }
        }
        Some(chain)
    }

    fn add(&mut self, grant: &AdminAct) {
        if !self.has(grant.account) {
            self.members.push((grant.account, grant.place));
        }
        if !self.holders.contains(&grant.account) {
            self.holders.push(grant.account);
        }
    }

    fn has(&self, account: AccountId) -> bool {
        self.members.iter().any(|(member, _)| *member == account)
    }

    /// Returns whether a member did it, when they were one.
    fn did(&self, act: &AdminAct) -> bool {
        self.members.iter().any(|(member, since)| act.by == Some(*member) && act.place >= *since)
    }

    /// Returns who took something from the giver that is missing now, and that act if the chain did
    /// it.
    pub fn who_took(&self, acts: &[AdminAct], deed: AdminActKind) -> (Lost, Option<i64>) {
        let since = self.members.first().map_or(i64::MAX, |(_, since)| *since);
        let is_it = |act: &&AdminAct| act.deed == deed && act.account == self.giver && act.place >= since;
        match acts.iter().rev().find(is_it) {
            None => (Lost::ToAnother, None),
            Some(act) if self.did(act) => (Lost::ToChain, Some(act.place)),
            Some(act) if was_young(acts, act) => (Lost::ToAnother, None),
            Some(_) => (Lost::ToSettled, None),
        }
    }
}

/// Returns whether the rights of the admin who did this could be undone then.
fn was_young(acts: &[AdminAct], act: &AdminAct) -> bool {
    let young = act.done_at.minus(UNDO_LIFETIME);
    let made = |grant: &AdminAct| grant.deed == AdminActKind::Granted && grant.by.is_some() && grant.done_at > young;
    act.by.is_some_and(|by| acts.iter().any(|grant| grant.account == by && grant.place < act.place && made(grant)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use AdminActKind::{Disabled, EndSet, Granted, Revoked};

    const NOW: Timestamp = Timestamp::from_millis(10_000_000_000);
    const O: i64 = 1;
    const X: i64 = 2;
    const Y: i64 = 3;
    const S: i64 = 4;
    const P: i64 = 5;
    const OPERATOR: i64 = 0;

    /// The acts in their order, a minute apart: who, what, whom. The gain of a grant has its place
    /// as its id.
    fn acts(rows: &[(i64, AdminActKind, i64)]) -> Vec<AdminAct> {
        let act = |(place, &(by, deed, account)): (i64, &(i64, AdminActKind, i64))| AdminAct {
            place,
            deed,
            by: (by != OPERATOR).then(|| AccountId::from_i64(by)),
            account: AccountId::from_i64(account),
            gain: (deed == Granted).then(|| GainId::from_i64(place)),
            done_at: NOW.plus(Lifetime::minutes(place)),
        };
        (1..).zip(rows).map(act).collect()
    }

    fn follow(acts: &[AdminAct], gain: i64) -> Chain {
        Chain::follow(acts, AccountId::from_i64(O), &[GainId::from_i64(gain)]).unwrap()
    }

    #[test]
    fn every_cell_of_what_an_undone_grant_withdraws() {
        let table = [
            (Lost::Nothing, Verdict::Withdrawn, Verdict::Withdrawn),
            (Lost::ToChain, Verdict::Withdrawn, Verdict::Withdrawn),
            (Lost::ToAnother, Verdict::Withdrawn, Verdict::Stays(Stay::LastAdmin)),
            (Lost::ToSettled, Verdict::Stays(Stay::GiverDismissed), Verdict::Stays(Stay::GiverDismissed)),
        ];
        assert_eq!(table.map(|row| row.0), *Lost::VARIANTS);
        for (lost, leaves_an_admin, leaves_none) in table {
            assert_eq!((verdict(lost, true), verdict(lost, false)), (leaves_an_admin, leaves_none), "{lost:?}");
        }
    }

    #[test]
    fn every_cell_of_whose_account_must_not_be_closed() {
        let table = [(Lost::Nothing, true), (Lost::ToChain, true), (Lost::ToAnother, true), (Lost::ToSettled, false)];
        assert_eq!(table.map(|row| row.0), *Lost::VARIANTS);
        for (lost, is_kept) in table {
            assert_eq!((keeps_giver(lost, true), keeps_giver(lost, false)), (is_kept, false), "{lost:?}");
        }
    }

    #[test]
    fn every_cell_of_who_is_disabled_for_good() {
        // X disabled Y, or is the account that moved; S is settled.
        for (rows, for_good) in [
            (&[][..], false),
            (&[(S, Disabled, Y)][..], true),
            (&[(OPERATOR, Disabled, Y)], true),
            (&[(X, Disabled, Y)], false),
            (&[(O, Granted, P), (P, Disabled, Y)], false),
            (&[(OPERATOR, Granted, P), (P, Disabled, Y)], true),
            // The last one counts.
            (&[(X, Disabled, Y), (S, Disabled, Y)], true),
            (&[(S, Disabled, Y), (X, Disabled, Y)], false),
            // Of this account only, and disabling only.
            (&[(S, Disabled, P), (S, Revoked, Y)], false),
            // An end is another deed.
            (&[(S, Disabled, Y), (X, EndSet, Y)], true),
            (&[(X, Disabled, Y), (S, EndSet, Y)], false),
            // An admin who got their rights anew, after the act.
            (&[(P, Disabled, Y), (O, Granted, P)], true),
        ] {
            let is_for_good =
                |in_force| is_disabled_for_good(&acts(rows), AccountId::from_i64(Y), in_force, AccountId::from_i64(X));
            assert_eq!(is_for_good(&[Disabled]), for_good, "{rows:?}");
            assert!(!is_for_good(&[]), "{rows:?}: an account in use");
        }
    }

    #[test]
    fn every_cell_of_who_has_ended_for_good() {
        // Whether the account is disabled beside its end.
        for (rows, disabled, for_good) in [
            (&[(S, EndSet, Y)][..], false, true),
            (&[(X, EndSet, Y)], false, false),
            // The last one counts.
            (&[(X, EndSet, Y), (S, EndSet, Y)], false, true),
            (&[(S, EndSet, Y), (X, EndSet, Y)], false, false),
            // It was disabled and enabled before.
            (&[(S, Disabled, Y), (X, EndSet, Y)], false, false),
            // One settled decision is enough.
            (&[(S, Disabled, Y), (X, EndSet, Y)], true, true),
            (&[(X, Disabled, Y), (S, EndSet, Y)], true, true),
            (&[(X, Disabled, Y), (X, EndSet, Y)], true, false),
        ] {
            let in_force = if disabled { &[Disabled, EndSet][..] } else { &[EndSet] };
            let found = is_disabled_for_good(&acts(rows), AccountId::from_i64(Y), in_force, AccountId::from_i64(X));
            assert_eq!(found, for_good, "{rows:?}, disabled: {disabled}");
        }
    }

    #[test]
    fn every_cell_of_who_took_it_from_the_giver() {
        for (rows, lost) in [
            // The chain: its first link, its last one, and the giver's stolen session itself.
            (&[(O, Granted, X), (X, Disabled, O)][..], Lost::ToChain),
            (&[(O, Granted, X), (X, Granted, Y), (Y, Disabled, O)], Lost::ToChain),
            (&[(O, Granted, X), (O, Disabled, O)], Lost::ToChain),
            // A settled admin, also one whom the operator has just named, and the operator.
            (&[(O, Granted, X), (S, Disabled, O)], Lost::ToSettled),
            (&[(OPERATOR, Granted, S), (O, Granted, X), (S, Disabled, O)], Lost::ToSettled),
            (&[(O, Granted, X), (OPERATOR, Disabled, O)], Lost::ToSettled),
            // The last one counts.
            (&[(O, Granted, X), (X, Disabled, O), (S, Disabled, O)], Lost::ToSettled),
            (&[(O, Granted, X), (S, Disabled, O), (X, Disabled, O)], Lost::ToChain),
            // A young admin outside the chain, one whom the chain made before, and what is unknown.
            (&[(S, Granted, P), (O, Granted, X), (P, Disabled, O)], Lost::ToAnother),
            (&[(O, Granted, X)], Lost::ToAnother),
            (&[(O, Granted, X), (X, Revoked, O)], Lost::ToAnother),
            // An end is another deed.
            (&[(O, Granted, X), (X, Disabled, O), (S, EndSet, O)], Lost::ToChain),
            // A settled admin to whom the chain gave the rights anew, after the act.
            (&[(O, Granted, X), (S, Disabled, O), (X, Granted, S)], Lost::ToSettled),
            // What was taken before the grant is not what is missing now.
            (&[(S, Disabled, O), (O, Granted, X)], Lost::ToAnother),
        ] {
            let acts = acts(rows);
            let gain = acts.iter().find(|act| act.by == Some(AccountId::from_i64(O))).unwrap().place;
            assert_eq!(follow(&acts, gain).who_took(&acts, Disabled).0, lost, "{rows:?}");
        }
    }

    #[test]
    fn an_admin_is_settled_after_seven_days() {
        let mut acts = acts(&[(S, Granted, P), (O, Granted, X), (P, Disabled, O)]);
        acts[0].done_at = acts[2].done_at.minus(UNDO_LIFETIME);
        assert_eq!(follow(&acts, 2).who_took(&acts, Disabled), (Lost::ToSettled, None));
        acts[0].done_at = acts[0].done_at.plus(Lifetime::millis(1));
        assert_eq!(follow(&acts, 2).who_took(&acts, Disabled), (Lost::ToAnother, None));
    }

    #[test]
    fn the_chain_holds_all_that_were_made_by_it_and_no_other() {
        for (rows, gain, holders) in [
            (&[(O, Granted, X), (X, Granted, Y)][..], 1, &[X, Y][..]),
            // What the giver granted beside it has its own link.
            (&[(O, Granted, S), (O, Granted, X), (S, Granted, Y)], 2, &[X]),
            (&[(O, Granted, X), (O, Granted, S)], 1, &[X]),
            // What came before X was an admin by this grant.
            (&[(X, Granted, Y), (O, Granted, X)], 2, &[X]),
            // Others' grants.
            (&[(O, Granted, X), (S, Granted, Y), (OPERATOR, Granted, P)], 1, &[X]),
            // The giver is never in its own chain.
            (&[(O, Granted, X), (X, Revoked, O), (X, Granted, O)], 1, &[X]),
            // The chain gives back what it took: that admin joins it as little as those whom they
            // make.
            (&[(O, Granted, X), (X, Revoked, S), (X, Granted, S), (S, Granted, P)], 1, &[X]),
            // A settled admin gives the rights anew; the one who made it stays a link of the chain.
            (&[(O, Granted, X), (X, Granted, Y), (S, Revoked, X), (S, Granted, X)], 1, &[Y]),
            // Another admin took it, and the chain gave it back.
            (&[(O, Granted, X), (P, Revoked, S), (X, Granted, S)], 1, &[X, S]),
            // A settled admin had given the rights anew. The chain took them and gave them back, so
            // that they are the chain's.
            (&[(O, Granted, X), (X, Granted, Y), (S, Granted, Y), (X, Revoked, Y), (X, Granted, Y)], 1, &[X, Y]),
        ] {
            let acts = acts(rows);
            let found: Vec<_> = follow(&acts, gain).holders.into_iter().map(AccountId::as_i64).collect();
            assert_eq!(found, holders, "{rows:?}");
        }
        assert_eq!(Chain::follow(&acts(&[(O, Disabled, X)]), AccountId::from_i64(O), &[GainId::from_i64(1)]), None);
    }

    #[test]
    fn deeds_read_back_as_they_were_stored() {
        for &deed in AdminActKind::VARIANTS {
            assert_eq!(deed.into_str().parse(), Ok(deed));
        }
        assert_eq!("cat".parse::<AdminActKind>().ok(), None);
    }
}
