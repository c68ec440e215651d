//! Strangers' routes that still act for a signed-in user. They are link and code of a step-up,
//! another email for it, and the link that confirms a new address.
//!
//! Each is tried on this node and on another. A millisecond before, the session ended, its secret
//! was replaced, or its account was disabled or moved.

use crate::{
    acting::{AccountDisabled, AddressMoved, Blow, SecretReplaced, SessionEnded, session_of},
    browser::{Browser, Page},
    harness::{Setup, TestApp},
    set_up::console_link,
};
use gatepost::domain::Lifetime;

/// Act of the user.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Act {
    StepUpByLink,
    StepUpByCode,
    StepUpResend,
    ConfirmAddress,
}
use Act::{ConfirmAddress, StepUpByCode, StepUpByLink, StepUpResend};

const ACTS: [Act; 4] = [StepUpByLink, StepUpByCode, StepUpResend, ConfirmAddress];
const BLOWS: [Blow; 4] = [SessionEnded, SecretReplaced, AccountDisabled, AddressMoved];

fn node() -> Setup {
    ["GATEPOST_LIMITS_PER_CLIENT", "GATEPOST_LIMITS_GLOBAL"]
        .iter()
        .fold(Setup::new(), |setup, key| setup.with(key, if key.ends_with("GLOBAL") { "1000/1s" } else { "1000/15m" }))
}

/// A request that is ready to send.
struct Ready {
    path: &'static str,
    fields: Vec<(&'static str, String)>,
    /// Address to which the answer leads if nothing happened.
    leads_to: &'static str,
}

impl Ready {
    async fn send(&self, browser: &mut Browser<'_>) -> Page {
        let fields: Vec<_> = self.fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
        browser.post(self.path, &fields).await
    }
}

/// Brings a signed-in browser to the last press but one.
async fn prepare(act: Act, browser: &mut Browser<'_>, email: &str) -> Ready {
    let app = browser.app;
    if act == ConfirmAddress {
        let new = format!("new.{email}");
        browser.post("/account/address", &[("new_email", &new)]).await.assert_leads_to("/account");
        let link = app.mail_to(&new).await.link();
        browser.open(&link).await.assert_status(200);
        return Ready { path: "/auth/verify", fields: Vec::new(), leads_to: "/account" };
    }
    browser.post("/step-up", &[]).await.assert_leads_to("/login/sent");
    let mail = app.mail_to(email).await;
    match act {
        StepUpByLink => {
            browser.open(&mail.link()).await.assert_shows("Yes, I’m");
            Ready { path: "/auth/verify", fields: Vec::new(), leads_to: "/account" }
        }
        StepUpByCode => Ready { path: "/login/code", fields: vec![("code", mail.code())], leads_to: "/account" },
        StepUpResend => {
            app.clock.advance(Lifetime::seconds(31));
            Ready { path: "/login/resend", fields: Vec::new(), leads_to: "/login/sent" }
        }
        ConfirmAddress => unreachable!("see above"),
    }
}

/// Returns all rows except the count of codes that a client has typed. It is taken before the slow
/// hash in any case.
async fn rows(app: &TestApp) -> String {
    app.dump().await.lines().filter(|row| !row.starts_with("limits: ")).collect::<Vec<_>>().join("\n")
}

#[rocket::async_test]
async fn who_is_no_longer_signed_in_redeems_nothing_and_uses_nothing_up_on_any_node() {
    let this = node().start().await;
    let other = node().beside(&this).start().await;
    let mut n = 0;
    for act in ACTS {
        for blow in BLOWS {
            for (node, name) in [(&this, "this node"), (&other, "another node")] {
                let what = format!("{act:?} after {blow:?} on {name}");
                n += 1;
                let email = format!("ana{n}@example.com");
                this.add_account(&email).await;
                let mut ana = this.signed_in(&email).await;
                let ready = prepare(act, &mut ana, &email).await;
                let mut ana = Browser { cookies: ana.cookies.clone(), ..node.browser() };
                assert!(ana.is_signed_in_as(&email).await, "{what}: memory is warm");
                let held = session_of(node, &ana.cookies).await;
                let cookies = ana.cookies.clone();
                blow.strike(node, &held).await;
                let before = rows(node).await;
                let page = ready.send(&mut ana).await;
                assert_eq!(rows(node).await, before, "{what}");
                let to = page.location().unwrap_or_default();
                assert!(to.starts_with("/login?"), "{what}: {} {to}", page.status);
                // Nothing was used up: if all is as before, the same request succeeds.
                if blow == SessionEnded {
                    continue;
                }
                blow.undo(node, &held).await;
                node.services.sessions.note_change(held.session.account_id);
                let mut ana = Browser { cookies, ..node.browser() };
                let page = ready.send(&mut ana).await;
                assert_eq!(page.location(), Some(ready.leads_to), "{what}, undone: {}", page.text());
                assert!(rows(node).await != before, "{what}, undone");
            }
        }
    }
}

/// The owner of a mailbox needs no session to say "this wasn't me".
#[rocket::async_test]
async fn an_ended_session_keeps_no_mailbox_from_cancelling_its_step_up() {
    let app = TestApp::new().await;
    app.add_account("ana@example.com").await;
    let mut ana = app.signed_in("ana@example.com").await;
    ana.post("/step-up", &[]).await.assert_leads_to("/login/sent");
    let cancel = app.mail_to("ana@example.com").await.cancel_link();
    let held = session_of(&app, &ana.cookies).await;
    SessionEnded.strike(&app, &held).await;
    ana.open(&cancel).await.assert_status(200);
    ana.submit("/auth/cancel", &[]).await.assert_status(200);
    ana.open(&app.mail_to("ana@example.com").await.link()).await.assert_status(410);
}

/// A console link signs in by itself, so that an ended session makes no difference. A disabled
/// account does.
#[rocket::async_test]
async fn a_console_link_makes_a_session_of_its_own_and_none_for_a_disabled_account() {
    for (blow, sessions) in [(SessionEnded, 1), (AccountDisabled, 0)] {
        let app = TestApp::new().await;
        app.add_account("ana@example.com").await;
        let mut ana = app.signed_in("ana@example.com").await;
        let link = console_link(&app, "ana@example.com").await;
        ana.open(&link).await.assert_status(200);
        let held = session_of(&app, &ana.cookies).await;
        blow.strike(&app, &held).await;
        ana.post_only("/auth/verify", &[]).await.assert_status(303);
        let id = held.session.id;
        let left =
            app.read(move |connection| gatepost::db::sessions::of_account(connection, held.session.account_id)).await;
        assert_eq!(left.iter().filter(|left| left.id != id).count(), sessions, "{blow:?}");
    }
}
