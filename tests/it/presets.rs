//! docs/apps.md lists what is known of apps.

use gatepost::domain::apps::preset::{Evidence, Preset};
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
        preset.algorithm.as_str(),
        preset.scopes,
        preset.refreshes.as_str()
    )
}

/// With `TEST_WRITES_DOCUMENTS` the test writes the table.
#[test]
fn the_document_of_apps_lists_every_preset() {
    let text = fs::read_to_string(DOCUMENT).unwrap();
    let (before, rows) = text.split_once(HEADING).unwrap();
    let wanted: String = Preset::all().map(|preset| row(&preset)).collect();
    if std::env::var_os("TEST_WRITES_DOCUMENTS").is_some() {
        fs::write(DOCUMENT, format!("{before}{HEADING}{wanted}")).unwrap();
        return;
    }
    assert_eq!(rows, wanted);
}
