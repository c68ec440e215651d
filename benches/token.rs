//! Compares the token endpoint with bare signing, and the times for a known and an unknown app.
//!
//! `cargo bench --bench token`. In one process, on SQLite, refreshes of an app with RS256 and of
//! one with ES256. Each is beside the signature alone, by turns. Then wrong secrets of a known and
//! of an unknown app, by turns, each from its own address. Medians.
//!
//! Ends with 1 if wrong secrets of a known and of an unknown app differ by a tenth in time.

#![allow(unreachable_pub, reason = "nothing calls it from outside")]
#![expect(clippy::unwrap_used, clippy::print_stdout, clippy::disallowed_methods, reason = "a benchmark")]

use gatepost::{
    app::{self, App},
    clock::SystemClock,
    config::Config,
    db::{
        self,
        oidc_clients::{Client as Registration, SecretId},
    },
    domain::{
        AccountId, EmailAddress, Lifetime, Timestamp, Token,
        account::AccountOrigin,
        apps::{
            Access, App as Wiki, AppId, AppName, AppSlug, Registered,
            registered::{AppOrigin, Look},
        },
        assurance::{Required, Strength},
        audit::Actor,
        oidc::{
            ClaimScopes, ClientId, Grant, GrantId, RedirectUri, Scopes, SigningAlg,
            client::{ClientRules, Refreshes},
            refresh::RefreshToken,
        },
    },
    entropy::SystemEntropy,
    people, rotation,
    services::Services,
    signing::TokenKind,
};
use rocket::{http::Header, local::asynchronous::Client};
use serde_json::json;
use std::{
    net::{IpAddr, Ipv4Addr, SocketAddr},
    process::ExitCode,
    sync::Arc,
    time::{Duration, Instant},
};

const ROUNDS: u32 = 400;
const FORM: &str = "application/x-www-form-urlencoded";

/// An app with a grant that outlasts its session.
struct Prepared {
    client_id: &'static str,
    alg: SigningAlg,
    secret: String,
    refresh_token: String,
}

async fn prepare(services: &Services, account: AccountId, (slug, alg): (&'static str, SigningAlg)) -> Prepared {
    let (id, secret, now) = (AppId::issue(&SystemEntropy), Token::issue(&SystemEntropy), services.now());
    let registered = Registered {
        app: Wiki {
            id,
            slug: AppSlug::parse(slug).unwrap(),
            name: AppName::parse("Wiki").unwrap(),
            requires: Required { strength: Strength::One, fresh_within: None },
            access: Access { everyone: true, ..Access::default() },
            is_disabled: false,
        },
        hosts: Vec::new(),
        public_paths: Vec::new(),
        look: Look::default(),
        preflights: false,
        popup: false,
    };
    let rules = ClientRules { refreshes: Refreshes::Always, id_token_alg: alg, ..ClientRules::new(false) };
    let client = Registration {
        app: id,
        id: ClientId::parse(slug).unwrap(),
        sign_in_uris: vec![RedirectUri::parse("https://wiki.example.com/callback").unwrap()],
        sign_out_uris: Vec::new(),
        rules,
        preset: None,
    };
    let grant = grant(id, account, now);
    let family = grant.id;
    let hash = secret.hash();
    let store = move |tx: &mut db::Tx<'_>| {
        db::apps::insert(tx.connection, &registered, AppOrigin::CommandLine, tx.now)?;
        db::oidc_clients::insert(tx.connection, &client)?;
        db::oidc_clients::add_secret(tx.connection, (SecretId::issue(tx.entropy), id), (&hash, ""), tx.now)?;
        db::oidc_grants::insert(tx.connection, &grant, slug.as_bytes())
    };
    services.transact(Actor::Gatepost, store).await.unwrap();
    let proof = services.keys.keyed_hash(b"refresh token", &RefreshToken::data(family, 0)).unwrap();
    let refresh_token = RefreshToken { family, generation: 0, proof }.reveal();
    Prepared { client_id: slug, alg, secret: secret.reveal(), refresh_token }
}

fn grant(app: AppId, account: AccountId, now: Timestamp) -> Grant {
    Grant {
        id: GrantId::issue(&SystemEntropy),
        app,
        account,
        session: None,
        scopes: Scopes::parse("openid profile email offline_access"),
        claims: ClaimScopes::default(),
        auth_time: now,
        acr: "urn:gatepost:one".to_owned(),
        amr: "email".to_owned(),
        strength: Strength::One,
        is_offline: true,
        generation: 0,
        refreshed_at: now,
        created_at: now,
        ends_at: now.plus(Lifetime::days(1)),
        ended_at: None,
    }
}

/// Sends a form and returns how long the answer took. `n` gives each request its own address.
async fn send(client: &Client, n: u32, (body, status): (&str, u16)) -> Duration {
    let ip = IpAddr::V4(Ipv4Addr::from_bits(0x0b00_0000 + n));
    let request = client
        .post("/oidc/token")
        .header(Header::new("Host", "localhost:8000"))
        .header(Header::new("Content-Type", FORM))
        .remote(SocketAddr::new(ip, 50000))
        .body(body);
    let begun = Instant::now();
    let answer = request.dispatch().await;
    let took = begun.elapsed();
    assert_eq!(answer.status().code, status, "{:?}", answer.into_string().await);
    took
}

fn median(times: &mut [Duration]) -> Duration {
    times.sort_unstable();
    times.get(times.len() / 2).copied().unwrap_or_default()
}

async fn refreshes(client: &Client, services: &Services, own: &Prepared) {
    let body = format!(
        "grant_type=refresh_token&client_id={}&client_secret={}&refresh_token={}",
        own.client_id, own.secret, own.refresh_token
    );
    let claims = json!({
        "iss": "http://localhost:8000", "sub": "0123456789abcdef", "aud": own.client_id, "iat": 1, "exp": 3601,
        "auth_time": 1, "acr": "urn:gatepost:one", "amr": ["email"], "sid": "0123456789abcdef", "at_hash": "x",
        "name": "", "preferred_username": "ana", "email": "ana@example.com", "email_verified": true,
    });
    let signers = services.signers().await.unwrap();
    let signer = signers.signer(own.alg, services.now()).unwrap();
    let (mut whole, mut bare) = (Vec::new(), Vec::new());
    for n in 0..ROUNDS {
        whole.push(send(client, n, (&body, 200)).await);
        let begun = Instant::now();
        signer.sign(TokenKind::IdToken, &claims).unwrap();
        bare.push(begun.elapsed());
    }
    let (whole, bare) = (median(&mut whole), median(&mut bare));
    let ratio = whole.as_secs_f64() / bare.as_secs_f64();
    println!("{}: a refresh takes {whole:?}, its signature alone {bare:?} (1 : {ratio:.1})", own.alg.into_str());
}

/// Returns by how much a wrong secret of a known app takes longer than one of an unknown app.
async fn wrong_secrets(client: &Client, known: &str) -> f64 {
    let body = |id: &str| {
        let secret = Token::issue(&SystemEntropy).reveal();
        format!("grant_type=refresh_token&client_id={id}&client_secret={secret}&refresh_token=x")
    };
    let (mut of_known, mut of_unknown) = (Vec::new(), Vec::new());
    for n in 0..ROUNDS * 2 {
        let unknown = "x".repeat(known.len());
        // Each goes first in every second round.
        for is_known in [n % 2 == 0, n % 2 == 1] {
            let id = if is_known { known } else { &unknown };
            let took = send(client, 10_000 + n * 2 + u32::from(is_known), (&body(id), 401)).await;
            if is_known { of_known.push(took) } else { of_unknown.push(took) }
        }
    }
    let (known, unknown) = (median(&mut of_known), median(&mut of_unknown));
    let difference = known.as_secs_f64() / unknown.as_secs_f64() - 1.0;
    println!("a wrong secret: known app {known:?}, unknown app {unknown:?} ({:+.1} %)", difference * 100.0);
    difference
}

#[tokio::main]
async fn main() -> ExitCode {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name).display().to_string();
    let env = [
        ("GATEPOST_BASE_URL", "http://localhost:8000".to_owned()),
        ("GATEPOST_DATABASE_URL", format!("sqlite://{}", at("gatepost.db"))),
        ("GATEPOST_KEY_FILE", at("gatepost.key")),
    ];
    let env: Vec<(String, String)> = env.into_iter().map(|(key, value)| (key.to_owned(), value)).collect();
    let config = Config::read(None, &env).unwrap();
    let App { rocket, services } = app::build(config, Arc::new(SystemClock), Arc::new(SystemEntropy)).await.unwrap();
    rotation::keep_up(&services).await.unwrap();
    let client = Client::untracked(rocket).await.unwrap();
    let email = EmailAddress::parse("ana@example.com").unwrap();
    let add = move |tx: &mut db::Tx<'_>| people::add(tx, &email, None, AccountOrigin::CommandLine);
    let account = services.transact(Actor::Gatepost, add).await.unwrap().account().id;
    for (slug, alg) in [("with-rs256", SigningAlg::Rs256), ("with-es256", SigningAlg::Es256)] {
        let own = prepare(&services, account, (slug, alg)).await;
        refreshes(&client, &services, &own).await;
    }
    let difference = wrong_secrets(&client, "with-rs256").await;
    if difference.abs() > 0.1 { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}
