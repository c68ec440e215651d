//! Access of single users to apps: asking for it, an admin's answer, its end, and guests.

use crate::{
    apps_stored::app,
    browser::{Browser, Page},
    forward_auth::{Surfer, WIKI, add, change},
    harness::{Setup, TestApp, local},
};
use gatepost::{
    db,
    domain::{
        Lifetime,
        apps::{
            AppId,
            asking::{LONGEST, day},
        },
        assurance::{Required, Strength},
        audit::Action,
    },
    housekeeping,
};

pub const ADMIN: &str = "boss@example.com";
pub const OTHER_ADMIN: &str = "chief@example.com";
pub const ANA: &str = "ana@example.com";
pub const GUEST: &str = "gus@example.net";
const REFUSED: &str = "/apps/refused?app=wiki";
const PEOPLE: &str = "/admin/apps/wiki/people";

/// A Gatepost with two admins, a user, and an app that lets no one in.
pub async fn start() -> TestApp {
    let gatepost = Setup::new()
        .with("GATEPOST_TRUSTED_PROXIES", "10.0.0.0/8")
        .with("GATEPOST_LIMITS_PER_MAILBOX", "100/15m")
        .with("GATEPOST_LIMITS_PER_CLIENT", "1000/15m")
        .start()
        .await;
    gatepost.add_admin(ADMIN).await;
    gatepost.add_admin(OTHER_ADMIN).await;
    gatepost.add_account(ANA).await;
    add(&gatepost, app(1, "wiki", &[WIKI])).await;
    gatepost
}

pub async fn asks(browser: &mut Browser<'_>) {
    let page = browser.submit("/apps/ask", &[("app", "wiki")]).await;
    page.assert_shows("We’ve told the admins.").assert_hides("You asked for access on");
    browser.get(REFUSED).await.assert_shows("You asked for access on");
}

/// Returns the links of the newest email to an admin: yes, until a day, no.
pub async fn links(gatepost: &TestApp, admin: &str) -> [String; 3] {
    let mail = gatepost.mail_to(admin).await;
    assert!(mail.words().contains("asked for access to wiki"), "{}", mail.text);
    let of = |way: &str| {
        let line = mail.text.lines().find(|line| line.contains("/admin/asks/") && line.trim().ends_with(way));
        local(line.unwrap_or_else(|| panic!("{way}: {}", mail.text)).trim())
    };
    [of("/yes"), of("/until"), of("/no")]
}

fn in_days(gatepost: &TestApp, days: i64) -> String {
    day(gatepost.services.now().plus(Lifetime::days(days)))
}

#[rocket::async_test]
async fn a_user_asks_for_access_and_hears_the_answer_and_the_links_themselves_do_nothing() {
    let gatepost = start().await;
    let mut ana = Surfer::new(&gatepost);
    ana.gatepost.sign_in(ANA).await;
    let (url, page) = ana.open(WIKI, "/page").await;
    assert!(url.ends_with(REFUSED), "{url}");
    page.assert_status(403).assert_shows("You can’t open wiki").assert_shows("You can ask the admins for access.");
    asks(&mut ana.gatepost).await;
    assert_eq!(gatepost.mails_to(OTHER_ADMIN).await.len(), 1, "every admin hears of it");
    let [yes, until, no] = links(&gatepost, ADMIN).await;

    // The link proves nothing: a stranger signs in first, and a user finds no such page.
    let before = gatepost.dump().await;
    for link in [&yes, &until, &no] {
        let page = gatepost.browser().get(link).await;
        assert!(page.location().is_some_and(|to| to.starts_with("/login")), "{}", page.status);
        ana.gatepost.get(link).await.assert_status(404);
        ana.gatepost.post_only(link, &[]).await.assert_status(404);
    }
    assert_eq!(gatepost.dump().await, before);
    let mut boss = gatepost.signed_in(ADMIN).await;
    let before = gatepost.dump().await;
    boss.get(&yes).await.assert_shows("Let this user open wiki?").assert_shows(ANA);
    boss.get(&until).await.assert_shows("Let this user open wiki for a limited time?");
    boss.get(&no).await.assert_shows("Refuse access to wiki?");
    for link in [&yes, &until, &no] {
        let page = boss.get(link).await;
        let form = page.body.split(&format!("<form method=\"post\" action=\"{link}\"")).nth(1).unwrap();
        assert_eq!(form.split("</form>").next().unwrap().matches("<button").count(), 1, "{link}");
    }
    assert_eq!(gatepost.dump().await, before, "looking does nothing");
    boss.submit(&yes, &[]).await.assert_shows("The user can now open the app.").assert_shows("No end date");
    let mail = gatepost.mail_to(ANA).await;
    assert!(mail.words().contains("An admin has given you access to wiki at Gatepost."), "{}", mail.text);
    gatepost.a_second_later();
    assert_eq!(ana.open(WIKI, "/page").await.1.header("Remote-User"), Some("ana"));
    ana.gatepost.get(REFUSED).await.assert_shows("You can open wiki");

    // Another admin's answer comes too late, and says so.
    let mut chief = gatepost.signed_in(OTHER_ADMIN).await;
    let page = chief.get(&no).await;
    page.assert_shows("An admin gave access on");
    assert!(!page.body.contains("action=\"/admin/asks/"), "{}", page.body);
    chief.submit(&no, &[]).await.assert_shows("Another admin has already answered");
    gatepost.a_second_later();
    assert_eq!(ana.user_at(WIKI).await.as_deref(), Some("ana"));
    let log = boss.get("/admin/audit").await;
    log.assert_shows("ana@example.com asked for access to the app wiki");
    log.assert_shows("boss@example.com let ana@example.com open the app wiki");
}

#[rocket::async_test]
async fn a_no_is_told_and_the_user_can_ask_again_in_a_week() {
    let gatepost = start().await;
    let mut ana = gatepost.signed_in(ANA).await;
    asks(&mut ana).await;
    // Once a day, however often the button is pressed.
    let before = gatepost.dump().await;
    ana.post_only("/apps/ask", &[("app", "wiki")]).await.assert_leads_to(REFUSED);
    assert_eq!(gatepost.dump().await, before);
    let [_, _, no] = links(&gatepost, ADMIN).await;
    let mut boss = gatepost.signed_in(ADMIN).await;
    boss.submit(&no, &[]).await.assert_shows("The user gets an email with your answer.");
    let mail = gatepost.mail_to(ANA).await;
    assert!(
        mail.words().contains("An admin has refused your request for access to wiki at Gatepost."),
        "{}",
        mail.text
    );
    ana.get(REFUSED).await.assert_shows("An admin refused your request on").assert_hides("Ask for access");
    assert!(gatepost.audit().await.iter().any(|line| line.action == Action::AppAccessRefused));
    gatepost.clock.advance(Lifetime::days(7));
    let mut ana = gatepost.signed_in(ANA).await;
    ana.get(REFUSED).await.assert_shows("Ask for access");
    asks(&mut ana).await;
    assert_eq!(links(&gatepost, ADMIN).await[2], no, "the same ask, so that earlier links lead to it");
}

#[rocket::async_test]
async fn a_no_counts_for_its_week_and_an_ask_waits_however_old_it_is() {
    let gatepost = start().await;
    add(&gatepost, app(2, "blog", &[])).await;
    let mut ana = gatepost.signed_in(ANA).await;
    asks(&mut ana).await;
    let [_, _, no] = links(&gatepost, ADMIN).await;
    ana.submit("/apps/ask", &[("app", "blog")]).await.assert_shows("We’ve told the admins.");
    gatepost.clock.advance(Lifetime::days(29));
    let mut boss = gatepost.signed_in(ADMIN).await;
    boss.submit(&no, &[]).await.assert_shows("The user gets an email with your answer.");
    gatepost.clock.advance(Lifetime::days(2));
    housekeeping::tidy(&gatepost.services).await.unwrap();
    let mut ana = gatepost.signed_in(ANA).await;
    ana.get(REFUSED).await.assert_shows("An admin refused your request on").assert_hides("Ask for access");
    let page = gatepost.signed_in(ADMIN).await.get("/admin/apps/blog/people").await;
    assert_eq!(page.body.matches("/yes\"").count(), 1, "no admin has answered it");
    gatepost.clock.advance(Lifetime::days(29));
    housekeeping::tidy(&gatepost.services).await.unwrap();
    let id = gatepost.account_of(ANA).await.unwrap().id;
    let left = gatepost.read(move |connection| db::app_asks::of_account(connection, id)).await;
    assert_eq!((left.len(), left[0].answered.is_none()), (1, true));
}

/// A user who may join could close the account and ask again under another address.
#[rocket::async_test]
async fn asks_of_accounts_that_are_closed_count_for_the_emails_to_admins() {
    let gatepost = start().await;
    for n in 0..22 {
        let email = format!("u{n}@example.com");
        gatepost.add_account(&email).await;
        gatepost.a_second_later();
        let mut user = gatepost.signed_in(&email).await;
        user.submit("/apps/ask", &[("app", "wiki")]).await.assert_shows("We’ve told");
        gatepost.deliver().await;
        user.post("/account/close", &[("sure", "yes")]).await.assert_leads_to("/login");
    }
    let mails = gatepost.mails_to(ADMIN).await;
    assert_eq!(mails.iter().filter(|mail| mail.text.contains("/admin/asks/")).count(), 20);
}

#[rocket::async_test]
async fn asks_are_limited_by_user_and_admins_get_no_flood() {
    let gatepost = start().await;
    let slugs: Vec<String> = (2..8).map(|n| format!("app{n}")).collect();
    for (slug, id) in slugs.iter().zip(2..) {
        add(&gatepost, app(id, slug, &[])).await;
    }
    let mut ana = gatepost.signed_in(ANA).await;
    for slug in &slugs[..5] {
        ana.submit("/apps/ask", &[("app", slug)]).await.assert_shows("We’ve told the admins.");
    }
    ana.get(REFUSED).await.assert_shows("You’ve asked for several apps today.");
    ana.post_only("/apps/ask", &[("app", "wiki")]).await.assert_leads_to(REFUSED);
    assert_eq!(gatepost.mails_to(ADMIN).await.len(), 5);
    // Twenty users at once: the twenty-first ask of an hour is on the app's page, not in the
    // mailbox.
    for n in 0..20 {
        let email = format!("u{n}@example.com");
        gatepost.add_account(&email).await;
        // Gatepost sends so many emails a second, and no more.
        gatepost.a_second_later();
        gatepost.signed_in(&email).await.submit("/apps/ask", &[("app", "wiki")]).await.assert_shows("We’ve told");
    }
    assert_eq!(gatepost.mails_to(ADMIN).await.iter().filter(|mail| mail.text.contains("/admin/asks/")).count(), 20);
    let mut boss = gatepost.signed_in(ADMIN).await;
    let page = boss.get(PEOPLE).await;
    assert_eq!(page.body.matches("/yes\"").count(), 20, "the page lists all of them");
    boss.get("/admin/apps").await.assert_shows("20 users are asking for access");
    // An app that is turned off, one that does not exist, and a stranger.
    change(&gatepost, 1, |app| app.app.is_disabled = true).await;
    let mut eve = gatepost.signed_in("u1@example.com").await;
    eve.get(REFUSED).await.assert_shows("An admin has turned this app off.").assert_hides("Ask for access");
    eve.get("/apps/access?app=none").await.assert_status(404);
    gatepost.browser().post_only("/apps/ask", &[("app", "wiki")]).await.assert_status(303);
}

#[rocket::async_test]
async fn access_until_a_day_ends_with_that_day_in_checks_and_on_pages() {
    let gatepost = start().await;
    let mut ana = Surfer::new(&gatepost);
    ana.gatepost.sign_in(ANA).await;
    asks(&mut ana.gatepost).await;
    let [_, until, _] = links(&gatepost, ADMIN).await;
    let mut boss = gatepost.signed_in(ADMIN).await;
    let too_far = day(gatepost.services.now().plus(LONGEST).plus(Lifetime::days(1)));
    for wrong in ["", "tomorrow", "2020-01-01", &too_far] {
        boss.submit(&until, &[("until", wrong)]).await.assert_status(422).assert_shows("Choose a date between today");
    }
    let day = in_days(&gatepost, 2);
    boss.submit(&until, &[("until", &day)]).await.assert_shows("The user can now open the app.").assert_shows("Until ");
    assert!(
        gatepost.mail_to(ANA).await.words().contains("access to wiki at Gatepost until"),
        "the email names the end"
    );
    gatepost.a_second_later();
    ana.open(WIKI, "/").await;
    assert_eq!(ana.user_at(WIKI).await.as_deref(), Some("ana"));
    ana.gatepost.get("/account").await.assert_shows("Your apps");
    gatepost.clock.advance(Lifetime::days(3));
    // No housekeeping, no change in the log: the end itself counts.
    ana.gatepost.sign_in(ANA).await;
    let (url, _) = ana.open(WIKI, "/").await;
    assert!(url.ends_with(REFUSED), "{url}");
    ana.gatepost.get("/account").await.assert_hides("Your apps");
    gatepost.signed_in(ADMIN).await.get(PEOPLE).await.assert_shows("None yet.").assert_hides(ANA);
}

#[rocket::async_test]
async fn an_admin_gives_and_takes_access_of_one_user() {
    let gatepost = start().await;
    let mut boss = gatepost.signed_in(ADMIN).await;
    boss.submit(PEOPLE, &[("email", "ana"), ("until", "")]).await.assert_shows("Enter an email address");
    boss.submit(PEOPLE, &[("email", ANA), ("until", "")]).await.assert_shows("The user can now open the app.");
    gatepost.a_second_later();
    let mut ana = Surfer::new(&gatepost);
    ana.gatepost.sign_in(ANA).await;
    ana.open(WIKI, "/").await;
    assert_eq!(ana.user_at(WIKI).await.as_deref(), Some("ana"));
    let remove = format!("{PEOPLE}/{}/remove", gatepost.account_of(ANA).await.unwrap().id);
    boss.get(&remove).await.assert_shows("Remove access to wiki?").assert_shows(ANA);
    boss.submit(&remove, &[]).await.assert_shows("This access has ended.").assert_hides(ANA);
    boss.get(&remove).await.assert_status(404);
    gatepost.a_second_later();
    assert_eq!(ana.user_at(WIKI).await, None);
    boss.get("/admin/audit").await.assert_shows("removed the access of ana@example.com to the app wiki");
}

pub async fn invites_a_guest(gatepost: &TestApp, days: i64) -> Surfer<'_> {
    let mut boss = gatepost.signed_in(ADMIN).await;
    let day = in_days(gatepost, days);
    boss.submit(PEOPLE, &[("email", GUEST), ("until", &day)]).await.assert_shows("The guest gets an email");
    let mail = gatepost.mail_to(GUEST).await;
    assert!(mail.words().contains("invites you to use wiki at Gatepost until"), "{}", mail.text);
    let (guest, page) = accepts(gatepost, &mail.invitation_link()).await;
    // The guest lands in the app.
    page.assert_status(200);
    assert!(page.body.contains("content=\"0; url=https://wiki.example.com/\""), "{}", page.body);
    guest
}

async fn accepts<'a>(gatepost: &'a TestApp, link: &str) -> (Surfer<'a>, Page) {
    let mut guest = Surfer::new(gatepost);
    let page = guest.gatepost.open(link).await;
    let account = page.hidden("account").to_owned();
    let page = guest.gatepost.post_only("/auth/invitation", &[("account", &account)]).await;
    gatepost.a_second_later();
    (guest, page)
}

#[rocket::async_test]
async fn a_guest_of_an_app_with_openid_connect_alone_lands_in_the_app() {
    let gatepost = start().await;
    let mut boss = gatepost.signed_in(ADMIN).await;
    let notes = [("name", "Notes"), ("preset", "other"), ("redirect_uris", "https://notes.example.com/callback")];
    boss.post_only("/admin/new-app", &notes).await.assert_status(303);
    let (people, day) = ("/admin/apps/notes/people", in_days(&gatepost, 10));
    boss.submit(people, &[("email", GUEST), ("until", &day)]).await.assert_shows("The guest gets an email");
    let (mut guest, page) = accepts(&gatepost, &gatepost.mail_to(GUEST).await.invitation_link()).await;
    page.assert_status(200);
    assert!(page.body.contains("content=\"0; url=https://notes.example.com/\""), "{}", page.body);
    let page = guest.gatepost.get("/account").await;
    assert!(
        page.body.contains("href=\"https://notes.example.com/\""),
        "the list of apps leads there, too: {}",
        page.body
    );
}

#[rocket::async_test]
async fn a_guest_signs_in_by_email_sees_one_app_and_needs_no_second_factor_there() {
    let gatepost = start().await;
    let mut blog = app(2, "blog", &["blog.other.example"]);
    blog.app.access.everyone = true;
    add(&gatepost, blog).await;
    let mut boss = gatepost.signed_in(ADMIN).await;
    boss.submit(PEOPLE, &[("email", GUEST), ("until", "")]).await.assert_shows("Choose a date between today");
    assert!(gatepost.account_of(GUEST).await.is_none());
    let mut guest = invites_a_guest(&gatepost, 10).await;
    gatepost.set("second_factor_required", "everyone").await;
    gatepost.a_second_later();
    let page = guest.gatepost.get("/account").await;
    page.assert_status(200).assert_shows("wiki").assert_hides("blog");
    assert_eq!(guest.open(WIKI, "/").await.1.header("Remote-User"), Some("gus"));
    let (url, page) = guest.open("blog.other.example", "/").await;
    assert!(url.ends_with("/apps/refused?app=blog"), "{url}");
    page.assert_shows("You’re a guest here.").assert_hides("Ask for access");
    guest.gatepost.post_only("/apps/ask", &[("app", "blog")]).await.assert_status(303);
    assert!(!gatepost.audit().await.iter().any(|line| line.action == Action::AppAccessAsked));
    // A user has to enrol, so that the setting is in force.
    let mut ana = gatepost.browser();
    ana.sign_in(ANA).await;
    assert!(ana.get("/account").await.location().is_some(), "Ana has to enrol first");
    // Where the app requires more, the guest enrols, too.
    change(&gatepost, 1, |app| app.app.requires = Required { strength: Strength::Two, fresh_within: None }).await;
    let (_, page) = guest.open(WIKI, "/").await;
    page.assert_shows("wiki needs a second factor");
}

#[rocket::async_test]
async fn the_end_date_of_a_guest_is_no_later_than_the_deletion() {
    let gatepost = start().await;
    invites_a_guest(&gatepost, 10).await;
    let guest = gatepost.account_of(GUEST).await.unwrap().id;
    let mut boss = gatepost.signed_in(ADMIN).await;
    let save = format!("/admin/people/{guest}/end/save");
    let (late, last) = (in_days(&gatepost, 11), in_days(&gatepost, 10));
    let page = boss.submit(&save, &[("ends_on", &late)]).await;
    page.assert_status(422).assert_shows("We delete this guest’s account before that day.");
    assert!(page.body.contains(&format!("value=\"{late}\"")), "{}", page.body);
    assert_eq!(gatepost.account_of(GUEST).await.unwrap().ends_at, None);
    let users = guest.to_string();
    let several = |day| [("deed", "end"), ("users", users.as_str()), ("ends_on", day)];
    let page = boss.submit("/admin/people/several", &several(&late)).await;
    page.assert_shows("End dates set: 0. Not changed: 1.");
    assert_eq!(gatepost.account_of(GUEST).await.unwrap().ends_at, None);
    boss.submit("/admin/people/several", &several(&last)).await.assert_shows("The end date of 1 account is set.");
    boss.submit(&save, &[("ends_on", "")]).await.assert_shows("The account has no end date any more.");
    boss.submit(&save, &[("ends_on", &last)]).await.assert_shows("End date saved.");
}

#[rocket::async_test]
async fn the_email_about_a_guests_end_names_the_only_app_that_is_left() {
    for (until, is_named) in [(5, true), (10, false)] {
        let gatepost = start().await;
        add(&gatepost, app(2, "blog", &["blog.other.example"])).await;
        invites_a_guest(&gatepost, 10).await;
        let mut boss = gatepost.signed_in(ADMIN).await;
        let day = in_days(&gatepost, until);
        boss.submit("/admin/apps/blog/people", &[("email", GUEST), ("until", &day)]).await.assert_status(200);
        let guest = gatepost.account_of(GUEST).await.unwrap().id;
        let named = gatepost.read(move |connection| db::apps::naming(connection, guest)).await;
        assert_eq!(named.len(), 2);
        gatepost.clock.advance(Lifetime::days(10));
        housekeeping::forget_guests(&gatepost.services).await.unwrap();
        let mails = gatepost.mails_to(GUEST).await;
        let all = mails.iter().map(|mail| mail.words());
        let words = all.into_iter().find(|words| words.contains("After that, we delete it.")).unwrap();
        assert_eq!(words.contains("Your guest account for wiki at "), is_named, "{words}");
    }
}

#[rocket::async_test]
async fn a_guest_is_not_sent_to_an_admin_who_can_no_longer_help() {
    let gatepost = start().await;
    invites_a_guest(&gatepost, 10).await;
    gatepost.add_admin("other@example.com").await;
    let admin = gatepost.account_of(ADMIN).await.unwrap().id;
    gatepost.write(move |connection| db::accounts::set_admin(connection, admin, false)).await;
    gatepost.clock.advance(Lifetime::days(10));
    housekeeping::forget_guests(&gatepost.services).await.unwrap();
    let mails = gatepost.mails_to(GUEST).await;
    let words =
        mails.iter().map(|mail| mail.words()).find(|words| words.contains("After that, we delete it.")).unwrap();
    assert!(words.contains("Ask the admin who invited you") && !words.contains("boss@"), "{words}");
}

#[rocket::async_test]
async fn a_guest_is_told_of_the_end_and_forgotten_then() {
    let gatepost = start().await;
    let mut guest = invites_a_guest(&gatepost, 10).await;
    let told = async || {
        gatepost.mails_to(GUEST).await.iter().filter(|mail| mail.words().contains("After that, we delete it.")).count()
    };
    let id = gatepost.account_of(GUEST).await.unwrap().id;
    let mut boss = gatepost.signed_in(ADMIN).await;
    boss.get(&format!("/admin/people/{id}")).await.assert_shows("Guest until ");
    gatepost.clock.advance(Lifetime::days(8));
    housekeeping::forget_guests(&gatepost.services).await.unwrap();
    assert_eq!(told().await, 0);
    gatepost.clock.advance(Lifetime::days(2));
    for _ in 0..2 {
        housekeeping::forget_guests(&gatepost.services).await.unwrap();
    }
    assert_eq!(told().await, 1, "once, a day before");
    let mails = gatepost.mails_to(GUEST).await;
    let words =
        mails.iter().map(|mail| mail.words()).find(|words| words.contains("After that, we delete it.")).unwrap();
    assert!(words.contains("Your guest account for wiki at ") && words.contains("Need more time? Ask "), "{words}");
    assert!(!words.contains("the admin who invited you"), "{words}");
    assert!(gatepost.account_of(GUEST).await.is_some());
    guest.gatepost.sign_in(GUEST).await;
    gatepost.clock.advance(Lifetime::days(1));
    housekeeping::forget_guests(&gatepost.services).await.unwrap();
    assert!(gatepost.account_of(GUEST).await.is_none());
    assert!(guest.gatepost.is_signed_out().await);
    assert_eq!(guest.user_at(WIKI).await, None);
    let line = gatepost.audit().await.into_iter().find(|line| line.action == Action::GuestForgotten).unwrap();
    assert_eq!(line.subject, GUEST);
    let people = gatepost.read(|connection| db::apps::people_of(connection, AppId::from_i64(1))).await;
    assert!(people.is_empty());
}

#[rocket::async_test]
async fn a_guests_account_is_of_no_use_after_its_day_even_without_housekeeping() {
    let gatepost = start().await;
    let mut guest = invites_a_guest(&gatepost, 3).await;
    gatepost.clock.advance(Lifetime::days(3));
    guest.gatepost.sign_in_to(GUEST, &[("remember", "on")]).await;
    guest.open(WIKI, "/").await;
    assert_eq!(guest.user_at(WIKI).await.as_deref(), Some("gus"));
    gatepost.clock.advance(Lifetime::days(1));
    assert_eq!(guest.user_at(WIKI).await, None);
    assert!(guest.gatepost.is_signed_out().await);
    let before = gatepost.mails_to(GUEST).await.len();
    let mut other = gatepost.browser();
    other.post("/login", &[("email", GUEST)]).await.assert_leads_to("/login/sent");
    assert_eq!(gatepost.mails_to(GUEST).await.len(), before);
    assert!(gatepost.account_of(GUEST).await.is_some(), "it is not deleted yet");
}

#[rocket::async_test]
async fn a_guest_who_becomes_an_admin_or_stays_longer_is_not_forgotten() {
    let gatepost = start().await;
    invites_a_guest(&gatepost, 3).await;
    let mut boss = gatepost.signed_in(ADMIN).await;
    let later = in_days(&gatepost, 20);
    boss.submit(PEOPLE, &[("email", GUEST), ("until", &later)]).await.assert_shows("The user can now open the app.");
    let sooner = in_days(&gatepost, 1);
    boss.submit(PEOPLE, &[("email", GUEST), ("until", &sooner)]).await.assert_shows("The user can now open the app.");
    gatepost.clock.advance(Lifetime::days(10));
    housekeeping::forget_guests(&gatepost.services).await.unwrap();
    let guest = gatepost.account_of(GUEST).await.unwrap();
    assert!(guest.is_guest(), "the later end counts");
    let mut boss = gatepost.signed_in(ADMIN).await;
    boss.post(&format!("/admin/people/{}/make-admin", guest.id), &[]).await.assert_status(303);
    gatepost.clock.advance(Lifetime::days(20));
    housekeeping::forget_guests(&gatepost.services).await.unwrap();
    let guest = gatepost.account_of(GUEST).await.unwrap();
    assert!(guest.is_admin && !guest.is_guest());
}
