//! Post, redirect, get: no form is answered with a page. The answer leads to a page, and what that page is to say, with what was typed,
//! travels in a cookie of this browser, sealed and bound to its session. It costs no row, so strangers can add none.
//!
//! A success is shown once. A problem stays until a form is sent again, or for [`LIFETIME`]. Secrets are never among what was typed.

use super::{
    Answer, Reply, Visit,
    cookies::{Cookies, Name},
    layout::Banner,
    note::{Lasts, Note, Tone},
    query,
};
use crate::{
    domain::{AccountId, Lifetime, SessionId, Timestamp},
    sealing::SealFault,
    services::Services,
};
use askama::Template;
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use std::sync::{
    OnceLock,
    atomic::{AtomicBool, Ordering},
};

/// How long a page can say it.
pub const LIFETIME: Lifetime = Lifetime::minutes(10);
/// How long the form of an ended session waits for its owner.
pub const KEPT_FOR: Lifetime = Lifetime::hours(1);
/// What browsers store of a cookie is 4096 bytes with its name and attributes; sealed and encoded this comes to 3800.
const MOST_BYTES: usize = 2816;
/// The length tells no more than how many of these it takes.
const STEP: usize = 256;
/// A typed value that leaves no room for the others is left out.
const MOST_VALUE: usize = 512;
/// Fields that are carried nowhere.
const SECRETS: [&str; 3] = ["password", "new_password", "code"];

/// What a request says of itself, for an answer that is made after its form and its guard are gone. Kept in the request's cache.
#[derive(Debug, Default)]
pub struct Posted {
    fields: OnceLock<Vec<(String, String)>>,
    /// Set where the browser came with a session that has ended: whose browser it is, if that is known.
    pub ended: OnceLock<Option<AccountId>>,
    /// Who is signed in, as the request came.
    pub signed_in: OnceLock<(SessionId, AccountId)>,
    /// The session has ended within this request.
    pub signed_out: AtomicBool,
}

impl Posted {
    /// Notes a form, all but its secrets.
    pub fn note(&self, fields: &[(String, String)]) {
        let plain = fields.iter().filter(|(name, _)| !SECRETS.contains(&name.as_str())).cloned().collect();
        // A request has one form.
        let _ = self.fields.set(plain);
    }

    pub fn fields(&self) -> &[(String, String)] {
        self.fields.get().map_or(&[], Vec::as_slice)
    }

    /// Whether the user typed any of it. Where the form leads to is no such thing.
    pub fn has_something_typed(&self) -> bool {
        self.fields().iter().any(|(name, value)| !matches!(&**name, "then" | "return_to") && !value.is_empty())
    }

    /// Whose session has ended, if one has: before this request came, or since.
    pub fn whose_ended(&self) -> Option<Option<AccountId>> {
        if let Some((_, account)) = self.signed_in.get() {
            self.signed_out.store(true, Ordering::Relaxed);
            return Some(Some(*account));
        }
        self.ended.get().copied()
    }

    /// What a note is bound to: no other session shows it.
    fn whose(&self) -> String {
        match self.signed_in.get().filter(|_| !self.signed_out.load(Ordering::Relaxed)) {
            Some((session, _)) => format!("flash of session {session}"),
            None => "flash of no session".to_owned(),
        }
    }

    /// Where a form leads back to: the page that it stood on, which finds there what it was opened with.
    pub fn back_to(&self, page: &str) -> String {
        let field = |name: &str| self.fields().iter().find(|(field, _)| field == name);
        match field("return_to").or_else(|| field("then")) {
            Some((name, value)) => format!("{page}?{name}={}", query::encode(value)),
            None => page.to_owned(),
        }
    }
}

#[derive(Serialize, Deserialize)]
struct Carried {
    /// The path of the page that says it.
    page: String,
    note: Note,
    typed: Vec<(String, String)>,
    at: i64,
}

/// The form of a session that has ended.
#[derive(Serialize, Deserialize)]
struct Kept {
    account: i64,
    /// Where it was sent to.
    form: String,
    fields: Vec<(String, String)>,
    at: i64,
}

/// What the page at hand is to say.
#[derive(Debug)]
pub struct Said {
    pub note: Note,
    typed: Vec<(String, String)>,
}

impl Said {
    pub fn typed(&self, field: &str) -> Option<&str> {
        self.typed.iter().find(|(name, _)| name == field).map(|(_, value)| value.as_str())
    }
}

/// What a browser carries, as a page finds it.
#[derive(Debug, Default)]
pub struct Carrying {
    pub said: Option<Said>,
    /// Something to be shown only until its page is left, which is another one.
    pub is_left_behind: bool,
}

/// A sealed text of ours, as cookies carry it.
struct Carrier<'a> {
    services: &'a Services,
    cookies: &'a Cookies<'a>,
}

impl Carrier<'_> {
    /// `false` if it is too long for a cookie.
    fn put(&self, name: Name, value: &impl Serialize, whose: &str, lifetime: Lifetime) -> Result<bool, SealFault> {
        let Ok(mut plain) = serde_json::to_vec(value) else { return Ok(false) };
        if plain.len() > MOST_BYTES {
            return Ok(false);
        }
        // Spaces at the end mean nothing in JSON.
        plain.resize(plain.len().next_multiple_of(STEP), b' ');
        let sealed = self.services.keys.seal_to_carry(&*self.services.entropy, &plain, whose.as_bytes())?;
        self.cookies.set_sealed(name, &sealed, lifetime);
        Ok(true)
    }

    fn get<T: DeserializeOwned>(&self, name: Name, whose: &str) -> Option<T> {
        let sealed = self.cookies.sealed(name)?;
        let plain = self.services.keys.open_carried(&sealed, whose.as_bytes()).ok()??;
        serde_json::from_slice(plain.as_bytes()).ok()
    }
}

/// The page at `path`, a path with or without a query, is to say `note`.
pub fn carry(
    (services, cookies): (&Services, &Cookies<'_>),
    posted: &Posted,
    (path, note): (&str, Note),
    typed: &[(String, String)],
) -> Result<Reply, SealFault> {
    let page = path.split('?').next().unwrap_or(path).to_owned();
    let at = services.now().as_millis();
    let carrier = Carrier { services, cookies };
    let short: Vec<_> = typed.iter().filter(|(_, value)| value.len() <= MOST_VALUE).cloned().collect();
    let mut carried = Carried { page, note, typed: typed.to_vec(), at };
    for fewer in [short, Vec::new()] {
        if carrier.put(Name::Flash, &carried, &posted.whose(), LIFETIME)? {
            return Ok(Reply::see_other(path));
        }
        carried.typed = fewer;
    }
    carrier.put(Name::Flash, &carried, &posted.whose(), LIFETIME)?;
    Ok(Reply::see_other(path))
}

/// What this browser carries for the page at `path`.
pub fn find((services, cookies): (&Services, &Cookies<'_>), posted: &Posted, path: &str, now: Timestamp) -> Carrying {
    let carried: Option<Carried> = Carrier { services, cookies }.get(Name::Flash, &posted.whose());
    let Some(carried) = carried.filter(|carried| is_young(carried.at, LIFETIME, now)) else {
        return Carrying::default();
    };
    if carried.page != path || carried.note.is_over(now) {
        return Carrying { said: None, is_left_behind: carried.note.lasts() == Lasts::UntilLeft };
    }
    Carrying { said: Some(Said { note: carried.note, typed: carried.typed }), is_left_behind: false }
}

fn is_young(at: i64, lifetime: Lifetime, now: Timestamp) -> bool {
    let at = Timestamp::from_millis(at);
    // From a clock that was ahead: not for longer than it should be.
    at <= now && now.since(at) < lifetime
}

const KEPT: &str = "form of an ended session";

/// Keeps the form at `path` for the account whose browser this is. `false` if it does not fit, or there is none to keep.
pub fn keep(
    (services, cookies): (&Services, &Cookies<'_>),
    posted: &Posted,
    path: &str,
    account: AccountId,
) -> Result<bool, SealFault> {
    if posted.fields().is_empty() {
        return Ok(false);
    }
    let at = services.now().as_millis();
    let kept = Kept { account: account.as_i64(), form: path.to_owned(), fields: posted.fields().to_vec(), at };
    Carrier { services, cookies }.put(Name::Kept, &kept, KEPT, KEPT_FOR)
}

impl Visit<'_> {
    /// What was said about the form before, and the form that was kept, are done with.
    pub(super) fn a_form_was_sent(&self, path: &str) {
        if self.cookies.sealed(Name::Flash).is_some() {
            self.cookies.remove(Name::Flash);
        }
        if self.kept(path).is_some() {
            self.cookies.remove(Name::Kept);
        }
    }

    /// Leads to `path`, whose page says `note`.
    pub fn say(&self, path: &str, note: Note) -> Answer {
        self.say_with(path, note, &[])
    }

    /// The same, with what was typed.
    pub fn say_with(&self, path: &str, note: Note, typed: &[(&str, &str)]) -> Answer {
        let typed: Vec<_> = typed.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        Ok(carry((self.services, &self.cookies), self.posted, (path, note), &typed)?)
    }

    /// Leads back to the page that the form stood on, which says why it is not taken and shows what was typed, all but secrets.
    pub fn refuse(&self, note: Note) -> Answer {
        let path = self.posted.back_to(self.back());
        Ok(carry((self.services, &self.cookies), self.posted, (&path, note), self.posted.fields())?)
    }

    /// What this page is to say.
    pub const fn said(&self) -> Option<&Said> {
        self.carrying.said.as_ref()
    }

    /// What was typed into a field before.
    pub fn typed(&self, field: &str) -> Option<&str> {
        self.said()?.typed(field)
    }

    /// What is wrong with a field.
    pub fn problem_of(&self, field: &str) -> Option<String> {
        let said = self.said().filter(|said| said.note.field() == Some(field))?;
        said.note.words(&self.locale, self.now)
    }

    /// What stands at the top of the page. Called once for each page, by its layout.
    pub fn banner(&self) -> Option<Banner> {
        let is_shown_once = self.said().is_some_and(|said| said.note.lasts() == Lasts::Once);
        if is_shown_once || self.carrying.is_left_behind {
            self.cookies.remove(Name::Flash);
        }
        let said = self.said().filter(|said| said.note.field().is_none())?;
        let words = said.note.words(&self.locale, self.now)?;
        let (class, role) = match said.note.tone() {
            Tone::Good => ("good", "status"),
            Tone::Neutral => ("note", "status"),
            Tone::Bad => ("bad", "alert"),
        };
        Some(Banner { words, class, role })
    }

    /// A page, with the status of what it says.
    pub fn page(&self, page: &impl Template) -> Answer {
        let Some(said) = self.said() else { return Reply::page(page) };
        let reply = Reply::page_with(said.note.status(), page)?;
        Ok(match said.note.wait(self.now) {
            Some(wait) if said.note.status().code == 429 => {
                reply.with_header("Retry-After", wait.as_seconds_up().to_string())
            }
            _ => reply,
        })
    }

    /// The fields of a form that this account sent to `form` after its session had ended.
    pub fn kept(&self, form: &str) -> Option<Vec<(String, String)>> {
        let account = self.signed_in()?.account.id;
        let carrier = Carrier { services: self.services, cookies: &self.cookies };
        let kept: Kept = carrier.get(Name::Kept, KEPT)?;
        (kept.account == account.as_i64() && kept.form == form && is_young(kept.at, KEPT_FOR, self.now))
            .then_some(kept.fields)
    }
}
