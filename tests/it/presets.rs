//! docs/apps.md lists what is known of apps.

use gatepost::domain::apps::preset::Preset;
use std::fs;

const DOCUMENT: &str = "docs/apps.md";
const HEADING: &str = "|---|---|---|---|---|---|---|\n";

fn row(preset: &Preset) -> String {
    let uris: Vec<String> = preset.paths().map(|path| format!("`{path}`")).collect();
    let pkce = if preset.pkce { "yes" } else { "no" };
    format!(
        "| {} | `{}` | {} | {} | {pkce} | {} | {} |\n",
        preset.name,
        preset.slug,
        uris.join(" "),
        preset.authentication,
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
