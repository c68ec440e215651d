//! The pages of admins.

use super::Tour;
use crate::stage::Stage;
use std::fs;

const ANA: &str = "ana@example.com";
const BEN: &str = "ben@example.com";
const LONG: &str = "maximiliane.oberhuber-schwarzenbacher@research.universitaetsklinikum-heidelberg.example";

#[tokio::test]
async fn the_pages_of_people_mail_and_audit_suit_everybody() {
    let stage = Stage::new().await;
    stage.gatepost.add_admin(ANA);
    let mut tour = Tour::new("admin", &stage);
    let ana = stage.signed_in(ANA).await;
    ana.open("/admin").await;
    tour.stops(&ana, "overview", "Overview").await;
    ana.open("/admin/mail").await;
    tour.stops(&ana, "mail empty", "Email").await;

    ana.open("/admin/people").await;
    ana.types("Email address", "ben@example").await;
    ana.presses("Invite").await;
    ana.reads("should look like example.com").await;
    tour.stops(&ana, "people with a problem", "Users").await;
    for email in [BEN, LONG] {
        if email == LONG {
            // With someone in the list, the form is folded.
            ana.opens("Invite someone").await;
        }
        ana.types("Email address", email).await;
        ana.presses("Invite").await;
        ana.reads("is invited. The email is").await;
        stage.gatepost.mail_to(email, 1).await;
    }
    tour.stops(&ana, "people", "Users").await;
    let boxes = "return document.querySelectorAll('input[name=user]').length";
    assert_eq!(ana.run(boxes).await, 2);
    ana.ticks("Select all on this page").await;
    ana.presses("Sign out the selected users").await;
    ana.reads_heading("Sign 2 users out everywhere?").await;
    tour.stops(&ana, "several people to sign out", "Sign 2 users out everywhere?").await;
    ana.presses("Sign out everywhere").await;
    ana.reads("2 users are signed out everywhere.").await;
    ana.presses("Invitations").await;
    ana.opens("Link you can share").await;
    tour.stops(&ana, "invitations", "Invitations").await;
    let ben = stage.browser().await;
    ben.open(&stage.gatepost.mail_to(BEN, 1).await.invitation_link()).await;
    tour.stops(&ben, "invitation", "You’re invited to Gatepost").await;
    ana.open("/admin/people/invitations").await;
    ana.reads("Opened").await;
    ben.open("/auth/invitation?token=x").await;
    tour.stops(&ben, "invitation over", "This invitation no longer works").await;
    ana.open("/admin/people?q=nobody").await;
    tour.stops(&ana, "no users found", "Users").await;

    ana.open("/admin/people").await;
    ana.presses(BEN).await;
    tour.stops(&ana, "person", BEN).await;
    ana.presses("Disable").await;
    tour.stops(&ana, "person to disable", "Disable this account?").await;
    ana.presses("Cancel").await;
    ana.reads_heading(BEN).await;
    ana.presses("Disable").await;
    ana.reads_heading("Disable this account?").await;
    ana.presses("Disable account").await;
    ana.reads("The account is disabled").await;
    tour.stops(&ana, "person disabled", BEN).await;
    ana.open("/admin/people").await;
    ana.presses(LONG).await;
    tour.stops(&ana, "person with a long address", LONG).await;
    ana.open("/admin/people").await;
    ana.presses(ANA).await;
    ana.reads("because there’s no other admin.").await;
    tour.stops(&ana, "person last admin", ANA).await;

    ana.open("/admin/mail").await;
    ana.presses("Send me a test email").await;
    ana.reads("The test email is on its way.").await;
    stage.gatepost.mail_to(ANA, 1).await;
    ana.open("/admin/mail").await;
    tour.stops(&ana, "mail", "Email").await;
    ana.open("/admin/mail/check?now=yes").await;
    tour.stops(&ana, "mail check", "Check email delivery").await;
    ana.open("/admin/mail/arrived").await;
    tour.stops(&ana, "test email arrived", "Your test email arrived").await;
    ana.open("/admin/mail").await;
    stage.gatepost.refuse_mails();
    ana.reload().await;
    tour.stops(&ana, "mail with refusals", "Email").await;
    ana.open("/admin").await;
    tour.stops(&ana, "overview with refusals", "Overview").await;
    ana.open("/admin/audit").await;
    tour.stops(&ana, "audit", "Audit log").await;
    tour.ends(&[&ana]).await;
}

#[tokio::test]
async fn the_pages_of_settings_suit_everybody() {
    let stage = Stage::new().await;
    stage.gatepost.add_admin(ANA);
    let mut tour = Tour::new("settings", &stage);
    let ana = stage.signed_in(ANA).await;
    ana.open("/admin/settings").await;
    tour.stops(&ana, "settings", "Settings").await;
    for (label, wrong) in [
        ("Link lifetime", "soon"),
        ("Remembered session: idle limit", "1s"),
        ("Per email address", "three"),
        ("Name", ""),
        ("Button colour", "green"),
        ("Support email", "help"),
        ("Allowed domains", "not a domain"),
    ] {
        ana.types(label, wrong).await;
    }
    ana.saves("product_name").await;
    ana.reads("fields need another look").await;
    tour.stops(&ana, "settings with problems", "Settings").await;

    // A colour that is hard to read on, and a name and an address of the greatest length.
    ana.open("/admin/settings").await;
    ana.types("Button colour", "#ffe94d").await;
    ana.types("Name", "Universitätsklinikum Heidelberg Anmeldun").await;
    ana.types("Support email", "support@universitaetsklinikum-heidelberg.example").await;
    ana.saves("product_name").await;
    ana.reads("Settings saved.").await;
    ana.ticks("Invited users, and anyone at the allowed domains").await;
    ana.types("Allowed domains", "example.com").await;
    ana.saves("allowed_domains").await;
    ana.reads("Settings saved.").await;
    tour.stops(&ana, "settings saved", "Settings").await;
    let ben = stage.browser().await;
    ben.open("/login").await;
    tour.stops(&ben, "sign-in in another colour", "Sign in to Universitätsklinikum Heidelberg Anmeldun").await;

    ana.presses("Logo for light mode").await;
    tour.stops(&ana, "logo none", "Logo").await;
    ana.open("/admin/settings/logo/dark").await;
    tour.stops(&ana, "dark logo before a light one", "Logo for dark mode").await;
    ana.open("/admin/settings/logo").await;
    // Something that looks like a logo: a picture of a tag on this page.
    let folder = tempfile::tempdir().unwrap();
    let (picture, text) = (folder.path().join("logo.png"), folder.path().join("logo.txt"));
    fs::write(&picture, ana.find(".top .name").await.screenshot().await.unwrap()).unwrap();
    fs::write(&text, "no picture").unwrap();
    ana.field("Picture").await.send_keys(text.to_str().unwrap()).await.unwrap();
    ana.presses("Save").await;
    ana.reads("Choose a PNG or WebP file.").await;
    tour.stops(&ana, "logo with a problem", "Logo").await;
    ana.field("Picture").await.send_keys(picture.to_str().unwrap()).await.unwrap();
    ana.presses("Save").await;
    ana.reads("The logo is saved.").await;
    tour.stops(&ana, "logo", "Logo").await;
    ana.presses("Logo for dark mode").await;
    tour.stops(&ana, "dark logo none", "Logo for dark mode").await;
    ana.field("Picture").await.send_keys(picture.to_str().unwrap()).await.unwrap();
    ana.presses("Save").await;
    ana.reads("The logo is saved.").await;
    tour.stops(&ana, "dark logo", "Logo for dark mode").await;
    for (path, state) in [("/dark/remove", "dark logo to remove"), ("/remove", "logo to remove")] {
        ana.open(&format!("/admin/settings/logo{path}")).await;
        tour.glances_in_both(&ana, state).await;
    }
    ben.open("/login").await;
    tour.stops(&ben, "sign-in with a logo", "Sign in to Universitätsklinikum Heidelberg Anmeldun").await;
    ana.open("/admin/settings").await;

    ben.asks_for_mail(BEN).await;
    let mail = stage.gatepost.mail_to(BEN, 1).await;
    ana.ticks("Email link and code").await;
    ana.presses("Save").await;
    tour.stops_at_an_answer(&ana, "settings lock-out", "No admin will be able to sign in").await;
    ana.presses("Turn it off").await;
    ana.reads("Settings saved.").await;
    ben.open("/login").await;
    tour.stops(&ben, "sign-in turned off", "Sign in to Universitätsklinikum Heidelberg Anmeldun").await;
    ben.open(&mail.link()).await;
    tour.stops(&ben, "link turned off", "Email links are turned off").await;
    ana.open("/admin").await;
    tour.stops(&ana, "overview turned off", "Overview").await;
    tour.ends(&[&ana, &ben]).await;
}

/// German words are longer than English ones.
#[tokio::test]
async fn the_pages_of_admins_suit_german_readers() {
    let stage = Stage::new().await;
    stage.gatepost.add_admin(ANA);
    let mut tour = Tour::new("admin-german", &stage);
    let ana = stage.signed_in(ANA).await;
    ana.reads_german().await;
    ana.open("/admin/people").await;
    ana.types("E-Mail-Adresse", LONG).await;
    ana.presses("Einladen").await;
    ana.reads("ist eingeladen. Die E-Mail").await;
    stage.gatepost.mail_to(LONG, 1).await;
    tour.stops(&ana, "people", "Personen").await;
    ana.presses(LONG).await;
    tour.stops(&ana, "person", LONG).await;
    ana.presses("Deaktivieren").await;
    tour.stops(&ana, "person to disable", "Dieses Konto deaktivieren?").await;
    stage.gatepost.refuse_mails();
    for (path, heading) in [
        ("/admin", "Übersicht"),
        ("/admin/settings/logo", "Logo"),
        ("/admin/mail", "E-Mail"),
        ("/admin/audit", "Protokoll"),
        ("/admin/settings", "Einstellungen"),
    ] {
        ana.open(path).await;
        tour.stops(&ana, heading, heading).await;
    }
    for (label, wrong) in [("Gültigkeit der Links", "bald"), ("Farbe der Schaltflächen", "grün"), ("Name", "")] {
        ana.types(label, wrong).await;
    }
    ana.saves("product_name").await;
    ana.reads("Prüfen Sie 3 Felder.").await;
    tour.stops(&ana, "settings with problems", "Einstellungen").await;
    ana.open("/admin/settings").await;
    ana.ticks("Anmeldelink und Code per E-Mail").await;
    ana.presses("Speichern").await;
    tour.stops(&ana, "lock-out", "Kein Admin könnte sich mehr anmelden").await;
    tour.ends(&[&ana]).await;
}
