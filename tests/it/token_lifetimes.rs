//! Lifetimes of tokens: the settings give them to new apps. A file or an admin may say others.

use crate::{
    clients_pages::{adds_grafana, app_with_admin},
    harness::TestApp,
};
use gatepost::{
    db,
    domain::{Lifetime, apps::AppSlug, audit::Actor},
};
use std::path::Path;

const ANA: &str = "ana@example.com";

/// Returns the lifetimes of an app, in seconds: access, refresh without use, refresh in all.
async fn lifetimes(app: &TestApp, slug: &'static str) -> [i64; 3] {
    let client = app.read(move |connection| {
        let id = db::apps::find_by_slug(connection, &AppSlug::parse(slug).unwrap())?.unwrap().app.id;
        db::oidc_clients::of_app(connection, id)
    });
    let rules = client.await.unwrap().rules;
    [rules.access_lifetime, rules.refresh_idle, rules.refresh_absolute].map(|span| span.as_millis() / 1000)
}

async fn apply(app: &TestApp, file: &str) {
    let wanted = gatepost::declared::Wanted::read(file, "http://localhost:8000", Path::new(".")).unwrap();
    let apply = move |tx: &mut db::Tx<'_>| Ok(db::Stop::commit(gatepost::declared::apply(tx, &wanted, false))?.is_ok());
    assert!(app.services.transact(Actor::CommandLine, apply).await.unwrap());
    app.a_second_later();
}

#[rocket::async_test]
async fn a_new_app_takes_the_lifetimes_of_that_moment_and_keeps_them() {
    let app = app_with_admin().await;
    let mut ana = app.signed_in(ANA).await;
    for (name, value) in
        [("access_lifetime", "10m"), ("refresh_idle_lifetime", "7d"), ("refresh_absolute_lifetime", "60d")]
    {
        app.set(name, value).await;
    }
    app.a_second_later();
    adds_grafana(&mut ana).await;
    let days = Lifetime::days(1).as_millis() / 1000;
    assert_eq!(lifetimes(&app, "grafana").await, [600, 7 * days, 60 * days]);
    app.set("access_lifetime", "20m").await;
    app.a_second_later();
    // Nor does a change of something else.
    let fields = [
        ("redirect_uris", "https://grafana.example.com/login/generic_oauth"),
        ("groups_claim", "roles"),
        ("refreshes", "asked"),
    ];
    ana.submit("/admin/apps/grafana/openid/change", &fields).await.assert_shows("The settings are saved.");
    assert_eq!(lifetimes(&app, "grafana").await, [600, 7 * days, 60 * days]);
}

#[rocket::async_test]
async fn an_admin_changes_the_lifetimes_of_one_app_on_its_page() {
    let app = app_with_admin().await;
    let mut ana = app.signed_in(ANA).await;
    adds_grafana(&mut ana).await;
    let path = "/admin/apps/grafana/openid/change";
    let rest = [("redirect_uris", "https://grafana.example.com/login/generic_oauth"), ("groups_claim", "groups")];
    let spans = |access, idle, absolute| {
        let spans = [("access_lifetime", access), ("refresh_idle", idle), ("refresh_absolute", absolute)];
        [&rest[..], &spans].concat()
    };
    let page = ana.get(path).await;
    for number in ["1", "30", "180"] {
        assert!(
            page.body
                .contains(&format!("inputmode=\"numeric\" autocomplete=\"off\" maxlength=\"20\" value=\"{number}\""))
        );
    }
    for unit in ["h", "d"] {
        assert!(page.body.contains(&format!("<option value=\"{unit}\" selected>")), "{unit}: {}", page.body);
    }
    // As a browser sends them: each number beside its unit.
    let units = [("access_lifetime_unit", "m"), ("refresh_idle_unit", "h"), ("refresh_absolute_unit", "d")];
    let beside = [&spans("20", "48", "30")[..], &units].concat();
    ana.submit(path, &beside).await.assert_shows("The settings are saved.");
    let hour = 3_600;
    assert_eq!(lifetimes(&app, "grafana").await, [1_200, 48 * hour, 720 * hour]);
    let page = ana.submit(path, &[&spans("20", "48", "400")[..], &units].concat()).await;
    assert!(page.body.contains("value=\"400\""), "what was refused can be corrected: {}", page.body);
    ana.submit(path, &spans("10m", "7d", "60d")).await.assert_shows("The settings are saved.");
    let (minute, days) = (60, Lifetime::days(1).as_millis() / 1000);
    assert_eq!(lifetimes(&app, "grafana").await, [10 * minute, 7 * days, 60 * days]);
    for (access, idle, absolute, why) in [
        ("59s", "7d", "60d", "Enter a time from 1 minute to 1 day"),
        ("25h", "7d", "60d", "Enter a time from 1 minute to 1 day"),
        ("10", "7d", "60d", "Enter a time from 1 minute to 1 day"),
        ("10m", "59m", "60d", "Enter a time from 1 hour to 365 days"),
        ("10m", "7d", "366d", "Enter a time from 1 hour to 365 days"),
        ("10m", "7d", "-1d", "Enter a time from 1 hour to 365 days"),
    ] {
        ana.submit(path, &spans(access, idle, absolute)).await.assert_status(422).assert_shows(why);
    }
    assert_eq!(lifetimes(&app, "grafana").await, [10 * minute, 7 * days, 60 * days]);
    // What a file or the command line has set stays, beyond what the page takes.
    app.write(|connection| {
        let id = db::apps::find_by_slug(connection, &AppSlug::parse("grafana").unwrap())?.unwrap().app.id;
        let mut client = db::oidc_clients::of_app(connection, id)?.unwrap();
        client.rules.access_lifetime = Lifetime::days(3);
        db::oidc_clients::update(connection, &client)
    })
    .await;
    ana.submit(path, &spans("3d", "7d", "60d")).await.assert_shows("The settings are saved.");
    assert_eq!(lifetimes(&app, "grafana").await, [3 * days, 7 * days, 60 * days]);
}

#[rocket::async_test]
async fn a_file_names_lifetimes_and_the_settings_that_it_sets_give_the_rest() {
    let app = app_with_admin().await;
    let days = Lifetime::days(1).as_millis() / 1000;
    let file = "[settings]\naccess_lifetime = \"15m\"\n[[apps]]\nslug = \"wiki\"\nname = \"Wiki\"\n[apps.oidc]\n\
                redirect_uris = [\"https://wiki.example.com/back\"]\nrefresh_idle = \"3d\"\n";
    apply(&app, file).await;
    assert_eq!(lifetimes(&app, "wiki").await, [900, 3 * days, 180 * days]);
    let lines = app.audit().await.len();
    apply(&app, file).await;
    assert_eq!(app.audit().await.len(), lines, "the same file again changes nothing");
}
