//! `/account/security`: what is turned on, what is missing, what to do if a phone is lost, and the
//! remembered browsers. A user who has to enrol a second factor arrives here.

use super::factor_rows::{self, FactorRow, Way};
use crate::{
    db::{self, DbConnection, Error, enrolled::Numbers},
    domain::{
        AccountId, Enrolled, Factor, Lifetime, Settings, Timestamp, TokenHash, TrustedDeviceId,
        audit::Action,
        password,
        recovery::WAITING_PERIOD,
        trusted_device::{LIFETIME, TrustedDevice},
    },
    locale::Locale,
    web::{Answer, Failure, Fields, Layout, Need, NoFields, Note, Question, Visit, cookies::Name},
};
use askama::Template;
use rocket::{Route, get, post, routes};

#[derive(Template)]
#[template(path = "account/security.html")]
struct SecurityPage<'a> {
    layout: Layout,
    email: &'a str,
    is_proven: bool,
    settings: &'a Settings,
    /// The second factors that count.
    enrolled: Enrolled,
    /// Factors of the account, of each kind.
    factors: Vec<FactorRow>,
    /// Ways to a first second factor.
    to_enrol: Vec<Way>,
    has_passkey: bool,
    password_set_at: Option<Timestamp>,
    /// True if the password was set through an email. For a recovery it then proves no more than
    /// the mailbox.
    is_password_from_mail: bool,
    devices: Vec<DeviceRow>,
    least_password: usize,
    remembered_for: Lifetime,
    waiting_period: Lifetime,
}

/// A remembered browser, as its owner sees it.
struct DeviceRow {
    id: String,
    browser: String,
    client: Option<String>,
    since: Timestamp,
    last_used_at: Timestamp,
    is_this: bool,
}

impl DeviceRow {
    fn new(device: &TrustedDevice, this: Option<TrustedDeviceId>, locale: &Locale) -> Self {
        Self {
            id: device.id.to_string(),
            browser: locale.browser(&device.browser),
            client: device.client.map(|client| client.to_string()),
            since: device.trusted_at,
            last_used_at: device.last_used_at,
            is_this: this == Some(device.id),
        }
    }
}

struct Facts {
    enrolled: Enrolled,
    numbers: Numbers,
    password_set_at: Option<Timestamp>,
    is_password_from_mail: bool,
    devices: Vec<TrustedDevice>,
    this: Option<TrustedDeviceId>,
}

impl Facts {
    fn read(connection: &mut DbConnection, account: AccountId, trusted: Option<&TokenHash>) -> Result<Self, Error> {
        let this = match trusted {
            Some(secret) => db::trusted_devices::find(connection, secret, account)?.map(|device| device.id),
            None => None,
        };
        Ok(Self {
            enrolled: db::enrolled::of(connection, account)?,
            numbers: db::enrolled::numbers(connection, account)?,
            password_set_at: db::passwords::find(connection, account)?.map(|(_, at)| at),
            is_password_from_mail: db::passwords::is_from_mail(connection, account)? == Some(true),
            devices: db::trusted_devices::of_account(connection, account)?,
            this,
        })
    }
}

#[get("/account/security")]
async fn show(visit: Visit<'_>) -> Answer {
    let known = visit.require_enrolling()?;
    let account = known.account.id;
    let trusted = visit.cookies.token(Name::Trusted).map(|secret| secret.hash());
    let facts = visit.read(move |connection| Facts::read(connection, account, trusted.as_ref())).await?;
    let alive = |device: &&TrustedDevice| device.is_alive(visit.now);
    let devices = facts.devices.iter().filter(alive);
    let enrolled = facts.enrolled.under(&visit.settings);
    let is_proven = known.account.proven_at.is_some();
    let page = SecurityPage {
        layout: visit.layout(),
        email: known.account.email.as_str(),
        is_proven,
        settings: &visit.settings,
        enrolled,
        factors: factor_rows::rows(&visit.locale, (&visit.settings, enrolled), &facts.numbers, is_proven),
        to_enrol: factor_rows::to_enrol(&visit.locale, &visit.settings, is_proven),
        has_passkey: facts.enrolled.has(Factor::Passkey),
        password_set_at: facts.password_set_at,
        is_password_from_mail: facts.is_password_from_mail,
        devices: devices.map(|device| DeviceRow::new(device, facts.this, &visit.locale)).collect(),
        least_password: password::MIN_LENGTH,
        remembered_for: LIFETIME,
        waiting_period: WAITING_PERIOD,
    };
    visit.page(&page)
}

/// Forgets a browser without a step-up: a user who finds a stranger's browser should not have to
/// wait.
#[post("/account/security/forget", data = "<form>")]
async fn forget(visit: Visit<'_>, form: Fields) -> Answer {
    visit.require_enrolling()?;
    form.only(&["device"])?;
    let id: TrustedDeviceId = form.required("device")?.parse().map_err(|_| Failure::BadRequest)?;
    let forget = visit.as_account(Need::enrolling(), move |tx, me| {
        let devices = db::trusted_devices::of_account(tx.connection, me.account.id)?;
        let Some(device) = devices.into_iter().find(|device| device.id == id) else { return Ok(false) };
        db::trusted_devices::delete(tx.connection, me.account.id, id)?;
        let line = tx.line(Action::DeviceDistrusted, me.account.email.as_str());
        tx.log(&line.to(device.browser.as_str()))?;
        Ok(true)
    });
    if !forget.await? {
        // The answer does not reveal whether the id is another account's or already gone.
        return Err(Failure::NotFound);
    }
    visit.say("/account/security", Note::BrowserForgotten)
}

#[get("/account/security/forget-all")]
fn ask_forget_all(visit: Visit<'_>) -> Answer {
    visit.require_enrolling()?;
    let say = |key| visit.locale.say(key).to_string();
    visit.ask(&Question {
        title: &say("forget-all-question"),
        about: "",
        what_follows: &[&say("forget-all-question.what")],
        button: &say("forget-all"),
        back: "/account/security",
    })
}

#[post("/account/security/forget-all", data = "<_form>")]
async fn forget_all(visit: Visit<'_>, _form: NoFields) -> Answer {
    let forget = visit.as_account(Need::enrolling(), |tx, me| {
        let count = db::trusted_devices::of_account(tx.connection, me.account.id)?.len();
        db::trusted_devices::delete_all(tx.connection, me.account.id)?;
        if count > 0 {
            let line = tx.line(Action::DeviceDistrusted, me.account.email.as_str());
            tx.log(&line.to(count.to_string()))?;
        }
        Ok(())
    });
    forget.await?;
    visit.cookies.remove(Name::Trusted);
    visit.say("/account/security", Note::BrowsersForgotten)
}

pub(super) fn routes() -> Vec<Route> {
    routes![show, forget, ask_forget_all, forget_all]
}
