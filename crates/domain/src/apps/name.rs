//! Texts about an app for its users: its name, and the address to which the launcher leads.

use crate::{account::deceives, typed::trimmed};
use std::fmt;
use url::Url;

/// The longest name, in characters. A longer one breaks in a tile of the launcher.
pub const MAX_LENGTH: usize = 60;
/// The longest description, in characters.
pub const MAX_DESCRIPTION: usize = 200;
/// The longest address.
const MAX_URL_LENGTH: usize = 2048;

/// The name of an app: one line with no deceptive characters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AppName(String);

/// Why a text is not a name, or not a description.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotAnAppName;

impl AppName {
    pub fn parse(typed: &str) -> Result<Self, NotAnAppName> {
        let name = trimmed(typed);
        if name.is_empty() || name.chars().count() > MAX_LENGTH || deceives(name) {
            return Err(NotAnAppName);
        }
        Ok(Self(name.to_owned()))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns what the tile shows for an app without an icon.
    pub fn initial(&self) -> String {
        initial(&self.0)
    }
}

impl fmt::Display for AppName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Returns what a page shows of a name where a picture is missing: its first letter or digit.
pub fn initial(name: &str) -> String {
    let first = name.chars().find(|c| c.is_alphanumeric()).or_else(|| name.chars().next());
    first.into_iter().flat_map(char::to_uppercase).collect()
}

/// Reads a description, which may be empty.
pub fn description(typed: &str) -> Result<String, NotAnAppName> {
    let text = trimmed(typed);
    if text.chars().count() > MAX_DESCRIPTION || deceives(text) { Err(NotAnAppName) } else { Ok(text.to_owned()) }
}

/// A web address that a link leads to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LaunchUrl(String);

/// Why a text is no web address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotAWebAddress;

impl LaunchUrl {
    /// Reads an `https:` or `http:` address without a user's name.
    pub fn parse(typed: &str) -> Result<Self, NotAWebAddress> {
        let url = Url::parse(trimmed(typed)).map_err(|_| NotAWebAddress)?;
        let is_web = matches!(url.scheme(), "https" | "http") && url.has_host();
        let has_user = !url.username().is_empty() || url.password().is_some();
        if is_web && !has_user && url.as_str().len() <= MAX_URL_LENGTH {
            Ok(Self(url.as_str().to_owned()))
        } else {
            Err(NotAWebAddress)
        }
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_one_honest_line() {
        assert_eq!(AppName::parse(" Grafana ").unwrap().as_str(), "Grafana");
        for typed in ["", "  ", "a\nb", "a\u{202e}b", &"é".repeat(61)] {
            assert_eq!(AppName::parse(typed), Err(NotAnAppName), "{typed:?}");
        }
        assert!(AppName::parse(&"é".repeat(60)).is_ok());
        assert!(description("").is_ok() && description(&"a".repeat(201)).is_err());
        assert!(description(&"é".repeat(200)).is_ok());
    }

    #[test]
    fn an_app_without_an_icon_shows_its_first_letter() {
        for (name, initial) in [("wiki", "W"), ("»elm«", "E"), ("ß", "SS"), ("!", "!"), ("3D", "3")] {
            assert_eq!(AppName::parse(name).unwrap().initial(), initial, "{name}");
        }
    }

    #[test]
    fn a_link_leads_to_a_web_address_and_runs_nothing() {
        assert_eq!(LaunchUrl::parse(" https://Wiki.example.com ").unwrap().as_str(), "https://wiki.example.com/");
        for typed in ["", "wiki", "/wiki", "javascript:alert(1)", "data:text/html,x", "https://ana@wiki.example.com"] {
            assert_eq!(LaunchUrl::parse(typed), Err(NotAWebAddress), "{typed:?}");
        }
    }
}
