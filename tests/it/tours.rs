//! Every page has its tour in `tests/browser/tour`, where a real browser looks at it in every
//! language, width and scheme.

use crate::architecture::files_below;
use gatepost::{domain::LanguageTag, locale::Catalogue};
use std::{collections::BTreeSet, fs};

/// Templates around or within pages, which show no heading. A proxy shows the notice on an app's
/// host. The tour of failures looks at it.
const NO_PAGES: [&str; 5] = [
    "templates/layout.html",
    "templates/admin/frame.html",
    "templates/account/frame.html",
    "templates/components/",
    "templates/forward_auth/notice.html",
];

/// Headings that a template is handed: one of each is enough, because the page is the same.
const HANDED: [(&str, &str); 7] = [
    ("templates/error.html", "Page not found"),
    ("templates/question.html", "Disable this account?"),
    ("templates/admin/person.html", "person"),
    ("templates/admin/people_several.html", "Sign 2 users out everywhere?"),
    ("templates/admin/group.html", "family"),
    ("templates/admin/app.html", "Wiki"),
    ("templates/account/undo.html", "Remove the new passkey?"),
];

#[test]
fn every_page_has_a_tour_in_the_browser() {
    let tours: String =
        files_below("tests/browser/tour", "rs").iter().map(|path| fs::read_to_string(path).unwrap()).collect();
    let tours: String = tours.lines().filter(|line| line.contains(".stops")).collect();
    let catalogue = Catalogue::embedded().unwrap();
    let english = catalogue.first_of([&LanguageTag::english()]);
    let mut missing = Vec::new();
    for path in files_below("templates", "html") {
        let name = path.to_string_lossy().into_owned();
        if NO_PAGES.iter().any(|part| name.starts_with(part)) {
            continue;
        }
        let handed = HANDED.iter().find(|(template, _)| *template == name).map(|(_, heading)| (*heading).to_owned());
        let keys = heading_keys(&fs::read_to_string(&path).unwrap());
        // The tours' two apps. One tour of a page is enough.
        let say = |key: &String| {
            let of_app = |app: &str| {
                english.say(key).with("product", "Gatepost").with("name", "My phone").with("app", app).to_string()
            };
            let (wiki, grafana) = (of_app("Wiki"), of_app("Grafana"));
            if tours.contains(&format!("\"{grafana}\"")) { grafana } else { wiki }
        };
        let headings: BTreeSet<String> = keys.iter().map(say).chain(handed).collect();
        assert!(!headings.is_empty(), "{name} has no heading: add it to a list above");
        let unseen = headings.into_iter().filter(|heading| !tours.contains(&format!("\"{heading}\"")));
        missing.extend(unseen.map(|heading| format!("{name}: {heading:?}")));
    }
    assert!(missing.is_empty(), "no tour stops at: {missing:#?}");
}

/// The keys of texts in the headings of a template.
fn heading_keys(template: &str) -> Vec<String> {
    let headings = template.split("<h1").skip(1).filter_map(|rest| rest.split("</h1>").next());
    let keys = headings.flat_map(|heading| heading.split("layout.say(\"").skip(1));
    keys.filter_map(|rest| rest.split('"').next()).map(str::to_owned).collect()
}

#[test]
fn a_page_without_a_tour_would_be_seen() {
    assert_eq!(
        heading_keys(
            "<p>x</p><h1 id=a>{{ layout.say(\"a-b\").html() }}{{ layout.say(\"c\") }}</h1>{{ layout.say(\"d\") }}"
        ),
        ["a-b", "c"]
    );
}
