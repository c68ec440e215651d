//! A device without a browser asks for its user (RFC 8628), and later for its tokens.

use super::{
    caller::Caller,
    client_auth::{self, EnabledClient},
    cors,
    issue::{self, Given, Issued, Sealed, gone},
    replay, replies,
};
use crate::{
    db::{
        self, Error, Stop, Tx,
        limits::Counted,
        oidc_devices::{DeviceCode, DeviceCodeId},
    },
    domain::{
        Lifetime, Token, TokenHash,
        apps::{AppId, part::Part},
        oidc::{
            ClaimScopes, ErrorCode, Params, Scopes,
            device::{self, Asked, DEVICE_CODE_LIFETIME, Decision, PAUSE, Poll, UserCode},
            error::ErrorResponse,
            refusal::Why,
        },
    },
    limits,
    services::Services,
    web::{Answer, Failure, Fields},
};
use rocket::{Route, post, routes};
use serde_json::json;

const TURNED_OFF: ErrorResponse = ErrorResponse::new(ErrorCode::UnsupportedGrantType, "Devices cannot sign in here.");
const NOT_ALLOWED: ErrorResponse =
    ErrorResponse::new(ErrorCode::UnauthorizedClient, "This client may not sign in devices.");

/// Returns the hash under which a short code is stored. The key file is part of it.
pub(super) fn hash(services: &Services, code: &UserCode) -> Result<[u8; 32], Failure> {
    Ok(services.keys.keyed_hash(b"code of a device", code.as_bytes())?)
}

#[post("/oidc/device_authorization", data = "<form>")]
async fn authorize(caller: Caller<'_>, form: Fields) -> Answer {
    let params = Caller::params(&form);
    let known = Stop::split(client_auth::authenticate(&caller, &params).await)?;
    let reply = match &known {
        Err((refused, is_basic)) => replies::refused(*refused, *is_basic),
        Ok(known) => begin(&caller, known, &params).await?,
    };
    cors::share(&caller, known.ok().as_ref().map(|known| &known.client), reply).await
}

/// Why no device may ask now.
enum DeviceRefusal {
    /// An admin has turned devices off.
    Off,
    /// This app signs in none.
    NotAllowed,
    TooMany(Lifetime),
}

async fn begin(caller: &Caller<'_>, known: &EnabledClient, params: &Params) -> Answer {
    let (device, user) = (Token::issue(&*caller.services.entropy), UserCode::issue(&*caller.services.entropy));
    let (device_hash, user_hash) = (device.hash(), hash(caller.services, &user)?);
    let (app, scopes) = (known.client.app, Scopes::parse(params.get("scope").unwrap_or_default()));
    let counted = limits::of_device_codes(caller.client);
    let (client, now) = (caller.client, caller.now);
    let begun = caller.transact(move |tx| {
        let code = DeviceCode {
            id: DeviceCodeId::issue(tx.entropy),
            app,
            scopes: scopes.clone(),
            client: Some(client),
            asked_at: tx.now,
            asked: Asked {
                decision: Decision::Waiting,
                expires_at: tx.now.plus(DEVICE_CODE_LIFETIME),
                polled_at: None,
                pause: PAUSE,
            },
            given: None,
        };
        Stop::commit(
            may_begin(tx, app, &counted)
                .and_then(|()| Ok(db::oidc_devices::insert(tx.connection, &code, (&device_hash, &user_hash))?)),
        )
    });
    match begun.await? {
        Err(DeviceRefusal::Off) => return Err(Failure::NotFound),
        Err(DeviceRefusal::NotAllowed) => {
            caller.services.refused.note(app, Why::Devices, now);
            return Ok(replies::refused(NOT_ALLOWED, false));
        }
        Err(DeviceRefusal::TooMany(pause)) => return Err(Failure::TooMany(pause)),
        Ok(()) => {}
    }
    let page = caller.services.config.base_url.join("/device");
    let shown = user.reveal();
    Ok(replies::private(&json!({
        "device_code": device.reveal(),
        "user_code": shown,
        "verification_uri": page,
        "verification_uri_complete": format!("{page}?user_code={shown}"),
        "expires_in": DEVICE_CODE_LIFETIME.as_millis() / 1000,
        "interval": PAUSE.as_millis() / 1000,
    })))
}

/// Counts a device of this app that asks, unless none may.
fn may_begin(tx: &mut Tx<'_>, app: AppId, counted: &[Counted]) -> Result<(), Stop<DeviceRefusal>> {
    if !tx.settings()?.has(Part::Devices) {
        return Err(Stop::Refused(DeviceRefusal::Off));
    }
    if !db::oidc_devices::are_allowed(tx.connection, app)? {
        return Err(Stop::Refused(DeviceRefusal::NotAllowed));
    }
    let taken = db::limits::take(tx.connection, counted, tx.now)?;
    taken.allowed(tx.now).map_err(|pause| Stop::Refused(DeviceRefusal::TooMany(pause)))
}

/// Answers a device that asks for its tokens.
pub(super) async fn redeem(caller: &Caller<'_>, known: &EnabledClient, params: &Params) -> Given {
    let text = params.get("device_code").ok_or(Stop::Refused(ErrorResponse::invalid("device_code is missing.")))?;
    let (app, hash) = (known.client.app, client_auth::exact(text).map(|code| code.hash()));
    let known = known.clone();
    let redeemed = caller.transact(move |tx| Stop::commit(exchange(tx, &known, hash.as_ref()))).await?;
    if redeemed.as_ref().err() == Some(&NOT_ALLOWED) {
        caller.services.refused.note(app, Why::Devices, caller.now);
    }
    redeemed.map_err(Stop::Refused)
}

fn exchange(tx: &mut Tx<'_>, known: &EnabledClient, hash: Option<&TokenHash>) -> Result<Issued, Stop<ErrorResponse>> {
    let code = match hash {
        Some(hash) => db::oidc_devices::of_device(tx.connection, hash)?.filter(|code| code.app == known.client.app),
        None => None,
    };
    if let Some(given) = code.as_ref().and_then(|code| code.given.as_ref()) {
        issue::lock_account(tx, given.account)?;
    }
    let known = &known.read_again(tx)?;
    // Before anything else may refuse, so that a second use always ends what the first one gave.
    if let (Some(_), Some(hash)) = (&code, hash)
        && replay::end_replayed(tx, known, hash.as_bytes())?
    {
        return Err(gone());
    }
    // An admin may have turned it off since the device asked.
    if !tx.settings()?.has(Part::Devices) {
        return Err(Stop::Refused(TURNED_OFF));
    }
    if !db::oidc_devices::are_allowed(tx.connection, known.client.app)? {
        return Err(Stop::Refused(NOT_ALLOWED));
    }
    let (Some(code), Some(hash)) = (code, hash) else { return Err(gone()) };
    let refused = |error, why| Err(Stop::Refused(ErrorResponse::new(error, why)));
    let (id, pause) = (code.id, code.asked.pause);
    match device::poll(code.asked, tx.now) {
        Poll::Pending => {
            db::oidc_devices::note_poll(tx.connection, id, pause, tx.now)?;
            refused(ErrorCode::AuthorizationPending, "The user has not answered yet.")
        }
        Poll::SlowDown(pause) => {
            db::oidc_devices::note_poll(tx.connection, id, pause, tx.now)?;
            refused(ErrorCode::SlowDown, "The device asks too often. Pause five seconds longer.")
        }
        Poll::Denied => refused(ErrorCode::AccessDenied, "The user said no."),
        Poll::Expired => refused(ErrorCode::ExpiredToken, "The code has expired. Ask for another one."),
        Poll::Allowed => give(tx, known, (&code, hash)),
    }
}

fn give(
    tx: &mut Tx<'_>,
    known: &EnabledClient,
    (code, hash): (&DeviceCode, &TokenHash),
) -> Result<Issued, Stop<ErrorResponse>> {
    let given = code.given.as_ref().ok_or_else(gone)?;
    let session = given.session.ok_or_else(gone)?;
    let sealed = Sealed {
        id: hash.as_bytes(),
        account: given.account,
        session: (session, given.at),
        scopes: code.scopes.clone(),
        claims: ClaimScopes::default(),
        shown: (given.auth_time, &given.acr, &given.amr),
        nonce: None,
    };
    issue::for_code(tx, known, &sealed)
}

/// Returns the device that a ticket names, with its app, if the app may still sign in devices.
pub(super) fn with_app(tx: &mut Tx<'_>, id: DeviceCodeId) -> Result<Option<(DeviceCode, EnabledClient)>, Error> {
    let Some(code) = db::oidc_devices::find(tx.connection, id)? else { return Ok(None) };
    let Some(client) = db::oidc_clients::of_app(tx.connection, code.app)? else { return Ok(None) };
    let known = EnabledClient::find(tx.connection, &client.id)?;
    let may = tx.settings()?.has(Part::Devices) && db::oidc_devices::are_allowed(tx.connection, code.app)?;
    Ok(known.filter(|_| may).map(|known| (code, known)))
}

pub(super) fn routes() -> Vec<Route> {
    routes![authorize]
}
