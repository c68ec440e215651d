//! Notes about apps, groups and usernames.

use super::{ShownSecret, Tone, UriProblem};
use crate::locale::Sentence;
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum AppNote {
    AppAdded,
    AppSaved,
    AppRemoved,
    Problem(AppProblem),
    GroupAdded,
    GroupSaved,
    GroupRemoved,
    /// There is a group of this name.
    GroupTaken,
    BadGroupName,
    BadGroupNote,
    Joined,
    /// The account is a member already.
    InGroup,
    /// There is no account of this address.
    NoSuchUser,
    Left,
    HandleSaved,
    /// The admins hear of it.
    AccessAsked,
    AccessGiven,
    AccessRefused,
    AccessTaken,
    GuestInvited,
    SignedOutOfApp,
    /// Another admin was quicker.
    AnsweredBefore,
    /// An owner can change a handle once: the page asks first.
    HandleAsked,
    BadHandle(HandleProblem),
    /// An app became a client that has no secret.
    ClientAdded,
    ClientSaved,
    OwnKeysSaved,
    OwnKeysRemoved,
    /// Keys would end a client's secret: the page asks first.
    OwnKeysAsked,
    /// A button would add one address too many.
    TooManyUris,
    /// An app has a new secret, which its page shows.
    SecretMade(ShownSecret),
    ReplacedSecretEnded,
    UriAdded,
    AccessEnded,
    DeviceEnded,
    /// A file of the operator owns it.
    Declared,
}

/// Why the form of an app is refused.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum AppProblem {
    Name,
    /// There is no address.
    NoHost,
    /// This is no address of an app.
    Host(String),
    OwnHost,
    /// Another app has this address.
    HostTaken {
        host: String,
        by: String,
    },
    NoGroup,
    Group(String),
    User(String),
    Path(String),
    Link,
    Description,
    Fresh,
    /// There is no such preset.
    Preset,
    NoUri,
    Uri {
        typed: String,
        why: UriProblem,
    },
    TooManyUris,
    SignOutUri {
        typed: String,
        why: UriProblem,
    },
    TooManySignOutUris,
    GroupsClaim,
    NameClaim,
    /// No address that this server can ask.
    LogoutUri,
    /// No set of public keys.
    Keys,
    /// A set and an address.
    KeysTwice,
    KeysUri,
    AccessLifetime,
    RefreshIdle,
    RefreshAbsolute,
    ClientId,
    /// Another app has this client id.
    ClientIdTaken,
    /// No random text, where a secret is expected that the app has built in.
    BuiltInSecret,
    /// A text that isn't an email address, where a user is named.
    Address,
    Date,
    /// The app has changed since the form was made.
    Overtaken,
}

/// Why a username is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum HandleProblem {
    Shape,
    Taken,
    Reserved,
    ChosenBefore,
}

impl AppNote {
    pub(super) const fn tone(&self) -> Tone {
        match self {
            Self::AppAdded
            | Self::AppSaved
            | Self::AppRemoved
            | Self::GroupAdded
            | Self::GroupSaved
            | Self::GroupRemoved
            | Self::Joined
            | Self::Left
            | Self::HandleSaved
            | Self::AccessAsked
            | Self::AccessGiven
            | Self::AccessRefused
            | Self::AccessTaken
            | Self::GuestInvited
            | Self::SignedOutOfApp
            | Self::ClientAdded
            | Self::ClientSaved
            | Self::OwnKeysSaved
            | Self::OwnKeysRemoved
            | Self::ReplacedSecretEnded
            | Self::UriAdded
            | Self::AccessEnded
            | Self::DeviceEnded => Tone::Good,
            Self::SecretMade(_) | Self::OwnKeysAsked | Self::HandleAsked => Tone::Neutral,
            Self::Problem(_)
            | Self::GroupTaken
            | Self::TooManyUris
            | Self::BadGroupName
            | Self::BadGroupNote
            | Self::InGroup
            | Self::NoSuchUser
            | Self::AnsweredBefore
            | Self::BadHandle(_)
            | Self::Declared => Tone::Bad,
        }
    }

    pub(super) const fn field(&self) -> Option<&'static str> {
        Some(match self {
            Self::Problem(problem) => return problem.field(),
            Self::GroupTaken | Self::BadGroupName => "name",
            Self::BadGroupNote => "note",
            Self::InGroup | Self::NoSuchUser => "email",
            // The form is no longer on the page then.
            Self::BadHandle(HandleProblem::ChosenBefore) => return None,
            Self::BadHandle(_) => "handle",
            _ => return None,
        })
    }

    pub(super) const fn key(&self) -> &'static str {
        match self {
            Self::AppAdded => "connected-app-added",
            Self::AppSaved => "connected-app-saved",
            Self::AppRemoved => "connected-app-removed",
            Self::Problem(problem) => problem.key(),
            Self::GroupAdded => "group-added",
            Self::GroupSaved => "group-saved",
            Self::GroupRemoved => "group-removed",
            Self::GroupTaken => "group-taken",
            Self::BadGroupName => "group-name-refused",
            Self::BadGroupNote => "group-note-refused",
            Self::Joined => "group-joined",
            Self::InGroup => "group-has-user",
            Self::NoSuchUser => "group-no-such-user",
            Self::Left => "group-left",
            Self::Declared => "declared-refused",
            Self::HandleSaved => "username-saved",
            Self::ClientAdded => "client-added",
            Self::ClientSaved => "client-saved",
            Self::TooManyUris => "client-uris-too-many",
            Self::OwnKeysAsked => "client-own-keys-question",
            Self::HandleAsked => "username-question",
            Self::OwnKeysSaved => "client-own-keys-saved",
            Self::OwnKeysRemoved => "client-own-keys-removed",
            Self::SecretMade(_) => "client-secret-made",
            Self::ReplacedSecretEnded => "client-secret-ended",
            Self::UriAdded => "client-uri-added",
            Self::AccessEnded => "app-access-ended",
            Self::DeviceEnded => "app-device-ended",
            Self::AccessAsked => "access-asked",
            Self::AccessGiven => "access-given",
            Self::AccessRefused => "access-refused",
            Self::AccessTaken => "access-taken",
            Self::GuestInvited => "guest-invited",
            Self::SignedOutOfApp => "own-app-left",
            Self::AnsweredBefore => "access-answered-before",
            Self::BadHandle(HandleProblem::Shape) => "username-shape",
            Self::BadHandle(HandleProblem::Taken) => "username-taken",
            Self::BadHandle(HandleProblem::Reserved) => "username-reserved",
            Self::BadHandle(HandleProblem::ChosenBefore) => "username-chosen-before",
        }
    }

    pub(super) fn with_values<'a>(&self, sentence: Sentence<'a>) -> Sentence<'a> {
        match self {
            Self::Problem(AppProblem::HostTaken { host, by }) => sentence.with("host", host).with("app", by),
            Self::Problem(
                AppProblem::Host(typed) | AppProblem::Group(typed) | AppProblem::User(typed) | AppProblem::Path(typed),
            ) => sentence.with("typed", typed),
            Self::Problem(AppProblem::Uri { typed, .. } | AppProblem::SignOutUri { typed, .. }) => {
                sentence.with("typed", typed)
            }
            _ => sentence,
        }
    }
}

impl AppProblem {
    const fn field(&self) -> Option<&'static str> {
        Some(match self {
            Self::Name => "name",
            Self::NoHost | Self::Host(_) | Self::OwnHost | Self::HostTaken { .. } => "hosts",
            Self::NoGroup | Self::Group(_) => "groups",
            Self::User(_) => "users",
            Self::Path(_) => "paths",
            Self::Link => "link",
            Self::Description => "description",
            Self::Fresh => "fresh",
            Self::Preset => "preset",
            Self::NoUri | Self::Uri { .. } | Self::TooManyUris => "redirect_uris",
            Self::SignOutUri { .. } | Self::TooManySignOutUris => "sign_out_uris",
            Self::GroupsClaim => "groups_claim",
            Self::NameClaim => "name_claim",
            Self::LogoutUri => "logout_uri",
            Self::Keys | Self::KeysTwice => "jwks",
            Self::KeysUri => "jwks_uri",
            Self::AccessLifetime => "access_lifetime",
            Self::RefreshIdle => "refresh_idle",
            Self::RefreshAbsolute => "refresh_absolute",
            Self::ClientId | Self::ClientIdTaken => "client_id",
            Self::BuiltInSecret => "client_secret",
            Self::Address => "email",
            Self::Date => "until",
            Self::Overtaken => return None,
        })
    }

    const fn key(&self) -> &'static str {
        match self {
            Self::Name => "app-name-refused",
            Self::NoHost => "app-host-missing",
            Self::Host(_) => "app-host-refused",
            Self::OwnHost => "app-host-own",
            Self::HostTaken { .. } => "app-host-taken",
            Self::NoGroup => "app-groups-missing",
            Self::Group(_) => "app-group-refused",
            Self::User(_) => "app-user-unknown",
            Self::Path(_) => "app-path-refused",
            Self::Link => "app-link-refused",
            Self::Description => "app-description-refused",
            Self::Fresh => "app-fresh-refused",
            Self::Preset => "client-preset-refused",
            Self::NoUri => "client-uri-missing",
            Self::Uri { why, .. } | Self::SignOutUri { why, .. } => why.key(),
            Self::TooManyUris | Self::TooManySignOutUris => "client-uris-too-many",
            Self::GroupsClaim => "client-groups-claim-refused",
            Self::NameClaim => "client-name-claim-refused",
            Self::LogoutUri | Self::KeysUri => "client-outbound-refused",
            Self::Keys => "client-own-keys-refused",
            Self::KeysTwice => "client-own-keys-twice",
            Self::AccessLifetime => "client-access-lifetime-refused",
            Self::RefreshIdle | Self::RefreshAbsolute => "client-refresh-lifetime-refused",
            Self::ClientId => "client-built-in-id-refused",
            Self::ClientIdTaken => "client-built-in-id-taken",
            Self::BuiltInSecret => "client-built-in-secret-refused",
            Self::Address => "app-person-refused",
            Self::Date => "app-date-refused",
            Self::Overtaken => "app-overtaken",
        }
    }
}
