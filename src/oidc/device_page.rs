//! The page on which a user signs a device in. They type its code, see which app asks and from
//! where, and agree.
//!
//! An attacker can start a device of their own and send its code to a victim. No link agrees by
//! itself, the page says what happens, and agreeing takes a fresh proof.

use super::{authorize, consent, device, issue};
use crate::{
    db::{
        self, Error, Stop, Tx,
        limits::Counted,
        oidc_devices::{DeviceCode, DeviceCodeId, Given},
    },
    domain::{
        Lifetime, Timestamp,
        assurance::{Missing, meets},
        audit::Action,
        oidc::{
            acr,
            device::{Decision, UserCode},
        },
    },
    limits, passkeys,
    web::{Answer, Failure, Fields, Layout, Me, Need, Note, Reply, Visit, enrol_first, held_form::Stale},
};
use askama::Template;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use rocket::{Route, get, post, routes};

const PAGE: &str = "/device";
const CONFIRM: &str = "/device/confirm";
/// Time for which a typed code leads to the question.
const TICKET_LIFETIME: Lifetime = Lifetime::minutes(10);

#[derive(Template)]
#[template(path = "oidc/device.html")]
struct DevicePage {
    layout: Layout,
    email: String,
    code: String,
    problem: Option<String>,
}

/// The code may be in the address: the user still presses the button.
#[get("/device?<user_code>")]
fn page(visit: Visit<'_>, user_code: Option<&str>) -> Answer {
    let known = enrol_first::note_way_on(&visit, visit.require(), &visit.back())?;
    let given = user_code.and_then(UserCode::read).map(|code| code.reveal()).unwrap_or_default();
    visit.page(&DevicePage {
        layout: visit.layout(),
        email: known.account.email.as_str().to_owned(),
        code: visit.typed("code").map_or(given, str::to_owned),
        problem: visit.problem_of("code"),
    })
}

#[post("/device", data = "<form>")]
async fn look_up(visit: Visit<'_>, form: Fields) -> Answer {
    form.only(&["code"])?;
    let typed = form.required("code")?;
    let hash = UserCode::read(typed).map(|code| device::hash(visit.services, &code)).transpose()?;
    let client = visit.client;
    let found = visit.as_account(Need::signed_in(), move |tx, me| {
        let counted = limits::of_typed_device_codes(me.account.id, client);
        Stop::commit(waiting(tx, &counted, hash.as_ref()))
    });
    match found.await? {
        Err(pause) => Err(Failure::TooMany(pause)),
        Ok(None) => visit.say_with(PAGE, Note::DeviceCodeWrong, &[("code", typed)]).await,
        Ok(Some(id)) => Ok(Reply::see_other(format!("{CONFIRM}?ticket={}", ticket(&visit, id)?))),
    }
}

/// Counts a typed code, and returns the device that waits with it.
fn waiting(
    tx: &mut Tx<'_>,
    counted: &[Counted],
    hash: Option<&[u8; 32]>,
) -> Result<Option<DeviceCodeId>, Stop<Lifetime>> {
    db::limits::take(tx.connection, counted, tx.now)?.allowed(tx.now).map_err(Stop::Refused)?;
    let Some(hash) = hash else { return Ok(None) };
    let code = db::oidc_devices::of_user(tx.connection, hash)?;
    let waits = |code: &DeviceCode| code.asked.decision == Decision::Waiting && tx.now < code.asked.expires_at;
    Ok(code.filter(waits).map(|code| code.id))
}

/// Says whose ticket it is: it counts in this session alone.
fn bound_to(visit: &Visit<'_>) -> Result<Vec<u8>, Failure> {
    let known = visit.require()?;
    Ok(format!("device that {} signs in, in {}", known.account.id, known.session.id).into_bytes())
}

fn ticket(visit: &Visit<'_>, id: DeviceCodeId) -> Result<String, Failure> {
    let plain = [visit.now.as_millis().to_be_bytes(), id.as_i64().to_be_bytes()].concat();
    let services = visit.services;
    let sealed = services.keys.seal_to_carry(&*services.entropy, &plain, &bound_to(visit)?)?;
    Ok(URL_SAFE_NO_PAD.encode(sealed))
}

/// Returns the device of a ticket. `None` for what is not ours, another session's, or too old.
fn open(visit: &Visit<'_>, ticket: &str) -> Result<Option<DeviceCodeId>, Failure> {
    let bound_to = bound_to(visit)?;
    let Ok(sealed) = URL_SAFE_NO_PAD.decode(ticket) else { return Ok(None) };
    let Some(plain) = visit.services.keys.open_carried(&sealed, &bound_to)? else { return Ok(None) };
    let (numbers, _) = plain.as_bytes().as_chunks::<8>();
    let [at, id] = numbers else { return Ok(None) };
    let at = Timestamp::from_millis(i64::from_be_bytes(*at));
    let is_new = !at.is_ahead_of(visit.now) && visit.now.since(at) <= TICKET_LIFETIME;
    Ok(is_new.then(|| DeviceCodeId::from_i64(i64::from_be_bytes(*id))))
}

#[derive(Template)]
#[template(path = "oidc/device_confirm.html")]
struct ConfirmPage {
    layout: Layout,
    app: String,
    email: String,
    /// Keys of what it wants to read.
    wants: Vec<&'static str>,
    /// Address from which the device asked. Empty if that is unknown.
    address: String,
    is_near: bool,
    ago: Lifetime,
    ticket: String,
}

#[derive(Template)]
#[template(path = "oidc/device_done.html")]
struct DonePage {
    layout: Layout,
    app: String,
    is_allowed: bool,
}

#[derive(Template)]
#[template(path = "oidc/device_over.html")]
struct OverPage {
    layout: Layout,
}

#[get("/device/confirm?<ticket>")]
async fn confirm(visit: Visit<'_>, ticket: Option<&str>) -> Answer {
    enrol_first::note_way_on(&visit, visit.require(), &visit.back())?;
    visit.cookies.forget_way_on();
    let Some(id) = open(&visit, ticket.unwrap_or_default())? else { return over(&visit) };
    let found = visit.read_as_account(Need::signed_in(), move |tx, me| {
        Ok(device::with_app(tx, id)?.map(|(code, known)| (code, known, me.account.email.as_str().to_owned())))
    });
    let Some((code, known, email)) = found.await? else { return over(&visit) };
    let (layout, app) = (visit.layout(), known.app.app.name.as_str().to_owned());
    match code.asked.decision {
        Decision::Waiting if visit.now < code.asked.expires_at => visit.page(&ConfirmPage {
            layout,
            app,
            email,
            wants: issue::that_count(&known, code.scopes.clone()).iter().filter_map(consent::key).collect(),
            address: code.client.map(|client| client.to_string()).unwrap_or_default(),
            is_near: code.client.is_some_and(|client| client.household() == visit.client.household()),
            ago: if code.asked_at < visit.now { visit.now.since(code.asked_at) } else { Lifetime::ZERO },
            ticket: ticket.unwrap_or_default().to_owned(),
        }),
        Decision::Waiting => over(&visit),
        decision => visit.page(&DonePage { layout, app, is_allowed: decision == Decision::Allowed }),
    }
}

fn over(visit: &Visit<'_>) -> Answer {
    visit.page(&OverPage { layout: visit.layout() })
}

/// Consequence of an answer.
enum Answered {
    /// It counts, or another answer came first: the page tells.
    Done,
    Over,
    NotForYou,
    Strengthen(Missing),
}

#[post("/device/decide", data = "<form>")]
async fn decide(visit: Visit<'_>, form: Fields) -> Answer {
    form.only(&["ticket", "answer"])?;
    let ticket = form.required("ticket")?.to_owned();
    let says_yes = match form.required("answer")? {
        "yes" => true,
        "no" => false,
        _ => return Err(Failure::UnreadableForm),
    };
    let back = format!("{CONFIRM}?ticket={ticket}");
    let id = open(&visit, &ticket)?.ok_or(Failure::NotFound)?;
    // Refusing needs no proof.
    let need = if says_yes { Need::signed_in().fresh(Stale::page(&back)) } else { Need::signed_in() };
    let answered = visit.as_account(need, move |tx, me| answer(tx, me, (id, says_yes)));
    match answered.await? {
        Answered::Done | Answered::Over => Ok(Reply::see_other(back)),
        Answered::NotForYou => visit.say(PAGE, Note::DeviceNotForYou),
        Answered::Strengthen(missing) => {
            enrol_first::note_way_on(&visit, authorize::step_up_for(missing, &back), &back)
        }
    }
}

fn answer(tx: &mut Tx<'_>, me: &Me, (id, says_yes): (DeviceCodeId, bool)) -> Result<Answered, Error> {
    let Some((code, known)) = device::with_app(tx, id)? else { return Ok(Answered::Over) };
    if !says_yes {
        db::oidc_devices::decide(tx.connection, id, None, tx.now)?;
        return Ok(Answered::Done);
    }
    let app = &known.app.app;
    let groups: Vec<_> =
        db::groups::of_account(tx.connection, me.account.id)?.into_iter().map(|group| group.id).collect();
    if !app.may_be_opened_by(&me.account, &groups, tx.now) {
        return Ok(Answered::NotForYou);
    }
    if let Err(missing) = meets(me.enrolled, &me.session.proofs, app.requires, tx.now) {
        return Ok(Answered::Strengthen(missing));
    }
    let Some(shown) = acr::shown(&me.session.proofs, tx.now) else {
        return Ok(Answered::Strengthen(Missing::Proof));
    };
    let shown = shown.by_key(passkeys::kind_of(tx.connection, me.account.id, &me.session.proofs)?);
    let given = Given {
        account: me.account.id,
        session: Some(me.session.id),
        at: tx.now,
        auth_time: shown.auth_time,
        acr: shown.acr.as_str().to_owned(),
        amr: shown.amr.join(" "),
    };
    if db::oidc_devices::decide(tx.connection, id, Some(&given), tx.now)? {
        // What the page told, and no more.
        let scopes = issue::that_count(&known, code.scopes);
        if known.client.rules.is_third_party {
            let whose = (me.account.id, app.id);
            db::oidc_grants::note_consent(tx.connection, whose, &scopes, tx.now)?;
        }
        tx.log(&tx.line(Action::AppConsentGiven, app.slug.as_str()).to(scopes.text()))?;
    }
    Ok(Answered::Done)
}

pub(super) fn pages() -> Vec<Route> {
    routes![page, look_up, confirm, decide]
}
