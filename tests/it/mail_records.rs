//! Pages that show admins the DNS records that other email servers read.

use crate::{
    dns,
    german::opens,
    harness::{Setup, TestApp},
};

const ANA: &str = "ana@example.com";
const CHECK: &str = "/admin/mail/check";

async fn app() -> TestApp {
    let server = dns::serve(&[("example.com", &["v=spf1 mx -all"])]);
    let setup = Setup::new().with("GATEPOST_DNS_SERVER", &server.to_string());
    setup.with("GATEPOST_MAIL_FROM", "login@example.com").start().await
}

#[rocket::async_test]
async fn an_admin_sees_what_other_email_servers_find_and_what_to_publish() {
    let app = app().await;
    app.add_admin(ANA).await;
    let mut ana = app.signed_in(ANA).await;
    assert!(ana.get("/admin/mail").await.body.contains(CHECK));
    ana.get(CHECK).await.assert_shows("Check now").assert_hides("v=spf1");
    let page = ana.get("/admin/mail/check?now=yes").await;
    page.assert_shows("SPF OK v=spf1 mx -all").assert_shows("DMARC Not OK example.com has no DMARC record");
    page.assert_shows("Certificate Not checked No email server is set up.");
    page.assert_shows("_dmarc.example.com. TXT").assert_shows("Gatepost doesn’t sign emails here");
}

#[rocket::async_test]
async fn of_a_domain_that_is_no_name_in_the_dns_nothing_is_said_to_be_wrong() {
    let server = dns::serve(&[]);
    let setup = Setup::new().with("GATEPOST_DNS_SERVER", &server.to_string());
    let app = setup.with("GATEPOST_MAIL_FROM", "login@localhost").start().await;
    app.add_admin(ANA).await;
    let page = app.signed_in(ANA).await.get("/admin/mail/check?now=yes").await;
    page.assert_shows("a name in the DNS.").assert_hides("Not OK");
}

#[rocket::async_test]
async fn only_admins_have_other_servers_asked() {
    let app = app().await;
    app.add_account("ben@example.com").await;
    let mut ben = app.signed_in("ben@example.com").await;
    for path in [CHECK, "/admin/mail/check?now=yes"] {
        ben.get(path).await.assert_status(404);
    }
}

#[rocket::async_test]
async fn a_german_admin_reads_in_german_that_emails_stay_in_the_test_mailbox() {
    let app = app().await;
    app.add_admin(ANA).await;
    let mut ana = app.signed_in(ANA).await;
    let page = opens(&mut ana, "/admin/mail/check?now=yes").await;
    page.assert_shows("E-Mails landen im Testpostfach und werden nicht gesendet.").assert_hides("emails are shown");
}
