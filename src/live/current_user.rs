//! A session, its account, and what that has enrolled.

use crate::{
    db::{self, DbConnection, Error},
    domain::{
        Account, Enrolled, Method, Proof, Session, SessionId, Settings, Timestamp, TokenHash,
        apps::exit::Exit,
        assurance::{self, SignInStage},
        group::GroupId,
        handle::Handle,
        recovery::Recovery,
    },
};

/// The signed-in user of a request, as memory has it.
#[derive(Clone, Debug)]
pub struct CurrentUser {
    pub session: CachedSession,
    /// Without the moment of the last sign-in, which memory does not follow.
    pub account: Account,
    pub enrolled: Enrolled,
    /// A removal of its second factors that is under way.
    pub recovery: Option<Recovery>,
    /// The name by which apps know the account. `None` until it has one.
    pub handle: Option<Handle>,
    pub groups: Vec<GroupId>,
}

/// Part of a [`Session`] that memory keeps.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CachedSession {
    pub id: SessionId,
    pub remember: bool,
    pub created_at: Timestamp,
    pub ends_at: Timestamp,
    /// Time at which it was last seen before this request, stored or not.
    pub seen_at: Timestamp,
    pub proofs: Vec<Proof>,
    /// Apps that the user signed out of.
    pub exits: Vec<Exit>,
}

/// The same as the database has it.
#[derive(Clone, Debug)]
pub struct StoredUser {
    pub session: Session,
    pub account: Account,
    pub enrolled: Enrolled,
    pub recovery: Option<Recovery>,
    pub handle: Option<Handle>,
    pub groups: Vec<GroupId>,
    pub exits: Vec<Exit>,
}

impl StoredUser {
    /// Returns the session with this secret, with everything that decides what it may do, as this
    /// connection sees it.
    pub fn read(connection: &mut DbConnection, secret: &TokenHash) -> Result<Option<Self>, Error> {
        let Some(found) = db::sessions::find_by_secret(connection, secret)? else { return Ok(None) };
        Self::with_the_rest(connection, found).map(Some)
    }

    /// Does the same for a session by its id, which an app's grant or cookie names.
    pub fn find(connection: &mut DbConnection, id: SessionId) -> Result<Option<Self>, Error> {
        let Some(found) = db::sessions::find(connection, id)? else { return Ok(None) };
        Self::with_the_rest(connection, found).map(Some)
    }

    fn with_the_rest(connection: &mut DbConnection, (session, account): (Session, Account)) -> Result<Self, Error> {
        let enrolled = db::enrolled::of(connection, account.id)?;
        let recovery = db::recoveries::under_way(connection, account.id)?;
        let handle = db::handles::of_account(connection, account.id)?.map(|given| given.handle);
        let groups = db::groups::ids_of_account(connection, account.id)?;
        let exits = db::apps::exits_of(connection, session.id)?;
        Ok(Self { session, account, enrolled, recovery, handle, groups, exits })
    }

    /// Returns whether the session's proofs satisfy the current policy.
    pub fn stage(&self, settings: &Settings) -> SignInStage {
        stage(
            (self.enrolled, settings.requires_second_factor_of(&self.account)),
            &methods(&self.session.proofs),
            settings,
        )
    }

    /// Returns what memory keeps of it. `seen_at` may be later than what is stored.
    pub(super) fn known(self, seen_at: Timestamp) -> CurrentUser {
        let Self { session, account, enrolled, recovery, handle, groups, exits } = self;
        let session = CachedSession {
            id: session.id,
            remember: session.remember,
            created_at: session.created_at,
            ends_at: session.ends_at,
            seen_at,
            proofs: session.proofs,
            exits,
        };
        let account = Account { last_signed_in_at: None, ..account };
        CurrentUser { session, account, enrolled, recovery, handle, groups }
    }
}

impl CurrentUser {
    /// Returns whether the session's proofs satisfy the current policy.
    pub fn stage(&self, settings: &Settings) -> SignInStage {
        stage(
            (self.enrolled, settings.requires_second_factor_of(&self.account)),
            &methods(&self.session.proofs),
            settings,
        )
    }
}

fn methods(proofs: &[Proof]) -> Vec<Method> {
    proofs.iter().map(|proof| proof.method).collect()
}

/// Returns whether these methods satisfy the current policy.
pub(super) fn stage((enrolled, needs_second): (Enrolled, bool), used: &[Method], settings: &Settings) -> SignInStage {
    assurance::stage(enrolled.under(settings), used, needs_second)
}
