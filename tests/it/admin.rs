//! The admin pages: settings, users, emails, the audit log.

use crate::{
    browser::Browser,
    harness::{Setup, TestApp},
};
use base64::{Engine, engine::general_purpose::STANDARD};
use gatepost::domain::{Lifetime, audit::Action, logo::Logo};
use rocket::{futures::future::join_all, http::Method};

const ANA: &str = "ana@example.com";
const BEN: &str = "ben@example.com";

async fn app_with_admin() -> TestApp {
    let app = TestApp::new().await;
    app.add_admin(ANA).await;
    app
}

async fn person_path(app: &TestApp, email: &str) -> String {
    format!("/admin/people/{}", app.account_of(email).await.unwrap().id)
}

#[rocket::async_test]
async fn for_anybody_else_there_are_no_admin_pages() {
    let app = app_with_admin().await;
    app.add_account(BEN).await;
    let mut ben = app.signed_in(BEN).await;
    let person = person_path(&app, ANA).await;
    let before = app.dump().await;
    for path in [
        "/admin",
        "/admin/settings",
        "/admin/people",
        "/admin/groups",
        "/admin/apps",
        "/admin/new-app",
        "/admin/mail",
        "/admin/audit",
        "/admin/audit.csv",
        "/admin/audit.json",
        "/admin/mail/preview/sign_in",
        &person,
    ] {
        ben.get(path).await.assert_status(404);
        let to = app.browser().get(path).await.location().map(str::to_owned);
        assert!(to.is_some_and(|to| to.starts_with("/login?return_to=")), "{path}");
    }
    for path in ["/admin/settings", "/admin/people", "/admin/mail/test", "/admin/mail/0123456789abcdef/retry"] {
        let fields: &[(&str, &str)] = if path == "/admin/people" { &[("email", "eve@example.com")] } else { &[] };
        ben.post(path, fields).await.assert_status(404);
        app.browser().post(path, fields).await.assert_status(303);
    }
    for deed in ["disable", "enable", "make-admin", "remove-admin", "sign-out"] {
        ben.post(&format!("{person}/{deed}"), &[]).await.assert_status(404);
    }
    assert_eq!(app.dump().await, before);
}

#[rocket::async_test]
async fn a_setting_is_changed_audited_and_in_force() {
    let app = app_with_admin().await;
    let mut ana = app.signed_in(ANA).await;
    ana.get("/admin/settings").await.assert_status(200).assert_shows("Email link and code");
    let fields = [
        ("email_link_enabled", "on"),
        ("passkey_enabled", "on"),
        ("totp_enabled", "on"),
        ("recovery_codes_enabled", "on"),
        ("browser_emails_enabled", "on"),
        ("apps_enabled", "on"),
        ("device_grant_enabled", "on"),
        ("join_policy", "allowed_domains"),
        ("allowed_domains", "Example.COM\n@b.example"),
        ("link_lifetime", "5m"),
        ("product_name", "Acme & Co"),
        ("accent_colour", "#ffcc00"),
        ("support_address", "help@example.com"),
    ];
    ana.submit("/admin/settings", &fields).await.assert_shows("Settings saved.").assert_shows("Acme &#38; Co");
    let stored = app.stored_settings().await;
    assert_eq!(stored.allowed_domains, ["b.example", "example.com"]);
    assert_eq!(stored.link_lifetime, Lifetime::minutes(5));
    let lines: Vec<_> = app.audit().await.into_iter().filter(|entry| entry.action == Action::SettingChanged).collect();
    assert_eq!(lines.len(), 6, "only what changed");
    let line = lines.iter().find(|line| line.subject == "link_lifetime").unwrap();
    assert_eq!((line.before.as_deref(), line.after.as_deref()), (Some("10m"), Some("5m")));
    let styles = app.browser().get("/gatepost.css").await;
    assert!(styles.body.ends_with("\n:root{--accent:#ffcc00;--on-accent:#000000}\n"));
    app.browser().get("/login").await.assert_shows("help@example.com");
    ana.get("/admin/audit").await.assert_shows("changed “Link lifetime” from 10 minutes to 5 minutes");
}

/// Returns every row except held forms, which repeat what an admin typed.
pub async fn rows_without_held_forms(app: &TestApp) -> String {
    let rows = app.dump().await;
    rows.lines().filter(|row| !row.starts_with("held_forms: ")).collect::<Vec<_>>().join("\n")
}

#[rocket::async_test]
async fn wrong_values_come_back_with_the_whole_form() {
    let app = app_with_admin().await;
    let mut ana = app.signed_in(ANA).await;
    let before = rows_without_held_forms(&app).await;
    let fields = [
        ("email_link_enabled", "on"),
        ("join_policy", "allowed_domains"),
        ("allowed_domains", ""),
        ("link_lifetime", "yesterday"),
        ("product_name", "Kept as typed"),
        ("limits_global", "0/1s"),
    ];
    let page = ana.post("/admin/settings", &fields).await;
    page.assert_status(422).assert_shows("3 fields need another look").assert_shows("Enter at least one domain");
    assert!(page.body.contains("value=\"yesterday\"") && page.body.contains("value=\"Kept as typed\""));
    assert!(page.body.contains("aria-invalid=\"true\""));
    assert_eq!(rows_without_held_forms(&app).await, before);
    for hostile in [("is_admin", "on"), ("email_link_enabled", "on")] {
        // An unknown field, and a doubled one.
        ana.post("/admin/settings", &[("email_link_enabled", "on"), hostile]).await.assert_status(422);
    }
    assert_eq!(rows_without_held_forms(&app).await, before);
}

#[rocket::async_test]
async fn a_setting_needs_a_fresh_proof_and_the_form_is_found_again() {
    let app = app_with_admin().await;
    let mut ana = app.signed_in(ANA).await;
    app.clock.advance(Lifetime::minutes(11));
    let fields = [("email_link_enabled", "on"), ("link_lifetime", "7m"), ("product_name", "Acme")];
    let page = ana.post("/admin/settings", &fields).await;
    let then = page.then();
    assert_eq!(app.stored_settings().await.link_lifetime, Lifetime::minutes(10));
    ana.post("/step-up", &[("then", &then)]).await;
    let link = app.mail_to(ANA).await.link();
    ana.open(&link).await.assert_shows("Yes, I’m ana@example.com");
    ana.post("/auth/verify", &[]).await.assert_leads_to(&then);
    let page = ana.get(&then).await;
    page.assert_shows("Nothing is saved yet");
    assert!(page.body.contains("value=\"7\"") && page.body.contains("value=\"Acme\""));
    ana.post("/admin/settings", &fields).await.assert_leads_to("/admin/settings");
    assert_eq!(app.stored_settings().await.link_lifetime, Lifetime::minutes(7));
    // Another admin cannot open this held form.
    app.add_admin(BEN).await;
    let page = app.signed_in(BEN).await.get(&then).await;
    assert!(
        !page.text().contains("Nothing is saved yet") && page.body.contains("value=\"Acme\""),
        "only what is in force"
    );
}

#[rocket::async_test]
async fn the_last_way_in_is_switched_off_only_on_a_second_page() {
    let app = app_with_admin().await;
    let mut ana = app.signed_in(ANA).await;
    let page = ana.post("/admin/settings", &[("product_name", "Acme")]).await;
    page.assert_status(409).assert_shows("No admin will be able to sign in").assert_shows("gatepost link");
    assert!(page.body.contains("name=\"confirm\" value=\"yes\"") && page.body.contains("value=\"Acme\""));
    assert!(app.stored_settings().await.email_link_enabled);
    ana.post("/admin/settings", &[("product_name", "Acme"), ("confirm", "yes")])
        .await
        .assert_leads_to("/admin/settings");
    let stored = app.stored_settings().await;
    assert!(!stored.email_link_enabled && stored.product_name == "Acme");
    // Turned on again by a console link, because no other way is left.
    app.clock.advance(Lifetime::minutes(11));
    let mut console = crate::set_up::console_session(&app, ANA).await;
    console.post("/admin/settings", &[("email_link_enabled", "on")]).await.assert_leads_to("/admin/settings");
    app.signed_in(ANA).await;
}

#[rocket::async_test]
async fn a_change_is_in_force_on_another_node_within_a_second() {
    let app = app_with_admin().await;
    let other = Setup::new().beside(&app).start().await;
    other.browser().get("/login").await.assert_shows("Email address");
    let mut ana = app.signed_in(ANA).await;
    ana.post("/admin/settings", &[("confirm", "yes")]).await.assert_leads_to("/admin/settings");
    app.a_second_later();
    other.browser().get("/login").await.assert_status(200).assert_hides("Email me a link");
}

#[rocket::async_test]
async fn people_are_invited_found_and_told_apart() {
    let app = app_with_admin().await;
    let mut ana = app.signed_in(ANA).await;
    ana.submit("/admin/people", &[("email", "Ben@Example.com")]).await.assert_shows("is invited. The email is");
    let mail = app.mail_to(BEN).await;
    assert!(mail.invitation_link().starts_with("/auth/invitation?token=") && mail.text.contains(ANA));
    ana.submit("/admin/people", &[("email", BEN)]).await.assert_shows("already has an account");
    assert_eq!(app.mails_to(BEN).await.len(), 1);
    app.signed_in(BEN).await;
    ana.get("/admin/people?q=BEN")
        .await
        .assert_shows("1 user found")
        .assert_shows(BEN)
        .assert_hides("Email not verified");
    ana.get("/admin/people?q=nobody").await.assert_shows("No users found");
    ana.get("/admin/people?q=%25").await.assert_shows("No users found");
    ana.get("/admin/people?q=_").await.assert_shows("No users found");
    ana.get("/admin/people?q=%00").await.assert_status(200);
    ana.get("/admin/people?page=4294967295").await.assert_status(200);
    ana.get("/admin/people/0000000000000000").await.assert_status(404);
    ana.get("/admin/people/x").await.assert_status(404);
    ana.post("/admin/people", &[("email", "ben@")]).await.assert_status(422).assert_shows("Enter an email address");
}

#[rocket::async_test]
async fn disabling_somebody_ends_everything_and_enabling_lets_them_back() {
    let app = app_with_admin().await;
    app.add_account(BEN).await;
    let (mut ana, mut ben) = (app.signed_in(ANA).await, app.signed_in(BEN).await);
    let mut asking = app.browser();
    asking.post("/login", &[("email", BEN)]).await;
    let link = app.mail_to(BEN).await.link();
    let person = person_path(&app, BEN).await;
    ana.submit(&format!("{person}/disable"), &[]).await.assert_shows("The account is disabled");
    app.a_second_later();
    assert!(ben.is_signed_out().await);
    asking.open(&link).await.assert_status(410);
    let page = ana.get(&person).await;
    page.assert_shows("Enable").assert_hides("Make admin").assert_hides("Sign out everywhere");
    assert!(page.body.contains("/enable\"><button>Enable"), "the main button: {}", page.body);
    ana.submit(&format!("{person}/enable"), &[]).await.assert_shows("enabled again");
    app.clock.advance(Lifetime::minutes(15));
    app.signed_in(BEN).await;
    let actions: Vec<_> = app.audit().await.into_iter().map(|entry| entry.action).collect();
    assert!(actions.contains(&Action::AccountDisabled) && actions.contains(&Action::AccountEnabled));
    ana.post(&format!("{person}/explode"), &[]).await.assert_status(404);
}

#[rocket::async_test]
async fn signing_somebody_out_everywhere_leaves_the_account() {
    let app = app_with_admin().await;
    app.add_account(BEN).await;
    let (mut ana, mut ben) = (app.signed_in(ANA).await, app.signed_in(BEN).await);
    let person = person_path(&app, BEN).await;
    ana.submit(&format!("{person}/sign-out"), &[]).await.assert_shows("signed out everywhere");
    app.a_second_later();
    assert!(ben.is_signed_out().await);
    // An app may still have access that outlasts every session.
    let page = ana.get(&person).await;
    assert!(page.body.contains(&format!("href=\"{person}/sign-out\"")), "{}", page.text());
    ben.sign_in(BEN).await;
}

#[rocket::async_test]
async fn the_last_admin_stays_one_even_when_two_remove_each_other_at_once() {
    let app = app_with_admin().await;
    let mut ana = app.signed_in(ANA).await;
    let own = person_path(&app, ANA).await;
    let page = ana.get(&own).await;
    page.assert_shows("because there’s no other admin.").assert_hides("Disable").assert_hides("Remove admin");
    ana.post(&format!("{own}/disable"), &[]).await.assert_status(409).assert_shows("last admin");
    ana.post(&format!("{own}/remove-admin"), &[]).await.assert_status(409);
    for round in 0..10 {
        app.add_admin(BEN).await;
        let ben_person = person_path(&app, BEN).await;
        ana.post(&format!("{ben_person}/make-admin"), &[]).await;
        let mut ben = app.signed_in(BEN).await;
        let (first, second) = (format!("{ben_person}/remove-admin"), format!("{own}/remove-admin"));
        let removing = [(&mut ana, &first), (&mut ben, &second)];
        let statuses =
            join_all(removing.map(|(browser, path)| async move { browser.post(path, &[]).await.status.code })).await;
        let admins = app.read(gatepost::db::ways_in::of_admins).await;
        assert_eq!(admins.len(), 1, "round {round}: {statuses:?}");
        // Back to the start, with the admin who was left.
        let id = app.account_of(ANA).await.unwrap().id;
        app.write(move |connection| gatepost::db::accounts::set_admin(connection, id, true)).await;
        app.clock.advance(Lifetime::minutes(6));
        ana.sign_in(ANA).await;
    }
}

#[rocket::async_test]
async fn a_demoted_admin_is_one_no_more_within_a_second() {
    let app = app_with_admin().await;
    app.add_admin(BEN).await;
    let (mut ana, mut ben) = (app.signed_in(ANA).await, app.signed_in(BEN).await);
    ben.get("/admin").await.assert_status(200);
    let person = person_path(&app, BEN).await;
    ana.post(&format!("{person}/remove-admin"), &[]).await.assert_status(303);
    app.a_second_later();
    ben.get("/admin").await.assert_status(404);
}

#[rocket::async_test]
async fn a_test_mail_shows_the_mail_servers_answer() {
    let app = app_with_admin().await;
    let mut ana = app.signed_in(ANA).await;
    ana.submit("/admin/mail/test", &[]).await.assert_shows("is on its way");
    assert!(app.mail_to(ANA).await.text.contains("this test email from Gatepost"));
    let mail = app.mail_to(ANA).await;
    let page = ana.get("/admin/mail").await;
    page.assert_shows("It’s in the test mailbox")
        .assert_shows("Kept in the test mailbox, no. 2")
        .assert_shows(ANA)
        .assert_hides("data-answer-waits");
    // Its link says that it arrived.
    assert!(mail.text.contains("/admin/mail/arrived"), "{}", mail.text);
    ana.get("/admin/mail/arrived").await.assert_status(200).assert_shows("Your test email arrived");
    ana.submit("/admin/mail/arrived", &[]).await.assert_shows("Email works: your test email arrived");
}

#[rocket::async_test]
async fn every_mail_can_be_looked_at_beforehand() {
    let app = app_with_admin().await;
    app.set("product_name", "Acme").await;
    let mut ana = app.signed_in(ANA).await;
    for kind in ["sign_in", "step_up", "confirm_address", "address_changed", "invitation", "account_closed", "test"] {
        let page = ana.get(&format!("/admin/mail/preview/{kind}")).await;
        page.assert_status(200).assert_shows("Acme").assert_hides(" (ana@example.com)");
        assert!(page.header("Content-Security-Policy").is_some_and(|policy| policy.starts_with("sandbox;")));
        ana.get(&format!("/admin/mail/preview/{kind}?part=text")).await.assert_shows("Subject: ");
    }
    ana.get("/admin/mail/preview/nonsense").await.assert_status(404);
}

#[rocket::async_test]
async fn every_change_needs_a_fresh_proof() {
    let app = app_with_admin().await;
    app.add_account(BEN).await;
    let mut ana = app.signed_in(ANA).await;
    app.clock.advance(Lifetime::minutes(11));
    let person = person_path(&app, BEN).await;
    let before: Vec<String> =
        app.dump().await.lines().filter(|line| !line.starts_with("held_forms")).map(str::to_owned).collect();
    let mut paths = vec![("/admin/settings".to_owned(), vec![("product_name", "X"), ("email_link_enabled", "on")])];
    paths.push(("/admin/people".to_owned(), vec![("email", "new@example.com")]));
    paths.push(("/admin/mail/test".to_owned(), vec![]));
    for deed in ["disable", "enable", "make-admin", "remove-admin", "sign-out"] {
        paths.push((format!("{person}/{deed}"), vec![]));
    }
    for (path, fields) in paths {
        let page = ana.post(&path, &fields).await;
        assert!(page.location().is_some_and(|to| to.starts_with("/step-up?then=")), "{path}: {:?}", page.location());
    }
    let after: Vec<String> =
        app.dump().await.lines().filter(|line| !line.starts_with("held_forms")).map(str::to_owned).collect();
    assert_eq!(after, before);
}

#[rocket::async_test]
async fn what_people_type_is_shown_and_never_run() {
    let app = app_with_admin().await;
    let mut ana = app.signed_in(ANA).await;
    let hostile = "\"><script>alert(1)</script>{{7*7}}'";
    ana.post("/account/name", &[("name", hostile)]).await.assert_status(303);
    app.a_second_later();
    let person = person_path(&app, ANA).await;
    let mut pages = vec![
        ana.get("/account").await,
        ana.get("/admin/people").await,
        ana.get(&person).await,
        ana.get("/admin/audit").await,
    ];
    pages.push(
        ana.get(&format!(
            "/admin/people?q={}",
            url::form_urlencoded::byte_serialize(hostile.as_bytes()).collect::<String>()
        ))
        .await,
    );
    pages.push(ana.post("/admin/people", &[("email", hostile)]).await);
    pages.push(Browser::new(&app).post("/login", &[("email", hostile)]).await);
    for page in pages {
        let body = page.body.replace("&lt;", "&#60;").replace("&gt;", "&#62;");
        assert!(!body.contains("<script>alert") && body.contains("&#60;script&#62;alert"), "{body}");
        assert!(page.body.contains("{{7*7}}"), "shown as it is");
    }
    ana.request(Method::Get, "/admin/people?q=<script>", None).await.assert_hides("<script>alert");
}

/// One red pixel.
pub const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08\x02\0\0\0\x90wS\xde\0\0\0\x0cIDATx\x9cc\xf8\xcf\xc0\0\0\x03\x01\x01\0\xc9\xfe\x92\xef\0\0\0\0IEND\xaeB`\x82";

#[rocket::async_test]
async fn a_logo_is_shown_on_pages_and_comes_with_mails() {
    let app = app_with_admin().await;
    let mut ana = app.signed_in(ANA).await;
    ana.get("/admin/settings/logo").await.assert_shows("show the name only");
    ana.upload("/admin/settings/logo", "logo", PNG).await.assert_leads_to("/admin/settings/logo");
    let manifest = app.browser().get("/manifest.webmanifest").await;
    let icons = serde_json::from_str::<serde_json::Value>(&manifest.body).unwrap()["icons"].clone();
    let src = icons[0]["src"].as_str().unwrap().to_owned();
    assert_eq!(icons, serde_json::json!([{ "src": src, "type": "image/png", "sizes": "1x1" }]));
    let file = app.browser().get(&src).await;
    file.assert_status(200);
    assert_eq!(
        (file.header("Content-Type"), file.header("X-Content-Type-Options")),
        (Some("image/png"), Some("nosniff"))
    );
    // A square one is the icon, too. The page itself holds a small one, so that it costs no
    // request.
    let held = format!("data:image/png;base64,{}", STANDARD.encode(Logo::from_file(PNG.to_vec()).unwrap().bytes()));
    for path in ["/login", "/no-such-page"] {
        let page = app.browser().get(path).await.assert_hides("/logo.png").body.clone();
        for tag in ["<link rel=\"icon\" href", "<img class=\"logo\" src"] {
            assert!(page.contains(&format!("{tag}=\"{held}\"")), "{path}: {page}");
        }
    }
    for icon in ["/favicon.ico", "/apple-touch-icon.png"] {
        assert_eq!(app.browser().get(icon).await.body, file.body, "{icon}");
    }
    app.browser().get("/logo.png?v=000000000000").await.assert_status(404);
    app.browser().get("/logo.png").await.assert_status(404);
    app.browser().post("/login", &[("email", ANA)]).await;
    let mail = app.mail_to(ANA).await;
    assert!(
        mail.source.contains("multipart/related")
            && mail.source.contains("Content-ID: <logo.")
            && mail.html.contains("cid:logo")
    );
    // Previews and the mailbox for developers show it as mail programs do.
    let preview = ana.get("/admin/mail/preview/sign_in").await;
    assert!(preview.header("Content-Security-Policy").unwrap().contains("img-src data:"));
    let newest = app.services.dev_mailbox.mails()[0].number;
    let shown = app.browser().at("127.0.0.1").get(&format!("/dev/mailbox/{newest}/html")).await;
    for page in [preview, shown] {
        page.assert_status(200).assert_hides("cid:logo");
        assert!(page.body.contains("src=\"data:image/png;base64,"), "{}", page.body);
    }
    let line = app.audit().await.into_iter().find(|entry| entry.subject == "logo").unwrap();
    assert_eq!((line.before.as_deref(), line.after.map(|after| after.len())), (Some(""), Some(12)));
    let removed = ana.post("/admin/settings/logo/remove", &[]).await;
    removed.assert_leads_to("/admin/settings/logo");
    app.browser().get("/login").await.assert_hides("data:image/png").assert_hides("/logo.png");
    // Of a larger one, a page holds a smaller picture.
    let large = larger();
    ana.upload("/admin/settings/logo", "logo", &large).await.assert_leads_to("/admin/settings/logo");
    let page = app.browser().get("/login").await.assert_hides("/logo.png").body.clone();
    assert_eq!(page.matches("\"data:image/png;base64,").count(), 2, "{page}");
    assert!(!page.contains(&STANDARD.encode(&large)), "as it is");
}

/// Returns a picture of noise, which takes more bytes than what pages hold.
fn larger() -> Vec<u8> {
    let noise = |at: u32| (at.wrapping_mul(2_654_435_761) ^ (at >> 3).wrapping_mul(40_503)).to_be_bytes();
    let lines =
        (0..64_u32).map(|line| [&[0][..], &(0..64).flat_map(|at| noise(line * 64 + at)).collect::<Vec<_>>()].concat());
    let mut packed = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::fast());
    std::io::Write::write_all(&mut packed, &lines.collect::<Vec<_>>().concat()).unwrap();
    let header = [&64_u32.to_be_bytes()[..], &64_u32.to_be_bytes(), &[8, 6, 0, 0, 0]].concat();
    let chunks = [(b"IHDR", header), (b"IDAT", packed.finish().unwrap()), (b"IEND", Vec::new())];
    let written = chunks.iter().flat_map(|(kind, content)| {
        let mut checksum = flate2::Crc::new();
        checksum.update(*kind);
        checksum.update(content);
        let length = u32::try_from(content.len()).unwrap().to_be_bytes();
        [&length[..], &kind[..], content, &checksum.sum().to_be_bytes()].concat()
    });
    b"\x89PNG\r\n\x1a\n".iter().copied().chain(written).collect()
}

#[rocket::async_test]
async fn what_is_no_png_is_no_logo() {
    let app = app_with_admin().await;
    let mut ana = app.signed_in(ANA).await;
    let before = app.dump().await;
    let svg = b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>";
    let larger = "larger than 64 KB";
    for (file, words) in [
        (&svg[..], "Choose a PNG or WebP file"),
        (b"", "Choose a PNG or WebP file"),
        (&[0; 70 * 1024], larger),
        (&[0; 300 * 1024], larger),
    ] {
        ana.upload("/admin/settings/logo", "logo", file).await.assert_leads_to("/admin/settings/logo");
        ana.get("/admin/settings/logo").await.assert_status(422).assert_shows(words);
    }
    ana.upload("/admin/settings/logo", "other", PNG).await.assert_status(422).assert_shows("couldn’t read this form");
    ana.post("/admin/settings/logo", &[("remove", "yes")]).await.assert_status(415);
    assert_eq!(app.dump().await, before);
}

#[rocket::async_test]
async fn a_logo_waits_for_the_step_up_like_any_form() {
    let app = app_with_admin().await;
    let mut ana = app.signed_in(ANA).await;
    app.clock.advance(Lifetime::minutes(11));
    let page = ana.upload("/admin/settings/logo", "logo", PNG).await;
    let then = page.then();
    assert!(app.stored_settings().await.logo.is_none());
    ana.step_up(ANA).await;
    let page = ana.get(&then).await;
    page.assert_shows("We’ve kept your file");
    let held = page.body.split("name=\"held\" value=\"").nth(1).unwrap()[..16].to_owned();
    let chosen = [("held", held.as_str())];
    ana.upload_with("/admin/settings/logo", &chosen, ("logo", b"")).await.assert_leads_to("/admin/settings/logo");
    assert!(app.stored_settings().await.logo.is_some());
}

/// Returns a picture of two pixels beside each other.
fn wide_picture() -> Vec<u8> {
    let mut wide = Vec::new();
    let mut encoder = png::Encoder::new(&mut wide, 2, 1);
    encoder.set_color(png::ColorType::Rgb);
    let mut writer = encoder.write_header().unwrap();
    writer.write_image_data(&[200, 0, 0, 0, 0, 200]).unwrap();
    writer.finish().unwrap();
    wide
}

#[rocket::async_test]
async fn a_wide_logo_has_no_name_beside_it_unless_the_one_for_dark_mode_is_square() {
    let app = app_with_admin().await;
    let mut ana = app.signed_in(ANA).await;
    let names_product = async |class: &str| {
        let page = app.browser().get("/login").await;
        assert!(page.body.contains(&format!("<span class=\"{class}\">Gatepost</span>")), "{}", page.body);
    };
    names_product("product").await;
    ana.upload("/admin/settings/logo", "logo", &wide_picture()).await.assert_leads_to("/admin/settings/logo");
    names_product("unseen").await;
    let page = ana.get("/account").await;
    assert!(page.body.contains("<span class=\"unseen\">Gatepost</span></a>"), "{}", page.body);
    let square = include_bytes!("../../static/icon.png");
    ana.upload("/admin/settings/logo/dark", "logo", square).await.assert_leads_to("/admin/settings/logo/dark");
    names_product("product").await;
}

#[rocket::async_test]
async fn a_wide_logo_is_a_phone_s_icon_in_the_middle_of_a_square() {
    let wide = wide_picture();
    let app = app_with_admin().await;
    let mut ana = app.signed_in(ANA).await;
    ana.upload("/admin/settings/logo", "logo", &wide).await.assert_leads_to("/admin/settings/logo");
    let squared = Logo::from_file(wide).unwrap().on_a_square(192).unwrap();
    assert_eq!(Logo::parse(squared.clone()).unwrap().pixels(), (192, 192));
    for icon in ["/favicon.ico", "/apple-touch-icon.png"] {
        let host = rocket::http::Header::new("Host", app.base_url.split_once("://").unwrap().1.to_owned());
        let answer = app.client.get(icon).header(host).dispatch().await;
        assert_eq!(answer.into_bytes().await.as_deref(), Some(&squared[..]), "{icon}");
    }
    let manifest: serde_json::Value =
        serde_json::from_str(&app.browser().get("/manifest.webmanifest").await.body).unwrap();
    let icon = serde_json::json!({ "src": "/apple-touch-icon.png", "type": "image/png", "sizes": "192x192" });
    assert_eq!(manifest["icons"], serde_json::json!([icon]));
}

#[rocket::async_test]
async fn two_admins_who_save_the_same_do_not_overtake_each_other() {
    let app = app_with_admin().await;
    app.add_admin(BEN).await;
    let (mut ana, mut ben) = (app.signed_in(ANA).await, app.signed_in(BEN).await);
    let seen = ana.get("/admin/settings").await.hidden("version").to_owned();
    for browser in [&mut ben, &mut ana] {
        let fields = [("email_link_enabled", "on"), ("link_lifetime", "5m"), ("version", &*seen)];
        browser.post("/admin/settings", &fields).await.assert_leads_to("/admin/settings");
    }
}

/// Two admins have the page open at once. The second to save must not undo unseen changes of the
/// first.
#[rocket::async_test]
async fn a_settings_form_that_somebody_overtook_is_shown_again_and_not_saved() {
    let app = app_with_admin().await;
    app.add_admin(BEN).await;
    let (mut ana, mut ben) = (app.signed_in(ANA).await, app.signed_in(BEN).await);
    let version = |page: &crate::browser::Page| {
        page.body.split("name=\"version\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned()
    };
    let seen = version(&ana.get("/admin/settings").await);
    ben.post("/admin/settings", &[("email_link_enabled", "on"), ("link_lifetime", "5m"), ("version", &seen)])
        .await
        .assert_leads_to("/admin/settings");
    let old = [("email_link_enabled", "on"), ("link_lifetime", "10m"), ("product_name", "Acme"), ("version", &*seen)];
    let page = ana.post("/admin/settings", &old).await;
    page.assert_status(409).assert_shows("Someone else changed the settings").assert_shows("Saved value: 5 minutes");
    assert!(page.body.contains("value=\"Acme\"") && page.body.contains("value=\"10\""));
    assert_eq!(app.stored_settings().await.link_lifetime, Lifetime::minutes(5));
    page.assert_hides("Saved value: on");
    // The admin has seen the change and saves anyway.
    let fresh = version(&page);
    let meant =
        [("email_link_enabled", "on"), ("link_lifetime", "10m"), ("product_name", "Acme"), ("version", &*fresh)];
    ana.post("/admin/settings", &meant).await.assert_leads_to("/admin/settings");
    assert_eq!(app.stored_settings().await.link_lifetime, Lifetime::minutes(10));
}

#[rocket::async_test]
async fn a_settings_form_held_for_a_step_up_knows_what_it_was_filled_in_over() {
    let app = app_with_admin().await;
    app.add_admin(BEN).await;
    let mut ana = app.signed_in(ANA).await;
    app.clock.advance(Lifetime::minutes(11));
    let page = ana.get("/admin/settings").await;
    let seen = page.body.split("name=\"version\" value=\"").nth(1).unwrap()[..16].to_owned();
    let fields = [("email_link_enabled", "on"), ("product_name", "Acme"), ("version", &*seen)];
    let then = ana.post("/admin/settings", &fields).await.then();
    app.signed_in(BEN)
        .await
        .post("/admin/settings", &[("email_link_enabled", "on"), ("product_name", "Bolt")])
        .await
        .assert_leads_to("/admin/settings");
    ana.step_up(ANA).await;
    let page = ana.get(&then).await;
    assert!(page.body.contains(&format!("name=\"version\" value=\"{seen}\"")));
    ana.post("/admin/settings", &fields).await.assert_status(409);
    assert_eq!(app.stored_settings().await.product_name, "Bolt");
}

#[rocket::async_test]
async fn what_an_admin_does_to_somebody_is_in_the_audit_log_with_before_and_after() {
    let app = app_with_admin().await;
    app.add_account(BEN).await;
    let mut ana = app.signed_in(ANA).await;
    let person = person_path(&app, BEN).await;
    for (deed, before, after) in [
        ("disable", "active", "disabled"),
        ("enable", "disabled", "active"),
        ("make-admin", "account", "admin"),
        ("remove-admin", "admin", "account"),
    ] {
        app.clock.advance(Lifetime::seconds(1));
        ana.post(&format!("{person}/{deed}"), &[]).await.assert_status(303);
        let newest = app.audit().await.into_iter().max_by_key(|entry| entry.at).unwrap();
        assert_eq!(
            (newest.subject.as_str(), newest.before.as_deref(), newest.after.as_deref()),
            (BEN, Some(before), Some(after))
        );
    }
}

/// The case that matters most: an admin turns email links off in a hurry.
#[rocket::async_test]
async fn an_overtaken_form_says_that_email_links_were_switched_off() {
    let app = app_with_admin().await;
    let mut ana = app.signed_in(ANA).await;
    let page = ana.get("/admin/settings").await;
    let seen = page.body.split("name=\"version\" value=\"").nth(1).unwrap()[..16].to_owned();
    app.set("email_link_enabled", "off").await;
    app.set("allowed_domains", "a.example\nb.example").await;
    app.a_second_later();
    let fields = [("email_link_enabled", "on"), ("allowed_domains", "a.example\r\nb.example"), ("version", &*seen)];
    let page = ana.post("/admin/settings", &fields).await;
    page.assert_status(409).assert_shows("Saved value: off").assert_hides("Saved value: a.example");
    assert!(!app.stored_settings().await.email_link_enabled);
}
