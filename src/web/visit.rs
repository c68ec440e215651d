//! The guard of nearly every route: one request by one browser, and its signed-in user.

use super::{
    Assets, Failure, Layout,
    admission::Admission,
    client,
    cookies::{Cookies, Name},
    flash::{self, Carrying, Posted},
    form, json, language,
    layout::Alarm,
    pages,
    request_id::RequestId,
    trouble::Trouble,
};
use crate::{
    db,
    domain::{
        Account, AccountId, BrowserLabel, ClientAddress, Enrolled, Settings, Timestamp, Token, TokenHash,
        assurance::{self, Standing},
        turns::Party,
    },
    live::{Found, Known},
    locale::Locale,
    services::Services,
};
use rocket::{
    Request,
    http::Status,
    request::{FromRequest, Outcome},
};
use std::sync::{Arc, atomic::Ordering};

pub struct Visit<'r> {
    pub services: &'r Arc<Services>,
    pub assets: &'r Assets,
    /// The time, read once for the whole request.
    pub now: Timestamp,
    pub client: ClientAddress,
    pub browser: BrowserLabel,
    pub request_id: &'r RequestId,
    pub cookies: Cookies<'r>,
    pub settings: Arc<Settings>,
    /// The language of the answer.
    pub locale: Arc<Locale>,
    /// What the log says of this request, if something is wrong.
    pub trouble: &'r Trouble,
    signed_in: Option<Found>,
    /// Where to come back to after signing in.
    back: String,
    path: &'r str,
    /// What this page says.
    pub(super) carrying: Carrying,
    pub(super) posted: &'r Posted,
}

impl<'r> Visit<'r> {
    /// Returns the signed-in user as of at most a second ago: enough to choose a page, not to
    /// change anything.
    pub fn signed_in(&self) -> Option<&Known> {
        self.signed_in.as_ref().map(|found| &*found.known)
    }

    pub(super) const fn found(&self) -> Option<&Found> {
        self.signed_in.as_ref()
    }

    pub fn sign_in_first(&self) -> Failure {
        Failure::SignInFirst { return_to: self.back.clone() }
    }

    /// Returns the signed-in user, or leads to signing in. A user who has to enrol a second factor
    /// is led to do so first.
    pub fn require(&self) -> Result<&Known, Failure> {
        let known = self.require_enrolling()?;
        if known.standing(&self.settings) == Standing::SignedIn { Ok(known) } else { Err(Failure::EnrolFirst) }
    }

    /// Does the same for the pages that enrol a second factor, and only for them.
    pub fn require_enrolling(&self) -> Result<&Known, Failure> {
        self.signed_in().ok_or_else(|| self.sign_in_first())
    }

    /// Returns whether the signed-in user has to enrol a second factor before anything else.
    pub fn must_enrol(&self) -> bool {
        self.signed_in().is_some_and(|known| known.standing(&self.settings) == Standing::MustEnrol)
    }

    /// Returns the account's second factors that count.
    pub fn enrolled(&self) -> Enrolled {
        self.signed_in().map_or_else(Enrolled::default, |known| known.enrolled.under(&self.settings))
    }

    /// Returns the signed-in admin. Everyone else gets "not found".
    pub fn require_admin(&self) -> Result<&Known, Failure> {
        let known = self.require()?;
        if known.account.is_admin { Ok(known) } else { Err(Failure::NotFound) }
    }

    /// Returns whether the user verified recently enough for sensitive changes.
    pub fn is_fresh(&self) -> bool {
        let (enrolled, lifetime) = (self.enrolled(), self.settings.step_up_lifetime);
        self.signed_in().is_some_and(|known| assurance::is_fresh(enrolled, &known.session.proofs, lifetime, self.now))
    }

    pub fn layout(&self) -> Layout {
        let account = self.signed_in().map(|known| &known.account);
        Layout { alarm: self.alarm(), ..self.layout_for(account) }
    }

    /// The alarm about a recovery. Its own page asks the same question, and a user who has no second factor has none to keep.
    fn alarm(&self) -> Option<Alarm> {
        let known = self.signed_in().filter(|_| !self.must_enrol() && self.path != "/auth/recovery")?;
        known.recovery.as_ref().map(|recovery| Alarm::of(recovery, &self.locale))
    }

    /// Returns the layout without the line at the top, for pages that are not about the signed-in
    /// account.
    pub fn plain_layout(&self) -> Layout {
        self.layout_for(None)
    }

    fn layout_for(&self, account: Option<&Account>) -> Layout {
        let layout = Layout::new(&self.settings, self.assets, Arc::clone(&self.locale), account);
        Layout { banner: self.banner(), ..layout.with_icon_of(&self.services.logo, &self.settings) }
    }

    /// Returns the requested path.
    pub const fn path(&self) -> &str {
        self.path
    }

    /// Returns where to come back to after signing in. For a form it is the form's page.
    pub(super) fn back(&self) -> &str {
        &self.back
    }

    /// Returns the hash of this browser's session secret.
    pub fn session_secret(&self) -> Option<TokenHash> {
        self.cookies.token(Name::Session).map(|secret| secret.hash())
    }

    /// Continues this browser's session under a new secret.
    pub fn go_on_with(&self, secret: &Token) {
        self.forget_session();
        let remember = self.signed_in().filter(|known| known.session.remember);
        self.cookies.set_session(secret, remember.map(|known| known.session.ends_at.since(self.now)));
    }

    /// Forgets what memory knows of this session and the account's others, because they just
    /// changed.
    pub fn forget_session(&self) {
        if let Some(secret) = self.session_secret() {
            self.services.sessions.forget(&secret);
        }
        if let Some(known) = self.signed_in() {
            self.services.sessions.note_change(known.account.id);
        }
    }

    /// Returns the party that the work counts for: the account, or the client without one.
    pub fn party(&self) -> Party {
        Party::of(self.signed_in().map(|known| known.account.id), self.client)
    }

    /// Drops the session from this browser only.
    pub fn drop_session_cookie(&self) {
        self.forget_session();
        self.cookies.remove(Name::Session);
        self.posted.signed_out.store(true, Ordering::Relaxed);
    }

    pub async fn read<T, F>(&self, work: F) -> Result<T, Failure>
    where
        T: Send + 'static,
        F: Fn(&mut db::DbConnection) -> Result<T, db::Error> + Send + 'static,
    {
        self.expect_database()?;
        Ok(self.services.db.of(self.party()).read(work).await?)
    }

    /// Refuses at once if the database was unavailable in this request or a moment ago.
    pub(super) fn expect_database(&self) -> Result<(), Failure> {
        if self.services.pulse.is_away() {
            return Err(Failure::Unavailable(db::Error::unavailable("it did not answer a moment ago")));
        }
        Ok(())
    }
}

#[rocket::async_trait]
impl<'r> FromRequest<'r> for Visit<'r> {
    type Error = ();

    /// Fails only on server faults, so that the generic error page reveals nothing about the
    /// visitor.
    async fn from_request(request: &'r Request<'_>) -> Outcome<Self, ()> {
        if !Admission::of(request).reads_cookies() {
            // The gate did not ask where the request comes from.
            tracing::error!("a route that reads no cookie asks for a user");
            return Outcome::Error((Status::InternalServerError, ()));
        }
        let rocket = request.rocket();
        let (Some(services), Some(assets)) = (rocket.state::<Arc<Services>>(), rocket.state::<Assets>()) else {
            return Outcome::Error((Status::InternalServerError, ()));
        };
        let Ok(client) = client::address(request) else { return Outcome::Error((Status::BadRequest, ())) };
        let now = services.now();
        let cookies = Cookies::new(request.cookies(), &services.config.base_url);
        let found = async {
            let settings = services.settings.get(&services.db, &services.pulse).await?;
            learn_of_logo(services, &settings).await;
            let signed_in = match cookies.token(Name::Session) {
                Some(secret) => {
                    services
                        .sessions
                        .find(services.db.of(Party::of(None, client)), &services.pulse, &secret.hash(), &settings, now)
                        .await?
                }
                None => None,
            };
            let session = cookies.token(Name::Session).filter(|_| signed_in.is_none());
            let ended = match session {
                Some(_) => {
                    Some(whose_browser(services, &cookies, form::is_sent(request) || json::is_sent(request)).await?)
                }
                None => None,
            };
            Ok::<_, db::Error>((settings, signed_in, ended))
        };
        let request_id = RequestId::of(request);
        let posted = request.local_cache(Posted::default);
        match found.await {
            Ok((settings, signed_in, ended)) => {
                if let Some(ended) = ended {
                    let _ = posted.ended.set(ended);
                }
                if let Some(found) = &signed_in {
                    let known = &found.known;
                    Trouble::of(request).signed_in(&known.account.email);
                    let _ = posted.signed_in.set((known.session.id, known.account.id));
                }
                let path = request.uri().path().as_str();
                let carrying = flash::find((services, &cookies), posted, path, now);
                let account = signed_in.as_ref().map(|found| &found.known.account);
                let locale = language::choose(request, services, &settings, account);
                let visit = Self {
                    services,
                    assets,
                    now,
                    client,
                    browser: client::browser(request),
                    request_id,
                    cookies,
                    settings,
                    locale,
                    trouble: Trouble::of(request),
                    signed_in,
                    back: pages::to_come_back_to(request),
                    path,
                    carrying,
                    posted,
                };
                if form::is_sent(request) {
                    visit.a_form_was_sent(path);
                }
                Outcome::Success(visit)
            }
            Err(error) if error.is_unavailable() => {
                services.metrics.database_unavailable.inc();
                tracing::warn!(request = %request_id, error = %super::failure::Chain(&error), "unavailable");
                Outcome::Error((Status::ServiceUnavailable, ()))
            }
            Err(error) => {
                tracing::error!(request = %request_id, error = %super::failure::Chain(&error), "fault");
                Outcome::Error((Status::InternalServerError, ()))
            }
        }
    }
}

/// Lets memory learn of the logo's shape. Without it the page has the usual icon, which is no fault.
async fn learn_of_logo(services: &Services, settings: &Settings) {
    let Some(version) = &settings.logo else { return };
    if services.logo.is_square(version).is_none() && !services.pulse.is_away() {
        let _ = services.logo.get(&services.db, version).await;
    }
}

/// Returns the account that used this browser last, for a form whose session has ended.
async fn whose_browser(
    services: &Services,
    cookies: &Cookies<'_>,
    has_a_form: bool,
) -> Result<Option<AccountId>, db::Error> {
    let Some(device) = cookies.token(Name::Device).filter(|_| has_a_form) else { return Ok(None) };
    let hash = device.hash();
    services.db.read(move |connection| db::devices::account_of(connection, &hash)).await
}
