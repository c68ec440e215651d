//! Asking for access to an app, the admin's answer, guests, and what proxies were refused for.

use super::Tour;
use crate::stage::Stage;

const ANA: &str = "ana@example.com";
const BOSS: &str = "boss@example.com";

#[tokio::test]
async fn the_pages_of_access_to_apps_suit_everybody() {
    let stage = Stage::new().await;
    stage.gatepost.add_account(ANA);
    stage.gatepost.add_admin(BOSS);
    stage.gatepost.has_app(("closed", "https://closed.example.com"), "one", false);
    let mut tour = Tour::new("app-access", &stage);
    let ana = stage.signed_in(ANA).await;
    ana.open("/apps/access?app=closed").await;
    tour.stops(&ana, "not for you", "You can’t open Wiki").await;
    ana.presses("Ask for access").await;
    ana.reads("We’ve told the admins.").await;
    tour.stops(&ana, "asked", "You can’t open Wiki").await;

    let boss = stage.signed_in(BOSS).await;
    // No trusted proxy asks.
    assert_eq!(boss.run("return fetch('/forward-auth').then(answer => answer.status)").await, 403);
    boss.open("/admin/apps").await;
    boss.reads("1 user is asking for access").await;
    tour.stops(&boss, "apps with an ask", "Apps").await;
    boss.open("/admin/apps/closed").await;
    boss.reads("A request came from a machine that isn’t a trusted proxy.").await;
    tour.stops(&boss, "app with a trouble", "Wiki").await;
    boss.presses("Manage users and guests").await;
    tour.stops(&boss, "access", "Access to Wiki").await;
    boss.presses("Refuse: ana@example.com").await;
    tour.stops(&boss, "no", "Refuse access to Wiki?").await;
    boss.back().await;
    boss.presses("Give access: ana@example.com").await;
    tour.stops(&boss, "yes", "Let this user open Wiki?").await;
    boss.back().await;
    boss.presses("Give temporary access: ana@example.com").await;
    boss.presses("Give temporary access").await;
    boss.reads("Choose a date between today").await;
    tour.stops(&boss, "until with a problem", "Let this user open Wiki for a limited time?").await;
    let tomorrow = "document.getElementById('until').value = new Date(Date.now() + 864e5).toISOString().slice(0, 10)";
    boss.run(tomorrow).await;
    boss.presses("Give temporary access").await;
    boss.reads("The user can now open the app.").await;
    boss.types("Email address", "guest").await;
    boss.presses("Add").await;
    boss.reads("Enter an email address").await;
    tour.stops(&boss, "access with a problem", "Access to Wiki").await;
    boss.types("Email address", "guest.of.the.house@pflanzenverzeichnis.universitaetsklinikum-heidelberg.example")
        .await;
    boss.run(tomorrow).await;
    boss.presses("Add").await;
    boss.reads("The guest gets an email with an invitation.").await;
    tour.stops(&boss, "access with a guest", "Access to Wiki").await;
    boss.presses("Remove access: ana@example.com").await;
    tour.stops(&boss, "access to take", "Remove access to Wiki?").await;
    tour.ends(&[&ana, &boss]).await;
}
