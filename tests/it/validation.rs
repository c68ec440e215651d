//! docs/validation.md is true: every value that it calls accepted is accepted, every value that it
//! calls refused is refused.

use crate::{browser::Browser, harness::TestApp, phone::Phone};
use gatepost::{
    config::Config,
    db,
    domain::settings::{self, JoinPolicy, Kind, RequiredOf, SECTIONS, Section, Setting, Settings},
    locale::{Catalogue, Locale},
};
use std::fs;
use strum::VariantArray;

const DOCUMENT: &str = "docs/validation.md";
/// Set to any value, the test writes the rows of settings into the document.
const WRITES: &str = "TEST_WRITES_DOCUMENTS";
const ANA: &str = "ana@example.com";

struct Row {
    form: String,
    field: String,
    accepted: String,
    refused: Option<String>,
    /// A code that only this run knows.
    code: Option<String>,
}

fn rows() -> Vec<Row> {
    let text = fs::read_to_string(DOCUMENT).unwrap();
    let value = |cell: &str| Some(cell.trim().trim_matches('`').to_owned()).filter(|value| !value.is_empty());
    text.lines()
        .filter(|line| line.starts_with("| `/"))
        .map(|line| {
            let cells: Vec<_> = line.trim_matches('|').split('|').collect();
            assert_eq!(cells.len(), 6, "{line}");
            Row {
                form: value(cells[0]).unwrap(),
                field: value(cells[1]).unwrap(),
                accepted: value(cells[4]).unwrap(),
                refused: value(cells[5]),
                code: None,
            }
        })
        .collect()
}

/// Returns the other fields that a form needs.
fn others<'a>(form: &str, field: &str) -> Vec<(&'a str, &'a str)> {
    match form {
        "/login" if field != "email" => vec![("email", ANA)],
        "/login/password" if field != "email" => vec![("email", ANA)],
        "/login/password" => vec![("password", "correct horse battery")],
        "/login/code" if field != "code" => vec![("code", "k7m 2qx")],
        "/admin/new-app" if field == "name" => vec![("hosts", "wiki.example.com")],
        "/admin/new-app" if field == "hosts" => vec![("name", "Wiki")],
        "/admin/new-app" => vec![("name", "Wiki"), ("hosts", "wiki.example.com")],
        people if people.starts_with("/admin/apps/") && field == "email" => vec![("until", "2027-03-31")],
        people if people.starts_with("/admin/apps/") => vec![("email", "user@example.com")],
        "/admin/people" if field != "email" => vec![("email", "new@example.com")],
        "/admin/people/invitations" if field != "emails" => vec![("emails", "new@example.com")],
        "/admin/settings" if field != "email_link_enabled" => vec![("email_link_enabled", "on")],
        _ => vec![],
    }
}

async fn post(browser: &mut Browser<'_>, row: &Row, value: &str) -> u16 {
    let mut fields = others(&row.form, &row.field);
    fields.push((&row.field, value));
    fields.extend(row.code.as_deref().map(|code| ("code", code)));
    browser.post(&row.form, &fields).await.status.code
}

#[rocket::async_test]
async fn every_field_takes_what_it_says_and_nothing_else() {
    let rows = rows();
    assert!(rows.len() > 20);
    for mut row in rows {
        let app = TestApp::new().await;
        app.add_admin(ANA).await;
        app.add_admin("other@example.com").await;
        app.set("password_enabled", "on").await;
        let mut ana = match row.form.as_str() {
            "/setup" => continue,
            "/login/code" => {
                let mut browser = app.browser();
                browser.post("/login", &[("email", ANA)]).await;
                app.deliver().await;
                browser
            }
            "/login" | "/login/password" | "/password/forgot" => app.browser(),
            _ => app.signed_in(ANA).await,
        };
        if row.form.starts_with("/account/passkeys/") {
            crate::passkey_pages::adds_a_passkey(&mut ana).await;
            let owner = app.account_of(ANA).await.unwrap().id;
            let all = app.read(move |connection| db::passkeys::of_account(connection, owner)).await;
            row.form = row.form.replace("<id>", &all[0].id.to_string());
        }
        if row.form == "/account/totp/<id>" {
            row.form = ana.post("/account/totp", &[]).await.location().unwrap().to_owned();
            let phone = Phone::reading(&ana.get(&row.form).await);
            row.code = Some(phone.next_code(&app));
        }
        if row.form.starts_with("/admin/apps/") {
            let wiki = [("name", "Wiki"), ("hosts", "wiki.example.com"), ("who", "everyone")];
            ana.post("/admin/new-app", &wiki).await.assert_status(303);
            row.form = row.form.replace("<id>", "wiki");
        }
        if row.form.starts_with("/admin/people/") {
            // Admins have no end date.
            let whom = if row.form.ends_with("/end/save") { "user@example.com" } else { "other@example.com" };
            app.add_account("user@example.com").await;
            row.form = row.form.replace("<id>", &app.account_of(whom).await.unwrap().id.to_string());
        }
        // The form of settings may be too long for a cookie, so that a row holds it for its page.
        let rows = async || match row.form.as_str() {
            "/admin/settings" => crate::admin::rows_without_held_forms(&app).await,
            _ => app.dump_but_judgements().await,
        };
        let before = rows().await;
        if let Some(refused) = &row.refused {
            let status = post(&mut ana, &row, refused).await;
            assert!(matches!(status, 400 | 422), "{} {}={refused}: {status}", row.form, row.field);
            assert_eq!(rows().await, before, "{} {}={refused}", row.form, row.field);
        }
        let status = post(&mut ana, &row, &row.accepted).await;
        let expected = match row.form.as_str() {
            // Well-formed but unknown: a code that was never emailed, a session that never existed.
            "/login/code" => 422,
            // An unknown password, and no link.
            "/login/password" | "/step-up/password" => 422,
            "/auth/reset" => 410,
            "/account/sessions/revoke" | "/account/security/forget" => 404,
            _ => 303,
        };
        assert_eq!(status, expected, "{} {}={}", row.form, row.field, row.accepted);
    }
}

#[rocket::async_test]
async fn every_form_of_ours_is_in_the_table() {
    let app = TestApp::new().await;
    let documented: Vec<_> = rows().into_iter().map(|row| row.form).collect();
    let with_fields = [
        "login",
        "code",
        "resend",
        "step-up",
        "setup",
        "name",
        "language",
        "time-zone",
        "address",
        "password",
        "forgot",
        "reset",
        "revoke",
        "forget",
        "close",
        "people",
        "settings",
        "rename",
        "username",
        "groups",
        "new-app",
    ];
    for route in app.client.rocket().routes().filter(|route| route.method == rocket::http::Method::Post) {
        let path = route.uri.path();
        let last = path.rsplit('/').next().unwrap();
        if with_fields.contains(&last) && !crate::gate::is_for_programs(&app, path) {
            assert!(documented.iter().any(|form| form == path), "{path}");
        }
    }
}

/// Returns a setting's row of the document.
fn row_of(setting: &Setting) -> String {
    let one_of = |names: Vec<&str>| names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
    let texts = |texts: [&str; 4]| texts.map(ToOwned::to_owned);
    let [grammar, most, accepted, refused] = match setting.kind {
        Kind::Switch(_) => texts(["as `remember`", "", "on", ""]),
        Kind::RequiredOf(_) => {
            let audiences = RequiredOf::VARIANTS.iter().map(|whom| whom.into_str()).collect();
            [one_of(audiences), String::new(), "nobody".to_owned(), "users".to_owned()]
        }
        Kind::JoinPolicy(_) => {
            let policies = JoinPolicy::VARIANTS.iter().map(|policy| policy.into_str()).collect();
            [one_of(policies), String::new(), "anyone".to_owned(), "admins".to_owned()]
        }
        Kind::Domains(_) => texts([
            "domains, separated by white space or commas; `@` before one is dropped",
            "200 domains",
            "example.com b.example",
            "not_a_domain",
        ]),
        Kind::Lifetime { least, most, .. } => {
            let bounds = format!("{least} to {most}");
            ["a number and `s`, `m`, `h` or `d`".to_owned(), bounds, most.to_string(), "0s".to_owned()]
        }
        Kind::Limit(_) => texts(["a count, `/`, a time", "1 to 1000, 1s to 7d", "50/15m", "1001/1s"]),
        Kind::ProductName(_) => {
            texts(["one line without `<`, `>`, `\"`, `@`", "1 to 40 characters", "Acme & Co", "<b>"])
        }
        Kind::Colour(_) => texts(["`#rrggbb`", "7", "#1f5f4f", "red"]),
        Kind::Address(_) => texts(["an address, or empty", "as `email`", "help@example.com", "help"]),
        Kind::Language(_) => texts(["the tag of a language that the form offers", "", "de", "tlh"]),
        Kind::TimeZone(_) => texts(["the name of a time zone that `/account` offers", "", "Europe/Berlin", "CET"]),
        Kind::Link(_) => texts([
            "an `http` or `https` address without user and password, or empty",
            "300 bytes",
            "https://example.com/terms",
            "javascript:alert(1)",
        ]),
        Kind::Logo(_) => texts(["the version of a logo", "12", "0123456789ab", "x"]),
    };
    let quoted = |text: String| if text.is_empty() { text } else { format!("`{text}`") };
    let cells = [format!("`{}`", setting.name), grammar, most, quoted(accepted), quoted(refused)];
    let cells: String =
        cells.iter().map(|cell| if cell.is_empty() { " |".to_owned() } else { format!(" {cell} |") }).collect();
    format!("| `/admin/settings` |{cells}\n")
}

#[test]
fn the_document_has_a_row_for_every_setting() {
    let text = fs::read_to_string(DOCUMENT).unwrap();
    let is_of_settings = |line: &&str| line.starts_with("| `/admin/settings` |");
    let rows: String = text.split_inclusive('\n').filter(is_of_settings).collect();
    let expected: String = settings::all().map(row_of).collect();
    if std::env::var_os(WRITES).is_some() && rows != expected {
        let start = text.find("| `/admin/settings` |").unwrap();
        let others: String = text[start..].split_inclusive('\n').filter(|line| !is_of_settings(line)).collect();
        fs::write(DOCUMENT, format!("{}{expected}{others}", &text[..start])).unwrap();
        return;
    }
    assert_eq!(rows, expected, "{WRITES}=1 cargo test --test it validation:: writes the rows");
}

const GUIDE: &str = "docs/settings.md";
const GUIDE_HEAD: &str = "# Every setting

Admins change these at `/admin/settings`. A [file](operate.md#settings-groups-and-apps-as-a-file) can set them, too, under the names below. Texts
and times are in quotes there, and domains are a list. [What each field may hold](validation.md) has the values of each. Logos have a separate page.

What only the operator sets is in [every variable](variables.md). The email limits start as the variables `GATEPOST_LIMITS_…` say.
";

/// Returns a section of the guide of settings, in the words of the settings page.
fn section_of(section: &Section, start: &Settings, english: &Locale) -> String {
    let hint = section.hint.map(|hint| format!("\n{}\n", english.say(hint))).unwrap_or_default();
    let rows = section.settings.iter().map(|setting| {
        let default = match (setting.kind.is_switch(), start.get(setting.name)) {
            (true, value) => (value == "on").to_string(),
            (false, value) if value.is_empty() => "empty".to_owned(),
            (false, value) => value,
        };
        let (label, hint) = (english.say(setting.label), english.say(setting.hint));
        format!("| `{}` | {label} | `{default}` | {hint} |\n", setting.name)
    });
    let rows: String = rows.collect();
    format!(
        "\n## {}\n{hint}\n| setting | on the page | default | what it does |\n|---|---|---|---|\n{rows}",
        english.say(section.title)
    )
}

#[test]
fn the_guide_tells_of_every_setting_with_its_default() {
    let start = Settings::starting_with(Config::read(None, &[]).unwrap().limits);
    let english = Catalogue::embedded().unwrap().first_of([]);
    let sections: String = SECTIONS.iter().map(|section| section_of(section, &start, &english)).collect();
    let expected = format!("{GUIDE_HEAD}{sections}").replace("`empty`", "empty");
    if std::env::var_os(WRITES).is_some() {
        fs::write(GUIDE, expected).unwrap();
        return;
    }
    assert_eq!(fs::read_to_string(GUIDE).unwrap(), expected, "{WRITES}=1 cargo test --test it validation:: writes it");
}
