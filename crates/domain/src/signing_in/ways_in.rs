//! The ways in: the methods by which admins can sign in without the command line. If the last one
//! went, no admin could change a setting, invite a user or repair anything. So each change that
//! removes something is judged here first.

use crate::{AccountId, PasskeyId, Settings};

/// The methods that are turned on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WaysOn {
    pub email_link: bool,
    pub password: bool,
    pub passkey: bool,
}

/// The methods that an active admin has, beside the mailbox that every account has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Admin {
    pub id: AccountId,
    pub has_password: bool,
    pub passkeys: Vec<PasskeyId>,
}

/// The ways in, as they are or as they would be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WaysIn {
    pub on: WaysOn,
    pub admins: Vec<Admin>,
}

/// A change that removes something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Loss {
    /// The account would be disabled or closed, or would lose its admin rights.
    Admin(AccountId),
    Password(AccountId),
    Passkey(AccountId, PasskeyId),
    /// Only these methods would be on.
    Switches(WaysOn),
}

/// Reason to refuse a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LockOut {
    /// No admin would be left.
    NoAdmin,
    /// Admins would be left, but only console links would sign them in.
    NoWayIn,
}

impl WaysOn {
    /// Returns which ways are on. A console link always works.
    pub const fn under(settings: &Settings) -> Self {
        Self {
            email_link: settings.email_link_enabled,
            password: settings.password_enabled,
            passkey: settings.passkey_enabled,
        }
    }

    fn let_in(self, admin: &Admin) -> bool {
        self.email_link || (self.password && admin.has_password) || (self.passkey && !admin.passkeys.is_empty())
    }
}

impl WaysIn {
    /// Returns the reason to refuse a change, if any. If no way in is left to lose, no change is
    /// refused. So an admin with a console link can tidy up.
    pub fn locked_by(&self, loss: Loss) -> Option<LockOut> {
        self.locked_by_all(&[loss])
    }

    /// Judges changes that are made together.
    pub fn locked_by_all(&self, losses: &[Loss]) -> Option<LockOut> {
        let after = losses.iter().fold(self.clone(), |ways, loss| ways.without(*loss));
        if after.admins.is_empty() && !self.admins.is_empty() {
            Some(LockOut::NoAdmin)
        } else if self.let_anybody_in() && !after.let_anybody_in() {
            Some(LockOut::NoWayIn)
        } else {
            None
        }
    }

    /// Returns whether any admin can sign in without a console link.
    pub fn lets_an_admin_in(&self) -> bool {
        self.let_anybody_in()
    }

    fn without(mut self, loss: Loss) -> Self {
        match loss {
            Loss::Admin(id) => self.admins.retain(|admin| admin.id != id),
            Loss::Password(id) => self.of(id).for_each(|admin| admin.has_password = false),
            Loss::Passkey(id, gone) => self.of(id).for_each(|admin| admin.passkeys.retain(|passkey| *passkey != gone)),
            Loss::Switches(on) => self.on = on,
        }
        self
    }

    fn of(&mut self, id: AccountId) -> impl Iterator<Item = &mut Admin> {
        self.admins.iter_mut().filter(move |admin| admin.id == id)
    }

    fn let_anybody_in(&self) -> bool {
        self.admins.iter().any(|admin| self.on.let_in(admin))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const EMAIL: WaysOn = WaysOn { email_link: true, password: false, passkey: false };
    const PASSWORD: WaysOn = WaysOn { email_link: false, password: true, passkey: false };
    const PASSKEY: WaysOn = WaysOn { email_link: false, password: false, passkey: true };
    const NOTHING: WaysOn = WaysOn { email_link: false, password: false, passkey: false };
    const ANA: AccountId = AccountId::from_i64(1);
    const BEN: AccountId = AccountId::from_i64(2);

    fn admin(id: AccountId, has_password: bool, passkeys: i64) -> Admin {
        Admin { id, has_password, passkeys: (0..passkeys).map(PasskeyId::from_i64).collect() }
    }

    fn passkey(n: i64) -> PasskeyId {
        PasskeyId::from_i64(n)
    }

    #[test]
    fn the_last_way_in_stays_and_every_other_may_go() {
        let none: &[Admin] = &[];
        let ana = &[admin(ANA, true, 2)];
        let both = &[admin(ANA, true, 1), admin(BEN, false, 0)];
        let (no_admin, no_way_in) = (Some(LockOut::NoAdmin), Some(LockOut::NoWayIn));
        for (on, admins, loss, expected) in [
            // The last admin, under any settings.
            (EMAIL, &ana[..], Loss::Admin(ANA), no_admin),
            (NOTHING, ana, Loss::Admin(ANA), no_admin),
            (EMAIL, both, Loss::Admin(ANA), None),
            // A user who is no admin.
            (EMAIL, ana, Loss::Admin(BEN), None),
            (EMAIL, none, Loss::Admin(BEN), None),
            // The last admin who has a method that is on.
            (PASSWORD, both, Loss::Admin(ANA), no_way_in),
            (PASSKEY, both, Loss::Admin(ANA), no_way_in),
            (PASSWORD, both, Loss::Admin(BEN), None),
            (PASSWORD, both, Loss::Password(ANA), no_way_in),
            (PASSWORD, both, Loss::Password(BEN), None),
            // One of two passkeys, the only one, and one that is another's.
            (PASSKEY, ana, Loss::Passkey(ANA, passkey(0)), None),
            (PASSKEY, both, Loss::Passkey(ANA, passkey(0)), no_way_in),
            (PASSKEY, both, Loss::Passkey(BEN, passkey(0)), None),
            // A method that is off is no loss.
            (PASSKEY, both, Loss::Password(ANA), None),
            (EMAIL, both, Loss::Password(ANA), None),
            (EMAIL, both, Loss::Passkey(ANA, passkey(0)), None),
            // Switches.
            (EMAIL, both, Loss::Switches(NOTHING), no_way_in),
            (EMAIL, both, Loss::Switches(PASSWORD), None),
            (EMAIL, both, Loss::Switches(PASSKEY), None),
            (PASSWORD, both, Loss::Switches(PASSKEY), None),
            (EMAIL, &[admin(ANA, false, 0)], Loss::Switches(PASSWORD), no_way_in),
            (EMAIL, &[admin(ANA, false, 0)], Loss::Switches(PASSKEY), no_way_in),
            // If no admin can sign in any more, no change loses anything.
            (NOTHING, both, Loss::Admin(ANA), None),
            (NOTHING, both, Loss::Password(ANA), None),
            (PASSWORD, &[admin(BEN, false, 0)], Loss::Switches(NOTHING), None),
        ] {
            let ways = WaysIn { on, admins: admins.to_vec() };
            assert_eq!(ways.locked_by(loss), expected, "{ways:?} {loss:?}");
        }
    }

    fn ways_on() -> impl Strategy<Value = WaysOn> {
        any::<(bool, bool, bool)>().prop_map(|(email_link, password, passkey)| WaysOn { email_link, password, passkey })
    }

    fn loss() -> impl Strategy<Value = Loss> {
        let account = || (0..4i64).prop_map(AccountId::from_i64);
        prop_oneof![
            account().prop_map(Loss::Admin),
            account().prop_map(Loss::Password),
            (account(), 0..3i64).prop_map(|(account, n)| Loss::Passkey(account, passkey(n))),
            ways_on().prop_map(Loss::Switches),
        ]
    }

    proptest! {
        #[test]
        fn no_row_of_changes_that_are_let_through_leaves_nobody_a_way_in(
            facts in prop::collection::vec((any::<bool>(), 0..3i64), 1..4),
            on in ways_on(),
            losses in prop::collection::vec(loss(), 0..30),
        ) {
            let admins = (0..).zip(facts).map(|(id, (has_password, n))| admin(AccountId::from_i64(id), has_password, n));
            let start = WaysIn { on, admins: admins.collect() };
            let end = losses.into_iter().fold(start.clone(), |ways, loss| {
                if ways.locked_by(loss).is_none() { ways.without(loss) } else { ways }
            });
            prop_assert!(!end.admins.is_empty());
            prop_assert!(end.let_anybody_in() || !start.let_anybody_in());
        }
    }
}
