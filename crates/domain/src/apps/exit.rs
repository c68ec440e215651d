//! Signing out of one app, while the session goes on elsewhere.

use super::AppId;
use crate::Timestamp;

/// An app that a session's user signed out of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Exit {
    pub app: AppId,
    pub left_at: Timestamp,
    /// The next way in asks first.
    pub is_out: bool,
}

/// Returns whether what was made then still leads into the app. A moment is a millisecond, so that
/// what was made within the same one ends, too.
pub fn leads_in(exits: &[Exit], app: AppId, made_at: Timestamp) -> bool {
    exits.iter().all(|exit| exit.app != app || made_at > exit.left_at)
}

/// Returns whether the way into the app asks first.
pub fn asks_first(exits: &[Exit], app: AppId) -> bool {
    exits.iter().any(|exit| exit.app == app && exit.is_out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_led_in_before_counts_no_more_and_other_apps_go_on() {
        let (wiki, blog, at) = (AppId::from_i64(1), AppId::from_i64(2), Timestamp::from_millis);
        let exits = [Exit { app: wiki, left_at: at(5), is_out: true }];
        let led = |app, made| leads_in(&exits, app, at(made));
        assert!(!led(wiki, 4) && !led(wiki, 5) && led(wiki, 6) && led(blog, 4) && leads_in(&[], wiki, at(0)));
        assert!(asks_first(&exits, wiki) && !asks_first(&exits, blog));
        assert!(!asks_first(&[Exit { is_out: false, ..exits[0] }], wiki));
    }
}
