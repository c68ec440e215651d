//! The guard of nearly every route: one request by one browser, and its signed-in user.

use crate::{
    db,
    domain::{
        Account, AccountId, BrowserLabel, ClientAddress, Enrolled, Settings, Timestamp, Token, TokenHash,
        assurance::{self, SignInStage},
        turns::Party,
    },
    live::CurrentUser,
    locale::Locale,
    services::Services,
    web::{
        Assets, Failure, Layout, SessionCheck, client,
        cookies::{Cookies, Name},
        flash::{self, Carrying},
        form, json, language,
        layout::Alarm,
        pages::Asked,
        posted::Posted,
        request_id::RequestId,
        session_check::fail,
        trouble::Trouble,
    },
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
    user_agent: &'r str,
    pub request_id: &'r RequestId,
    pub cookies: Cookies<'r>,
    pub settings: Arc<Settings>,
    /// The language of the answer.
    pub locale: Arc<Locale>,
    /// Facts that the log tells of this request, if something is wrong.
    pub trouble: &'r Trouble,
    signed_in: Option<CurrentUser>,
    asked: Asked<'r>,
    /// True if a page of ours led here.
    comes_from_here: bool,
    /// Notes for this page.
    pub(in crate::web) carrying: Carrying,
    pub(in crate::web) posted: &'r Posted,
}

impl<'r> Visit<'r> {
    /// Returns the signed-in user as of at most a second ago: enough to choose a page, not to
    /// change anything.
    pub fn signed_in(&self) -> Option<&CurrentUser> {
        self.signed_in.as_ref()
    }

    /// Returns the browser's name in our own words.
    pub fn browser(&self) -> BrowserLabel {
        BrowserLabel::from_user_agent(self.user_agent)
    }

    pub fn sign_in_first(&self) -> Failure {
        Failure::SignInFirst { return_to: self.back() }
    }

    /// Returns the signed-in user, or leads to signing in. A user who has to enrol a second factor
    /// is led to do so first.
    pub fn require(&self) -> Result<&CurrentUser, Failure> {
        let known = self.require_enrolling()?;
        if known.stage(&self.settings) == SignInStage::SignedIn { Ok(known) } else { Err(Failure::EnrolFirst) }
    }

    /// Does the same for the pages that enrol a second factor, and only for them.
    pub fn require_enrolling(&self) -> Result<&CurrentUser, Failure> {
        self.signed_in().ok_or_else(|| self.sign_in_first())
    }

    /// Returns whether the signed-in user has to enrol a second factor before anything else.
    pub fn must_enrol(&self) -> bool {
        self.signed_in().is_some_and(|known| known.stage(&self.settings) == SignInStage::MustEnrol)
    }

    /// Returns the account's second factors that count.
    pub fn enrolled(&self) -> Enrolled {
        self.signed_in().map_or_else(Enrolled::default, |known| known.enrolled.under(&self.settings))
    }

    /// Returns the signed-in admin. Everyone else gets "not found".
    pub fn require_admin(&self) -> Result<&CurrentUser, Failure> {
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
        Layout { alarm: self.alarm(), must_enrol: self.must_enrol(), ..self.layout_for(account) }
    }

    /// The alarm about a recovery. Hidden on its own page, which asks the same. Hidden without a
    /// second factor, because a recovery then removes nothing.
    fn alarm(&self) -> Option<Alarm> {
        let known = self.signed_in().filter(|_| !self.must_enrol() && self.path() != "/auth/recovery")?;
        known.recovery.as_ref().map(|recovery| Alarm::of(recovery, &self.locale))
    }

    /// Returns the layout without the line at the top, for pages that are not about the signed-in
    /// account.
    pub fn plain_layout(&self) -> Layout {
        self.layout_for(None)
    }

    fn layout_for(&self, account: Option<&Account>) -> Layout {
        let layout = Layout::new(&self.settings, self.assets, Arc::clone(&self.locale), account);
        Layout { banner: self.banner(), ..layout.with_logo(&self.services.logo, &self.settings) }
    }

    /// Returns the requested path.
    pub const fn path(&self) -> &str {
        self.asked.path
    }

    /// Returns whether a page of ours led here. This browser then has the files of every page.
    pub const fn comes_from_here(&self) -> bool {
        self.comes_from_here
    }

    /// Returns the query as it was sent.
    pub const fn query(&self) -> Option<&str> {
        self.asked.query
    }

    /// Returns where to come back to after signing in. For a form it is the form's page.
    pub fn back(&self) -> String {
        self.asked.to_come_back_to()
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
    pub(in crate::web) fn expect_database(&self) -> Result<(), Failure> {
        if self.services.breaker.is_away() {
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
        let check = match SessionCheck::from_request(request).await {
            Outcome::Success(check) => check,
            Outcome::Error(error) => return Outcome::Error(error),
            Outcome::Forward(status) => return Outcome::Forward(status),
        };
        let Some(assets) = request.rocket().state::<Assets>() else {
            return Outcome::Error((Status::InternalServerError, ()));
        };
        let (services, posted) = (check.services, request.local_cache(Posted::default));
        match open(&check, posted, form::is_sent(request) || json::is_sent(request)).await {
            Ok(signed_in) => {
                let mut visit = Self::new(request, check, (signed_in, posted, assets));
                match visit.find_typed().await {
                    Ok(()) => Outcome::Success(visit),
                    Err(error) => fail(request, services, &error),
                }
            }
            Err(error) => fail(request, services, &error),
        }
    }
}

/// Lets memory learn of the logos' shapes. Without them the page has the usual icon, which is no
/// fault.
async fn learn_of_logo(services: &Services, settings: &Settings) {
    for version in settings.logo.iter().chain(settings.dark_logo()) {
        if services.logo.is_square(version).is_none() && !services.breaker.is_away() {
            let _ = services.logo.get(&services.db, version).await;
        }
    }
}

impl<'r> Visit<'r> {
    fn new(
        request: &'r Request<'_>,
        check: SessionCheck<'r>,
        (signed_in, posted, assets): (Option<CurrentUser>, &'r Posted, &'r Assets),
    ) -> Self {
        let SessionCheck { services, now, client, settings, cookies, .. } = check;
        let (asked, trouble) = (Asked::of(request), Trouble::of(request));
        let account = signed_in.as_ref().map(|known| &known.account);
        if let Some(account) = account {
            trouble.signed_in(&account.email);
        }
        let locale = language::choose(request, services, &settings, account);
        let visit = Self {
            services,
            assets,
            now,
            client,
            user_agent: client::user_agent(request),
            request_id: RequestId::of(request),
            carrying: flash::find((services, &cookies), posted, asked.path, now),
            cookies,
            settings,
            locale,
            trouble,
            signed_in,
            asked,
            comes_from_here: request.headers().get("Sec-Fetch-Site").eq(["same-origin"]),
            posted,
        };
        if form::is_sent(request) {
            visit.a_form_was_sent(asked.path);
        }
        visit
    }
}

/// Returns the signed-in user, and notes who that is, or whose session has ended.
async fn open(check: &SessionCheck<'_>, posted: &Posted, has_a_form: bool) -> Result<Option<CurrentUser>, db::Error> {
    learn_of_logo(check.services, &check.settings).await;
    let known = check.found.as_ref().map(|found| found.open()).transpose()?;
    if let Some(known) = &known {
        let _ = posted.signed_in.set((known.session.id, known.account.id));
    } else if check.cookies.token(Name::Session).is_some() {
        let _ = posted.ended.set(whose_browser(check.services, &check.cookies, has_a_form).await?);
    }
    Ok(known)
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
