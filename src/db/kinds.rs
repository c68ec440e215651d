//! Enums of columns that only the storage knows. The types of columns name them, so they are apart
//! from the files that read the tables.

use strum::{IntoStaticStr, VariantArray};

/// Purpose of an email link: one opens the attempt, the other says "this wasn't me".
#[derive(Clone, Copy, Debug, PartialEq, Eq, VariantArray, IntoStaticStr)]
#[strum(serialize_all = "snake_case", const_into_str)]
pub enum LinkKind {
    Open,
    Cancel,
}

/// Purpose of an address of a client.
#[derive(Clone, Copy, Debug, PartialEq, Eq, VariantArray, IntoStaticStr)]
#[strum(serialize_all = "snake_case", const_into_str)]
pub enum UriKind {
    SignIn,
    SignOut,
}

/// Event whose last time is noted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, VariantArray, IntoStaticStr)]
#[strum(serialize_all = "snake_case", const_into_str)]
pub enum Noted {
    /// A copy by `gatepost backup`. No other backup is known here.
    Backup,
    /// The end of the last hour whose sign-ins are counted.
    SignInsCounted,
    /// An admin opened the link in a test email.
    TestEmailOpened,
}

/// Kind of thing that a file of `gatepost apply` declares.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, VariantArray, IntoStaticStr)]
#[strum(serialize_all = "snake_case", const_into_str)]
pub enum Declared {
    Setting,
    Group,
    App,
    /// The secret of an app, by the app's short name.
    Secret,
}
