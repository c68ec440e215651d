//! Keys of the texts about undoing a gain.

use crate::domain::Gain;

/// Keys of the catalogue.
pub(super) struct Words {
    /// The question on the page.
    pub question: &'static str,
    /// Event, and its time.
    pub happened: &'static str,
    /// Effect that the button will have.
    pub then: &'static str,
    /// Effect that the button had.
    pub done: &'static str,
    /// The gain in a list of others.
    pub thing: &'static str,
}

impl Words {
    pub(super) const fn of(kind: Gain) -> Self {
        match kind {
            Gain::Passkey => Self {
                question: "undo-passkey",
                happened: "undo-passkey.happened",
                then: "undo-passkey.then",
                done: "undo-passkey.done",
                thing: "undo-passkey.thing",
            },
            Gain::App => Self {
                question: "undo-app",
                happened: "undo-app.happened",
                then: "undo-app.then",
                done: "undo-app.done",
                thing: "undo-app.thing",
            },
            Gain::RecoveryCodes => Self {
                question: "undo-codes",
                happened: "undo-codes.happened",
                then: "undo-codes.then",
                done: "undo-codes.done",
                thing: "undo-codes.thing",
            },
            Gain::RememberedBrowser => Self {
                question: "undo-remembered",
                happened: "undo-remembered.happened",
                then: "undo-remembered.then",
                done: "undo-remembered.done",
                thing: "undo-remembered.thing",
            },
            Gain::Password => Self {
                question: "undo-password",
                happened: "undo-password.happened",
                then: "undo-password.then",
                done: "undo-password.done",
                thing: "undo-password.thing",
            },
            Gain::Address => Self {
                question: "undo-address",
                happened: "undo-address.happened",
                then: "undo-address.then",
                done: "undo-address.done",
                thing: "undo-address.thing",
            },
            Gain::AdminRights => Self {
                question: "undo-rights",
                happened: "undo-rights.happened",
                then: "undo-rights.then",
                done: "undo-rights.done",
                thing: "undo-rights.thing",
            },
        }
    }
}
