//! The pages of apps and groups, and the list of apps.

use super::Tour;
use crate::stage::Stage;
use std::fs;

const ANA: &str = "ana@example.com";
const BEN: &str = "ben@example.com";

#[tokio::test]
async fn the_pages_of_apps_and_groups_suit_everybody() {
    let stage = Stage::new().await;
    stage.gatepost.add_admin(ANA);
    stage.gatepost.add_account(BEN);
    let mut tour = Tour::new("admin-apps", &stage);
    let ana = stage.signed_in(ANA).await;
    ana.open("/admin/groups").await;
    tour.stops(&ana, "groups empty", "Groups").await;
    ana.types("Name", "a,b").await;
    ana.presses("Add the group").await;
    ana.reads("Use only lowercase letters").await;
    tour.stops(&ana, "groups with a problem", "Groups").await;
    ana.types("Name", "family").await;
    ana.presses("Add the group").await;
    ana.reads("The group is added.").await;
    tour.stops(&ana, "group empty", "family").await;
    ana.types("Email address of a user", BEN).await;
    ana.presses("Add").await;
    ana.reads("The user is now in the group.").await;
    ana.types("Note for admins", "Everyone who lives at home").await;
    ana.presses("Save the note").await;
    ana.reads("The note is saved.").await;
    tour.stops(&ana, "group", "family").await;
    ana.presses("Remove the group").await;
    tour.stops(&ana, "group to remove", "Remove this group?").await;
    ana.open("/admin/groups").await;
    tour.stops(&ana, "groups", "Groups").await;

    ana.open("/admin/apps").await;
    tour.stops(&ana, "apps empty", "Apps").await;
    ana.presses("New app").await;
    tour.stops(&ana, "app new", "New app").await;
    ana.types("Name", "Wiki").await;
    ana.types("Address", "wiki.example.com/x").await;
    ana.presses("Add the app").await;
    ana.reads("without a path").await;
    tour.stops(&ana, "app new with a problem", "New app").await;
    ana.types("Address", "wiki.example.com").await;
    ana.presses("Add the app").await;
    ana.reads("The app is added.").await;
    ana.opens("HAProxy").await;
    tour.stops(&ana, "app added", "Wiki").await;
    ana.presses("Change").await;
    ana.types("Description", "What we know about plants, and who waters them").await;
    ana.types("Public paths", "static").await;
    ana.presses("Save").await;
    ana.reads("can’t be a public path").await;
    tour.stops(&ana, "app to change with a problem", "Change the app").await;
    ana.types("Public paths", "/static").await;
    ana.presses("Save").await;
    ana.reads("The app is saved.").await;
    tour.stops(&ana, "app", "Wiki").await;
    ana.presses("Add an icon").await;
    tour.stops(&ana, "app icon", "Icon").await;
    let folder = tempfile::tempdir().unwrap();
    let picture = folder.path().join("icon.png");
    fs::write(&picture, ana.find(".top .name").await.screenshot().await.unwrap()).unwrap();
    ana.field("Picture").await.send_keys(picture.to_str().unwrap()).await.unwrap();
    ana.presses("Use this icon").await;
    ana.reads("The app is saved.").await;
    tour.stops(&ana, "app with an icon", "Wiki").await;
    ana.presses("Change the icon").await;
    tour.stops(&ana, "app icon to replace", "Icon").await;
    ana.open("/admin/apps/wiki/icon/remove").await;
    tour.glances_in_both(&ana, "app icon to remove").await;
    ana.open("/admin/apps/wiki/remove").await;
    tour.stops(&ana, "app to remove", "Remove this app?").await;
    ana.open("/admin/new-app").await;
    ana.types("Name", "Maximilianes Pflanzenverzeichnis und Gartentagebuch 2026").await;
    ana.types("Address", "pflanzenverzeichnis.universitaetsklinikum-heidelberg.example").await;
    ana.presses("Add the app").await;
    ana.reads("The app is added.").await;
    ana.open("/admin/apps").await;
    tour.stops(&ana, "apps", "Apps").await;

    ana.open("/account").await;
    tour.stops(&ana, "account with apps", "Your account").await;
    ana.types("Username", "a b").await;
    ana.presses("Save username").await;
    ana.reads("Use 1 to 32 lowercase letters").await;
    tour.stops(&ana, "username with a problem", "Your account").await;
    ana.types("Username", "lima").await;
    ana.presses("Save username").await;
    ana.reads("The username is saved.").await;
    tour.stops(&ana, "username", "Your account").await;
    tour.ends(&[&ana]).await;
}
