//! The desk of admins: on a server that is set up, and after months.

use super::{Tour, security::sets_up_an_app};
use crate::{browser::Browser, stage::Stage};
use std::fs;

const ANA: &str = "ana@example.com";
const EVE: &str = "eve@example.com";
const FAY: &str = "fay@example.com";

/// Invited users, and how far each invitation comes.
const INVITED: [(&str, &str); 7] = [
    (FAY, "Accepted by the email server"),
    ("gus@example.com", "Not sent yet"),
    ("maximiliane.oberhuber-schwarzenbacher@universitaetsklinikum-heidelberg.example", "Refused by the email server"),
    ("ida@example.com", "Opened"),
    ("jon@example.com", "Expired"),
    ("kim@example.com", "Signed in"),
    ("lea@example.com", "Disabled"),
];

/// States that bring an admin there.
const PROGRESS: [&str; 6] = [
    "UPDATE invitations SET accepted_at = NULL, expires_at = NULL WHERE email LIKE 'gus@%' OR email LIKE 'max%'",
    "UPDATE outbox SET state = 'dead', reply = '550 5.1.1 No such user here' WHERE recipient LIKE 'max%'",
    "UPDATE invitations SET opened_at = asked_at WHERE email LIKE 'ida@%'",
    "UPDATE invitations SET expires_at = asked_at WHERE email LIKE 'jon@%'",
    "UPDATE accounts SET last_signed_in_at = created_at WHERE email LIKE 'kim@%'",
    "UPDATE accounts SET disabled_at = created_at WHERE email LIKE 'lea@%'",
];

/// Does every step of the checklist.
async fn sets_the_server_up(stage: &Stage, ana: &Browser) {
    ana.open("/admin/settings/logo").await;
    let folder = tempfile::tempdir().unwrap();
    let picture = folder.path().join("logo.png");
    fs::write(&picture, ana.find(".top .name").await.screenshot().await.unwrap()).unwrap();
    ana.field("Picture").await.send_keys(picture.to_str().unwrap()).await.unwrap();
    ana.presses("Save").await;
    ana.reads("The logo is saved.").await;
    ana.open("/admin/settings").await;
    ana.types("Name", "The Lindens").await;
    ana.saves("product_name").await;
    ana.reads("Settings saved.").await;
    sets_up_an_app(ana).await;
    for name in ["backup", "test_email_opened"] {
        stage.gatepost.changes(&format!("INSERT OR REPLACE INTO last_times VALUES ('{name}', unixepoch() * 1000)"));
    }
}

/// Sets the date that this page asks for to a day that is over.
async fn chooses_a_day_that_is_over(browser: &Browser) {
    browser.run("document.getElementById('ends_on').value = '2020-01-01'").await;
}

#[tokio::test]
async fn the_desk_of_a_server_that_is_set_up_suits_everybody() {
    // With the test mailbox, the checklist would stay.
    let emails = tempfile::tempdir().unwrap();
    let url = format!("file://{}", emails.path().display());
    let stage = Stage::with(&[("GATEPOST_MAIL_URL", &url), ("GATEPOST_MAIL_FROM", "login@example.com")]).await;
    for email in [ANA, EVE] {
        stage.gatepost.add_admin(email);
    }
    // Only a user with a verified address can enrol a factor.
    stage.gatepost.changes("UPDATE accounts SET proven_at = unixepoch() * 1000");
    let mut tour = Tour::new("desk-set-up", &stage);
    let ana = stage.signed_in(ANA).await;
    sets_the_server_up(&stage, &ana).await;
    ana.open("/admin").await;
    ana.does_not_read("Finish setting up").await;
    tour.stops(&ana, "overview of a server that is set up", "Overview").await;
    ana.open("/admin/people").await;
    ana.presses(ANA).await;
    ana.presses("All events of this user").await;
    ana.reads(&format!("Only entries by or about {ANA}.")).await;
    tour.stops(&ana, "audit of one user", "Audit log").await;

    ana.open("/admin/people/invitations").await;
    let list: String = INVITED.iter().map(|(email, _)| format!("{email}, ")).collect();
    ana.types("Email addresses", &format!("{list}fay@example, Gus Long <gus@@example.com>")).await;
    ana.presses("Invite").await;
    ana.reads("2 entries aren’t email addresses").await;
    tour.stops(&ana, "a list with refused addresses", "Invitations").await;
    chooses_a_day_that_is_over(&ana).await;
    ana.types("Email addresses", "mia@example.com").await;
    ana.presses("Invite").await;
    ana.reads("Choose a day that isn’t over yet.").await;
    tour.stops(&ana, "a list with a refused end date", "Invitations").await;
    ana.presses(FAY).await;
    chooses_a_day_that_is_over(&ana).await;
    ana.presses("Save end date").await;
    ana.reads("Choose a day that isn’t over yet.").await;
    tour.stops(&ana, "person with a refused end date", FAY).await;
    ana.types("Username", "a b").await;
    ana.presses("Save username").await;
    ana.reads("Use 1 to 32 lowercase letters").await;
    tour.stops(&ana, "person with a refused username", FAY).await;

    stage.gatepost.all_left().await;
    for change in PROGRESS {
        stage.gatepost.changes(change);
    }
    ana.open("/admin/people/invitations").await;
    for (_, progress) in INVITED {
        ana.reads(progress).await;
    }
    tour.stops(&ana, "invitations in every state", "Invitations").await;
    tour.ends(&[&ana]).await;
}

/// Users, a backup that is old, an upgrade, and emails that wait. A month of sign-ins by every
/// method, and a domain whose links a scanner opens.
const MONTHS_LATER: [&str; 7] = [
    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 120)
     INSERT INTO accounts (id, email, name, is_admin, created_at, origin)
     SELECT 1000 + i, 'user' || i || '@example.net', 'User ' || i, FALSE, 1, 'command_line' FROM n",
    "INSERT OR REPLACE INTO last_times VALUES ('backup', (unixepoch() - 777600) * 1000)",
    "INSERT INTO starts SELECT MIN(at) - 1000, '0.0.1', 'before', '' FROM starts",
    "UPDATE outbox SET created_at = created_at - 600000",
    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 29),
     kinds(what, pace, most) AS (VALUES ('email', 7, 47), ('passkey', 11, 31), ('password', 5, 17), ('other', 3, 4), ('failed', 13, 29))
     INSERT OR REPLACE INTO sign_in_hours SELECT unixepoch() / 3600 - 24 * i, what, i * pace % most FROM n, kinds WHERE i % 7 > 0",
    "INSERT OR REPLACE INTO last_times VALUES ('sign_ins_counted', unixepoch() * 1000)",
    "INSERT INTO domain_openings (domain, since_at, opened, scanned) VALUES ('example.net', unixepoch() * 1000, 30, 28)",
];

/// More entries of the audit log than one search looks at.
const MANY_ENTRIES: &str = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 21000)
    INSERT INTO audit (id, at, actor, action, subject)
    SELECT i, (unixepoch() - 86400 - i) * 1000, 'command line', 'invitation_sent', 'user' || (i % 120) || '@example.net' FROM n";

#[tokio::test]
async fn the_desk_after_months_suits_everybody() {
    let stage = Stage::new().await;
    for email in [ANA, EVE] {
        stage.gatepost.add_admin(email);
    }
    let mut tour = Tour::new("desk-states", &stage);
    let ana = stage.signed_in(ANA).await;
    ana.open("/admin/people/invitations").await;
    tour.glances_in_both(&ana, "no invitations").await;
    ana.open("/admin/mail").await;
    ana.presses("Send me a test email").await;
    stage.gatepost.mail_to(ANA, 1).await;
    stage.gatepost.all_left().await;
    stage.gatepost.hold_mails_back(2, "450 4.2.0 Greylisted");
    for change in MONTHS_LATER {
        stage.gatepost.changes(change);
    }
    ana.open("/admin/settings").await;
    let eve = stage.signed_in(EVE).await;
    eve.open("/admin/settings").await;
    eve.types("Name", "The Lindens").await;
    eve.saves("product_name").await;
    eve.reads("Settings saved.").await;
    ana.types("Name", "The Elms").await;
    ana.saves("product_name").await;
    ana.reads("Someone else changed the settings").await;
    tour.stops(&ana, "settings overtaken", "Settings").await;
    ana.open("/admin/settings").await;
    ana.opens("Preview").await;
    ana.enters_frame().await;
    ana.reads("Email address").await;
    ana.leaves_frame().await;
    tour.stops(&ana, "preview", "Settings").await;
    ana.open("/admin").await;
    ana.opens("Show as a table").await;
    for words in ["Last upgrade", "Emails have been waiting"] {
        ana.reads(words).await;
    }
    tour.stops(&ana, "overview with alarms and a table", "Overview").await;
    for (path, state) in [
        ("/admin/mail", "a domain with a scanner"),
        ("/admin/people", "users on several pages"),
        ("/admin/people?show=no-second-factor", "users without a second factor"),
        ("/admin/audit?q=nowhere", "audit without a match"),
        ("/admin/people/several?deed=disable&user=00000000000003e9&user=00000000000003ea", "two to disable"),
        ("/admin/people/several?deed=enable&user=00000000000003e9&user=00000000000003ea", "two to enable"),
        ("/admin/people/several?deed=end&user=00000000000003e9&user=00000000000003ea", "two to end"),
    ] {
        ana.open(path).await;
        assert_eq!(ana.path().await, path);
        tour.glances_in_both(&ana, state).await;
    }
    chooses_a_day_that_is_over(&ana).await;
    ana.presses("Save end date").await;
    ana.reads("Choose a day that isn’t over yet.").await;
    tour.glances(&ana, "two to end with a problem").await;
    stage.gatepost.changes(MANY_ENTRIES);
    ana.open("/admin/audit?q=nowhere").await;
    ana.reads("We searched back to").await;
    tour.stops(&ana, "audit searched in part", "Audit log").await;
    tour.ends(&[&ana, &eve]).await;
}
