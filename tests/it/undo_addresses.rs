//! Addresses that change hands: who may have one, and who gives way when an account comes back.
//! Also what comes back with it.

use crate::{
    acting::{AccountDisabled, SecretReplaced, SessionEnded, session_of},
    browser::Browser,
    harness::{Mail, Setup, TestApp, address, local},
    passkey_pages::{adds_a_passkey, is_refused, leads_to, signs_in},
    phone::Phone,
};
use gatepost::{
    db,
    domain::{
        Lifetime, TokenHash,
        account::AddressChange,
        account::AddressChangeId,
        account::last_day,
        audit::{Action, Actor},
        settings::JoinPolicy,
    },
    people::{self, Giver},
};

const ANA: &str = "ana@example.com";
const BEN: &str = "ben@example.com";
const NEW: &str = "mallory@example.org";
const FIRST: &str = "correct horse battery";
const SECOND: &str = "staple every other word";

async fn app_with_ana() -> TestApp {
    let app = Setup::new().with("GATEPOST_LIMITS_PER_MAILBOX", "100/15m").start().await;
    app.add_account(ANA).await;
    app.set("password_enabled", "on").await;
    app.a_second_later();
    app
}

async fn moves(browser: &mut Browser<'_>) {
    browser.post("/account/address", &[("new_email", NEW)]).await.assert_leads_to("/account");
    let link = browser.app.mail_to(NEW).await.link();
    browser.open(&link).await;
    browser.post("/auth/verify", &[]).await.assert_leads_to("/account");
}

fn undo_in(mail: &Mail) -> Option<String> {
    mail.text.split_whitespace().find(|word| word.contains("/auth/undo?token=")).map(local)
}

async fn undo_of_move(app: &TestApp) -> String {
    let mails = app.mails_to(ANA).await;
    mails.iter().rev().filter(|mail| mail.subject.contains("address")).find_map(undo_in).unwrap()
}

async fn by_password(app: &TestApp, email: &str, password: &str) -> u16 {
    app.browser().post("/login/password", &[("email", email), ("password", password)]).await.status.code
}

#[rocket::async_test]
async fn an_account_comes_back_with_what_was_its_own_and_nothing_else() {
    let app = app_with_ana().await;
    let mut thief = app.signed_in(ANA).await;
    thief.post("/account/password", &[("new_password", FIRST)]).await.assert_status(303);
    let mut hers = adds_a_passkey(&mut thief).await;
    moves(&mut thief).await;
    thief.post("/account/password", &[("new_password", SECOND)]).await.assert_status(303);
    let mut theirs = adds_a_passkey(&mut thief).await;
    let undo = undo_of_move(&app).await;
    let mut owner = app.browser();
    owner.open(&undo).await.assert_shows("Undo the address change?").assert_shows(NEW).assert_shows("a new password");
    owner.submit("/auth/undo", &[]).await.assert_shows("Your account is restored").assert_shows(ANA);
    assert_eq!((by_password(&app, ANA, FIRST).await, by_password(&app, ANA, SECOND).await), (303, 422));
    is_refused(&signs_in(&mut app.browser(), &mut theirs).await, "refused");
    leads_to(&signs_in(&mut app.browser(), &mut hers).await, "/account");
    // The emails that went to the attacker's mailbox no longer undo anything.
    let later: Vec<_> = app.mails_to(NEW).await.iter().filter_map(undo_in).collect();
    assert_eq!(later.len(), 2);
    let before = app.audit().await.len();
    for link in later {
        let mut attacker = app.browser();
        attacker.open(&link).await.assert_shows("Change undone");
        attacker.post("/auth/undo", &[]).await;
    }
    assert_eq!(app.audit().await.len(), before);
    assert_eq!(by_password(&app, ANA, FIRST).await, 303);
}

/// Undoing a gain from before the move undoes the move, too.
#[rocket::async_test]
async fn undoing_what_came_before_a_move_moves_the_account_back() {
    let app = app_with_ana().await;
    let mut thief = app.signed_in(ANA).await;
    adds_a_passkey(&mut thief).await;
    let link = app.mails_to(ANA).await.iter().rev().find_map(undo_in).unwrap();
    moves(&mut thief).await;
    let mut owner = app.browser();
    owner.open(&link).await.assert_shows("Remove the new passkey?").assert_shows("goes back from");
    owner.post("/auth/undo", &[]).await.assert_leads_to("/auth/undo");
    assert!(app.account_of(NEW).await.is_none());
    owner.sign_in_to(ANA, &[]).await.assert_leads_to("/account");
}

/// The address has a new owner, whose account is in use. The former owner's link takes nothing from
/// them.
#[rocket::async_test]
async fn a_newcomer_who_has_proven_the_mailbox_gives_way_only_by_their_own_browser() {
    let app = app_with_ana().await;
    app.set("join_policy", "anyone").await;
    let mut before = app.signed_in(ANA).await;
    let mut former = adds_a_passkey(&mut before).await;
    moves(&mut before).await;
    let undo = undo_of_move(&app).await;
    app.clock.advance(Lifetime::minutes(1));
    let mut heir = app.signed_in(ANA).await;
    let heirs = app.account_of(ANA).await.unwrap().id;
    for browser in [&mut app.browser(), &mut before] {
        let page = browser.open(&undo).await;
        page.assert_status(409)
            .assert_shows("This address now belongs to another account")
            .assert_shows("ask the people");
        browser.submit("/auth/undo", &[]).await.assert_status(409);
    }
    assert_eq!(app.account_of(ANA).await.unwrap().id, heirs);
    assert!(heir.is_signed_in_as(ANA).await);
    // In the passkey's account it is still good.
    leads_to(&signs_in(&mut app.browser(), &mut former).await, "/account");
    assert!(app.account_of(NEW).await.is_some());
    // A user who owns both proves it by being signed in.
    heir.open(&undo).await.assert_status(200).assert_shows("Since then, a new account uses ana@example.com");
    heir.submit("/auth/undo", &[]).await.assert_shows("account is restored");
    assert_ne!(app.account_of(ANA).await.unwrap().id, heirs);
}

/// The account that gives way is deleted. The transaction that does it therefore re-reads its user,
/// not memory.
#[rocket::async_test]
async fn a_newcomer_whose_session_ended_a_moment_ago_gives_nothing_up_on_any_node() {
    let app = app_with_ana().await;
    let other = Setup::new().beside(&app).start().await;
    app.set("join_policy", "anyone").await;
    let mut before = app.signed_in(ANA).await;
    moves(&mut before).await;
    let undo = undo_of_move(&app).await;
    app.clock.advance(Lifetime::minutes(1));
    let mut heir = app.signed_in(ANA).await;
    let heirs = app.account_of(ANA).await.unwrap().id;
    heir.open(&undo).await.assert_status(200);
    for blow in [SessionEnded, SecretReplaced, AccountDisabled] {
        for node in [&app, &other] {
            let mut copy = Browser { cookies: heir.cookies.clone(), ..node.browser() };
            assert!(copy.is_signed_in_as(ANA).await, "{blow:?}: memory is warm");
            let held = session_of(node, &copy.cookies).await;
            blow.strike(node, &held).await;
            copy.submit("/auth/undo", &[]).await.assert_status(409);
            assert_eq!(app.account_of(ANA).await.unwrap().id, heirs, "{blow:?}");
            blow.undo(node, &held).await;
            for node in [&app, &other] {
                node.services.sessions.note_change(heirs);
            }
        }
    }
    heir.submit("/auth/undo", &[]).await.assert_shows("account is restored");
    let lines = app.audit().await;
    let line = lines.iter().find(|line| line.action == Action::GainUndone).unwrap();
    assert!(matches!(line.actor, Actor::Account { id, .. } if id == heirs), "{line:?}");
}

/// The owner has the mailbox back, with another account there. The thief disables that one, so that
/// no browser can give it up. The mailbox gets another email, whose link takes the account back.
#[rocket::async_test]
async fn a_newcomer_whom_the_account_that_moved_has_disabled_gives_way_to_a_new_link_to_the_mailbox() {
    for by_a_new_admin in [false, true] {
        let app = app_with_ana().await;
        app.set("join_policy", "anyone").await;
        app.add_admin(BEN).await;
        let mut thief = makes_ana_an_admin_and_moves(&app).await;
        let old = undo_of_move(&app).await;
        app.clock.advance(Lifetime::minutes(1));
        let mut owner = app.signed_in(ANA).await;
        let newcomer = app.account_of(ANA).await.unwrap();
        if by_a_new_admin {
            // Another account of the thief, with rights that the stolen one gave.
            let accomplice = app.add_account("eve@example.org").await;
            thief.post(&format!("/admin/people/{}/make-admin", accomplice.id), &[]).await.assert_status(303);
            thief = app.signed_in("eve@example.org").await;
        }
        let person = format!("/admin/people/{}", newcomer.id);
        let before = app.mails_to(ANA).await.iter().filter_map(undo_in).count();
        thief.post(&format!("{person}/disable"), &[]).await.assert_status(303);
        app.a_second_later();
        assert!(owner.is_signed_out().await);
        // The earlier link does not prove the mailbox, because its former owner may have kept it.
        app.browser().open(&old).await.assert_status(409).assert_shows("use its link instead");
        // Repeated disabling and enabling fills no mailbox.
        for deed in ["enable", "disable", "enable", "disable"] {
            thief.post(&format!("{person}/{deed}"), &[]).await.assert_status(303);
        }
        let links: Vec<_> = app.mails_to(ANA).await.iter().filter_map(undo_in).collect();
        assert_eq!(links.len(), before + 1);
        let mut anywhere = app.browser().at("192.0.2.9");
        anywhere.open(links.last().unwrap()).await.assert_status(200).assert_shows("Since then, a new account");
        anywhere.submit("/auth/undo", &[]).await.assert_shows("account is restored");
        let back = app.account_of(ANA).await.unwrap();
        assert!(back.id != newcomer.id && back.is_active() && back.is_admin);
        assert!(app.account_of(NEW).await.is_none());
        app.clock.advance(Lifetime::minutes(16));
        app.browser().sign_in_to(ANA, &[]).await.assert_leads_to("/account");
    }
}

/// The thief lets the newcomer end instead, which leaves it no browser either.
#[rocket::async_test]
async fn a_newcomer_whom_the_account_that_moved_let_end_gives_way_to_a_new_link_to_the_mailbox() {
    let app = app_with_ana().await;
    app.set("join_policy", "anyone").await;
    app.add_admin(BEN).await;
    let mut thief = makes_ana_an_admin_and_moves(&app).await;
    let old = undo_of_move(&app).await;
    app.clock.advance(Lifetime::minutes(1));
    let mut owner = app.signed_in(ANA).await;
    let newcomer = app.account_of(ANA).await.unwrap();
    let person = format!("/admin/people/{}", newcomer.id);
    let last_day = last_day(app.services.now().plus(Lifetime::days(1)));
    thief.post(&format!("{person}/end/save"), &[("ends_on", &last_day)]).await.assert_leads_to(&person);
    app.a_second_later();
    let new = undo_of_move(&app).await;
    assert_ne!(new, old);
    app.browser().open(&new).await.assert_status(409);
    app.clock.advance(Lifetime::days(2));
    assert!(owner.is_signed_out().await);
    app.browser().open(&old).await.assert_status(409);
    let mut anywhere = app.browser().at("192.0.2.9");
    anywhere.open(&new).await.assert_status(200).assert_shows("Since then, a new account");
    anywhere.submit("/auth/undo", &[]).await.assert_shows("account is restored");
    assert_ne!(app.account_of(ANA).await.unwrap().id, newcomer.id);
}

async fn makes_ana_an_admin_and_moves(app: &TestApp) -> Browser<'_> {
    let ana = app.account_of(ANA).await.unwrap();
    app.transact(move |tx| people::make_admin(tx, &ana, Giver::Operator)).await;
    let mut thief = app.signed_in(ANA).await;
    moves(&mut thief).await;
    thief
}

/// A settled admin has disabled the newcomer, perhaps for a good reason: no email offers them the
/// other account. Enabling the newcomer gives each their account.
#[rocket::async_test]
async fn a_newcomer_whom_a_settled_admin_has_disabled_keeps_the_address_until_enabled() {
    let app = app_with_ana().await;
    app.set("join_policy", "anyone").await;
    app.add_admin(BEN).await;
    let mut mover = makes_ana_an_admin_and_moves(&app).await;
    let undo = undo_of_move(&app).await;
    app.clock.advance(Lifetime::minutes(1));
    app.signed_in(ANA).await;
    let newcomer = app.account_of(ANA).await.unwrap();
    let person = format!("/admin/people/{}", newcomer.id);
    let mut ben = app.signed_in(BEN).await;
    let before = app.mails_to(ANA).await.len();
    ben.post(&format!("{person}/disable"), &[]).await.assert_status(303);
    assert_eq!(app.mails_to(ANA).await.len(), before);
    for browser in [&mut app.browser(), &mut mover] {
        browser.open(&undo).await.assert_status(409).assert_shows("ask the people");
        browser.submit("/auth/undo", &[]).await.assert_status(409);
    }
    assert_eq!(app.account_of(ANA).await.unwrap().id, newcomer.id);
    assert!(mover.is_signed_in_as(NEW).await);
    ben.post(&format!("{person}/enable"), &[]).await.assert_status(303);
    app.clock.advance(Lifetime::minutes(16));
    let mut owner = app.signed_in(ANA).await;
    owner.open(&undo).await.assert_status(200);
    owner.submit("/auth/undo", &[]).await.assert_shows("account is restored");
    assert_ne!(app.account_of(ANA).await.unwrap().id, newcomer.id);
}

/// An invitation is for a user and not for an address. To keep accounts within domains, an admin
/// lists them under "who may join".
#[rocket::async_test]
async fn where_only_invited_users_join_an_account_moves_anywhere_and_its_former_mailbox_can_undo_it() {
    let app = app_with_ana().await;
    app.add_account(BEN).await;
    assert_eq!(app.stored_settings().await.join_policy, JoinPolicy::Invited);
    let mut ana = app.signed_in(ANA).await;
    // Not to an address that another account has: the page says the same, and no email leaves.
    ana.post("/account/address", &[("new_email", BEN)]).await.assert_leads_to("/account");
    assert!(app.mails_to(BEN).await.is_empty());
    moves(&mut ana).await;
    assert!(app.account_of(NEW).await.is_some() && app.account_of(ANA).await.is_none());
    let lines = app.audit().await;
    let line = lines.iter().find(|line| line.action == Action::AddressChanged).unwrap();
    assert_eq!((line.before.as_deref(), line.after.as_deref()), (Some(ANA), Some(NEW)), "admins see it");
    // The former address opens nothing any more.
    let before = app.mails_to(ANA).await.len();
    app.browser().post("/login", &[("email", ANA)]).await.assert_leads_to("/login/sent");
    assert_eq!(app.mails_to(ANA).await.len(), before);
    let undo = undo_of_move(&app).await;
    let mut owner = app.browser();
    owner.open(&undo).await.assert_status(200);
    owner.submit("/auth/undo", &[]).await.assert_shows("account is restored");
    assert!(app.account_of(ANA).await.is_some());
}

#[rocket::async_test]
async fn an_account_that_was_only_put_there_always_gives_way() {
    for role in ["account", "admin"] {
        let app = app_with_ana().await;
        app.add_account(BEN).await;
        for email in [ANA, BEN] {
            let account = app.account_of(email).await.unwrap();
            app.transact(move |tx| people::make_admin(tx, &account, Giver::Operator)).await;
        }
        let mut thief = app.signed_in(ANA).await;
        moves(&mut thief).await;
        let undo = undo_of_move(&app).await;
        // With the admin's session: the old address is invited, and disabled.
        let fields: &[(&str, &str)] =
            if role == "admin" { &[("email", ANA), ("is_admin", "on")] } else { &[("email", ANA)] };
        thief.post("/admin/people", fields).await.assert_leads_to("/admin/people");
        let put_there = app.account_of(ANA).await.unwrap();
        thief.post(&format!("/admin/people/{}/disable", put_there.id), &[]).await.assert_status(303);
        let mut owner = app.browser();
        owner.open(&undo).await.assert_status(200).assert_shows("Since then, a new account");
        owner.submit("/auth/undo", &[]).await.assert_shows("account is restored");
        let back = app.account_of(ANA).await.unwrap();
        assert!(back.id != put_there.id && back.is_active() && back.is_admin);
        assert!(app.audit().await.iter().any(|line| line.action == Action::AddressChangeUndone));
        app.a_second_later();
        assert!(thief.is_signed_out().await);
    }
}

/// An account without a verified mailbox cannot sign in. No admin is lost with it.
#[rocket::async_test]
async fn an_unproven_newcomer_gives_way_even_as_the_last_admin() {
    let app = app_with_ana().await;
    let mut thief = app.signed_in(ANA).await;
    moves(&mut thief).await;
    let undo = undo_of_move(&app).await;
    let newcomer = app.add_admin(ANA).await;
    assert!(newcomer.is_admin && newcomer.proven_at.is_none());
    let moved = app.account_of(NEW).await.unwrap();
    assert!(!moved.is_admin, "the newcomer is the only admin");
    let mut owner = app.browser();
    owner.open(&undo).await.assert_status(200);
    owner.submit("/auth/undo", &[]).await.assert_shows("account is restored");
    assert_eq!(app.account_of(ANA).await.unwrap().id, moved.id);
}

#[rocket::async_test]
async fn the_join_policy_is_asked_at_a_change_of_address_and_again_when_it_is_confirmed() {
    let app = app_with_ana().await;
    app.add_account("ben@example.org").await;
    let mut ana = app.signed_in(ANA).await;
    ana.post("/account/address", &[("new_email", NEW)]).await.assert_leads_to("/account");
    let link = app.mail_to(NEW).await.link();
    app.set("allowed_domains", "example.com").await;
    app.set("join_policy", "allowed_domains").await;
    app.a_second_later();
    // Confirmed too late.
    ana.open(&link).await;
    ana.post("/auth/verify", &[]).await.assert_status(410);
    assert!(app.account_of(NEW).await.is_none());
    // Taken or free, the answer is the same to the byte, except for what was typed.
    let mut answers = Vec::new();
    for email in ["ben@example.org", "cat@example.org"] {
        let page = ana.post("/account/address", &[("new_email", email)]).await;
        page.assert_status(403).assert_shows("This address can’t be used here");
        answers.push(page.body.replace(email, "…"));
    }
    assert_eq!(answers[0], answers[1]);
    // Within the domains it works.
    ana.post("/account/address", &[("new_email", "anna@example.com")]).await.assert_leads_to("/account");
    assert!(app.mail_to("anna@example.com").await.text.contains("/auth/verify"));
}

/// A node of the previous version notes a change of address and no gain.
#[rocket::async_test]
async fn a_link_of_the_version_before_still_undoes() {
    let app = app_with_ana().await;
    let mut thief = app.signed_in(ANA).await;
    thief.post("/account/password", &[("new_password", FIRST)]).await.assert_status(303);
    app.a_second_later();
    let (account, now) = (app.account_of(ANA).await.unwrap(), app.services.now());
    let token = "A".repeat(43);
    let hash: TokenHash = gatepost::domain::Token::present(&token).unwrap().hash();
    app.write(move |connection| {
        let change = AddressChange {
            id: AddressChangeId::from_i64(42),
            account_id: account.id,
            old_email: address(ANA),
            new_email: address(NEW),
            changed_at: now,
        };
        db::accounts::move_address(connection, account.id, (&change.old_email, &change.new_email), now)?;
        db::address_changes::insert(connection, &change)?;
        db::address_changes::mint_undo(connection, change.id, &hash, now)
    })
    .await;
    app.a_second_later();
    thief.post("/account/password", &[("new_password", SECOND)]).await.assert_status(303);
    Phone::set_up_in(&mut thief).await;
    let mut owner = app.browser();
    owner.open(&format!("/auth/undo?token={token}")).await.assert_shows("Undo the address change?");
    owner.submit("/auth/undo", &[]).await.assert_shows("account is restored");
    owner.submit("/auth/undo", &[]).await.assert_shows("account is restored");
    assert_eq!((by_password(&app, ANA, FIRST).await, by_password(&app, ANA, SECOND).await), (303, 422));
    assert_eq!(app.audit().await.iter().filter(|line| line.action == Action::GainUndone).count(), 1);
}

/// Otherwise an attacker could remove the owner's second factor in a day. The owner has seven to
/// take the account back.
#[rocket::async_test]
async fn a_mailbox_that_is_new_to_the_account_is_no_proof_for_a_recovery() {
    let app = app_with_ana().await;
    let mut thief = app.signed_in(ANA).await;
    Phone::set_up_in(&mut thief).await;
    thief.post("/account/password", &[("new_password", SECOND)]).await.assert_status(303);
    moves(&mut thief).await;
    let mut browser = app.browser();
    app.clock.advance(Lifetime::minutes(1));
    browser.sign_in_to(NEW, &[]).await.assert_leads_to("/login/second-factor");
    browser.post("/login/password", &[("email", NEW), ("password", SECOND)]).await;
    let page = browser.get("/login/second-factor/lost").await;
    page.assert_shows("an email isn’t enough here").assert_hides("Remove my second factors in");
    browser.post("/login/second-factor/lost", &[]).await.assert_leads_to("/login/second-factor/lost");
    let id = app.account_of(NEW).await.unwrap().id;
    assert!(app.read(move |connection| db::recoveries::under_way(connection, id)).await.is_none());
}

#[rocket::async_test]
async fn what_a_thief_gave_an_app_for_months_ends_when_the_account_comes_back() {
    let app = app_with_ana().await;
    let own = crate::oidc_app::Wanted::default().register(&app).await;
    let mut thief = app.signed_in(ANA).await;
    moves(&mut thief).await;
    let tokens = own.tokens(&mut thief, &[("scope", "openid offline_access")]).await;
    thief.post_only("/logout", &[]).await.assert_leads_to("/login");
    let (status, tokens) = own.refresh(&app, tokens["refresh_token"].as_str().unwrap(), &[]).await;
    assert_eq!(status, 200, "it outlasts the sign-out: {tokens}");
    let mut owner = app.browser();
    owner.open(&undo_of_move(&app).await).await;
    owner.submit("/auth/undo", &[]).await.assert_shows("Your account is restored");
    let (status, body) = own.refresh(&app, tokens["refresh_token"].as_str().unwrap(), &[]).await;
    assert_eq!((status, body["error"].as_str()), (400, Some("invalid_grant")));
    let (status, _) = crate::oidc_app::userinfo(&app, tokens["access_token"].as_str().unwrap()).await;
    assert_eq!(status, 401);
}
