//! The methods, and what each is good for.

use strum::{EnumString, IntoStaticStr, VariantArray};

/// Way in which a user proved who they are. Closed on purpose: a new method makes the compiler list
/// every place to extend.
#[derive(Clone, Copy, Debug, PartialEq, Eq, VariantArray, EnumString, IntoStaticStr)]
#[strum(serialize_all = "snake_case", const_into_str)]
pub enum Method {
    /// Opened the email link and pressed the button.
    EmailLink,
    /// Typed the emailed code into the browser that had asked for it.
    EmailCode,
    /// Typed the account's password.
    Password,
    /// Opened a link that the command line or the first start printed.
    ConsoleLink,
    /// Used a passkey, whose authenticator verified its user: two factors in one.
    Passkey,
    /// Typed the code of an authenticator app.
    Totp,
    /// Typed a saved recovery code.
    RecoveryCode,
    /// Came with a remembered browser.
    TrustedDevice,
}

/// The role of a method where one factor is not enough.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// A sign-in begins with it, and it may be enough alone.
    First,
    /// Comes after a first one and proves nothing alone.
    Second,
    /// Enough by itself.
    Both,
}

/// Kind of evidence that a first method gives. Two of a kind are one proof.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Evidence {
    Mailbox,
    Password,
    Console,
}

impl Method {
    /// Returns whether it proves access to the account's mailbox.
    pub const fn proves_mailbox(self) -> bool {
        matches!(self.evidence(), Some(Evidence::Mailbox))
    }

    /// Returns whether the user took part in it. A remembered browser comes by itself, so that it
    /// proves nothing of now.
    pub const fn proves_presence(self) -> bool {
        match self {
            Self::EmailLink | Self::EmailCode | Self::Password | Self::ConsoleLink => true,
            Self::Passkey | Self::Totp | Self::RecoveryCode => true,
            Self::TrustedDevice => false,
        }
    }

    /// Returns whether the user keeps it in mind. An attacker may then know it for long, and use it
    /// again and again. A recovery code works once.
    pub const fn is_memorised(self) -> bool {
        match self {
            Self::Password => true,
            Self::EmailLink | Self::EmailCode | Self::ConsoleLink => false,
            Self::Passkey | Self::Totp | Self::RecoveryCode | Self::TrustedDevice => false,
        }
    }

    /// Returns whether it forgives the wrong passwords before it. Others forgive once the user has
    /// shown all that a sign-in asks for.
    pub const fn forgives_wrong_passwords(self) -> bool {
        match self {
            Self::Password => true,
            Self::EmailLink | Self::EmailCode | Self::ConsoleLink => false,
            Self::Passkey | Self::Totp | Self::RecoveryCode | Self::TrustedDevice => false,
        }
    }

    /// Returns whether it proves that the user holds an enrolled private key.
    pub const fn proves_key(self) -> bool {
        match self {
            Self::Passkey => true,
            Self::EmailLink | Self::EmailCode | Self::Password | Self::ConsoleLink => false,
            Self::Totp | Self::RecoveryCode | Self::TrustedDevice => false,
        }
    }

    /// Returns whether the user opened a link for it. A user may open one without a thought, so
    /// that one press is left.
    pub const fn opens_a_link(self) -> bool {
        match self {
            Self::EmailLink | Self::ConsoleLink => true,
            Self::EmailCode | Self::Password => false,
            Self::Passkey | Self::Totp | Self::RecoveryCode | Self::TrustedDevice => false,
        }
    }

    pub const fn part(self) -> Part {
        match self {
            Self::EmailLink | Self::EmailCode | Self::Password | Self::ConsoleLink => Part::First,
            Self::Totp | Self::RecoveryCode | Self::TrustedDevice => Part::Second,
            Self::Passkey => Part::Both,
        }
    }

    /// Returns what it proves for a recovery. `None` for what a recovery replaces.
    pub const fn evidence(self) -> Option<Evidence> {
        match self {
            Self::EmailLink | Self::EmailCode => Some(Evidence::Mailbox),
            Self::Password => Some(Evidence::Password),
            Self::ConsoleLink => Some(Evidence::Console),
            Self::Passkey | Self::Totp | Self::RecoveryCode | Self::TrustedDevice => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Method::{ConsoleLink, EmailLink, Passkey, Password};

    #[test]
    fn each_method_proves_what_it_is_and_no_more() {
        for &method in Method::VARIANTS {
            assert_eq!(method.forgives_wrong_passwords(), method == Password, "{method:?}");
            assert_eq!(method.evidence() == Some(Evidence::Password), method == Password, "{method:?}");
            assert_eq!(method.proves_key(), method == Passkey, "{method:?}");
            assert_eq!(method.opens_a_link(), matches!(method, EmailLink | ConsoleLink), "{method:?}");
        }
    }

    #[test]
    fn every_method_reads_back_as_it_was_stored() {
        for &method in Method::VARIANTS {
            assert_eq!(method.into_str().parse(), Ok(method));
        }
        assert_eq!("carrier_pigeon".parse::<Method>().ok(), None);
    }
}
