//! `prompt`: what an app wants the user to be asked (OpenID Connect Core, section 3.1.2.1).

/// Questions that the user is to be asked, although the answers may be known.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Prompt {
    /// No page may be shown.
    pub none: bool,
    pub login: bool,
    pub consent: bool,
    pub select_account: bool,
}

/// Why a text is not a prompt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotAPrompt;

impl Prompt {
    /// Reads a list with spaces. `none` comes alone. `create` (Initiating User Registration 1.0)
    /// wants an account that the user may not have yet. A signed-in user therefore chooses. Without
    /// a session, everything leads to the sign-in page.
    pub fn parse(text: &str) -> Result<Self, NotAPrompt> {
        let mut prompt = Self::default();
        for word in text.split(' ').filter(|word| !word.is_empty()) {
            match word {
                "none" => prompt.none = true,
                "login" => prompt.login = true,
                "consent" => prompt.consent = true,
                "select_account" | "create" => prompt.select_account = true,
                _ => return Err(NotAPrompt),
            }
        }
        if prompt.none && text.trim() != "none" { Err(NotAPrompt) } else { Ok(prompt) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn none_comes_alone_and_unknown_words_are_refused() {
        assert_eq!(Prompt::parse("none"), Ok(Prompt { none: true, ..Prompt::default() }));
        let both = Prompt { login: true, consent: true, ..Prompt::default() };
        assert_eq!(Prompt::parse("login consent"), Ok(both));
        assert_eq!(Prompt::parse("create"), Prompt::parse("select_account"));
        for odd in ["none login", "login none", "none create", "none none", "Login", "login,consent", "x"] {
            assert_eq!(Prompt::parse(odd), Err(NotAPrompt), "{odd:?}");
        }
    }
}
