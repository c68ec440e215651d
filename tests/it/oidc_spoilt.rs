//! OpenID Connect: events that spoil a code or a refresh token before its use, alone and two
//! together. Nothing that spoils one mends what another has spoilt.

use crate::{
    browser::Browser,
    harness::{Setup, TestApp},
    oidc_app::{OidcApp, Wanted, text},
};
use gatepost::{
    db,
    domain::{
        Lifetime,
        apps::Access,
        assurance::{Required, Strength},
        group::{Group, GroupId, GroupName},
        oidc::client::{ClientRules, Refreshes},
    },
    entropy::SystemEntropy,
    people::{self, Giver},
};
use serde_json::Value;

const SPOILT: [&str; 8] =
    ["signed out", "disabled", "left the group", "weaker", "app off", "no consent", "too late", "used"];

/// An app of others, and its user, who may open it as a member of a group.
struct Scene<'a> {
    app: &'a TestApp,
    own: OidcApp,
    group: GroupId,
    email: String,
}

async fn app_with_group() -> (TestApp, GroupId) {
    let app = Setup::new().with("GATEPOST_LIMITS_PER_MAILBOX", "100/15m").start().await;
    let (id, name) = (GroupId::issue(&SystemEntropy), GroupName::parse("family").unwrap());
    let group = Group { id, name, note: String::new() };
    app.transact(move |tx| db::groups::insert(tx.connection, &group, tx.now)).await;
    (app, id)
}

impl<'a> Scene<'a> {
    /// Every scene has a new app and a new user, and comes after the limits of the one before.
    async fn set(app: &'a TestApp, group: GroupId, n: usize) -> Self {
        app.clock.advance(Lifetime::minutes(16));
        let email = format!("ana{n}@example.com");
        let ana = app.add_account(&email).await.id;
        app.transact(move |tx| db::groups::join(tx.connection, group, ana, tx.now).map(drop)).await;
        let rules = ClientRules {
            is_third_party: true,
            refreshes: Refreshes::Always,
            rotates: true,
            refresh_idle: Lifetime::hours(1),
            ..ClientRules::new(false)
        };
        let access = Access { groups: vec![group], ..Access::default() };
        let slug = Box::leak(format!("wiki-{n}").into_boxed_str());
        let own = Wanted { slug, rules, access, ..Wanted::default() }.register(app).await;
        Self { app, own, group, email }
    }

    async fn signs_in(&self) -> Browser<'a> {
        let mut ana = self.app.signed_in(&self.email).await;
        self.agreed(&mut ana).await;
        ana
    }

    async fn agreed(&self, ana: &mut Browser<'_>) {
        let page = ana.get(&self.own.path(&[])).await;
        let (resume, account) = (page.hidden("resume").to_owned(), page.hidden("account").to_owned());
        let yes = [("resume", resume.as_str()), ("account", account.as_str()), ("answer", "yes")];
        ana.post_only("/oidc/consent", &yes).await.assert_status(303);
    }

    async fn change(&self, change: impl Fn(&mut gatepost::domain::apps::App) + Send + 'static) {
        let (id, now) = (self.own.id, self.app.services.now());
        self.app
            .write(move |connection| {
                let mut registered = db::apps::find(connection, id)?.unwrap();
                change(&mut registered.app);
                db::apps::update(connection, &registered, now).map(drop)
            })
            .await;
    }

    async fn spoil(&self, ana: &mut Browser<'_>, how: &str) {
        let (app, own, group) = (self.app, self.own.id, self.group);
        let account = app.account_of(&self.email).await.unwrap();
        let id = account.id;
        match how {
            "signed out" => drop(ana.post_only("/logout", &[]).await),
            "disabled" => app.transact(move |tx| people::disable(tx, &account, Giver::Operator).map(drop)).await,
            "left the group" => app.write(move |connection| db::groups::leave(connection, group, id).map(drop)).await,
            "weaker" => {
                let required = Required { strength: Strength::Two, fresh_within: None };
                self.change(move |app| app.requires = required).await;
            }
            "app off" => self.change(|app| app.is_disabled = true).await,
            "no consent" => {
                app.write(move |connection| db::oidc_held::withdraw_consent(connection, id, own).map(drop)).await;
            }
            _ => unreachable!("{how}"),
        }
    }
}

/// Each reason alone, and each two.
fn pairs() -> impl Iterator<Item = (usize, [&'static str; 2])> {
    let mut pairs = Vec::new();
    for (at, one) in SPOILT.into_iter().enumerate() {
        pairs.extend(SPOILT.into_iter().take(at + 1).map(|other| [one, other]));
    }
    pairs.into_iter().enumerate()
}

#[track_caller]
fn gives_nothing((status, body): &(u16, Value), why: [&str; 2]) {
    let expected = if why.contains(&"app off") { (401, "invalid_client") } else { (400, "invalid_grant") };
    assert_eq!((*status, text(body, "error")), expected, "{why:?}: {body}");
    assert!(body.get("access_token").is_none(), "{why:?}");
}

#[rocket::async_test]
async fn a_code_that_is_spoilt_in_one_way_or_in_two_gives_nothing() {
    let (app, group) = app_with_group().await;
    for (n, why) in pairs() {
        let scene = Scene::set(&app, group, n).await;
        let mut ana = scene.signs_in().await;
        let code = scene.own.code(&mut ana, &[]).await;
        for how in why {
            match how {
                "too late" => app.clock.advance(Lifetime::seconds(61)),
                "used" => drop(scene.own.redeem(&app, &code, &[]).await),
                how => scene.spoil(&mut ana, how).await,
            }
        }
        gives_nothing(&scene.own.redeem(&app, &code, &[]).await, why);
    }
}

#[rocket::async_test]
async fn a_refresh_token_that_is_spoilt_in_one_way_or_in_two_gives_nothing() {
    let (app, group) = app_with_group().await;
    for (n, why) in pairs() {
        let scene = Scene::set(&app, group, n).await;
        let mut ana = scene.signs_in().await;
        let tokens = scene.own.tokens(&mut ana, &[]).await;
        let token = text(&tokens, "refresh_token");
        for how in why {
            match how {
                "too late" => app.clock.advance(Lifetime::minutes(61)),
                "used" => {
                    scene.own.refresh(&app, token, &[]).await;
                    // Longer ago than a lost answer takes.
                    app.clock.advance(Lifetime::seconds(31));
                }
                how => scene.spoil(&mut ana, how).await,
            }
        }
        gives_nothing(&scene.own.refresh(&app, token, &[]).await, why);
    }
}
