//! Access that a user has given to an app, from the code on.

use super::{ClaimScopes, Scopes};
use crate::{
    AccountId, Enrolled, Id, Lifetime, Method, SessionId, Timestamp,
    apps::AppId,
    assurance::{SignInStage, Strength, stage},
};

pub type GrantId = Id<Grant>;

/// Time for which a code counts.
pub const CODE_LIFETIME: Lifetime = Lifetime::seconds(60);
/// Time for which an ID token counts.
pub const ID_TOKEN_LIFETIME: Lifetime = Lifetime::hours(1);

/// One sign-in at an app. Its id names the family of refresh tokens, and the app's session (`sid`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grant {
    pub id: GrantId,
    pub app: AppId,
    pub account: AccountId,
    /// The session in which it was given. `None` once that has ended.
    pub session: Option<SessionId>,
    pub scopes: Scopes,
    /// Scopes whose claims the app asked for one by one.
    pub claims: ClaimScopes,
    pub auth_time: Timestamp,
    pub acr: String,
    /// With spaces.
    pub amr: String,
    /// Strength of the proofs that the user had shown. A remembered browser counts, which `acr`
    /// never tells of.
    pub strength: Strength,
    /// The grant outlasts its session.
    pub is_offline: bool,
    /// Number of times that a refresh token was replaced.
    pub generation: i32,
    pub refreshed_at: Timestamp,
    pub created_at: Timestamp,
    pub ends_at: Timestamp,
    pub ended_at: Option<Timestamp>,
}

impl Grant {
    /// Returns whether it counts, as far as the grant itself tells.
    pub fn is_alive(&self, now: Timestamp) -> bool {
        self.ended_at.is_none() && now < self.ends_at && (self.is_offline || self.session.is_some())
    }

    /// Returns whether what the user had shown would be enough now. It must be enough for the app,
    /// and to be signed in. What outlasts its session has no newer proof.
    ///
    /// `enrolled` is what counts of the account. `is_required` says whether it needs a second
    /// factor.
    pub fn is_strong(&self, required: Strength, enrolled: Enrolled, is_required: bool) -> bool {
        // One example of each strength, because the policy asks for methods.
        let shown: &[Method] = match self.strength {
            Strength::One => &[Method::EmailLink],
            Strength::Two => &[Method::EmailLink, Method::Totp],
            Strength::Passkey => &[Method::Passkey],
        };
        self.strength >= required && stage(enrolled, shown, is_required) == SignInStage::SignedIn
    }
}
