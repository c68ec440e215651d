//! Apps, groups and handles as the database keeps them.

use crate::harness::TestApp;
use diesel::connection::SimpleConnection;
use gatepost::{
    apps::{self, By, Handled},
    db,
    domain::{
        AccountId, EmailAddress, Lifetime, Timestamp,
        apps::{
            Access, AllowedPerson, App, AppId, AppName, AppSlug, Registered,
            host::AppHost,
            name::LaunchUrl,
            path::PublicPath,
            registered::{AppOrigin, Look},
        },
        assurance::{Required, Strength},
        audit::{Action, Actor},
        group::{Group, GroupId, GroupName},
        handle::Handle,
    },
};

const ANA: &str = "ana@example.com";
const NOW: Timestamp = Timestamp::from_millis(1_000);

pub fn app(id: i64, slug: &str, hosts: &[&str]) -> Registered {
    Registered {
        app: App {
            id: AppId::from_i64(id),
            slug: AppSlug::parse(slug).unwrap(),
            name: AppName::parse(slug).unwrap(),
            requires: Required { strength: Strength::One, fresh_within: None },
            access: Access::default(),
            is_disabled: false,
        },
        hosts: hosts.iter().map(|host| AppHost::parse(host).unwrap()).collect(),
        public_paths: vec![],
        look: Look::default(),
        preflights: false,
        popup: false,
    }
}

pub fn group(id: i64, name: &str) -> Group {
    Group { id: GroupId::from_i64(id), name: GroupName::parse(name).unwrap(), note: String::new() }
}

async fn store(app: &TestApp, new: Registered) -> Result<(), db::Error> {
    app.services.db.write(move |connection| db::apps::insert(connection, &new, AppOrigin::Admin, NOW)).await
}

#[rocket::async_test]
async fn an_app_reads_back_as_it_was_stored_and_as_it_was_changed() {
    let app_ = TestApp::new().await;
    let ana = app_.add_account(ANA).await.id;
    app_.write(|connection| db::groups::insert(connection, &group(7, "family"), NOW)).await;
    let mut wiki = app(1, "wiki", &["wiki.example.com", "http://wiki.lan:8080", "*.wiki.example.com"]);
    wiki.app.requires = Required { strength: Strength::Passkey, fresh_within: Some(Lifetime::minutes(5)) };
    wiki.app.access = Access {
        everyone: false,
        groups: vec![GroupId::from_i64(7)],
        people: vec![AllowedPerson { account: ana, ends_at: Some(Timestamp::from_millis(5)) }],
    };
    wiki.public_paths = vec![PublicPath::parse("/api").unwrap(), PublicPath::parse("/static").unwrap()];
    wiki.look = Look {
        description: "Notes".to_owned(),
        launch_url: LaunchUrl::parse("https://wiki.example.com/start").ok(),
        icon: None,
        is_hidden: true,
        position: 3,
    };
    wiki.hosts.sort_by_key(|host| (host.is_wildcard, host.name.clone()));
    store(&app_, wiki.clone()).await.unwrap();
    assert_eq!(app_.read(db::apps::all).await, [wiki.clone()]);

    wiki.hosts.truncate(1);
    wiki.public_paths.clear();
    wiki.look = Look::default();
    wiki.app.access = Access { everyone: true, ..Access::default() };
    wiki.app.is_disabled = true;
    let changed = wiki.clone();
    app_.write(move |connection| db::apps::update(connection, &changed, NOW)).await;
    let slug = wiki.app.slug.clone();
    assert_eq!(app_.read(move |connection| db::apps::find_by_slug(connection, &slug)).await, Some(wiki.clone()));
    assert_eq!(app_.read(|connection| db::apps::find(connection, AppId::from_i64(1))).await, Some(wiki));

    app_.write(|connection| db::apps::delete(connection, AppId::from_i64(1))).await;
    assert!(app_.read(db::apps::all).await.is_empty());
    assert!(!app_.dump().await.contains("app_hosts: "));
}

#[rocket::async_test]
async fn two_apps_share_neither_slug_nor_host() {
    let app_ = TestApp::new().await;
    store(&app_, app(1, "wiki", &["wiki.example.com"])).await.unwrap();
    let on_another_port = app(3, "notes", &["http://wiki.example.com:8443"]).hosts;
    let rival =
        app_.read(move |connection| db::apps::find_rival(connection, &on_another_port, AppId::from_i64(3))).await;
    let (host, slug) = rival.expect("cookies do not tell ports apart");
    assert_eq!((host.to_string().as_str(), slug.as_str()), ("https://wiki.example.com", "wiki"));
    for rival in [app(2, "wiki", &[]), app(3, "notes", &["https://wiki.example.com:443"])] {
        let refused = store(&app_, rival.clone()).await.unwrap_err();
        assert!(matches!(refused, db::Error::Conflict(_)), "{refused}");
        let found = app_.read(move |connection| db::apps::find_rival(connection, &rival.hosts, rival.app.id)).await;
        assert_eq!(found.is_some(), refused.to_string().contains("host"), "{refused}");
    }
    assert_eq!(app_.read(db::apps::all).await.len(), 1, "nothing of a refused app is kept");
    // Two that an earlier version let in can still be changed.
    let former = app(5, "former", &["wiki.example.com:9443"]);
    store(&app_, former.clone()).await.unwrap();
    let found = app_.read(move |connection| db::apps::find_rival(connection, &former.hosts, former.app.id)).await;
    assert_eq!(found, None);
    // A wildcard is another host, but not on another port than a host that it covers.
    store(&app_, app(4, "notes", &["*.wiki.example.com"])).await.unwrap();
    for (host, is_refused) in [("a.wiki.example.com", false), ("a.wiki.example.com:8443", true)] {
        let hosts = app(6, "drafts", &[host]).hosts;
        let found = app_.read(move |connection| db::apps::find_rival(connection, &hosts, AppId::from_i64(6))).await;
        let by_notes = found.is_some_and(|(host, _)| host.to_string() == "https://*.wiki.example.com");
        assert_eq!(by_notes, is_refused, "{host}");
    }
    let wildcard = app(7, "all", &["*.example.com:8443"]).hosts;
    let found = app_.read(move |connection| db::apps::find_rival(connection, &wildcard, AppId::from_i64(7))).await;
    assert!(found.is_some_and(|(host, _)| host.name.as_str() == "wiki.example.com"));
}

#[rocket::async_test]
async fn access_until_a_moment_is_removed_after_it() {
    let app_ = TestApp::new().await;
    let (ana, ben) = (app_.add_account(ANA).await.id, app_.add_account("ben@example.com").await.id);
    store(&app_, app(1, "wiki", &[])).await.unwrap();
    let now = app_.services.now();
    let person = |account: AccountId, ends_at| AllowedPerson { account, ends_at };
    let until = now.plus(Lifetime::hours(1));
    app_.write(move |connection| {
        db::apps::allow(connection, AppId::from_i64(1), person(ana, None))?;
        db::apps::allow(connection, AppId::from_i64(1), person(ana, Some(until)))?;
        db::apps::allow(connection, AppId::from_i64(1), person(ben, None))
    })
    .await;
    let people = async || app_.read(db::apps::all).await[0].app.access.people.len();
    gatepost::housekeeping::round(&app_.services).await.unwrap();
    assert_eq!(people().await, 2);
    app_.clock.advance(Lifetime::hours(2));
    gatepost::housekeeping::round(&app_.services).await.unwrap();
    assert_eq!(people().await, 1);
    assert!(app_.write(move |connection| db::apps::disallow(connection, AppId::from_i64(1), ben)).await);
    assert_eq!(people().await, 0);
}

#[rocket::async_test]
async fn when_an_app_was_used_is_known_for_each_account_and_for_all() {
    let app_ = TestApp::new().await;
    let (ana, ben) = (app_.add_account(ANA).await.id, app_.add_account("ben@example.com").await.id);
    store(&app_, app(1, "wiki", &[])).await.unwrap();
    let wiki = AppId::from_i64(1);
    for (account, at) in [(ana, 1), (ana, 3), (ben, 2)] {
        app_.write(move |connection| db::apps::note_use(connection, account, wiki, Timestamp::from_millis(at))).await;
    }
    let of_ben = app_.read(move |connection| db::apps::uses_of(connection, ben)).await;
    assert_eq!(of_ben[&wiki], Timestamp::from_millis(2));
    assert_eq!(app_.read(db::apps::last_uses).await[&wiki], Timestamp::from_millis(3));
    app_.write(move |connection| db::accounts::delete(connection, ana)).await;
    assert_eq!(app_.read(db::apps::last_uses).await[&wiki], Timestamp::from_millis(2));
}

#[rocket::async_test]
async fn a_group_knows_its_members_and_an_account_its_groups() {
    let app_ = TestApp::new().await;
    let ana = app_.add_account(ANA).await;
    let (id, family) = (ana.id, GroupId::from_i64(7));
    app_.write(|connection| {
        db::groups::insert(connection, &group(7, "family"), NOW)?;
        db::groups::insert(connection, &group(8, "admins"), NOW)
    })
    .await;
    assert!(app_.write(move |connection| db::groups::join(connection, family, id, NOW)).await);
    assert!(!app_.write(move |connection| db::groups::join(connection, family, id, NOW)).await, "already");
    assert_eq!(app_.read(move |connection| db::groups::members(connection, family)).await, [ana]);
    assert_eq!(app_.read(move |connection| db::groups::of_account(connection, id)).await, [group(7, "family")]);
    assert_eq!(app_.read(db::groups::sizes).await.get(&family), Some(&1));
    assert_eq!(app_.read(db::groups::all).await, [group(8, "admins"), group(7, "family")]);
    let mut home = group(7, "home");
    home.note = "Where we live".to_owned();
    let changed = home.clone();
    app_.write(move |connection| db::groups::update(connection, &changed)).await;
    let name = home.name.clone();
    assert_eq!(app_.read(move |connection| db::groups::find_by_name(connection, &name)).await, Some(home.clone()));
    assert_eq!(app_.read(move |connection| db::groups::find(connection, family)).await, Some(home));
    assert!(app_.write(move |connection| db::groups::leave(connection, family, id)).await);
    app_.write(move |connection| db::groups::delete(connection, family)).await;
    assert_eq!(app_.read(db::groups::all).await, [group(8, "admins")]);
}

#[rocket::async_test]
async fn a_handle_is_never_given_to_another_account_even_after_the_first_is_closed() {
    let app_ = TestApp::new().await;
    let email = |email: &str| EmailAddress::parse(email).unwrap();
    let (ana, other) = (app_.add_account(ANA).await.id, app_.add_account("ana@example.org").await.id);
    let ensure = async |account, email| {
        app_.write(move |connection| db::handles::ensure(connection, account, &email)).await.to_string()
    };
    assert_eq!(ensure(ana, email(ANA)).await, "ana");
    assert_eq!(ensure(ana, email(ANA)).await, "ana", "it keeps it");
    assert_eq!(ensure(other, email("ana@example.org")).await, "ana2");
    let handle = |name: &str| Handle::parse(name).unwrap();
    let give = async |account, name: &str| {
        let handle = handle(name);
        app_.write(move |connection| db::handles::give(connection, account, &handle)).await
    };
    assert!(give(ana, "lima").await);
    assert!(!give(other, "ana").await, "it was given before");
    assert!(give(ana, "ana").await, "to the same account");
    app_.write(move |connection| db::accounts::delete(connection, ana)).await;
    assert!(!give(other, "ana").await && !give(other, "lima").await, "apps may still keep data under it");
    let given = app_.read(move |connection| db::handles::of_account(connection, other)).await.unwrap();
    assert_eq!((given.handle, given.chosen_at), (handle("ana2"), None));
    app_.write(move |connection| db::handles::note_choice(connection, other, NOW)).await;
    let given = app_.read(move |connection| db::handles::of_account(connection, other)).await.unwrap();
    assert_eq!(given.chosen_at, Some(NOW));
}

/// A use that could not be stored stopped all housekeeping, each minute anew.
#[rocket::async_test]
async fn the_use_of_an_app_by_an_account_that_has_gone_does_not_stop_housekeeping() {
    let app_ = TestApp::new().await;
    let (ana, ben) = (app_.add_account(ANA).await.id, app_.add_account("ben@example.com").await.id);
    store(&app_, app(1, "wiki", &[])).await.unwrap();
    store(&app_, app(2, "notes", &[])).await.unwrap();
    let now = app_.services.now();
    let ends_at = Some(now.plus(Lifetime::hours(1)));
    let wiki = AppId::from_i64(1);
    app_.write(move |connection| db::apps::allow(connection, wiki, AllowedPerson { account: ben, ends_at })).await;
    for (account, app) in [(ana, 1), (ben, 2), (ben, 1)] {
        app_.services.uses.note(account, AppId::from_i64(app), now);
    }
    app_.write(move |connection| {
        db::accounts::delete(connection, ana)?;
        db::apps::delete(connection, AppId::from_i64(2))
    })
    .await;
    app_.services.uses.write(&app_.services.db, &app_.services.context(Actor::Gatepost)).await.unwrap();
    assert_eq!(app_.read(move |connection| db::apps::uses_of(connection, ben)).await.len(), 1);
    app_.clock.advance(Lifetime::hours(2));
    gatepost::housekeeping::round(&app_.services).await.unwrap();
    assert!(app_.read(db::apps::all).await.iter().all(|app| app.app.access.people.is_empty()));
}

#[rocket::async_test]
async fn an_account_gets_a_handle_at_its_first_sign_in_and_an_older_one_within_an_hour() {
    let app_ = TestApp::new().await;
    let ana = app_.add_account(ANA).await.id;
    let handle = async || app_.read(move |connection| db::handles::of_account(connection, ana)).await;
    assert_eq!(handle().await, None, "an address alone takes no handle");
    app_.signed_in(ANA).await;
    assert_eq!(handle().await.unwrap().handle.as_str(), "ana");
    // As an earlier version left it.
    app_.write(|connection| Ok(connection.batch_execute("UPDATE accounts SET handle = NULL")?)).await;
    gatepost::housekeeping::round(&app_.services).await.unwrap();
    assert_eq!(handle().await.unwrap().handle.as_str(), "ana");
}

#[rocket::async_test]
async fn an_owner_chooses_a_handle_once_and_an_admin_at_any_time() {
    let app_ = TestApp::new().await;
    let (ana, ben) = (app_.add_account(ANA).await, app_.add_account("ben@example.com").await);
    app_.signed_in(ANA).await;
    let change = async |handle: &str, by| {
        let (account, handle) = (ana.clone(), Handle::parse(handle).unwrap());
        app_.transact(move |tx| apps::change_handle(tx, &account, &handle, by)).await
    };
    app_.write(move |connection| db::handles::give(connection, ben.id, &Handle::parse("ben").unwrap()).map(drop)).await;
    assert_eq!(change("root", By::Owner).await, Handled::Reserved);
    assert_eq!(change("ben", By::Owner).await, Handled::Taken);
    assert_eq!(change("ana", By::Owner).await, Handled::Unchanged);
    assert_eq!(change("lima", By::Owner).await, Handled::Done);
    assert_eq!(change("ana", By::Owner).await, Handled::ChosenBefore);
    assert_eq!(change("root", By::Admin).await, Handled::Done);
    assert_eq!(change("ana", By::Admin).await, Handled::Done);
    let lines: Vec<_> = app_.audit().await.into_iter().filter(|line| line.action == Action::HandleChanged).collect();
    assert_eq!(lines.len(), 3);
}
