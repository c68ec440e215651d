//! Every page has its tour in `tests/browser/tour`. There, a real browser looks at it in every
//! language, width and scheme, and with JavaScript off.

use crate::architecture::files_below;
use gatepost::{
    domain::LanguageTag,
    locale::{Catalogue, Locale},
};
use std::{collections::BTreeMap, fs, sync::Arc};

/// Templates around or within pages, which show no heading.
const NO_PAGES: [&str; 4] =
    ["templates/layout.html", "templates/admin/frame.html", "templates/account/frame.html", "templates/components/"];

/// Headings that a template is handed: one of each is enough, because the page is the same.
const HANDED: [(&str, &str); 5] = [
    ("templates/question.html", "Disable this account?"),
    ("templates/admin/people_several.html", "Sign 2 users out everywhere?"),
    ("templates/admin/group.html", "family"),
    ("templates/admin/app.html", "Wiki"),
    ("templates/account/undo.html", "Remove the new passkey?"),
];

/// Headings that a template is handed by their keys. Errors have a page with "Try again" and one
/// without it.
const HANDED_KEYS: [(&str, &str); 5] = [
    ("templates/error.html", "page-not-found"),
    ("templates/error.html", "too-many-requests"),
    ("templates/forward_auth/notice.html", "app-form-waits"),
    ("templates/forward_auth/notice.html", "app-in-frame"),
    ("templates/forward_auth/notice.html", "apps-turned-off"),
];

/// Stops by their states, where a heading does not tell the template. It belongs to two templates,
/// is an email address, or is above a card that few users see.
const STATES: [(&str, &str); 16] = [
    ("templates/account/new_browser_over.html", "incomplete"),
    ("templates/account/recovery_over.html", "unknown"),
    ("templates/account/undone.html", "undo with an incomplete link"),
    ("templates/admin/person.html", "person"),
    ("templates/components/passkey.html", "a passkey is offered"),
    ("templates/form_post.html", "a form for an app"),
    ("templates/forward_auth/sign_out.html", "signing out"),
    ("templates/leaving.html", "for an app"),
    ("templates/oidc/logout.html", "signing out from an app"),
    ("templates/signin/login.html", "sign-in"),
    ("templates/signin/password.html", "sign-in by password"),
    ("templates/signin/reset_over.html", "reset over"),
    ("templates/signin/step_up.html", "step-up"),
    ("templates/signin/verify_over.html", "over"),
    ("templates/signin/verify_ready.html", "ready"),
    ("templates/signin/verify_ready.html", "step-up ready"),
];

/// Pages that need no look with JavaScript off.
const SCRIPTLESS: [&str; 1] = [
    // It has its styles within and loads no script.
    "templates/forward_auth/notice.html",
];

/// Looks at a page and at the same address in German, there with JavaScript off as well.
const IN_BOTH: &str = "";
/// Looks at an answer to a form, which has no address.
const AT_AN_ANSWER: &str = "_at_an_answer";

/// Kinds of stops that look at a page with JavaScript off.
const WITHOUT_JAVASCRIPT: [&str; 3] = [IN_BOTH, "_without_axe", "_at_an_answer_without_axe"];

/// A stop of a tour, whose heading may be known only at run time.
#[derive(Debug, PartialEq, Eq)]
struct Stop {
    kind: String,
    state: String,
    heading: Option<String>,
}

impl Stop {
    fn is_plain(&self) -> bool {
        WITHOUT_JAVASCRIPT.contains(&&*self.kind)
    }
}

/// Stops of all tours.
struct Stops(Vec<Stop>);

impl Stops {
    fn of(code: &str) -> Self {
        let calls = code.split(".stops").skip(1).filter_map(|rest| rest.split_once('('));
        let read = |(kind, rest): (&str, &str)| {
            let arguments = rest.split(".await").next()?;
            let mut texts = arguments.split('"').skip(1).step_by(2).map(str::to_owned);
            Some(Stop { kind: kind.to_owned(), state: texts.next()?, heading: texts.next() })
        };
        Self(calls.filter_map(read).collect())
    }

    /// Returns the states of stops at this heading in both languages, with axe-core. An answer
    /// counts if another stop has the German heading.
    fn states_at(&self, heading: &Heading) -> Vec<&str> {
        let at = |kind: &str, text: &str| {
            let is_it = |stop: &&Stop| stop.kind == kind && stop.heading.as_deref() == Some(text);
            self.0.iter().filter(is_it).map(|stop| &*stop.state).collect::<Vec<_>>()
        };
        let mut states = at(IN_BOTH, &heading.english);
        if let Some(german) = &heading.german
            && !(at(IN_BOTH, german).is_empty() && at(AT_AN_ANSWER, german).is_empty())
        {
            states.extend(at(AT_AN_ANSWER, &heading.english));
        }
        states
    }

    /// Returns the states of stops at this heading that look at it with JavaScript off.
    fn plain_states_at(&self, heading: &Heading) -> Vec<&str> {
        let is_it = |stop: &&Stop| stop.is_plain() && stop.heading.as_ref() == Some(&heading.english);
        self.0.iter().filter(is_it).map(|stop| &*stop.state).collect()
    }

    /// Returns whether a stop in this state looks at both languages.
    fn have_state(&self, (template, state): (&str, &str), pages: &Pages) -> bool {
        let headings = pages.0.get(template).map_or(&[][..], Vec::as_slice);
        let at_heading = headings.iter().any(|heading| self.states_at(heading).contains(&state));
        at_heading || self.0.iter().any(|stop| stop.kind == IN_BOTH && stop.state == state)
    }
}

/// A heading in words.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Heading {
    english: String,
    /// The same in German, where the catalogue has it.
    german: Option<String>,
}

/// Headings of each template.
struct Pages(BTreeMap<String, Vec<Heading>>);

impl Pages {
    fn of_templates(stops: &Stops) -> Self {
        let catalogue = Catalogue::embedded().unwrap();
        let german = LanguageTag::parse("de").unwrap();
        let locales = [LanguageTag::english(), german].map(|tag| catalogue.first_of([&tag]));
        let mut pages = BTreeMap::new();
        for path in files_below("templates", "html") {
            let name = path.to_string_lossy().into_owned();
            if NO_PAGES.iter().any(|part| name.starts_with(part)) {
                continue;
            }
            let own = heading_keys(&fs::read_to_string(&path).unwrap());
            let handed = HANDED_KEYS.iter().filter(|(template, _)| *template == name).map(|(_, key)| (*key).to_owned());
            let mut headings: Vec<Heading> =
                own.into_iter().chain(handed).map(|key| in_words(&key, &locales, stops)).collect();
            let handed = HANDED.iter().filter(|(template, _)| *template == name);
            headings.extend(handed.map(|(_, text)| Heading { english: (*text).to_owned(), german: None }));
            pages.insert(name, headings);
        }
        Self(pages)
    }

    /// Returns whether another template has the same heading.
    fn share(&self, name: &str, heading: &Heading) -> bool {
        self.0.iter().any(|(other, headings)| other != name && headings.contains(heading))
    }
}

/// Puts a heading into words, with the name of one of the tours' two apps. One tour of a page is
/// enough.
fn in_words(key: &str, locales: &[Arc<Locale>; 2], stops: &Stops) -> Heading {
    let of_app = |app: &str| {
        let [english, german] = locales.each_ref().map(|locale| {
            locale.say(key).with("product", "Gatepost").with("name", "My phone").with("app", app).to_string()
        });
        Heading { english, german: Some(german) }
    };
    let grafana = of_app("Grafana");
    if stops.states_at(&grafana).is_empty() { of_app("Wiki") } else { grafana }
}

/// Returns what has no stop in both languages.
fn missing(stops: &Stops, pages: &Pages) -> Vec<String> {
    let mut missing = Vec::new();
    for (name, headings) in &pages.0 {
        let of_template = || STATES.iter().filter(|(template, _)| template == name).map(|(_, state)| *state);
        assert!(
            !headings.is_empty() || of_template().next().is_some(),
            "{name} has no heading: add it to a list above"
        );
        for heading in headings {
            let states = stops.states_at(heading);
            let is_seen = if pages.share(name, heading) {
                of_template().any(|state| states.contains(&state))
            } else {
                !states.is_empty()
            };
            if !is_seen {
                missing.push(format!("{name}: {:?}", heading.english));
            }
        }
    }
    let unseen = STATES.iter().filter(|state| !stops.have_state(**state, pages));
    missing.extend(unseen.map(|(name, state)| format!("{name}: in the state {state:?}")));
    missing
}

/// Returns the pages that no stop looks at with JavaScript off. One heading of a page is enough.
fn without_a_plain_look(stops: &Stops, pages: &Pages) -> Vec<String> {
    let has_a_look = |(name, headings): &(&String, &Vec<Heading>)| {
        let states = STATES.iter().filter(|(template, _)| template == name).map(|(_, state)| *state);
        let of_template: Vec<_> = states.collect();
        let at_heading = headings.iter().any(|heading| {
            let states = stops.plain_states_at(heading);
            let are_its_own = !pages.share(name, heading);
            states.iter().any(|state| are_its_own || of_template.contains(state))
        });
        at_heading || stops.0.iter().any(|stop| stop.is_plain() && of_template.contains(&&*stop.state))
    };
    let lacking = pages.0.iter().filter(|page| !has_a_look(page));
    lacking.map(|(name, _)| name.clone()).collect()
}

fn all_stops() -> Stops {
    let code = files_below("tests/browser/tour", "rs");
    let code: String = code.iter().map(|path| fs::read_to_string(path).unwrap()).collect();
    Stops::of(&code)
}

#[test]
fn every_page_is_seen_in_the_browser_with_javascript_off() {
    let stops = all_stops();
    assert_eq!(without_a_plain_look(&stops, &Pages::of_templates(&stops)), SCRIPTLESS);
    for name in SCRIPTLESS {
        assert!(!fs::read_to_string(name).unwrap().contains("<script"), "{name} loads a script");
    }
}

#[test]
fn every_page_has_a_tour_in_the_browser_in_both_languages() {
    let stops = all_stops();
    let missing = missing(&stops, &Pages::of_templates(&stops));
    assert!(missing.is_empty(), "no tour stops in both languages at: {missing:#?}");
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
    let heading =
        |english: &str| Heading { english: english.to_owned(), german: Some(format!("{english} auf Deutsch")) };
    let pages =
        |names: [&str; 2]| Pages(names.iter().map(|name| ((*name).to_owned(), vec![heading("Leaving")])).collect());
    let lacks = |code: &str, names| {
        let all = missing(&Stops::of(code), &pages(names));
        all.into_iter().filter(|text| text.contains("Leaving")).collect::<Vec<_>>()
    };
    let alone = ["templates/leaving.html", "templates/leaving.html"];
    for code in [
        "// tour.stops \"Leaving\"",
        "tour.stops_without_axe(&ana, \"for an app\", \"Leaving\").await;",
        "tour.stops_at_an_answer(&ana, \"for an app\", \"Leaving\").await;",
        "tour.stops_at_an_answer_without_axe(&ana, \"x\", \"Leaving\").await; tour.stops(&ana, \"x\", \"Leaving auf Deutsch\").await;",
    ] {
        assert_eq!(lacks(code, alone), ["templates/leaving.html: \"Leaving\""], "{code}");
    }
    let answer = "tour.stops_at_an_answer(&ana, \"for an app\", \"Leaving\").await;\
                  tour.stops_at_an_answer(&ana, \"in German\", \"Leaving auf Deutsch\").await;";
    let both = "tour\n.stops(&ana, \"a form for an app\", \"Leaving\")\n.await;";
    for code in [answer, both] {
        assert_eq!(lacks(code, alone), [""; 0], "{code}");
    }
    let plain = |code: &str| without_a_plain_look(&Stops::of(code), &pages(alone)).is_empty();
    assert!(!plain(answer), "an answer has no address to open with JavaScript off");
    assert!(plain(both) && plain("tour.stops_without_axe(&ana, \"x\", \"Leaving\").await;"));
    assert!(plain("tour.stops_at_an_answer_without_axe(&ana, \"x\", \"Leaving\").await;"));
    // Each of two templates has a stop.
    let two = ["templates/leaving.html", "templates/form_post.html"];
    assert_eq!(lacks(both, two), ["templates/leaving.html: \"Leaving\""]);
    assert_eq!(lacks(answer, two), ["templates/form_post.html: \"Leaving\""]);
    assert_eq!(lacks(&format!("{answer}{both}"), two), [""; 0]);
}
