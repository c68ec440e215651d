//! Post, redirect, get: every form is answered with a redirect.
//!
//! A sealed cookie bound to the session carries what the next page says, with what was typed. It
//! costs no row, so strangers cannot fill the database. What a signed-in user typed waits in a row
//! if it is too long for a cookie. The cookie then names the row.
//!
//! A page shows a success once. It shows a problem until a form is sent again, or for [`LIFETIME`].
//! Typed secrets are left out.

use crate::{
    domain::{AccountId, HeldFormId, Lifetime, Timestamp},
    sealing::SealFault,
    services::Services,
    web::{
        Reply,
        cookies::{Cookies, Name},
        note::{Lasts, Note},
        posted::Posted,
    },
};
use serde::{Deserialize, Serialize, de::DeserializeOwned};

/// Time for which a page can show a note.
pub const LIFETIME: Lifetime = Lifetime::minutes(10);
/// Time for which the form of an ended session waits for its owner.
pub const KEPT_FOR: Lifetime = Lifetime::hours(1);
/// Most bytes of plain text. Browsers store 4096 bytes of a cookie, with name and attributes.
/// Sealed and encoded, this many become 3800.
const MAX_BYTES: usize = 2816;
/// The text is padded to a multiple of this, so that its length tells little.
const STEP: usize = 256;
/// A longer value is left out, because it would leave no room for the others.
const MAX_VALUE: usize = 512;
#[derive(Serialize, Deserialize)]
struct Carried {
    /// Path of the page that shows it.
    page: String,
    note: Note,
    typed: Vec<(String, String)>,
    /// The row that has what was typed, if that is too long for the cookie.
    #[serde(default)]
    held: Option<i64>,
    at: i64,
}

/// The form of a session that has ended.
#[derive(Serialize, Deserialize)]
struct Kept {
    account: i64,
    /// Path by which its page finds it.
    form: String,
    fields: Vec<(String, String)>,
    at: i64,
}

/// Note on the current page, and the fields typed before it.
#[derive(Debug)]
pub struct ShownNote {
    pub note: Note,
    pub(in crate::web) typed: Vec<(String, String)>,
    pub(in crate::web) held: Option<HeldFormId>,
}

/// Place where the next page finds the typed fields.
#[derive(Clone, Copy, Debug)]
pub enum Typed<'a> {
    Here(&'a [(String, String)]),
    /// In a row of this session.
    Held(HeldFormId),
}

impl ShownNote {
    pub fn typed(&self, field: &str) -> Option<&str> {
        self.typed.iter().find(|(name, _)| name == field).map(|(_, value)| value.as_str())
    }
}

/// Notes that a browser carries, as a page finds them.
#[derive(Debug, Default)]
pub struct Carrying {
    pub said: Option<ShownNote>,
    /// True if the user has left the page of a note that is shown only there.
    pub is_left_behind: bool,
    /// The page of something that lasts until it is left, while another page is opened on the way
    /// to it.
    pub(in crate::web) waits_at: Option<String>,
}

/// A cookie that carries sealed text.
struct SealedCookie<'a> {
    name: Name,
    /// Context that the text is bound to. Another session cannot read it.
    bound_to: &'a str,
    lifetime: Lifetime,
}

impl<'a> SealedCookie<'a> {
    /// The form of an ended session. Its text names the account.
    const KEPT: SealedCookie<'static> =
        SealedCookie { name: Name::Kept, bound_to: "form of an ended session", lifetime: KEPT_FOR };

    /// Returns the cookie with the note for the next page.
    const fn flash(bound_to: &'a str) -> Self {
        Self { name: Name::Flash, bound_to, lifetime: LIFETIME }
    }
}

/// Seals and opens the text of these cookies.
struct Carrier<'a> {
    services: &'a Services,
    cookies: &'a Cookies<'a>,
}

impl Carrier<'_> {
    /// Seals a value into a cookie. Returns `false` if it is too long.
    fn put(&self, cookie: &SealedCookie<'_>, value: &impl Serialize) -> Result<bool, SealFault> {
        let Ok(mut plain) = serde_json::to_vec(value) else { return Ok(false) };
        if plain.len() > MAX_BYTES {
            return Ok(false);
        }
        // Trailing spaces mean nothing in JSON.
        plain.resize(plain.len().next_multiple_of(STEP), b' ');
        let sealed = self.services.keys.seal_to_carry(&*self.services.entropy, &plain, cookie.bound_to.as_bytes())?;
        self.cookies.set_sealed(cookie.name, &sealed, cookie.lifetime);
        Ok(true)
    }

    fn get<T: DeserializeOwned>(&self, cookie: &SealedCookie<'_>) -> Option<T> {
        let sealed = self.cookies.sealed(cookie.name)?;
        let plain = self.services.keys.open_carried(&sealed, cookie.bound_to.as_bytes()).ok()??;
        serde_json::from_slice(plain.as_bytes()).ok()
    }
}

fn carried((path, note): (&str, Note), typed: Typed<'_>, now: Timestamp) -> Carried {
    let page = path.split('?').next().unwrap_or(path).to_owned();
    let (typed, held) = match typed {
        Typed::Here(typed) => (typed.to_vec(), None),
        Typed::Held(id) => (Vec::new(), Some(id.as_i64())),
    };
    Carried { page, note, typed, held, at: now.as_millis() }
}

/// Returns whether the cookie can carry all that was typed.
pub fn fits(said: (&str, Note), typed: &[(String, String)], now: Timestamp) -> bool {
    serde_json::to_vec(&carried(said, Typed::Here(typed), now)).is_ok_and(|plain| plain.len() <= MAX_BYTES)
}

/// Has the page at `path` show `note`. The path may have a query.
pub fn carry(
    (services, cookies): (&Services, &Cookies<'_>),
    posted: &Posted,
    said: (&str, Note),
    typed: Typed<'_>,
) -> Result<Reply, SealFault> {
    let path = said.0;
    let (carrier, whose) = (Carrier { services, cookies }, posted.whose());
    let cookie = SealedCookie::flash(&whose);
    let mut carried = carried(said, typed, services.now());
    let short: Vec<_> = carried.typed.iter().filter(|(_, value)| value.len() <= MAX_VALUE).cloned().collect();
    for fewer in [short, Vec::new()] {
        if carrier.put(&cookie, &carried)? {
            return Ok(Reply::see_other(path));
        }
        carried.typed = fewer;
    }
    carrier.put(&cookie, &carried)?;
    Ok(Reply::see_other(path))
}

/// Finds what this browser carries for the page at `path`.
pub fn find((services, cookies): (&Services, &Cookies<'_>), posted: &Posted, path: &str, now: Timestamp) -> Carrying {
    let carried: Option<Carried> = Carrier { services, cookies }.get(&SealedCookie::flash(&posted.whose()));
    let Some(carried) = carried.filter(|carried| is_young(carried.at, LIFETIME, now)) else {
        return Carrying::default();
    };
    if carried.page != path || carried.note.is_over(now) {
        let is_shown_until_left = carried.note.lasts() == Lasts::UntilLeft;
        let is_on_the_way = carried.note.is_on_the_way(path);
        return Carrying {
            is_left_behind: is_shown_until_left && !is_on_the_way,
            waits_at: (is_shown_until_left && is_on_the_way).then_some(carried.page),
            said: None,
        };
    }
    let held = carried.held.map(HeldFormId::from_i64);
    Carrying { said: Some(ShownNote { note: carried.note, typed: carried.typed, held }), ..Carrying::default() }
}

fn is_young(at: i64, lifetime: Lifetime, now: Timestamp) -> bool {
    let at = Timestamp::from_millis(at);
    // Refuses a time in the future, from a clock that was ahead: it would last too long.
    !at.is_ahead_of(now) && now.since(at) < lifetime
}

/// Keeps the form at `path` for the owner of this browser. Returns `false` without a form, or if it
/// does not fit.
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
    Carrier { services, cookies }.put(&SealedCookie::KEPT, &kept)
}

/// Returns the fields of a form that this account sent to `form` after its session had ended.
pub fn kept(
    (services, cookies): (&Services, &Cookies<'_>),
    form: &str,
    account: AccountId,
    now: Timestamp,
) -> Option<Vec<(String, String)>> {
    let kept: Kept = Carrier { services, cookies }.get(&SealedCookie::KEPT)?;
    (kept.account == account.as_i64() && kept.form == form && is_young(kept.at, KEPT_FOR, now)).then_some(kept.fields)
}
