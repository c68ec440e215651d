//! Names of variants in the database. The code derives them from the names in Rust.

use gatepost::{
    db::{attempts::LinkKind, declared, last_times::Noted, oidc_clients::UriKind},
    domain::{
        Gain, Method, Outcome, Purpose,
        account::AccountOrigin,
        admin_act::AdminActKind,
        apps::{asking::Answer, registered::AppOrigin},
        assurance::Strength,
        mail::MailState,
        oidc::{
            SigningAlg,
            client::{AccessTokens, GroupsShape, Refreshes},
            device::Decision,
            notice::NoticeState,
        },
        recovery::{self, AskedBy},
    },
};
use strum::VariantArray;

fn names<E: Copy + Into<&'static str> + VariantArray>() -> Vec<&'static str> {
    E::VARIANTS.iter().map(|variant| (*variant).into()).collect()
}

#[test]
fn the_stored_names_of_variants_stay_as_they_were_released() {
    assert_eq!(names::<AccessTokens>(), ["opaque", "jwt"]);
    assert_eq!(names::<AccountOrigin>(), ["set_up", "command_line", "invited", "joined"]);
    assert_eq!(names::<AdminActKind>(), ["granted", "revoked", "disabled", "end_set"]);
    assert_eq!(names::<Answer>(), ["yes", "no"]);
    assert_eq!(names::<AppOrigin>(), ["admin", "command_line"]);
    assert_eq!(names::<AskedBy>(), ["owner", "admin", "command line"]);
    assert_eq!(names::<Decision>(), ["waiting", "allowed", "denied"]);
    assert_eq!(
        names::<Gain>(),
        ["passkey", "app", "recovery_codes", "remembered_browser", "password", "address", "admin_rights"]
    );
    assert_eq!(names::<GroupsShape>(), ["list", "spaces", "commas"]);
    assert_eq!(names::<LinkKind>(), ["open", "cancel"]);
    assert_eq!(names::<MailState>(), ["waiting", "sent", "dropped", "dead"]);
    assert_eq!(
        names::<Method>(),
        ["email_link", "email_code", "password", "console_link", "passkey", "totp", "recovery_code", "trusted_device"]
    );
    assert_eq!(names::<Noted>(), ["backup", "sign_ins_counted", "test_email_opened"]);
    assert_eq!(names::<NoticeState>(), ["waiting", "ended", "gave_up"]);
    assert_eq!(names::<Outcome>(), ["used", "cancelled", "guessed_out", "superseded"]);
    assert_eq!(
        names::<Purpose>(),
        ["sign_in", "step_up", "confirm_address", "reset_password", "console_link", "set_up"]
    );
    assert_eq!(names::<Refreshes>(), ["never", "asked", "always"]);
    assert_eq!(names::<SigningAlg>(), ["RS256", "ES256"]);
    assert_eq!(names::<Strength>(), ["one", "two", "passkey"]);
    assert_eq!(names::<UriKind>(), ["sign_in", "sign_out"]);
    assert_eq!(names::<declared::Kind>(), ["setting", "group", "app", "secret"]);
    assert_eq!(names::<recovery::Outcome>(), ["cancelled", "done"]);
}
