//! Answers to a proxy's check: the whole table, for every kind of request and user.

use super::{forwarded::Caller, path::plain_path};

/// The beginning of the paths on an app's host that belong to Gatepost.
const OURS: &str = "/.gatepost";
pub const CALLBACK: &str = "/.gatepost/callback";
pub const SIGN_OUT: &str = "/.gatepost/sign-out";

/// Kind of a path on an app's host.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// Path by which Gatepost leads users in.
    Callback,
    /// Path to which an app can lead users who want to sign out.
    SignOut,
    /// Any other path that belongs to Gatepost. The app never sees it.
    Ours,
    App,
}

impl Place {
    pub fn of(uri: &str) -> Self {
        let path = uri.split(['?', '#']).next().unwrap_or_default();
        match path {
            CALLBACK => Self::Callback,
            SIGN_OUT => Self::SignOut,
            _ if is_ours(path) => Self::Ours,
            _ => Self::App,
        }
    }
}

/// Also in another spelling, because an app could read the path in another way than we do.
fn is_ours(path: &str) -> bool {
    let begins = |path: &str| {
        path.get(..OURS.len()).is_some_and(|first| first.eq_ignore_ascii_case(OURS))
            && path.get(OURS.len()..).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    begins(path) || plain_path(path).is_some_and(|plain| begins(&plain))
}

/// User of a request, as far as the check knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum User {
    /// No user is signed in to the app.
    Unknown,
    /// Signed in, and the app requires more.
    Weak,
    /// Signed in, and may not open the app.
    Refused,
    Welcome,
}

/// Requests that an app lets through without a user.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Open {
    /// The path is public.
    pub path: bool,
    /// Requests that ask whether a script of another origin may send its own.
    pub preflights: bool,
}

/// Answer to the proxy about a request for the app.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The app gets the request, and learns who sends it.
    Admit,
    /// The app gets the request, and learns that the user is unknown.
    AdmitUnknown,
    /// The browser is led to Gatepost.
    SignIn,
    /// A page inside another one shows a link that opens the whole window.
    ShowLink,
    /// A form was sent without a session: a page says how to send it again.
    SayFormIsLost,
    /// A script gets a status.
    Unauthorized,
    /// The browser is led to the page that says whom to ask.
    ShowRefusal,
    Forbidden,
}

/// Asks for the caller only if that matters, for most requests are those of a welcome user.
pub fn verdict(user: User, caller: impl FnOnce() -> Caller, open: Open) -> Verdict {
    if user == User::Welcome {
        return Verdict::Admit;
    }
    if open.path {
        return Verdict::AdmitUnknown;
    }
    match (user, caller()) {
        (User::Welcome, _) => Verdict::Admit,
        (_, Caller::Preflight) if open.preflights => Verdict::AdmitUnknown,
        (User::Refused, Caller::Navigation) => Verdict::ShowRefusal,
        (User::Refused, _) => Verdict::Forbidden,
        (User::Unknown | User::Weak, Caller::Navigation) => Verdict::SignIn,
        (User::Unknown | User::Weak, Caller::Frame) => Verdict::ShowLink,
        (User::Unknown | User::Weak, Caller::Form) => Verdict::SayFormIsLost,
        (User::Unknown | User::Weak, Caller::Script | Caller::Preflight) => Verdict::Unauthorized,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CALLERS: [Caller; 5] = [Caller::Navigation, Caller::Frame, Caller::Form, Caller::Script, Caller::Preflight];

    #[test]
    fn every_cell_of_what_a_check_answers() {
        use Verdict::{Admit, Forbidden, SayFormIsLost, ShowLink, ShowRefusal, SignIn, Unauthorized};
        let table = [
            (User::Unknown, [SignIn, ShowLink, SayFormIsLost, Unauthorized, Unauthorized]),
            (User::Weak, [SignIn, ShowLink, SayFormIsLost, Unauthorized, Unauthorized]),
            (User::Refused, [ShowRefusal, Forbidden, Forbidden, Forbidden, Forbidden]),
            (User::Welcome, [Admit; 5]),
        ];
        for (user, expected) in table {
            for (caller, expected) in CALLERS.into_iter().zip(expected) {
                assert_eq!(verdict(user, || caller, Open::default()), expected, "{user:?} {caller:?}");
            }
        }
    }

    #[test]
    fn what_is_open_admits_and_tells_the_app_of_no_user_but_a_welcome_one() {
        for caller in CALLERS {
            for user in [User::Unknown, User::Weak, User::Refused] {
                let public = Open { path: true, preflights: false };
                assert_eq!(verdict(user, || caller, public), Verdict::AdmitUnknown);
                let preflights = Open { path: false, preflights: true };
                let admits = verdict(user, || caller, preflights) == Verdict::AdmitUnknown;
                assert_eq!(admits, caller == Caller::Preflight);
            }
            assert_eq!(verdict(User::Welcome, || caller, Open { path: true, preflights: true }), Verdict::Admit);
        }
    }

    #[test]
    fn the_app_sees_no_path_of_ours_in_any_spelling() {
        for (uri, expected) in [
            ("/.gatepost/callback?code=x", Place::Callback),
            ("/.gatepost/sign-out", Place::SignOut),
            ("/.gatepost", Place::Ours),
            ("/.gatepost/", Place::Ours),
            ("/.gatepost/callback/", Place::Ours),
            ("/.GATEPOST/callback", Place::Ours),
            ("/%2egatepost/callback", Place::Ours),
            ("/.gatepost/x?y", Place::Ours),
            ("/.gatepost-check", Place::App),
            ("/gatepost/callback", Place::App),
            ("/x/.gatepost/callback", Place::App),
            ("/?/.gatepost/callback", Place::App),
            ("/", Place::App),
        ] {
            assert_eq!(Place::of(uri), expected, "{uri}");
        }
    }
}
