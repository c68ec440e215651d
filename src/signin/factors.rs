//! The forms for factors after a first method, which the sign-in and a step-up show alike.

use crate::{
    domain::{Enrolled, Factor, Lifetime, recovery_code, trusted_device},
    web::{Note, Visit},
};
use strum::VariantArray;

/// Contents of components/factors.html.
pub(super) struct FactorForms<'a> {
    enrolled: Enrolled,
    /// Address to which a code goes.
    pub code: &'static str,
    /// Address to which a passkey goes.
    pub passkey: &'static str,
    /// Address to which a step-up leads.
    pub then: Option<&'a str>,
    problem: Option<String>,
    /// True if the refused code was a recovery code.
    was_recovery: bool,
    /// True while codes of apps are refused unread.
    app_pauses: bool,
    /// True if the browser can be remembered.
    pub may_trust: bool,
    pub trust: bool,
}

impl<'a> FactorForms<'a> {
    pub(super) fn at_sign_in(visit: &Visit<'_>, enrolled: Enrolled) -> Self {
        Self {
            code: "/login/second-factor",
            passkey: "/login/second-factor/passkey",
            may_trust: visit.settings.trusted_devices_enabled,
            trust: visit.typed("trust").is_some(),
            ..Self::new(visit, enrolled)
        }
    }

    pub(super) fn at_step_up(visit: &Visit<'_>, enrolled: Enrolled, then: &'a str) -> Self {
        let (code, passkey) = ("/step-up/second-factor", "/step-up/passkey");
        Self { code, passkey, then: Some(then), ..Self::new(visit, enrolled) }
    }

    fn new(visit: &Visit<'_>, enrolled: Enrolled) -> Self {
        Self {
            enrolled,
            code: "",
            passkey: "",
            then: None,
            problem: visit.problem_of("code"),
            was_recovery: visit.said().is_some_and(|said| said.note.is_of_recovery_code()),
            app_pauses: visit
                .said()
                .is_some_and(|said| matches!(said.note, Note::FactorsPaused { totp: true, .. } | Note::FactorsUsedUp)),
            may_trust: false,
            trust: false,
        }
    }

    /// Returns the factors that the account has, in the order of their forms.
    pub(super) fn shown(&self) -> Vec<Factor> {
        Factor::VARIANTS.iter().copied().filter(|factor| self.enrolled.has(*factor)).collect()
    }

    /// Returns the problem beside the app's field. If that is the only field for codes, it shows
    /// problems of both kinds.
    pub(super) fn app_problem(&self) -> Option<&str> {
        self.problem.as_deref().filter(|_| !self.was_recovery || !self.enrolled.recovery_codes)
    }

    /// Returns whether the recovery code leads, and not the app's. The app's codes are refused for
    /// now, or the user has just tried a recovery code. A passkey leads before either.
    pub(super) const fn recovery_leads(&self) -> bool {
        self.shows_recovery() && !self.enrolled.passkey
    }

    /// Returns whether the form for recovery codes is open.
    pub(super) const fn shows_recovery(&self) -> bool {
        (self.app_pauses || self.was_recovery) && self.enrolled.recovery_codes
    }

    /// Returns the id of the sentence about the app's pause, for the field that has the focus. A
    /// screen reader would otherwise not say why.
    pub(super) const fn pause_id(&self) -> &'static str {
        if self.app_pauses && self.enrolled.totp && self.recovery_leads() { " code-problem" } else { "" }
    }

    /// Returns the problem beside the field for recovery codes.
    pub(super) fn recovery_problem(&self) -> Option<&str> {
        self.problem.as_deref().filter(|_| self.was_recovery || !self.enrolled.totp)
    }

    /// Returns the problem with a code, where the account has no field for one any more.
    pub(super) fn stray_problem(&self) -> Option<&str> {
        self.problem.as_deref().filter(|_| !self.enrolled.totp && !self.enrolled.recovery_codes)
    }

    pub(super) const fn count(&self) -> usize {
        recovery_code::COUNT
    }

    pub(super) const fn trusted_for(&self) -> Lifetime {
        trusted_device::LIFETIME
    }
}
