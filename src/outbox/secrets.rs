//! The secrets of an email that is about to leave.

use crate::{
    db::attempts::Leaving,
    domain::{
        Code, Entropy, HashMemory, Timestamp, Token, TokenHash,
        code::{CodeHash, CodeSalt, HashFault},
    },
};

/// A piece of a token with this many characters reveals too much.
const PIECE: usize = 8;

/// The secrets of one email, in plain form. They exist from here to the mail server and nowhere
/// else.
pub(super) struct Secrets {
    open: Token,
    cancel: Token,
    code: Option<(Code, CodeHash)>,
    made_at: Timestamp,
}

impl Secrets {
    /// Makes the secrets, with a code if there is a salt for it. Hashing the code takes about a
    /// millisecond, so that threads that serve requests must not call this.
    pub(super) fn make(
        salt: Option<&CodeSalt>,
        entropy: &dyn Entropy,
        memory: &HashMemory,
        now: Timestamp,
    ) -> Result<Self, HashFault> {
        let hashed = |salt: &CodeSalt| {
            let code = Code::issue(entropy);
            code.hash(salt, memory).map(|hash| (code, hash))
        };
        let code = salt.map(hashed).transpose()?;
        Ok(Self { open: Token::issue(entropy), cancel: Token::issue(entropy), code, made_at: now })
    }

    pub(super) const fn open(&self) -> &Token {
        &self.open
    }

    pub(super) const fn cancel(&self) -> &Token {
        &self.cancel
    }

    pub(super) const fn made_at(&self) -> Timestamp {
        self.made_at
    }

    /// Returns the code in plain form, or an empty text.
    pub(super) fn code(&self) -> String {
        self.code.as_ref().map(|(code, _)| code.reveal()).unwrap_or_default()
    }

    /// Returns what an attempt stores of them.
    pub(super) fn leaving<'a>(&'a self, token: &'a TokenHash) -> Leaving<'a> {
        Leaving { token, code: self.code.as_ref().map(|(_, hash)| hash), made_at: self.made_at }
    }

    /// Returns the mail server's answer without the secrets, because a refusal may quote the email.
    pub(super) fn struck_from(&self, reply: &str) -> String {
        let mut reply = reply.to_owned();
        for token in [self.open.reveal(), self.cancel.reveal()] {
            reply = reply.replace(&token, "…");
            // Also pieces, where the server cut a line or inserted an escape.
            for start in 0..=token.len().saturating_sub(PIECE) {
                if let Some(piece) = token.get(start..start + PIECE) {
                    reply = reply.replace(piece, "…");
                }
            }
        }
        if let Some((code, _)) = &self.code {
            let dashed = code.reveal();
            reply = reply.replace(&dashed, "…").replace(&dashed.replace('-', ""), "…");
        }
        reply
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::entropy::SystemEntropy;

    fn made(salt: Option<&CodeSalt>) -> Secrets {
        Secrets::make(salt, &SystemEntropy, &HashMemory::default(), Timestamp::EPOCH).unwrap()
    }

    #[test]
    fn no_piece_of_a_token_that_a_server_quotes_is_passed_on() {
        let secrets = made(None);
        for token in [secrets.open().reveal(), secrets.cancel().reveal()] {
            let (head, tail) = token.split_at(12);
            for quoted in [token.clone(), format!("{head}=\r\n{tail}"), head.to_owned(), tail.to_owned()] {
                let reply = secrets.struck_from(&format!("550 {quoted} refused"));
                assert!(reply.starts_with("550 ") && reply.ends_with(" refused"), "{reply}");
                for start in 0..=token.len() - 8 {
                    assert!(!reply.contains(&token[start..start + 8]), "{quoted}: {reply}");
                }
            }
        }
        assert_eq!(secrets.struck_from("250 queued"), "250 queued");
    }

    #[test]
    fn a_code_that_a_server_quotes_is_not_passed_on_with_or_without_its_dash() {
        let secrets = made(Some(&CodeSalt::from_keyed_hash([7; 32])));
        for quoted in [secrets.code(), secrets.code().replace('-', "")] {
            assert_eq!(secrets.struck_from(&format!("550 {quoted} refused")), "550 … refused");
        }
    }
}
