//! Issuing tokens. It is the same for a code and for a refresh token. The issuing transaction
//! re-reads session, account, groups and what the app requires.

use super::{access_token, client_auth::EnabledClient, replay};
use crate::{
    apps,
    db::{self, Error, Stop, Tx},
    domain::{
        Account, AccountId, Lifetime, SessionId, Timestamp, Token,
        apps::{exit, part::Part},
        assurance::{Required, SignInStage, Strength, meets},
        audit::{Action, Actor},
        oidc::{
            ClaimScopes, ErrorCode, Grant, GrantId, Scope, Scopes, claims::Person, client::Refreshes,
            error::ErrorResponse, grant::ID_TOKEN_LIFETIME, refresh::RefreshToken,
        },
    },
    live::StoredUser,
    services::Services,
    signing::{TokenKind, half_hash},
    web::Failure,
};
use serde_json::{Value, json};

/// Refuses a code or token. Every reason is told alike: the app can only send the user again.
pub(super) const fn gone<F>() -> Stop<ErrorResponse, F> {
    Stop::Refused(ErrorResponse::new(ErrorCode::InvalidGrant, "The code or token is no longer valid."))
}

/// Outcome of a request for tokens.
pub(super) type Given = Result<Issued, Stop<ErrorResponse, Failure>>;

/// Tokens and facts that a transaction has issued. The ID token is signed after it.
pub(super) struct Issued {
    pub grant: Grant,
    pub person: Person,
    /// The text itself, or what names a signed one: see [`mod@access_token`].
    pub access_token: Token,
    pub scopes: Scopes,
    /// The generation of the refresh token, if the app gets one.
    pub refresh: Option<i32>,
    pub nonce: Option<String>,
}

/// Locks the mailbox of a user before anything is judged. What an admin or a second use of the same
/// code changes while this waits then counts. Without the account, the judges refuse.
pub(super) fn lock_account(tx: &mut Tx<'_>, account: AccountId) -> Result<(), Error> {
    match db::accounts::find(tx.connection, account)? {
        Some(account) => tx.lock(&account.email),
        None => Ok(()),
    }
}

/// Locks the mailbox of the user whose session this is.
fn lock_user(tx: &mut Tx<'_>, session: SessionId) -> Result<(), Stop<ErrorResponse>> {
    let Some((_, account)) = db::sessions::find(tx.connection, session)? else { return Err(gone()) };
    Ok(tx.lock(&account.email)?)
}

/// Re-reads the session of a sign-in at an app. `seen` is when it was certainly in use.
///
/// The account's lock keeps other transactions from disabling it in between.
fn session(
    tx: &mut Tx<'_>,
    (id, seen): (SessionId, Timestamp),
    known: &EnabledClient,
) -> Result<StoredUser, Stop<ErrorResponse>> {
    lock_user(tx, id)?;
    let stored = StoredUser::find(tx.connection, id)?.filter(|stored| stored.account.is_usable(tx.now));
    let stored = stored.ok_or_else(gone)?;
    if is_enough(tx, (&stored, seen), known)? { Ok(stored) } else { Err(gone()) }
}

/// Returns whether a session counts now, and is as strong as the app requires. `seen` is when it
/// was certainly in use.
fn is_enough(tx: &mut Tx<'_>, (stored, seen): (&StoredUser, Timestamp), known: &EnabledClient) -> Result<bool, Error> {
    let settings = tx.settings()?;
    let lifetime = settings.session_lifetime(stored.session.remember);
    let seen = stored.session.last_seen_at.max(seen);
    let counts = stored.session.is_alive(seen, lifetime, tx.now) && stored.stage(&settings) == SignInStage::SignedIn;
    // How young a proof has to be was judged when the user came. Later its age no longer matters.
    let required = Required { fresh_within: None, ..known.app.app.requires };
    let is_strong = meets(stored.enrolled.under(&settings), &stored.session.proofs, required, tx.now).is_ok();
    Ok(counts && is_strong)
}

/// Returns whether what a grant rests on counts now. That is its session. For a grant that outlasts
/// its session, it is what the user had shown.
fn counts_now(tx: &mut Tx<'_>, (grant, account): (&Grant, &Account), known: &EnabledClient) -> Result<bool, Error> {
    if grant.is_offline {
        let settings = tx.settings()?;
        let enrolled = db::enrolled::of(tx.connection, account.id)?.under(&settings);
        let is_required = settings.requires_second_factor_of(account);
        return Ok(grant.is_strong(known.app.app.requires.strength, enrolled, is_required));
    }
    let Some(session) = grant.session else { return Ok(false) };
    let Some(stored) = StoredUser::find(tx.connection, session)? else { return Ok(false) };
    is_enough(tx, (&stored, grant.created_at), known)
}

/// Returns what an app learns by a grant that was given before. Userinfo, introspection and each
/// refresh ask this alone, so that none of them knows less than another.
pub(super) fn person_behind(
    tx: &mut Tx<'_>,
    grant: &Grant,
    known: &EnabledClient,
) -> Result<Person, Stop<ErrorResponse>> {
    if !grant.is_alive(tx.now) {
        return Err(gone());
    }
    let account = db::accounts::find(tx.connection, grant.account)?.ok_or_else(gone)?;
    if !counts_now(tx, (grant, &account), known)? {
        return Err(gone());
    }
    consent(tx, grant, known)?;
    person(tx, &account, known)
}

/// Returns what the app learns of an account that may open it. While apps are turned off, none may.
fn person(tx: &mut Tx<'_>, account: &Account, known: &EnabledClient) -> Result<Person, Stop<ErrorResponse>> {
    if !tx.settings()?.has(Part::Apps) {
        return Err(gone());
    }
    let groups = db::groups::of_account(tx.connection, account.id)?;
    let ids: Vec<_> = groups.iter().map(|group| group.id).collect();
    if !account.is_usable(tx.now) || !known.app.app.may_be_opened_by(account, &ids, tx.now) {
        return Err(gone());
    }
    Ok(Person {
        id: account.id,
        email: account.email.clone(),
        is_verified: account.proven_at.is_some(),
        name: account.name.as_str().to_owned(),
        handle: db::handles::of_account(tx.connection, account.id)?.map(|given| given.handle.to_string()),
        groups: groups.into_iter().map(|group| group.name.to_string()).collect(),
    })
}

/// Checks that the user still agrees, for an app made by others.
fn consent(tx: &mut Tx<'_>, grant: &Grant, known: &EnabledClient) -> Result<(), Stop<ErrorResponse>> {
    if !known.client.rules.is_third_party {
        return Ok(());
    }
    let given = db::oidc_grants::consent(tx.connection, grant.account, grant.app)?.ok_or_else(gone)?;
    let is_enough = grant.scopes.are_within(&given) && grant.claims.all.are_within(&given);
    if is_enough { Ok(()) } else { Err(gone()) }
}

/// Makes an access token of a grant.
pub(super) fn access_token(
    tx: &mut Tx<'_>,
    grant: GrantId,
    (scopes, known): (&Scopes, &EnabledClient),
) -> Result<Token, Error> {
    let token = Token::issue(tx.entropy);
    let ends = tx.now.plus(known.client.rules.access_lifetime);
    db::oidc_grants::add_token(tx.connection, &token.hash(), grant, (scopes, ends))?;
    Ok(token)
}

/// Returns whether an app gets refresh tokens for these scopes.
pub(super) fn gives_refresh(known: &EnabledClient, scopes: &Scopes) -> bool {
    match known.client.rules.refreshes {
        Refreshes::Never => false,
        Refreshes::Asked => scopes.has(Scope::OfflineAccess),
        Refreshes::Always => true,
    }
}

/// Returns the scopes that a grant has. Without refresh tokens, none outlasts the session, so that
/// the user is not asked for it either.
pub(super) fn that_count(known: &EnabledClient, scopes: Scopes) -> Scopes {
    if gives_refresh(known, &scopes) { scopes } else { scopes.without(Scope::OfflineAccess) }
}

/// Returns the answer of the token endpoint (RFC 6749, section 5.1).
pub(super) async fn answer(services: &Services, known: &EnabledClient, issued: &Issued) -> Result<Value, Failure> {
    let what = access_token::For { known, person: &issued.person, scopes: &issued.scopes };
    let access_token = access_token::text(services, &issued.access_token, what).await?;
    let body = json!({
        "access_token": access_token,
        "token_type": "Bearer",
        "expires_in": seconds(known.client.rules.access_lifetime),
        "scope": issued.scopes.text(),
    });
    let mut body = body.as_object().cloned().unwrap_or_default();
    if let Some(generation) = issued.refresh {
        let token = refresh_token(services, issued.grant.id, generation)?;
        body.insert("refresh_token".to_owned(), token.reveal().into());
    }
    if issued.scopes.has(Scope::OpenId) {
        let id_token = id_token(services, known, (issued, &access_token)).await?;
        body.insert("id_token".to_owned(), id_token.into());
    }
    Ok(Value::Object(body))
}

/// Returns the one refresh token of this place in the family.
pub(super) fn refresh_token(services: &Services, family: GrantId, generation: i32) -> Result<RefreshToken, Failure> {
    let proof = services.keys.keyed_hash(b"refresh token", &RefreshToken::data(family, generation))?;
    Ok(RefreshToken { family, generation, proof })
}

async fn id_token(
    services: &Services,
    known: &EnabledClient,
    (issued, access_token): (&Issued, &str),
) -> Result<String, Failure> {
    let (now, rules) = (services.now(), &known.client.rules);
    let Issued { grant, person, nonce, .. } = issued;
    let amr: Vec<&str> = grant.amr.split(' ').filter(|word| !word.is_empty()).collect();
    let between = (services.config.base_url.origin(), known.client.id.as_str());
    let released = (&issued.scopes, &grant.claims);
    let mut claims = apps::id_token(between, (rules, person), released, (grant.auth_time, &grant.acr, &amr));
    let own = json!({
        "iat": now.as_seconds(),
        "exp": now.plus(ID_TOKEN_LIFETIME).as_seconds(),
        "sid": grant.id.to_string(),
        "at_hash": half_hash(access_token),
    });
    claims.extend(own.as_object().cloned().unwrap_or_default());
    if let Some(nonce) = nonce {
        claims.insert("nonce".to_owned(), nonce.clone().into());
    }
    let signers = services.signers().await?;
    let signer = signers.signer(rules.id_token_alg, now).ok_or_else(|| Failure::fault("no signing key can be used"))?;
    signer.sign(TokenKind::IdToken, &Value::Object(claims)).map_err(Failure::fault)
}

/// Contents of a code that counts once.
pub(super) struct Sealed<'a> {
    /// Its name, which is stored once.
    pub id: &'a [u8],
    pub account: AccountId,
    /// The session of the user, and when it was certainly in use: the moment at which they agreed.
    pub session: (SessionId, Timestamp),
    pub scopes: Scopes,
    pub claims: ClaimScopes,
    /// Time and strength of the user's proof: `auth_time`, `acr`, `amr`.
    pub shown: (Timestamp, &'a str, &'a str),
    pub nonce: Option<String>,
}

/// Issues for a code, and uses it up. Everything is read again in this transaction.
pub(super) fn for_code(
    tx: &mut Tx<'_>,
    known: &EnabledClient,
    code: &Sealed<'_>,
) -> Result<Issued, Stop<ErrorResponse>> {
    let stored = session(tx, code.session, known)?;
    if stored.account.id != code.account {
        return Err(gone());
    }
    if !exit::leads_in(&stored.exits, known.client.app, code.session.1) {
        return Err(gone());
    }
    db::handles::ensure(tx.connection, stored.account.id, &stored.account.email)?;
    let person = person(tx, &stored.account, known)?;
    let grant = grant(tx, known, (&stored, code.scopes.clone(), code.claims.clone()), code.shown);
    consent(tx, &grant, known)?;
    db::oidc_grants::make_room(tx.connection, &grant, tx.now)?;
    if !db::oidc_grants::insert(tx.connection, &grant, code.id)? {
        replay::end_replayed(tx, known, code.id)?;
        return Err(gone());
    }
    let scopes = grant.scopes.clone();
    let access_token = access_token(tx, grant.id, (&scopes, known))?;
    db::apps::note_use(tx.connection, stored.account.id, known.client.app, tx.now)?;
    let line = tx.line_by(Actor::of(&stored.account), Action::SignedInToApp, known.app.app.slug.as_str());
    tx.log(&line)?;
    let refresh = gives_refresh(known, &code.scopes).then_some(grant.generation);
    Ok(Issued { grant, person, access_token, scopes, refresh, nonce: code.nonce.clone() })
}

/// Returns the grant that a sign-in gives, with the id that it will have.
fn grant(
    tx: &Tx<'_>,
    known: &EnabledClient,
    (stored, scopes, claims): (&StoredUser, Scopes, ClaimScopes),
    shown: (Timestamp, &str, &str),
) -> Grant {
    let (auth_time, acr, amr) = shown;
    let used: Vec<_> = stored.session.proofs.iter().map(|proof| proof.method).collect();
    let scopes = that_count(known, scopes);
    let is_offline = scopes.has(Scope::OfflineAccess);
    Grant {
        id: GrantId::issue(tx.entropy),
        app: known.client.app,
        account: stored.account.id,
        session: Some(stored.session.id),
        scopes,
        claims,
        auth_time,
        acr: acr.to_owned(),
        amr: amr.to_owned(),
        strength: Strength::of(&used).unwrap_or(Strength::One),
        is_offline,
        generation: 0,
        refreshed_at: tx.now,
        created_at: tx.now,
        ends_at: tx.now.plus(known.client.rules.refresh_absolute),
        ended_at: None,
    }
}

/// Whole seconds of a span.
const fn seconds(span: Lifetime) -> i64 {
    span.as_millis() / 1000
}
