//! Emails of which something stored cannot be read.

use crate::harness::{Setup, TestApp, address};
use gatepost::{
    db,
    domain::mail::{MailKind, MailState, QueuedMail},
    metrics,
    outbox::Worker,
};
use std::sync::Arc;
use strum::VariantArray;

const ADMIN: &str = "ana@example.com";
const BEN: &str = "ben@example.com";

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
    let mails = app.read(move |connection| db::outbox::glimpse(connection, &[state], 100)).await;
    mails.into_iter().map(|mail| (mail.recipient, mail.reply)).collect()
}

#[rocket::async_test]
async fn an_email_of_any_kind_whose_note_cannot_be_read_holds_up_no_other() {
    for &kind in MailKind::VARIANTS {
        let app = Setup::new().start().await;
        app.add_admin(ADMIN).await;
        queue(&app, kind, (ADMIN, kind.note("{spoilt"))).await;
        queue(&app, MailKind::AccountClosed, (BEN, String::new())).await;
        let mut worker = Worker::new(Arc::clone(&app.services)).unwrap();
        for _ in 0..5 {
            worker.round().await.unwrap_or_else(|error| panic!("{kind:?}: {error}"));
        }
        let sent = settled(&app, MailState::Sent).await;
        assert!(sent.iter().any(|(to, _)| to == BEN), "{kind:?}: the next email");
        let dead = settled(&app, MailState::Dead).await;
        let expected = reads_its_note(kind).then(|| (ADMIN.to_owned(), "its stored facts cannot be read".to_owned()));
        assert_eq!(dead, Vec::from_iter(expected), "{kind:?}");
        let counted = app.services.metrics.mails.get_or_create(&metrics::kind("dead")).get();
        assert_eq!(counted, u64::from(reads_its_note(kind)), "{kind:?}");
        let mut ana = crate::set_up::console_session(&app, ADMIN).await;
        let page = ana.get("/admin/mail").await;
        assert_eq!(page.body.contains("its stored facts cannot be read"), reads_its_note(kind), "{kind:?}");
    }
}

/// A newer version may have left a kind that this one does not know.
#[rocket::async_test]
async fn an_email_whose_row_cannot_be_read_holds_up_no_other() {
    for spoilt in ["kind = 'nonsense'", "recipient = 'no address'", "browser = 'Firefox', client_address = 'nowhere'"] {
        let app = Setup::new().start().await;
        app.add_admin(ADMIN).await;
        queue(&app, MailKind::AccountClosed, (ADMIN, String::new())).await;
        app.spoil(&format!("UPDATE outbox SET {spoilt}")).await;
        queue(&app, MailKind::AccountClosed, (BEN, String::new())).await;
        let mut worker = Worker::new(Arc::clone(&app.services)).unwrap();
        for _ in 0..5 {
            worker.round().await.unwrap_or_else(|error| panic!("{spoilt}: {error}"));
        }
        assert_eq!(settled(&app, MailState::Sent).await.len(), 1, "{spoilt}");
        let dead = settled(&app, MailState::Dead).await;
        assert_eq!(dead.len(), 1, "{spoilt}");
        assert_eq!(dead[0].1, "its stored facts cannot be read");
        let mut ana = crate::set_up::console_session(&app, ADMIN).await;
        let page = ana.get("/admin/mail").await;
        page.assert_shows("its stored facts cannot be read");
        let is_known = !spoilt.starts_with("kind");
        assert_eq!(page.body.contains("Email from a newer version"), !is_known, "{spoilt}");
        let id = app.read(|connection| db::outbox::glimpse(connection, &[MailState::Dead], 1)).await[0].id;
        ana.post(&format!("/admin/mail/{id}/retry"), &[]).await.assert_leads_to("/admin/mail");
        ana.get("/admin/mail").await.assert_status(200);
    }
}
