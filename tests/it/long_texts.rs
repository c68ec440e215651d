//! A form that is refused loses nothing that was typed, however long.

use crate::{browser::Browser, harness::TestApp};
use gatepost::domain::Lifetime;

const ANA: &str = "ana@example.com";
/// Some of the field's lines, which no cookie has room for.
const LINES: usize = 300;

fn lines(of: impl Fn(usize) -> String) -> String {
    (0..LINES).map(of).collect::<Vec<_>>().join("\n")
}

/// A form's address, its fields, and the long text that its page has to show again.
type Refused<'a> = (&'a str, &'a [(&'a str, &'a str)], &'a str);

async fn has_a_client(ana: &mut Browser<'_>) {
    let app = [("name", "Notes"), ("preset", "other"), ("redirect_uris", "https://notes.example.com/callback")];
    ana.post_only("/admin/new-app", &app).await.assert_status(303);
}

#[rocket::async_test]
async fn a_refused_form_shows_a_long_text_again() {
    let app = TestApp::new().await;
    app.add_admin(ANA).await;
    let mut ana = app.signed_in(ANA).await;
    has_a_client(&mut ana).await;
    let (keys, paths) = (lines(|n| format!("no key {n}")), lines(|n| format!("/public/{n}")));
    let (emails, uris) = (lines(|n| format!("no address {n}")), lines(|n| format!("notes {n}")));
    let domains = lines(|n| format!("d{n}.example") + if n == 7 { "_" } else { "" });
    let forms: [Refused<'_>; 6] = [
        ("/admin/apps/notes/openid/keys", &[("jwks", &keys), ("jwks_uri", "")], &keys),
        ("/admin/new-app", &[("name", ""), ("preset", "other"), ("redirect_uris", &uris)], &uris),
        ("/admin/apps/notes/change", &[("name", ""), ("hosts", "notes.example.com"), ("paths", &paths)], &paths),
        ("/admin/apps/notes/openid/change", &[("redirect_uris", &uris)], &uris),
        ("/admin/people/invitations", &[("emails", &emails)], &emails),
        ("/admin/settings", &[("allowed_domains", &domains)], &domains),
    ];
    for (path, fields, long) in forms {
        assert!(long.len() > 2_000, "{path}");
        let page = ana.submit(path, fields).await;
        assert!(page.body.contains(long), "{path}: {}", page.body);
    }
}

#[rocket::async_test]
async fn addresses_of_a_long_list_that_cannot_be_invited_stay_in_the_field() {
    let app = TestApp::new().await;
    app.add_admin(ANA).await;
    let mut ana = app.signed_in(ANA).await;
    let bad = lines(|n| format!("no address {n}"));
    let page = ana.submit("/admin/people/invitations", &[("emails", &format!("ben@example.com\n{bad}"))]).await;
    page.assert_shows("ben@example.com");
    assert!(page.body.contains("no address 299"), "{}", page.body);
    assert!(page.body.contains(r#"aria-invalid="true" autofocus"#), "a screen reader is told which field it is");
}

#[rocket::async_test]
async fn what_waits_in_a_row_is_shown_to_its_session_alone_and_not_for_ever() {
    let app = TestApp::new().await;
    app.add_admin(ANA).await;
    let mut ana = app.signed_in(ANA).await;
    has_a_client(&mut ana).await;
    let (path, keys) = ("/admin/apps/notes/openid/keys", lines(|n| format!("no key {n}")));
    ana.submit(path, &[("jwks", &keys), ("jwks_uri", "")]).await.assert_shows("no key 299");
    app.signed_in(ANA).await.get(path).await.assert_hides("no key 299");
    app.clock.advance(Lifetime::minutes(10));
    ana.get(path).await.assert_hides("no key 299");
}
