//! Emails about access to apps that waited in the outbox. Since they were queued, something has
//! happened to their reader.

use crate::{
    app_asks::{ADMIN, ANA, GUEST, OTHER_ADMIN, asks, invites_a_guest, links, start},
    harness::TestApp,
};
use gatepost::{
    db,
    domain::{Lifetime, apps::asking::Answer},
    housekeeping,
};

const ASKED: &str = "asked for access to wiki";

/// Delivers, and returns whether an email to this address has these words.
async fn is_told(gatepost: &TestApp, email: &str, words: &str) -> bool {
    gatepost.mails_to(email).await.iter().any(|mail| mail.words().contains(words))
}

#[rocket::async_test]
async fn who_is_no_admin_any_more_does_not_hear_who_asks_for_access() {
    let gatepost = start().await;
    asks(&mut gatepost.signed_in(ANA).await).await;
    let id = gatepost.account_of(OTHER_ADMIN).await.unwrap().id;
    gatepost.write(move |connection| db::accounts::set_admin(connection, id, false)).await;
    assert!(!is_told(&gatepost, OTHER_ADMIN, ASKED).await);
    assert!(is_told(&gatepost, ADMIN, ASKED).await);
}

#[rocket::async_test]
async fn no_admin_hears_of_an_ask_that_another_one_has_answered() {
    let gatepost = start().await;
    asks(&mut gatepost.signed_in(ANA).await).await;
    let (id, now) = (gatepost.account_of(ANA).await.unwrap().id, gatepost.services.now());
    gatepost
        .write(move |connection| {
            let ask = db::app_asks::of_account(connection, id)?.remove(0);
            assert!(db::app_asks::answer(connection, ask.id, Answer::No, now)?);
            Ok(())
        })
        .await;
    for admin in [ADMIN, OTHER_ADMIN] {
        assert!(!is_told(&gatepost, admin, ASKED).await, "{admin}");
    }
}

#[rocket::async_test]
async fn a_user_does_not_hear_of_access_that_was_taken_back_before_the_email_left() {
    for is_taken_back in [false, true] {
        let gatepost = start().await;
        asks(&mut gatepost.signed_in(ANA).await).await;
        let [yes, ..] = links(&gatepost, ADMIN).await;
        let mut boss = gatepost.signed_in(ADMIN).await;
        boss.submit(&yes, &[]).await.assert_shows("The user can now open the app.");
        if is_taken_back {
            gatepost.spoil("DELETE FROM app_people").await;
        }
        assert_eq!(is_told(&gatepost, ANA, "An admin has given you access to wiki").await, !is_taken_back);
    }
}

#[rocket::async_test]
async fn a_guest_who_is_kept_for_good_since_does_not_hear_of_an_end() {
    for is_kept in [false, true] {
        let gatepost = start().await;
        invites_a_guest(&gatepost, 10).await;
        let id = gatepost.account_of(GUEST).await.unwrap().id;
        gatepost.clock.advance(Lifetime::days(10));
        housekeeping::forget_guests(&gatepost.services).await.unwrap();
        if is_kept {
            gatepost.write(move |connection| db::accounts::set_guest(connection, id, None)).await;
        }
        assert_eq!(is_told(&gatepost, GUEST, "After that, we delete it.").await, !is_kept);
    }
}
