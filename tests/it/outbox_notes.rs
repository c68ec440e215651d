//! Emails of which something stored cannot be read, and what admins read of the reasons.

use crate::harness::{Setup, TestApp, address};
use gatepost::{
    db,
    domain::{
        LanguageTag, Lifetime,
        mail::{MailKind, MailReason, MailState, QueuedMail},
    },
    locale::Catalogue,
    metrics,
    outbox::Worker,
};
use std::sync::Arc;
use strum::VariantArray;

const ADMIN: &str = "ana@example.com";
const BEN: &str = "ben@example.com";

const UNREADABLE: &str = MailReason::Unreadable.as_str();
/// Words that admins read of that.
const SAID: &str = "Gatepost can’t read what it stored about this email.";

/// Returns whether an email of this kind says what its note names. The others tell without it.
const fn reads_its_note(kind: MailKind) -> bool {
    match kind {
        MailKind::AddressChanged
        | MailKind::NewBrowser
        | MailKind::RecoveryBegun
        | MailKind::AccessAsked
        | MailKind::AccessAnswered => true,
        MailKind::SignIn
        | MailKind::StepUp
        | MailKind::ConfirmAddress
        | MailKind::ResetPassword
        | MailKind::PasswordChanged
        | MailKind::SecurityChanged
        | MailKind::Invitation
        | MailKind::AccountClosed
        | MailKind::GuestEnds
        | MailKind::Test => false,
    }
}

async fn queue(app: &TestApp, kind: MailKind, (to, note): (&str, String)) {
    let (entropy, now, to) = (Arc::clone(&app.services.entropy), app.services.now(), address(to));
    app.write(move |connection| {
        let mail = QueuedMail { note: note.clone(), ..QueuedMail::new(&*entropy, kind, to.clone(), now) };
        db::outbox::enqueue(connection, &mail)
    })
    .await;
}

async fn settled(app: &TestApp, state: MailState) -> Vec<(String, String)> {
    let mails = app.read(move |connection| db::outbox::newest(connection, &[state], 100)).await;
    mails.into_iter().map(|mail| (mail.recipient, mail.reply)).collect()
}

#[rocket::async_test]
async fn an_email_of_any_kind_whose_note_cannot_be_read_holds_up_no_other() {
    for &kind in MailKind::VARIANTS {
        let app = Setup::new().start().await;
        app.add_admin(ADMIN).await;
        queue(&app, kind, (ADMIN, kind.note("{spoilt"))).await;
        queue(&app, MailKind::AccountClosed, (BEN, String::new())).await;
        work_off(&app, &format!("{kind:?}")).await;
        let sent = settled(&app, MailState::Sent).await;
        assert!(sent.iter().any(|(to, _)| to == BEN), "{kind:?}: the next email");
        let dead = settled(&app, MailState::Dead).await;
        let expected = reads_its_note(kind).then(|| (ADMIN.to_owned(), UNREADABLE.to_owned()));
        assert_eq!(dead, Vec::from_iter(expected), "{kind:?}");
        let counted = app.services.metrics.mails.get_or_create(&metrics::kind("dead")).get();
        assert_eq!(counted, u64::from(reads_its_note(kind)), "{kind:?}");
        let mut ana = crate::set_up::console_session(&app, ADMIN).await;
        let page = ana.get("/admin/mail").await;
        assert_eq!(page.text().contains(SAID), reads_its_note(kind), "{kind:?}");
    }
}

async fn work_off(app: &TestApp, what: &str) {
    let mut worker = Worker::new(Arc::clone(&app.services)).unwrap();
    for _ in 0..5 {
        worker.round().await.unwrap_or_else(|error| panic!("{what}: {error}"));
    }
}

async fn an_email_of_a_newer_version() -> TestApp {
    let app = Setup::new().start().await;
    app.add_admin(ADMIN).await;
    queue(&app, MailKind::AccountClosed, (ADMIN, String::new())).await;
    app.spoil("UPDATE outbox SET kind = 'nonsense'").await;
    work_off(&app, "of a newer version").await;
    app
}

/// During an upgrade, nodes of two versions share one outbox.
#[rocket::async_test]
async fn an_email_of_a_newer_version_waits_for_a_node_that_knows_its_kind() {
    let app = an_email_of_a_newer_version().await;
    assert_eq!(settled(&app, MailState::Waiting).await.len(), 1);
    assert_eq!(settled(&app, MailState::Dead).await, []);
    let mut ana = crate::set_up::console_session(&app, ADMIN).await;
    ana.get("/admin/mail").await.assert_shows("Email from a newer version");
    // As the other node sees it.
    app.spoil("UPDATE outbox SET kind = 'account_closed'").await;
    app.clock.advance(Lifetime::minutes(1));
    work_off(&app, "known again").await;
    assert_eq!(settled(&app, MailState::Sent).await.len(), 1);
}

#[rocket::async_test]
async fn an_email_that_no_node_knows_is_given_up_once_it_is_worthless() {
    let app = an_email_of_a_newer_version().await;
    app.clock.advance(MailKind::AccountClosed.worth_sending_for());
    work_off(&app, "too late").await;
    let dead = settled(&app, MailState::Dead).await;
    assert_eq!(dead, [(ADMIN.to_owned(), UNREADABLE.to_owned())]);
    assert_eq!(app.services.metrics.mails.get_or_create(&metrics::kind("dead")).get(), 1);
    let id = app.read(|connection| db::outbox::newest(connection, &[MailState::Dead], 1)).await[0].id;
    let mut ana = crate::set_up::console_session(&app, ADMIN).await;
    ana.post(&format!("/admin/mail/{id}/retry"), &[]).await.assert_leads_to("/admin/mail");
    ana.get("/admin/mail").await.assert_status(200);
}

#[rocket::async_test]
async fn an_email_whose_row_cannot_be_read_holds_up_no_other() {
    for spoilt in ["recipient = 'no address'", "browser = 'Firefox', client_address = 'nowhere'"] {
        let app = Setup::new().start().await;
        app.add_admin(ADMIN).await;
        queue(&app, MailKind::AccountClosed, (ADMIN, String::new())).await;
        app.spoil(&format!("UPDATE outbox SET {spoilt}")).await;
        queue(&app, MailKind::AccountClosed, (BEN, String::new())).await;
        work_off(&app, spoilt).await;
        assert_eq!(settled(&app, MailState::Sent).await.len(), 1, "{spoilt}");
        let dead = settled(&app, MailState::Dead).await;
        assert_eq!(dead.len(), 1, "{spoilt}");
        assert_eq!(dead[0].1, UNREADABLE);
        let mut ana = crate::set_up::console_session(&app, ADMIN).await;
        let page = ana.get("/admin/mail").await;
        page.assert_shows(SAID);
        assert!(!page.body.contains("Email from a newer version"), "{spoilt}");
        let id = app.read(|connection| db::outbox::newest(connection, &[MailState::Dead], 1)).await[0].id;
        ana.post(&format!("/admin/mail/{id}/retry"), &[]).await.assert_leads_to("/admin/mail");
        ana.get("/admin/mail").await.assert_status(200);
    }
}

/// An email server's words are in its own language. So are those of a version that stored no codes.
#[rocket::async_test]
async fn each_reason_is_said_in_the_reader_s_language_and_other_words_are_shown_as_they_are() {
    let app = Setup::new().start().await;
    app.add_admin(ADMIN).await;
    let words = ["the account is gone or disabled", "550 5.1.1 no such user"];
    let codes = MailReason::VARIANTS.iter().map(|reason| reason.as_str());
    for reply in words.into_iter().chain(codes) {
        queue(&app, MailKind::AccountClosed, (BEN, String::new())).await;
        let ended = "state = 'dead', settled_at = created_at";
        app.spoil(&format!("UPDATE outbox SET {ended}, reply = '{reply}' WHERE state = 'waiting'")).await;
    }
    let catalogue = Catalogue::embedded().unwrap();
    for language in crate::catalogue::language_tags() {
        let locale = catalogue.find(&LanguageTag::parse(&language).unwrap()).unwrap();
        let mut ana = crate::set_up::console_session(&app, ADMIN).await.speaking(language.clone().leak());
        let page = ana.get("/admin/mail").await;
        for reason in MailReason::VARIANTS {
            page.assert_shows(&locale.say(reason.label()).to_string());
            assert!(!page.body.contains(&format!(">{}<", reason.as_str())), "{language}: {reason:?}");
        }
        for words in words {
            assert!(page.body.contains(&format!("<bdi lang=\"en\">{words}</bdi>")), "{language}: {}", page.body);
        }
        assert_eq!(page.body.matches("<bdi lang=\"en\">").count(), words.len(), "{language}");
    }
}
