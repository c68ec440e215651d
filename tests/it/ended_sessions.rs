//! The form of an ended session: the next page says that it was kept only where it comes back.

use crate::{
    acting::{ACTED, Body, Has, Scene, session_of},
    browser::Browser,
};
use gatepost::{db, domain::Lifetime};

const ANA: &str = "ana@example.com";

/// Forms without anything that a user types, or with a secret.
const NOT_KEPT: [(&str, &str); 6] = [
    ("/account/sessions/revoke", "Sign in to continue."),
    ("/admin/mail/code-first", "Sign in to continue."),
    ("/account/apps/sign-out", "Sign in to continue."),
    ("/account/password/remove", "Sign in to continue."),
    ("/account/password", "fill in the form again"),
    ("/admin/apps/{client}/openid/add-uri", "fill in the form again"),
];

#[rocket::async_test]
async fn a_form_of_an_ended_session_is_said_to_be_kept_only_where_its_page_fills_it_in_again() {
    let scene = Scene::new(Has::Password).await;
    let cookies = scene.ana(&scene.app).cookies;
    let owner = session_of(&scene.app, &cookies).await.session.account_id;
    scene.app.write(move |connection| db::sessions::delete_all(connection, owner)).await;
    let mut kept = Vec::new();
    for cell in ACTED.iter().filter(|cell| cell.2 == Has::Password) {
        let Body::Form(fields) = &cell.3 else { continue };
        let filled: Vec<_> = fields.iter().map(|(name, value)| (*name, scene.fill(value))).collect();
        let fields: Vec<_> = filled.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let path = scene.fill(cell.0);
        let mut ana = Browser { cookies: cookies.clone(), ..scene.app.browser() };
        let answer = ana.post_only(&path, &fields).await;
        let Some(to) = answer.location().filter(|to| to.starts_with("/login")).map(str::to_owned) else { continue };
        let says = ana.get(&to).await.text();
        if let Some((_, words)) = NOT_KEPT.iter().find(|(form, _)| *form == cell.0) {
            assert!(says.contains(words), "{path}: {says}");
        }
        if !says.contains("we’ve kept what you typed") {
            continue;
        }
        kept.push((path, filled, to, ana.cookies));
    }
    assert!(kept.len() > 15, "{:?}", kept.iter().map(|(path, ..)| path).collect::<Vec<_>>());
    for (path, fields, to, cookies) in kept {
        let mut ana = Browser { cookies, ..scene.app.browser() };
        scene.app.clock.advance(Lifetime::minutes(1));
        ana.sign_in(ANA).await;
        let (_, back) = to.split_once("return_to=").unwrap();
        let back = url::form_urlencoded::parse(format!("a={back}").as_bytes()).next().unwrap().1.into_owned();
        let page = ana.open(&back).await;
        for (name, value) in &fields {
            let shown = value.split(['\n', ' ']).all(|line| page.body.contains(line));
            assert!(shown, "{path}: {back} does not show {name}={value:?} again: {}", page.text());
        }
    }
}
