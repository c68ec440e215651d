//! Apps and groups on the pages of admins and users.

use crate::{
    apps_stored::{app, group},
    browser::Page,
    clients_pages::adds_grafana,
    forward_auth::add,
    harness::{Setup, TestApp},
};
use gatepost::{
    apps, db,
    domain::{
        Lifetime,
        apps::{AllowedPerson, AppId, AppSlug, Registered, registered::AppOrigin},
        audit::Action,
        group::GroupId,
    },
};

const ANA: &str = "ana@example.com";
const BEN: &str = "ben@example.com";

async fn app_with_admin() -> TestApp {
    let app = Setup::new().with("GATEPOST_LIMITS_PER_MAILBOX", "100/15m").start().await;
    app.add_admin(ANA).await;
    app.add_account(BEN).await;
    app
}

async fn wiki(app: &TestApp) -> Registered {
    let slug = AppSlug::parse("our-wiki").unwrap();
    app.read(move |connection| db::apps::find_by_slug(connection, &slug)).await.unwrap()
}

#[rocket::async_test]
async fn three_questions_add_an_app_and_its_page_says_what_it_would_learn() {
    let app = app_with_admin().await;
    let mut ana = app.signed_in(ANA).await;
    ana.get("/admin/apps").await.assert_shows("New app");
    let fields =
        [("name", "Our wiki"), ("hosts", "Wiki.example.com"), ("who", "groups"), ("groups", "Family, friends")];
    let page = ana.submit("/admin/new-app", &fields).await;
    page.assert_status(200).assert_shows("The app is added.").assert_shows("https://wiki.example.com");
    page.assert_shows("Add icon");
    page.assert_shows("family and friends").assert_shows("You don’t have access to this app.");
    page.assert_shows("Remote-User ana Remote-Email ana@example.com Remote-Name (empty) Remote-Groups (empty)");
    page.assert_shows("server_name wiki.example.com;")
        .assert_hides("app.example.com")
        .assert_hides("login.example.com");
    let groups = app.read(db::groups::all).await;
    assert_eq!(groups.iter().map(|group| group.name.as_str()).collect::<Vec<_>>(), ["family", "friends"]);
    let path = format!("/admin/groups/{}", groups[0].id);
    ana.submit(&path, &[("email", ANA)]).await.assert_shows("The user is now in the group.").assert_shows("Our wiki");
    let page = ana.get("/admin/apps/our-wiki").await;
    page.assert_shows("You can open this app.").assert_shows("Remote-Groups family");
    // The same name again gets another slug.
    let fields = [("name", "Our wiki"), ("hosts", "other.example.com"), ("who", "everyone")];
    ana.post_only("/admin/new-app", &fields).await.assert_leads_to("/admin/apps/our-wiki-2");
    ana.get("/admin/apps").await.assert_shows("Open to: Everyone").assert_shows("Open to: family and friends");
    ana.get("/admin/audit").await.assert_shows("ana@example.com added the app our-wiki: name: Our wiki; addresses:");
}

/// Returns the names of the fields in a part of a page, each once.
fn fields_in(html: &str) -> Vec<&str> {
    let mut names: Vec<_> = html.split(" name=\"").skip(1).filter_map(|rest| rest.split('"').next()).collect();
    names.dedup();
    names
}

#[rocket::async_test]
async fn a_new_app_asks_three_questions_and_keeps_openid_connect_folded() {
    let app = app_with_admin().await;
    let mut ana = app.signed_in(ANA).await;
    let form = |page: &Page| {
        page.body.split("action=\"/admin/new-app\"").nth(1).unwrap().split("</form>").next().unwrap().to_owned()
    };
    let asked = form(&ana.get("/admin/new-app").await);
    let (questions, rest) = asked.split_once("</ol>").unwrap();
    let questions: Vec<_> = questions.split("<li>").skip(1).map(fields_in).collect();
    assert_eq!(questions, [&["name", "logo"][..], &["hosts"], &["who", "groups"]]);
    // What is left is one fold, closed, and the button.
    assert_eq!(rest.matches("<details").count(), 1);
    let (fold, after) = rest.split_once("</details>").unwrap();
    assert!(fold.contains("<details>"), "{fold}");
    assert_eq!(fields_in(fold), ["preset", "redirect_uris"]);
    assert!(fields_in(after).is_empty() && after.contains("<button>"), "{after}");
    // A refused form shows what was chosen there.
    let fields = [("name", "Wiki"), ("hosts", "wiki.example.com/x"), ("who", "everyone"), ("preset", "other")];
    assert!(form(&ana.submit("/admin/new-app", &fields).await).contains("<details open>"));
}

/// The command line, a file and other admins change apps, too.
#[rocket::async_test]
async fn an_old_form_of_an_app_or_its_client_undoes_no_change_until_it_is_saved_again() {
    let app = app_with_admin().await;
    let mut ana = app.signed_in(ANA).await;
    let fields = [("name", "Our wiki"), ("hosts", "wiki.example.com"), ("who", "everyone"), ("preset", "other")];
    let uri = [("redirect_uris", "https://wiki.example.com/back")];
    ana.post_only("/admin/new-app", &[&fields[..], &uri].concat()).await.assert_status(303);

    let change = "/admin/apps/our-wiki/change";
    let version = ana.get(change).await.hidden("version").to_owned();
    let off = [("name", "Our wiki"), ("hosts", "wiki.example.com"), ("who", "everyone"), ("disabled", "on")];
    ana.submit(change, &off).await.assert_shows("The app is saved.");
    let old = [&fields[..3], &[("description", "Recipes")]].concat();
    let told = ana.submit(change, &[&old[..], &[("version", version.as_str())]].concat()).await;
    told.assert_shows("Someone else changed this app while you were editing.");
    assert!(told.body.contains("value=\"Recipes\""), "{}", told.body);
    assert!(wiki(&app).await.app.is_disabled, "nothing is saved");
    let current = told.hidden("version").to_owned();
    assert_ne!(current, version);
    ana.submit(change, &[&old[..], &[("version", current.as_str())]].concat()).await.assert_shows("The app is saved.");
    assert!(!wiki(&app).await.app.is_disabled);

    let change = "/admin/apps/our-wiki/openid/change";
    let version = ana.get(change).await.hidden("version").to_owned();
    let other = [("redirect_uris", "https://wiki.example.com/other"), ("groups_claim", "groups")];
    let uri = [uri[0], ("groups_claim", "groups")];
    ana.post(change, &other).await.assert_leads_to("/admin/apps/our-wiki/openid");
    let told = ana.submit(change, &[&uri[..], &[("version", version.as_str())]].concat()).await;
    told.assert_shows("Someone else changed this app while you were editing.")
        .assert_shows("https://wiki.example.com/back");
    let current = told.hidden("version").to_owned();
    ana.post(change, &[&uri[..], &[("version", current.as_str())]].concat()).await.assert_status(303);
    assert!(app.dump().await.contains("https://wiki.example.com/back"));
}

#[rocket::async_test]
async fn every_setting_of_an_app_is_changed_and_the_audit_log_says_what_differs() {
    let app = app_with_admin().await;
    let mut ana = app.signed_in(ANA).await;
    let fields = [("name", "Our wiki"), ("hosts", "wiki.example.com"), ("who", "everyone")];
    ana.post_only("/admin/new-app", &fields).await.assert_status(303);
    let all = [
        ("name", "Our wiki"),
        ("hosts", "wiki.example.com\nhttp://wiki.lan:8080"),
        ("who", "groups"),
        ("groups", "family"),
        ("users", BEN),
        ("requires", "two"),
        ("fresh", "900"),
        ("paths", "/static\n/api"),
        ("link", "https://wiki.example.com/start"),
        ("description", "Recipes and more"),
        ("hidden", "on"),
        ("preflights", "on"),
        ("popup", "on"),
        ("disabled", "on"),
    ];
    let page = ana.submit("/admin/apps/our-wiki/change", &all).await;
    page.assert_shows("The app is saved.").assert_shows("This app is turned off.").assert_shows("/api, /static");
    page.assert_shows("family and 1 user").assert_shows("A second factor · at most 15");
    let stored = wiki(&app).await;
    assert_eq!(stored.app.requires.fresh_within, Some(Lifetime::minutes(15)));
    assert!(stored.look.is_hidden && stored.preflights && stored.popup && stored.app.is_disabled);
    // The form shows all of it, so that saving it again changes nothing.
    let page = ana.get("/admin/apps/our-wiki/change").await;
    for shown in ["http://wiki.lan:8080", BEN, "/api\n/static", "value=\"900\" selected", "value=\"two\" selected"] {
        assert!(page.body.contains(shown), "{shown}: {}", page.body);
    }
    ana.submit("/admin/apps/our-wiki/change", &all).await.assert_shows("The app is saved.");
    assert_eq!(wiki(&app).await, stored);
    let lines: Vec<_> = app.audit().await.into_iter().filter(|line| line.action == Action::AppChanged).collect();
    assert_eq!(lines.len(), 1, "only what changes is logged");
    assert_eq!(lines[0].before.as_deref(), Some("hosts: https://wiki.example.com; everyone: yes; requires: one"));
    // The files of a web app are one tick, and no seven lines.
    let with_files = [&all[..], &[("web_app", "on")]].concat();
    ana.submit("/admin/apps/our-wiki/change", &with_files).await.assert_shows("The app is saved.");
    let stored = wiki(&app).await;
    assert!(stored.public_paths.len() == 9 && stored.public_paths.iter().any(|path| path.covers("/manifest.json")));
    let page = ana.get("/admin/apps/our-wiki/change").await;
    assert!(page.body.contains("/api\n/static</textarea>"), "{}", page.body);
    ana.submit("/admin/apps/our-wiki/change", &with_files).await;
    assert_eq!(wiki(&app).await, stored);
    ana.submit("/admin/apps/our-wiki/change", &all).await;
    assert_eq!(wiki(&app).await.public_paths.len(), 2);
    ana.submit("/admin/apps/our-wiki/remove", &[]).await.assert_shows("The app is removed.");
    ana.get("/admin/apps/our-wiki").await.assert_status(404);
}

/// A newer version may have left values that this one does not know.
#[rocket::async_test]
async fn an_app_that_cannot_be_read_is_listed_and_can_be_removed() {
    let path = &format!("/admin/apps/{}/remove", AppId::from_i64(1));
    for spoilt in [
        "UPDATE apps SET requires = 'nonsense'",
        "UPDATE app_hosts SET host = 'no host'",
        "UPDATE apps SET slug = 'our-wiki/2'",
    ] {
        let app_ = app_with_admin().await;
        let mut ana = app_.signed_in(ANA).await;
        add(&app_, app(1, "our-wiki", &["wiki.example.com"])).await;
        app_.spoil(spoilt).await;
        let page = ana.get("/admin/apps").await;
        page.assert_shows("Apps that can’t be read").assert_shows("our-wiki");
        assert!(page.body.contains(&format!("href=\"{path}\"")), "{spoilt}: {}", page.body);
        ana.get(path)
            .await
            .assert_shows("Remove this app?")
            .assert_shows("All that Gatepost knows of the app is deleted.");
        ana.language = Some("de");
        let page = ana.get("/admin/apps").await;
        page.assert_shows("Apps, die nicht lesbar sind");
        assert!(page.body.contains("our-wiki entfernen"), "{}", page.body);
        ana.get(path).await.assert_shows("Diese App entfernen?").assert_shows("Alles, was Gatepost über die App weiß");
        ana.language = None;
        ana.submit(path, &[]).await.assert_shows("The app is removed.").assert_hides("can’t be read");
        ana.get("/admin/audit").await.assert_shows("ana@example.com removed the app");
        assert_eq!(app_.audit().await.iter().filter(|line| line.action == Action::AppRemoved).count(), 1, "{spoilt}");
        ana.post_only(path, &[]).await.assert_status(404);
    }
}

#[rocket::async_test]
async fn the_app_of_a_client_that_cannot_be_read_can_be_removed() {
    let app = app_with_admin().await;
    let mut ana = app.signed_in(ANA).await;
    adds_grafana(&mut ana).await;
    app.spoil("UPDATE oidc_clients SET refreshes = 'nonsense'").await;
    let page = ana.get("/admin/apps/grafana").await;
    page.assert_status(200);
    assert!(page.body.contains("/admin/apps/grafana/remove"), "{}", page.body);
    ana.submit("/admin/apps/grafana/remove", &[]).await.assert_shows("The app is removed.");
    ana.get("/admin/apps/grafana").await.assert_status(404);
}

#[rocket::async_test]
async fn a_user_who_was_let_in_until_a_moment_keeps_that_moment_when_the_app_is_saved() {
    let app_ = app_with_admin().await;
    let ben = app_.account_of(BEN).await.unwrap().id;
    let ends_at = app_.services.now().plus(Lifetime::days(1));
    let mut new = app(1, "our-wiki", &["wiki.example.com"]);
    new.app.access.people.push(AllowedPerson { account: ben, ends_at: Some(ends_at) });
    app_.transact(move |tx| db::Stop::commit(apps::add(tx, &new, AppOrigin::Admin))).await.unwrap();
    let mut ana = app_.signed_in(ANA).await;
    let fields = [("name", "Wiki"), ("hosts", "wiki.example.com"), ("who", "groups"), ("users", BEN)];
    ana.submit("/admin/apps/our-wiki/change", &fields).await.assert_shows("The app is saved.");
    assert_eq!(wiki(&app_).await.app.access.people, [AllowedPerson { account: ben, ends_at: Some(ends_at) }]);
}

#[rocket::async_test]
async fn the_account_page_lists_the_apps_that_this_user_can_open_and_no_others() {
    let app_ = app_with_admin().await;
    let ben = app_.account_of(BEN).await.unwrap();
    let id = ben.id;
    app_.transact(move |tx| {
        db::groups::insert(tx.connection, &group(7, "family"), tx.now)?;
        let slugs = ["open", "of-family", "of-ben", "hidden", "of-no-one", "off", "over", "nowhere"];
        let new = |(slug, id): (&str, i64)| app(id, slug, &[&format!("{slug}.example.com")]);
        let mut all: Vec<Registered> = slugs.into_iter().zip(1..).map(new).collect();
        for n in [0, 3, 5, 7] {
            all[n].app.access.everyone = true;
        }
        all[1].app.access.groups.push(GroupId::from_i64(7));
        all[2].app.access.people.push(AllowedPerson { account: id, ends_at: None });
        all[3].look.is_hidden = true;
        all[5].app.is_disabled = true;
        all[6].app.access.people.push(AllowedPerson { account: id, ends_at: Some(tx.now) });
        all[7].hosts.clear();
        all.iter().try_for_each(|app| db::Stop::commit(apps::add(tx, app, AppOrigin::Admin)).map(Result::unwrap))
    })
    .await;
    let mut ben_ = app_.signed_in(BEN).await;
    let listed = async |browser: &mut crate::browser::Browser<'_>| {
        let page = browser.get("/account").await;
        let list = page.body.split("<ul class=\"launcher\">").nth(1).unwrap_or_default().to_owned();
        let list = list.split("</ul>").next().unwrap_or_default().to_owned();
        let links = list.split("href=\"https://").skip(1).filter_map(|rest| rest.split('.').next());
        (links.map(str::to_owned).collect::<Vec<_>>(), list)
    };
    assert_eq!(listed(&mut ben_).await.0, ["of-ben", "open"]);
    app_.transact(move |tx| apps::join(tx, &group(7, "family"), &ben).map(drop)).await;
    let (links, list) = listed(&mut ben_).await;
    assert_eq!(links, ["of-ben", "of-family", "open"]);
    assert!(!list.contains("Used since"));
    let now = app_.services.now();
    app_.write(move |connection| db::apps::note_use(connection, id, AppId::from_i64(1), now)).await;
    assert_eq!(listed(&mut ben_).await.1.matches("Used since you signed in").count(), 1);
    assert_eq!(listed(&mut app_.signed_in(ANA).await).await.0, ["open"], "an admin sees no more");
}

#[rocket::async_test]
async fn an_icon_is_served_under_its_version_only() {
    let app_ = app_with_admin().await;
    app_.transact(|tx| {
        let mut wiki = app(1, "wiki", &["wiki.example.com"]);
        wiki.app.access.everyone = true;
        db::Stop::commit(apps::add(tx, &wiki, AppOrigin::Admin))
    })
    .await
    .unwrap();
    let mut ana = app_.signed_in(ANA).await;
    let png = include_bytes!("../../static/icon.png");
    ana.upload("/admin/apps/wiki/icon", "logo", b"no picture").await.assert_leads_to("/admin/apps/wiki/icon");
    ana.get("/admin/apps/wiki/icon").await.assert_status(422).assert_shows("Choose a PNG or WebP file.");
    ana.upload("/admin/apps/wiki/icon", "logo", png).await.assert_leads_to("/admin/apps/wiki");
    let page = ana.get("/account").await;
    let href = page.body.split("src=\"/apps/icons/").nth(1).unwrap().split('"').next().unwrap().to_owned();
    let href = format!("/apps/icons/{href}");
    let icon = app_.browser().get(&href).await;
    assert_eq!(icon.header("Content-Type"), Some("image/png"));
    assert!(icon.header("Cache-Control").unwrap().contains("immutable"));
    let path = href.split_once("?v=").unwrap().0;
    for other in [path.to_owned(), format!("{path}?v=000000000000"), href.replace("icons/0", "icons/1")] {
        app_.browser().get(&other).await.assert_status(404);
    }
    ana.submit("/admin/apps/wiki/icon/remove", &[]).await.assert_shows("The app is saved.");
    app_.browser().get(&href).await.assert_status(404);
}

#[rocket::async_test]
async fn a_new_app_takes_its_icon_with_its_first_questions() {
    let app_ = app_with_admin().await;
    let mut ana = app_.signed_in(ANA).await;
    let png = include_bytes!("../../static/icon.png");
    let wiki = [("name", "Wiki"), ("hosts", "wiki.example.com"), ("who", "everyone")];
    // What is no picture loses nothing that was typed. Neither does one that is too large.
    for (file, why) in [
        (&b"no picture"[..], "Choose a PNG or WebP file."),
        (&[0; 80_000], "larger than 64 KB"),
        (&[0; 300_000], "larger than 64 KB"),
    ] {
        ana.upload_with("/admin/new-app", &wiki, ("logo", file)).await.assert_leads_to("/admin/new-app");
        let page = ana.get("/admin/new-app").await;
        page.assert_status(422).assert_shows(why).assert_hides("Choose the icon again");
        assert!(page.body.contains("value=\"wiki.example.com\""), "{}", page.body);
    }
    // A browser does not fill in a file again.
    let nowhere = [("name", "Wiki"), ("hosts", ""), ("who", "everyone")];
    ana.upload_with("/admin/new-app", &nowhere, ("logo", png)).await.assert_leads_to("/admin/new-app");
    ana.get("/admin/new-app").await.assert_status(422).assert_shows("Choose the icon again.");
    ana.upload_with("/admin/new-app", &wiki, ("other", png)).await.assert_status(422);
    ana.upload_with("/admin/new-app", &wiki, ("logo", png)).await.assert_leads_to("/admin/apps/wiki");
    assert!(ana.get("/account").await.body.contains("src=\"/apps/icons/"));
    // A browser sends an empty file where the user chose none.
    let notes = [("name", "Notes"), ("hosts", "notes.example.com"), ("who", "everyone")];
    ana.upload_with("/admin/new-app", &notes, ("logo", b"")).await.assert_leads_to("/admin/apps/notes");
    ana.get("/admin/apps/notes").await.assert_shows("Add icon");
}

#[rocket::async_test]
async fn the_icon_of_a_new_app_waits_with_its_form_for_a_proof() {
    let app_ = app_with_admin().await;
    let mut ana = app_.signed_in(ANA).await;
    app_.clock.advance(Lifetime::minutes(15));
    let png = include_bytes!("../../static/icon.png");
    let wiki = [("name", "Wiki"), ("hosts", "wiki.example.com"), ("who", "everyone")];
    let held = ana.upload_with("/admin/new-app", &wiki, ("logo", png)).await;
    let then = held.then();
    ana.step_up(ANA).await;
    let page = ana.get(&then).await;
    page.assert_shows("We’ve kept the icon that you chose.");
    let held = page.body.split("name=\"held\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    let again = [&wiki[..], &[("held", held.as_str())]].concat();
    ana.upload_with("/admin/new-app", &again, ("logo", b"")).await.assert_leads_to("/admin/apps/wiki");
    assert!(ana.get("/account").await.body.contains("src=\"/apps/icons/"));
}

#[rocket::async_test]
async fn a_user_changes_the_username_once_and_an_admin_again() {
    let app = app_with_admin().await;
    let (mut ana, mut ben) = (app.signed_in(ANA).await, app.signed_in(BEN).await);
    let id = app.account_of(BEN).await.unwrap().id;
    let page = ben.get("/account").await;
    assert!(page.body.contains("name=\"handle\"") && page.body.contains("value=\"ben\""), "{}", page.body);
    ben.submit("/account/username", &[("handle", "ana")]).await.assert_shows("Another user has this username");
    let question = ben.submit("/account/username", &[("handle", "Benny")]).await;
    question.assert_shows("Change your username?").assert_shows("You can change it only once.");
    assert_eq!(
        app.read(move |connection| db::handles::of_account(connection, id)).await.unwrap().handle.as_str(),
        "ben"
    );
    // A yes counts only for the username that was asked about.
    let other = [("handle", "other"), ("confirmed", "benny")];
    ben.submit("/account/username", &other).await.assert_shows("Change your username?");
    let page = ben.submit("/account/username", &[("handle", "benny"), ("confirmed", "benny")]).await;
    page.assert_shows("The username is saved.").assert_shows("benny").assert_shows("Only an admin can change it now.");
    ben.submit("/account/username", &[("handle", "ben")]).await.assert_shows("You have changed your username before.");
    let path = format!("/admin/people/{}", app.account_of(BEN).await.unwrap().id);
    ana.get(&path).await.assert_status(200);
    ana.submit(&format!("{path}/username/save"), &[("handle", "ben")]).await.assert_shows("The username is saved.");
    ben.get("/account").await.assert_shows("Only an admin can change it now.");
    let log = ana.get("/admin/audit").await;
    log.assert_shows("ana@example.com changed the username of ben@example.com from benny to ben");
    log.assert_shows("ben@example.com changed their username from ben to benny");
}
