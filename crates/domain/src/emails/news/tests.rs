use super::*;

#[test]
fn every_event_reads_back_as_it_was_stored() {
    for event in SecurityEvent::samples() {
        assert_eq!(SecurityEvent::parse(event.mail_kind(), &event.note()), Some(event));
    }
    for (kind, note) in [
        (MailKind::SecurityChanged, "cat_added"),
        (MailKind::SecurityChanged, "set"),
        (MailKind::PasswordChanged, "totp_added"),
        (MailKind::SecurityChanged, "recovery_code_used:many"),
        (MailKind::SecurityChanged, "recovery_code_used"),
        (MailKind::Test, ""),
    ] {
        assert_eq!(SecurityEvent::parse(kind, note), None, "{note}");
    }
}

#[test]
fn what_it_is_about_is_read_from_the_stored_form() {
    let made = SecurityEvent::AdminMade;
    let note = made.note_about("ben@example.com");
    assert_eq!(SecurityEvent::parse(MailKind::SecurityChanged, &note), Some(made));
    assert_eq!(made.about(&note), Some(About::NewAdmin("ben@example.com".into())));
    let done = SecurityEvent::RecoveryDone;
    let removed = vec![
        Removed::Counted(RemovedFactor::App, 1),
        Removed::Counted(RemovedFactor::Passkey, 2),
        Removed::Counted(RemovedFactor::RecoveryCode, 9),
        Removed::NewPassword,
        Removed::Unknown("3 cats".into()),
    ];
    let stored = Removed::stored(&[&removed[..], &[Removed::Counted(RemovedFactor::RememberedBrowser, 0)]].concat());
    assert_eq!(stored, "1 authenticator app, 2 passkeys, 9 recovery codes, the new password, 3 cats");
    assert_eq!(done.about(&done.note_about(&stored)), Some(About::Removed(removed)));
    assert_eq!((done.about(&done.note()), SecurityEvent::PasskeyAdded.about("passkey_added:1")), (None, None));
}

#[test]
fn an_event_has_a_title_and_a_detail_of_its_own() {
    for event in SecurityEvent::iter() {
        let of_title = SecurityEvent::iter().filter(|other| other.title() == event.title()).count();
        assert_eq!(of_title, 1, "{event:?}");
        assert_eq!(event.detail(), format!("{}.detail", event.title()));
    }
}

/// A thief who brings about many news could otherwise hide a gain among them, without its link.
#[test]
fn news_of_a_gain_is_never_gathered_and_its_link_undoes_it() {
    let names = |is_one: fn(SecurityEvent) -> bool| -> Vec<_> {
        SecurityEvent::iter().filter(|event| is_one(*event)).map(SecurityEvent::name).collect()
    };
    assert_eq!(
        names(SecurityEvent::can_be_gathered),
        [
            "removed",
            "totp_removed",
            "totp_guessed",
            "passkey_removed",
            "passkey_copied",
            "recovery_codes_removed",
            "recovery_code_used",
            "recovery_cancelled",
            "recovery_done",
            "undone",
        ]
    );
    assert_eq!(
        names(SecurityEvent::is_gain),
        ["set", "reset", "totp_added", "passkey_added", "recovery_codes_made", "browser_remembered", "admin_made"]
    );
    assert_eq!(names(SecurityEvent::removes_factor), ["totp_removed", "passkey_removed", "recovery_done", "undone"]);
    assert!(SecurityEvent::iter().all(|event| !(event.is_gain() && event.can_be_gathered())));
}
