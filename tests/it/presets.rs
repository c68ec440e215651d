//! docs/apps.md lists what is known of apps, and configurations to copy are of their form.

use gatepost::domain::{
    apps::{
        preset::{Evidence, LOGOUT_PATHS, Preset},
        setup::{self, Values},
    },
    oidc::{ClientId, SigningAlg, client::GroupsShape},
};
use std::fs;

const DOCUMENT: &str = "docs/apps.md";
const HEADING: &str = "|---|---|---|---|---|---|---|---|---|---|\n";

fn row(preset: &Preset) -> String {
    let shown = |path: &str| if path == "." { "`https://…` without a path".to_owned() } else { format!("`{path}`") };
    let uris: Vec<String> = preset.paths().map(shown).collect();
    let compared = match preset.evidence {
        Evidence::None => "not verified".to_owned(),
        Evidence::Own => format!("read in [its documents]({}) on {}", preset.source, preset.read_on),
        Evidence::Provider => {
            format!("read in [another provider’s documents]({}) on {}", preset.source, preset.read_on)
        }
    };
    let yes_or_no = |is_so: bool| if is_so { "yes" } else { "no" };
    let (pkce, popup) = (yes_or_no(preset.pkce), yes_or_no(preset.popup));
    format!(
        "| {} | `{}` | {} | {} | {pkce} | {} | {} | {} | {popup} | {compared} |\n",
        preset.name,
        preset.slug,
        uris.join(" "),
        preset.authentication,
        preset.algorithm.into_str(),
        preset.scopes,
        preset.refreshes.into_str()
    )
}

/// With `TEST_WRITES_DOCUMENTS` the test writes the table.
#[test]
fn the_document_of_apps_lists_every_preset() {
    let text = fs::read_to_string(DOCUMENT).unwrap();
    let (before, rows) = text.split_once(HEADING).unwrap();
    // One sentence above the table, as long as that is so.
    assert!(before.contains("get them as a list under `groups`"));
    assert!(Preset::all().all(|preset| (preset.groups_claim, preset.groups_shape) == ("groups", GroupsShape::List)));
    let wanted: String = Preset::all().map(|preset| row(&preset)).collect();
    if std::env::var_os("TEST_WRITES_DOCUMENTS").is_some() {
        fs::write(DOCUMENT, format!("{before}{HEADING}{wanted}")).unwrap();
        return;
    }
    assert_eq!(rows, wanted);
}

#[test]
fn the_document_of_apps_names_where_each_known_app_hears_of_sign_outs() {
    let text = fs::read_to_string(DOCUMENT).unwrap();
    for (slug, path, source) in LOGOUT_PATHS {
        let row = text.lines().find(|line| line.starts_with(&format!("| `{slug}` | `{path}`"))).unwrap();
        assert!(row.contains(&format!("]({source})")), "{row}");
    }
}

/// An app does not start with JSON that lacks a bracket.
#[test]
fn json_in_configurations_to_copy_is_whole() {
    let id = ClientId::parse("our-app").unwrap();
    let values = Values {
        issuer: "https://login.elm.test",
        servers: "https://inside.elm.test",
        client_id: &id,
        client_secret: "s3cret",
        own_secret: "OWN",
        algorithm: SigningAlg::Rs256,
        app: "https://app.elm.test",
    };
    let mut pieces = 0;
    for setup in Preset::all().filter_map(|preset| setup::of(preset.slug, &values)) {
        let is_file = setup.place.ends_with(".json");
        let of_variables = setup.text.lines().filter(|_| !is_file).filter_map(|line| line.split_once("={"));
        let of_variables = of_variables.map(|(_, rest)| format!("{{{rest}"));
        for json in of_variables.chain(is_file.then(|| setup.text.clone())) {
            let read: Result<serde_json::Value, _> = serde_json::from_str(&json);
            assert!(read.is_ok_and(|read| read.is_object()), "{json}");
            pieces += 1;
        }
    }
    assert!(pieces >= 3, "{pieces}");
}
