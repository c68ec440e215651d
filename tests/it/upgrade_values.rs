//! Values for rows of every table, by the names of columns.

use sha2::{Digest, Sha256};

/// Ids of rows begin with it. They need all 63 bits, as in use.
const FIRST_ID: i64 = 4_358_964_988_191_778_021;
/// A few days before the clock of the tests.
const PAST: i64 = 1_795_000_000_000;
/// Ten years after it.
const FUTURE: i64 = 2_110_960_000_000;

const ICON: &[u8] = include_bytes!("../../static/icon.png");
const PASSWORD: &str = "$argon2id$v=19$m=19456,t=2,p=1$c2FsdHNhbHQ$aGFzaA";
const FORMER_PASSWORD: &str =
    r#"{"hash":"$argon2id$v=19$m=19456,t=2,p=1$c2FsdHNhbHQ$aGFzaA","set_at":1795000000000,"from_mail":false}"#;
const FORMER_CODES: &str = r#"{"salt":[0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15],"made_at":1795000000000,"codes":[]}"#;

/// Texts of the three rows. A column of one table alone comes as `table.column`.
const TEXTS: [(&str, [&str; 3]); 94] = [
    ("aaguid", ["00000000-0000-0000-0000-000000000000"; 3]),
    ("access_token_kind", ["jwt", "opaque", "jwt"]),
    ("acr", ["phr", "urn:gatepost:two", "urn:gatepost:one"]),
    ("action", ["signed_in", "setting_changed", "app_added"]),
    ("actor", ["ana@example.com", "gatepost", "eve@example.net"]),
    ("alg", ["RS256", "ES256", "RS256"]),
    ("amr", ["pop hwk user", "pwd otp mfa", "email"]),
    ("answer", ["yes", "no", "no"]),
    ("apps.origin", ["admin", "command_line", "admin"]),
    ("asked_by", ["owner", "admin", "command line"]),
    (
        "backchannel_logout_uri",
        ["https://wiki.example.com/out", "https://photos.example.com/out", "https://files.example.com/out"],
    ),
    ("browser", ["Firefox on Linux", "Safari on iPhone", "Chrome on Windows"]),
    ("built_from", ["3f2a9c1", "77b0d5e", "c41e802"]),
    ("cause", ["address", "secret", "code"]),
    ("claims", ["email groups email!", "", "profile"]),
    ("client_address", ["192.0.2.1", "2001:db8::1", "198.51.100.7"]),
    ("client_id", ["wiki", "photos", "files"]),
    ("credential", ["{}"; 3]),
    ("decision", ["allowed", "waiting", "denied"]),
    ("declared.kind", ["setting", "group", "app"]),
    ("declared.name", ["site_name", "staff", "wiki"]),
    ("deed", ["granted", "revoked", "disabled"]),
    ("description", ["Notes of the family", "", "Files"]),
    ("detail", ["https://wiki.example.com/other", "", ""]),
    ("domain", ["example.com", "example.org", "example.net"]),
    ("email", ["ana@example.com", "ben@example.org", "eve@example.net"]),
    ("fields", [r#"[["name","Ana"]]"#; 3]),
    ("former", [FORMER_PASSWORD; 3]),
    ("gains.kind", ["admin_rights", "passkey", "password"]),
    ("groups.name", ["staff", "family", "friends"]),
    ("groups.note", ["All who work here", "", ""]),
    ("groups_claim", ["groups", "roles", "groups"]),
    ("groups_shape", ["spaces", "list", "commas"]),
    ("handle", ["ana", "ben", "eve"]),
    ("hash", [PASSWORD; 3]),
    ("hint", ["x7Kq", "", "Zz19"]),
    ("host", ["wiki.example.com", "photos.example.com", "files.example.com"]),
    ("icon_version", ["0123456789ab"; 3]),
    ("id_token_alg", ["ES256", "RS256", "RS256"]),
    ("inviter", ["Ben", "Ana", "Eve"]),
    ("jwks", [r#"{"keys":[]}"#; 3]),
    (
        "jwks_uri",
        ["https://wiki.example.com/jwks", "https://photos.example.com/jwks", "https://files.example.com/jwks"],
    ),
    ("kid", ["kid-0", "kid-1", "kid-2"]),
    ("kind", ["open", "cancel", "open"]),
    ("language", ["en", "de", "en"]),
    ("last_times.name", ["backup", "sign_ins_counted", "test_email_opened"]),
    ("launch_url", ["https://wiki.example.com/", "https://photos.example.com/", "https://files.example.com/"]),
    ("limits.name", ["of ana", "of ben", "of eve"]),
    ("logout_notices.state", ["ended", "waiting", "gave_up"]),
    ("method", ["email_link", "password", "passkey"]),
    ("migrations", ["2026-11-22-000001_initial"; 3]),
    ("muted_by", ["192.0.2.0/24", "2001:db8::/48", "198.51.100.0/24"]),
    ("name", ["Ana", "Ben", "Eve"]),
    ("name_claim", ["preferred_username", "name", "nickname"]),
    ("new_email", ["ana@example.com", "ben@example.org", "eve@example.net"]),
    ("note", ["", "", "set"]),
    ("oidc_uris.kind", ["sign_in", "sign_out", "sign_in"]),
    ("old_email", ["ana@old.example.com", "ben@old.example.com", "eve@old.example.com"]),
    ("origin", ["joined", "invited", "set_up"]),
    ("outbox.kind", ["sign_in", "invitation", "security_changed"]),
    ("outbox.state", ["sent", "waiting", "dead"]),
    ("outcome", ["used", "cancelled", "superseded"]),
    ("passkey_ceremonies.purpose", ["sign_in", "second_factor", "register"]),
    ("path", ["/account/name", "/account/address", "/account/name"]),
    ("prefix", ["/public", "/assets", "/feed.xml"]),
    ("preset", ["grafana"; 3]),
    ("public_jwk", [r#"{"kty":"RSA"}"#; 3]),
    ("purpose", ["sign_in", "step_up", "reset_password"]),
    ("recipient", ["ana@example.com", "ben@example.org", "eve@example.net"]),
    ("recoveries.outcome", ["cancelled", "done", "done"]),
    ("refreshes", ["never", "asked", "always"]),
    ("reply", ["250 ok", "", "550 no such user"]),
    ("request_id", ["request-0", "request-1", "request-2"]),
    ("requires", ["one", "two", "passkey"]),
    ("return_to", ["/", "/account", "/"]),
    ("scheme", ["https"; 3]),
    ("scopes", ["openid email", "openid", "openid offline_access"]),
    ("sealing_keys.id", ["0123456789abcdef", "123456789abcdef0", "23456789abcdef01"]),
    ("set_aside.former", [FORMER_PASSWORD, FORMER_CODES, FORMER_PASSWORD]),
    ("set_aside.kind", ["password", "recovery_codes", "password"]),
    ("settings.name", ["site_name", "join_policy", "password_enabled"]),
    ("slug", ["wiki", "photos", "files"]),
    ("state", ["{}"; 3]),
    ("strength", ["passkey", "two", "one"]),
    ("subject", ["ana@example.com", "join_policy", "wiki"]),
    ("time_zone", ["Europe/Berlin", "UTC", "America/New_York"]),
    ("told", ["ana@example.com", "ben@example.org", "eve@example.net"]),
    ("trouble", ["no_host", "twice", "unknown_host"]),
    (
        "uri",
        [
            "https://wiki.example.com/callback",
            "https://photos.example.com/signed-out",
            "https://files.example.com/callback",
        ],
    ),
    ("value", ["House", "anyone", "on"]),
    ("value_after", ["email_link", "anyone", "wiki"]),
    ("value_before", ["none", "invited", "none"]),
    ("version", ["0.1.0", "0.2.0", "0.3.0"]),
    ("what", ["email", "passkey", "failed"]),
];

/// Numbers of the first rows, where they are neither ids nor moments. Others are small.
const NUMBERS: [(&str, i64); 11] = [
    ("access_lifetime", 300_000),
    ("fresh_within", 900_000),
    ("hour", 498_611),
    ("housekeeping_runs.id", 1),
    ("last_step", 59_833_333),
    ("logo.id", 1),
    ("pause", 5_000),
    ("port", 443),
    ("refresh_absolute", 7_776_000_000),
    ("refresh_idle", 1_209_600_000),
    ("urgency", 0),
];

fn named<T: Copy>(list: &[(&str, T)], table: &str, column: &str) -> Option<T> {
    let of = |name: &str| list.iter().find(|(known, _)| *known == name).map(|(_, value)| *value);
    of(&format!("{table}.{column}")).or_else(|| of(column))
}

/// Returns the text of the `n`th row.
pub fn text(table: &str, column: &str, n: usize) -> &'static str {
    named(&TEXTS, table, column).unwrap_or_else(|| panic!("{table}.{column} needs texts in TEXTS"))[n]
}

/// Returns the id of the `n`th row of every table. Rows that belong together so find each other.
pub fn id(n: usize) -> i64 {
    FIRST_ID + count(n)
}

/// Returns the hash in the `n`th row.
pub fn hash(column: &str, n: usize) -> [u8; 32] {
    Sha256::digest(format!("{column} {n}")).into()
}

/// Returns the octets of the `n`th row.
pub fn octets(column: &str, n: usize) -> Vec<u8> {
    match column {
        "png" | "icon" => ICON.to_vec(),
        "allowed" => moment(column, n).to_be_bytes().to_vec(),
        "salt" => hash(column, n)[..16].to_vec(),
        _ => hash(column, n).to_vec(),
    }
}

/// Returns the moment in the `n`th row. Another column has another one.
pub fn moment(column: &str, n: usize) -> i64 {
    let comes =
        column.contains("_until") || ["ends_at", "expires_at", "due_at", "give_up_at", "forget_at"].contains(&column);
    let of_column: i64 = column.bytes().map(i64::from).sum();
    let start = if comes { FUTURE } else { PAST };
    start + count(n) * 10_000 + of_column
}

/// Returns the number of the `n`th row.
pub fn number(table: &str, column: &str, n: usize) -> i64 {
    let is_moment = column == "at" || column.ends_with("_at") || column.contains("_until");
    let others = ["auth_time", "mailbox_since", "pkce_last_missed", "pkce_last_seen", "signs_from", "turn"];
    if let Some(first) = named(&NUMBERS, table, column) {
        first + count(n)
    } else if column == "id" || column == "bound_to" || column.ends_with("_id") {
        id(n)
    } else if is_moment || others.contains(&column) {
        moment(column, n)
    } else {
        count(n) + 1
    }
}

fn count(n: usize) -> i64 {
    i64::try_from(n).unwrap()
}
