//! Ways through Gatepost in a browser without JavaScript that no other tour goes.

use super::{Tour, security::sets_up_an_app};
use crate::{
    browser::Browser,
    chromedriver::Traits,
    leaving::{Answer, app},
    patience,
    stage::Stage,
};

const ANA: &str = "ana@example.com";
const BEN: &str = "ben@example.com";
const FAY: &str = "fay@example.com";
const CALLBACK: &str = "https://app.example.com/callback";
const WIKI: &str = "A name of an app that is as long as a name of an app may be";

async fn plain(stage: &Stage) -> Browser {
    stage.browser_with(&Traits { without_javascript: true, ..Traits::default() }).await
}

#[tokio::test]
async fn links_of_emails_suit_everybody_without_javascript() {
    let stage = Stage::new().await;
    stage.gatepost.add_admin(ANA);
    stage.gatepost.add_account(BEN);
    let mut tour = Tour::new("plain-links", &stage);
    let ana = plain(&stage).await;
    stage.signs_in(&ana, ANA).await;
    ana.open("/admin/people").await;
    ana.opens("Invite someone").await;
    ana.types("Email address", FAY).await;
    ana.presses("Invite").await;
    ana.reads("is invited. The email is").await;
    let fay = plain(&stage).await;
    let invitation = stage.gatepost.mail_to(FAY, 1).await.invitation_link();
    fay.open(&invitation).await;
    tour.stops_without_axe(&fay, "invitation", "You’re invited to Gatepost").await;
    fay.presses(&format!("Sign in as {FAY}")).await;
    fay.reads_heading("Your account").await;
    let late = plain(&stage).await;
    late.open(&invitation).await;
    tour.stops_without_axe(&late, "invitation used", "This invitation no longer works").await;
    late.open(&stage.gatepost.set_up_link()).await;
    tour.stops_without_axe(&late, "set-up over", "This set-up link no longer works").await;

    let ben = plain(&stage).await;
    ben.asks_for_mail(BEN).await;
    let mail = stage.gatepost.mail_to(BEN, 1).await;
    stage.signs_in(&ben, FAY).await;
    ben.open(&mail.link()).await;
    tour.stops_without_axe(&ben, "someone else", "You’re signed in as someone else").await;
    ben.presses(&format!("Switch to {BEN}")).await;
    ben.reads_heading("Your account").await;
    ben.open(&mail.link()).await;
    tour.stops_without_axe(&ben, "used", "You’re signed in").await;

    // Ben has a second factor, which he is said to have lost.
    let scripted = stage.browser().await;
    scripted.takes_session_of(&ben).await;
    sets_up_an_app(&scripted).await;
    ana.open("/admin/people").await;
    ana.presses(BEN).await;
    ana.presses("Start recovery").await;
    tour.stops_without_axe(&ana, "start recovery", "Start recovery?").await;
    ana.presses("Start recovery").await;
    ana.reads("All second factors will be removed on").await;
    let link = patience::until("the email with the link that says no", async || {
        let mails = stage.gatepost.mails_to(BEN).await;
        mails.iter().find_map(|mail| mail.url("/auth/recovery?token="))
    })
    .await;
    late.open(&link).await;
    tour.stops_without_axe(&late, "say no", "Keep your second factors?").await;
    late.presses("Keep my second factors").await;
    tour.stops_without_axe(&late, "said no", "Nothing was removed").await;

    late.asks_for_mail(ANA).await;
    let mail = stage.gatepost.mail_to(ANA, 1).await;
    ana.open("/admin/settings").await;
    ana.ticks("Email link and code").await;
    ana.saves("email_link_enabled").await;
    tour.stops_at_an_answer_without_axe(&ana, "settings lock-out", "No admin will be able to sign in").await;
    ana.presses("Turn it off").await;
    ana.reads("Settings saved.").await;
    late.open(&mail.link()).await;
    tour.stops_without_axe(&late, "link turned off", "Email links are turned off").await;
    tour.ends(&[&ana, &ben, &fay, &late]).await;
}

#[tokio::test]
async fn the_way_into_apps_suits_everybody_without_javascript() {
    let stage = Stage::new().await;
    stage.gatepost.add_account(BEN);
    stage.gatepost.add_admin(ANA);
    for (slug, is_open, is_of_others) in [("open", true, false), ("not-hers", false, false), ("others", true, true)] {
        stage.gatepost.adds_oidc_app(slug, CALLBACK, (is_open, is_of_others));
    }
    stage.gatepost.signs_in_devices("others");
    // The page stays, because the app's answer has no content.
    let near = app(Answer::NoContent).await;
    stage.gatepost.has_app(("strong", "https://strong.example.com"), "two", true);
    stage.gatepost.has_app(("wiki", &near), "one", true);
    let mut tour = Tour::new("plain-apps", &stage);
    let ben = plain(&stage).await;
    stage.signs_in(&ben, BEN).await;
    let authorize = |slug: &str| {
        format!(
            "/oidc/authorize?client_id={slug}&redirect_uri=https%3A%2F%2Fapp.example.com%2Fcallback&response_type=code&scope=openid+profile+email"
        )
    };
    let strong = "/apps/enter?app=strong&host=strong.example.com&way=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA&to=Lw";
    for (path, state, heading) in [
        (authorize("unknown"), "an unknown app", "This sign-in can’t continue".to_owned()),
        (authorize("open") + "&prompt=select_account", "which account", "Choose an account".to_owned()),
        (authorize("not-hers"), "not for this user", format!("You can’t open {WIKI}")),
        (authorize("others"), "an app of others", "Share your data with this app?".to_owned()),
        ("/apps/refused?app=wiki".to_owned(), "for you after all", "You can open Wiki".to_owned()),
        ("/apps/sign-out".to_owned(), "signing out of apps", "Sign out?".to_owned()),
        (strong.to_owned(), "an app that needs more", "Wiki needs a second factor".to_owned()),
    ] {
        ben.open(&path).await;
        tour.stops_without_axe(&ben, state, &heading).await;
    }

    for (button, state, heading) in [
        ("Don’t allow", "a device refused", "The device isn’t signed in"),
        ("Allow", "a device signed in", "The device is signed in"),
    ] {
        let shown = stage.gatepost.device_asks("others").await;
        ben.open("/device").await;
        ben.types("Code on the device", &shown).await;
        ben.presses("Continue").await;
        tour.stops_without_axe(&ben, "a device asks", "Let this device sign in?").await;
        ben.presses(button).await;
        tour.stops_without_axe(&ben, state, heading).await;
    }

    let other = plain(&stage).await;
    other.asks_for_mail(BEN).await;
    let mail = stage.gatepost.mail_to(BEN, 1).await;
    stage.gatepost.leads_to_an_app(&format!("{near}/callback"));
    other.types("Code from the email", &mail.code()).await;
    other.presses("Continue").await;
    tour.stops_at_an_answer_without_axe(&other, "for an app", "You’re leaving Gatepost").await;

    // The first proof of the address has ended the session that came of a printed link.
    stage.signs_in(&ben, BEN).await;
    stage.gatepost.has_given_access(BEN, "open");
    ben.open("/account/sessions/revoke-others").await;
    ben.presses("Sign out everywhere else").await;
    tour.stops_without_axe(&ben, "apps after signing out", "Your apps in the other browsers").await;
    ben.open("/oidc/logout?client_id=open").await;
    tour.stops_without_axe(&ben, "signing out from an app", "Sign out?").await;
    ben.presses("Sign out").await;
    tour.stops_without_axe(&ben, "signed out from an app", "You’re signed out").await;
    tour.ends(&[&ben]).await;
}
