//! Page for a user who has signed out: it names the apps that have ended their sessions, too.
//!
//! The page is for a browser without a session. It carries the names of the sessions, sealed, so
//! that no other visitor can ask for them.

use crate::{
    db::{self, Error, Tx},
    domain::{
        Lifetime, Timestamp,
        apps::AppId,
        oidc::{GrantId, notice::NoticeState},
    },
    web::{Failure, Visit},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};

/// The parameter that carries them.
pub(super) const TOLD: &str = "told";
const BOUND_TO: &[u8] = b"apps of a session that ended";
/// Time for which the page tells.
const LIFETIME: Lifetime = Lifetime::minutes(30);
/// More apps than a page shows.
const MAX: usize = 40;

/// Outcome of the notice to one app.
pub(super) struct Told {
    pub app: String,
    /// `None` if the app cannot be told.
    state: Option<NoticeState>,
}

impl Told {
    pub(super) fn is_waiting(&self) -> bool {
        self.state == Some(NoticeState::Waiting)
    }

    /// Returns the key of the words.
    pub(super) const fn key(&self) -> &'static str {
        match self.state {
            None => "oidc-told-cannot",
            Some(state) => state.key(),
        }
    }
}

/// A session of an app.
pub(super) type Ended = (GrantId, AppId);

pub(super) fn seal(visit: &Visit<'_>, apps: &[Ended]) -> Result<String, Failure> {
    let mut plain = visit.now.as_millis().to_be_bytes().to_vec();
    for (grant, app) in apps.iter().take(MAX) {
        plain.extend(grant.as_i64().to_be_bytes());
        plain.extend(app.as_i64().to_be_bytes());
    }
    let sealed = visit.services.keys.seal_to_carry(&*visit.services.entropy, &plain, BOUND_TO)?;
    Ok(URL_SAFE_NO_PAD.encode(sealed))
}

/// Returns none for what is not ours, or too old.
pub(super) fn open(visit: &Visit<'_>, sealed: &str) -> Result<Vec<Ended>, Failure> {
    let Ok(sealed) = URL_SAFE_NO_PAD.decode(sealed) else { return Ok(Vec::new()) };
    let Some(plain) = visit.services.keys.open_carried(&sealed, BOUND_TO)? else { return Ok(Vec::new()) };
    let (numbers, _) = plain.as_bytes().as_chunks::<8>();
    let numbers: Vec<i64> = numbers.iter().map(|bytes| i64::from_be_bytes(*bytes)).collect();
    let Some((at, ids)) = numbers.split_first() else { return Ok(Vec::new()) };
    let at = Timestamp::from_millis(*at);
    if at.is_ahead_of(visit.now) || visit.now.since(at) > LIFETIME {
        return Ok(Vec::new());
    }
    let (pairs, _) = ids.as_chunks::<2>();
    Ok(pairs.iter().map(|[grant, app]| (GrantId::from_i64(*grant), AppId::from_i64(*app))).collect())
}

/// Returns what became of each app, in the order of their names.
pub(super) async fn outcomes(visit: &Visit<'_>, ended: Vec<Ended>) -> Result<Vec<Told>, Failure> {
    let mut told = visit.look(move |tx| look(tx, &ended)).await?;
    told.sort_by(|one, other| one.app.cmp(&other.app));
    Ok(told)
}

fn look(tx: &mut Tx<'_>, ended: &[Ended]) -> Result<Vec<Told>, Error> {
    let grants: Vec<GrantId> = ended.iter().map(|(grant, _)| *grant).collect();
    let notices = db::logout_notices::of_grants(tx.connection, &grants)?;
    let mut all = Vec::new();
    for (grant, app) in ended {
        let Some(app) = db::apps::find(tx.connection, *app)? else { continue };
        let notice = notices.iter().find(|notice| notice.grant == *grant);
        all.push(Told { app: app.app.name.as_str().to_owned(), state: notice.map(|notice| notice.state) });
    }
    Ok(all)
}
