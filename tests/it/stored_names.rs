//! Names of variants in the database. The code derives them from the names in Rust.

use gatepost::{
    db::{attempts::LinkKind, declared, last_times::Noted, oidc_clients::UriKind},
    domain::{
        Gain, Method, Outcome, Purpose,
        account::AccountOrigin,
        admin_act::AdminActKind,
        apps::{asking::Answer, registered::AppOrigin, trouble::Trouble},
        assurance::Strength,
        audit::Action,
        mail::MailState,
        oidc::{
            SigningAlg,
            client::{AccessTokens, GroupsShape, Refreshes},
            device::Decision,
            notice::NoticeState,
        },
        recovery::{self, AskedBy},
        settings::{JoinPolicy, RequiredOf},
    },
};
use strum::VariantArray;

fn names<E: Copy + Into<&'static str> + VariantArray>() -> String {
    E::VARIANTS.iter().map(|variant| (*variant).into()).collect::<Vec<&str>>().join(", ")
}

#[test]
fn the_stored_names_of_variants_stay_as_they_were_released() {
    assert_eq!(names::<AccessTokens>(), "opaque, jwt");
    assert_eq!(names::<AccountOrigin>(), "set_up, command_line, invited, joined");
    assert_eq!(
        names::<Action>(),
        "set_up, signed_in, stepped_up, signed_out, session_revoked, other_sessions_revoked, \
         attempt_cancelled, code_guessed_too_often, account_added, account_disabled, account_enabled, \
         account_closed, account_end_changed, account_ended, invitation_sent, invitation_withdrawn, \
         admin_granted, admin_revoked, signed_out_everywhere, name_changed, language_changed, \
         time_zone_changed, address_change_asked, address_changed, address_change_undone, gain_undone, \
         password_set, password_removed, password_reset, totp_added, totp_removed, \
         totp_guessed_too_often, recovery_codes_made, recovery_codes_removed, recovery_code_used, \
         passkey_added, passkey_renamed, passkey_removed, passkey_counter_went_back, device_trusted, \
         device_distrusted, recovery_begun, recovery_cancelled, recovery_done, key_rotated, \
         database_restored, setting_changed, console_link_printed, test_mail_sent, mail_retried, \
         signing_keys_rotated, app_secret_made, signed_in_to_app, signed_out_of_app, app_consent_given, \
         app_access_ended, app_token_replayed, logout_not_delivered, app_access_asked, app_access_given, \
         app_access_refused, app_access_taken, guest_forgotten, app_added, app_changed, app_removed, \
         group_added, group_changed, group_removed, group_joined, group_left, handle_changed, newer"
    );
    assert_eq!(names::<AdminActKind>(), "granted, revoked, disabled, end_set");
    assert_eq!(names::<Answer>(), "yes, no");
    assert_eq!(names::<AppOrigin>(), "admin, command_line");
    assert_eq!(names::<AskedBy>(), "owner, admin, command line");
    assert_eq!(names::<Decision>(), "waiting, allowed, denied");
    assert_eq!(names::<Gain>(), "passkey, app, recovery_codes, remembered_browser, password, address, admin_rights");
    assert_eq!(names::<GroupsShape>(), "list, spaces, commas");
    assert_eq!(names::<JoinPolicy>(), "invited, allowed_domains, anyone");
    assert_eq!(names::<LinkKind>(), "open, cancel");
    assert_eq!(names::<MailState>(), "waiting, sent, dropped, dead");
    assert_eq!(
        names::<Method>(),
        "email_link, email_code, password, console_link, passkey, totp, recovery_code, trusted_device"
    );
    assert_eq!(names::<Noted>(), "backup, sign_ins_counted, test_email_opened");
    assert_eq!(names::<NoticeState>(), "waiting, ended, gave_up");
    assert_eq!(names::<Outcome>(), "used, cancelled, guessed_out, superseded");
    assert_eq!(names::<Purpose>(), "sign_in, step_up, confirm_address, reset_password, console_link, set_up");
    assert_eq!(names::<Refreshes>(), "never, asked, always");
    assert_eq!(names::<RequiredOf>(), "nobody, admins, everyone");
    assert_eq!(names::<SigningAlg>(), "RS256, ES256");
    assert_eq!(names::<Strength>(), "one, two, passkey");
    assert_eq!(
        names::<Trouble>(),
        "no_method, no_proto, no_host, no_uri, no_original_method, no_original_url, twice, unreadable, \
         not_a_proxy, unknown_host, no_cookie, groups_too_long"
    );
    assert_eq!(names::<UriKind>(), "sign_in, sign_out");
    assert_eq!(names::<declared::Kind>(), "setting, group, app, secret");
    assert_eq!(names::<recovery::Outcome>(), "cancelled, done");
}
