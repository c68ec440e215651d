//! Tours of all pages in all their states.
//!
//! At each stop: no violation that axe-core finds, nothing wider than the screen, no complaint in
//! the console. Each is seen by day and by night, on a phone and on a desk. Nothing is wider than
//! the narrowest phone either (WCAG 2.2, 1.4.10). A page in English is seen in German too, whose
//! words are longer. On phones that is by day or by night in turn, on a desk by both. Then it is
//! seen with JavaScript off. A page takes few requests and few bytes. At the end, no request went
//! elsewhere.
//!
//! A glance is for what shares its template with a stop: questions, errors, pages without
//! JavaScript.

mod account;
mod admin;
mod admin_apps;
mod app_access;
mod apps;
mod clients;
mod desk;
mod failures;
mod late;
mod leaving;
mod long_addresses;
mod mails;
mod notices;
mod oidc;
mod passkeys;
mod passwords;
mod plain_pages;
mod plain_ways;
mod questions;
mod right_to_left;
mod scripts_off;
pub mod security;
mod sign_in;
mod states;
mod undo;
mod without_javascript;

use crate::{
    browser::{Browser, Evaluation},
    stage::Stage,
    traffic,
};
use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::{Value, json};
use std::{
    env, fs,
    panic::{AssertUnwindSafe, catch_unwind},
    path::PathBuf,
    thread,
};

/// Name, width, height.
type Screen = (&'static str, u32, u32);
const SCREENS: [Screen; 2] = [("phone", 390, 844), ("desk", 1280, 900)];
/// Screen on which content has to fit without scrolling sideways.
const NARROWEST: Screen = ("narrow phone", 320, 640);
const SCHEMES: [&str; 2] = ["light", "dark"];
/// Returns the language of a page, and which of its details are open.
const SEES_DETAILS: &str = "
    const details = [...document.querySelectorAll('details')];
    return { lang: document.documentElement.lang, open: details.map((part) => part.open) };";
/// Opens and closes details like these, and returns the language.
const OPENS_DETAILS: &str = "
    const open = OPEN;
    document.querySelectorAll('details').forEach((part, n) => { if (n in open) part.open = open[n]; });
    return document.documentElement.lang;";
/// Look of a page for a picture.
struct Look<'a> {
    screen: Screen,
    scheme: &'a str,
}

/// A page and all that it loads, also what the browser has kept.
const MAX_REQUESTS: u64 = 3;
const MAX_BYTES: f64 = 30_000.0;

pub struct Tour<'a> {
    name: &'static str,
    stage: &'a Stage,
    axe: Evaluation,
    /// Folder for pictures, if wanted.
    pictures: Option<PathBuf>,
    stops: u32,
    problems: Vec<String>,
    has_ended: bool,
}

/// A tour without an end would judge nothing.
impl Drop for Tour<'_> {
    fn drop(&mut self) {
        assert!(self.has_ended || thread::panicking(), "the tour {} has no end", self.name);
    }
}

impl<'a> Tour<'a> {
    pub fn new(name: &'static str, stage: &'a Stage) -> Self {
        let file = env::var("TEST_AXE").unwrap_or_else(|_| {
            panic!("TEST_AXE is not set. Run the tests with TEST_AXE=$(scripts/axe-core), which fetches axe-core.")
        });
        let axe = fs::read_to_string(&file).unwrap_or_else(|error| {
            panic!("TEST_AXE names {file}, which cannot be read ({error}). scripts/axe-core prints the right path.")
        });
        let axe = Evaluation::new(&axe);
        let pictures = env::var_os("TEST_SCREENSHOTS").map(PathBuf::from);
        Self { name, stage, axe, pictures, stops: 0, problems: Vec::new(), has_ended: false }
    }

    /// Waits for the page with this heading and checks it in every way.
    pub async fn stops(&mut self, browser: &Browser, state: &str, heading: &str) {
        browser.reads_heading(heading).await;
        self.looks(browser, state, true).await;
        self.looks_in_german(browser, state, Some(Rules::AllButContrast)).await;
    }

    /// Does the same for the answer to a form, which has no address for a look in German.
    pub async fn stops_at_an_answer(&mut self, browser: &Browser, state: &str, heading: &str) {
        browser.reads_heading(heading).await;
        self.looks(browser, state, true).await;
    }

    /// Does the same for an answer in a browser without JavaScript.
    pub async fn stops_at_an_answer_without_axe(&mut self, browser: &Browser, state: &str, heading: &str) {
        browser.reads_heading(heading).await;
        self.looks(browser, state, false).await;
    }

    /// Does the same as [`Self::stops`] for a browser without JavaScript, where axe-core cannot
    /// run, because it waits for timers.
    pub async fn stops_without_axe(&mut self, browser: &Browser, state: &str, heading: &str) {
        browser.reads_heading(heading).await;
        self.looks(browser, state, false).await;
        self.looks_in_german(browser, state, None).await;
    }

    async fn looks(&mut self, browser: &Browser, state: &str, with_axe: bool) {
        self.stops += 1;
        let complaints = traffic::complaints(browser).await;
        self.problems.extend(complaints.iter().map(|text| format!("{state}: the console says {text}")));
        self.problems.extend(too_heavy(browser).await.map(|text| format!("{state}: {text}")));
        if with_axe {
            browser.evaluates(&self.axe).await;
        }
        for (screen, width, height) in SCREENS {
            for scheme in SCHEMES {
                let place = format!("{state}, {screen}, {scheme}");
                shows(browser, (screen, width, height), scheme).await;
                self.problems.extend(too_wide(browser, width, scheme).await.map(|text| format!("{place}: {text}")));
                // Contrast depends on the scheme, targets and overflow on the screen, nothing on
                // both: two looks of four see everything.
                if with_axe && (screen == "phone") == (scheme == "light") {
                    let found = violations(browser, Rules::All).await;
                    self.problems.extend(found.map(|text| format!("{place}: {text}")));
                }
                self.takes_picture(browser, state, Look { screen: (screen, width, height), scheme }).await;
            }
        }
        let (screen, width, _) = NARROWEST;
        shows(browser, NARROWEST, "light").await;
        self.problems.extend(too_wide(browser, width, "light").await.map(|text| format!("{state}, {screen}: {text}")));
        // axe-core itself may write to the console, which is not the page's fault.
        traffic::complaints(browser).await;
    }

    /// Looks at a further state of a template that has a stop, in the language that the browser
    /// reads. It differs in its words, so that a look on the narrowest phone and one on a desk do.
    pub async fn glances(&mut self, browser: &Browser, state: &str) {
        self.glance(browser, state, true).await;
    }

    /// Does the same for a browser without JavaScript.
    pub async fn glances_without_axe(&mut self, browser: &Browser, state: &str) {
        self.glance(browser, state, false).await;
    }

    /// Glances at it, and looks at the same address in German.
    pub async fn glances_in_both(&mut self, browser: &Browser, state: &str) {
        self.glance(browser, state, true).await;
        self.looks_in_german(browser, state, Some(Rules::All)).await;
    }

    async fn glance(&mut self, browser: &Browser, state: &str, with_axe: bool) {
        self.stops += 1;
        let complaints = traffic::complaints(browser).await;
        self.problems.extend(complaints.iter().map(|text| format!("{state}: the console says {text}")));
        let [_, desk] = SCREENS;
        let mut looks = [(NARROWEST, "light"), (desk, "dark")];
        // axe-core looks at the last one.
        if self.stops.is_multiple_of(2) {
            looks.reverse();
        }
        for (screen, scheme) in looks {
            shows(browser, screen, scheme).await;
            let wide = too_wide(browser, screen.1, scheme).await;
            self.problems.extend(wide.map(|text| format!("{state}, {}, {scheme}: {text}", screen.0)));
            self.takes_picture(browser, state, Look { screen, scheme }).await;
        }
        if with_axe {
            browser.evaluates(&self.axe).await;
            self.problems.extend(violations(browser, Rules::All).await.map(|text| format!("{state}: {text}")));
            traffic::complaints(browser).await;
        }
    }

    /// Looks at the same page in German, in a tab beside it. The tour's own tab therefore stays as
    /// it is. What is open there is opened here, too. Leaves out a page that is in another
    /// language than English already.
    async fn looks_in_german(&mut self, browser: &Browser, state: &str, axe: Option<Rules>) {
        let seen = browser.run(SEES_DETAILS).await;
        if seen["lang"] != "en" {
            return;
        }
        let path = browser.path().await;
        let tab = browser.turns_to_german().await;
        browser.open(&path).await;
        let lang = browser.run(&OPENS_DETAILS.replace("OPEN", &seen["open"].to_string())).await;
        if lang != "de" {
            self.problems.push(format!("{state}: in {lang} where German is asked for"));
        }
        if browser.path().await != path {
            self.problems.push(format!("{state}: in German it is another page than {path}"));
        }
        let complaints = traffic::complaints(browser).await;
        self.problems.extend(complaints.iter().map(|text| format!("{state}, in German: the console says {text}")));
        let mut schemes = SCHEMES;
        if self.stops.is_multiple_of(2) {
            schemes.reverse();
        }
        let ([phone, desk], [scheme, other]) = (SCREENS, schemes);
        if axe.is_some() {
            browser.evaluates(&self.axe).await;
        }
        let looks = [(NARROWEST, scheme, false), (phone, scheme, true), (desk, scheme, false), (desk, other, true)];
        for (screen, scheme, looks_closely) in looks {
            let place = format!("{state}, in German, {}, {scheme}", screen.0);
            shows(browser, screen, scheme).await;
            let wide = too_wide(browser, screen.1, scheme).await;
            self.problems.extend(wide.map(|text| format!("{place}: {text}")));
            if let Some(rules) = axe.filter(|_| looks_closely) {
                let found = violations(browser, rules).await;
                self.problems.extend(found.map(|text| format!("{place}: {text}")));
            }
            if screen != NARROWEST {
                self.takes_picture(browser, &format!("{state} in German"), Look { screen, scheme }).await;
            }
        }
        // axe-core itself may write to the console.
        traffic::complaints(browser).await;
        if axe.is_some() {
            self.looks_without_javascript(browser, state).await;
        }
        browser.leaves_german(tab).await;
    }

    async fn takes_picture(&self, browser: &Browser, state: &str, Look { screen, scheme }: Look<'_>) {
        let Some(folder) = &self.pictures else { return };
        // The whole page is shown at once. So no scroll bar takes a part of it, and each frame
        // loads and is painted.
        let layout = browser.devtools("Page.getLayoutMetrics", json!({})).await;
        let content = u32::try_from(layout["cssContentSize"]["height"].as_u64().unwrap()).unwrap();
        let (name, width, height) = screen;
        browser.devtools("Emulation.setScrollbarsHidden", json!({ "hidden": true })).await;
        shows(browser, (name, width, height.max(content)), scheme).await;
        browser.waits_for_frames().await;
        let picture = browser.devtools("Page.captureScreenshot", json!({ "captureBeyondViewport": true })).await;
        browser.devtools("Emulation.setScrollbarsHidden", json!({ "hidden": false })).await;
        shows(browser, screen, scheme).await;
        let bytes = STANDARD.decode(picture["data"].as_str().unwrap()).unwrap();
        fs::create_dir_all(folder).unwrap();
        let name = format!("{}-{:02}-{}-{name}-{scheme}.png", self.name, self.stops, state.replace(' ', "-"));
        fs::write(folder.join(name), bytes).unwrap();
    }

    /// Reports everything that was wrong anywhere.
    pub async fn ends(mut self, browsers: &[&Browser]) {
        self.has_ended = true;
        for browser in browsers {
            let strangers = traffic::strangers(browser, &self.stage.gatepost.origin).await;
            self.problems.extend(strangers.iter().map(|url| format!("a page asked for {url}")));
        }
        assert!(self.problems.is_empty(), "{} problems:\n{}", self.problems.len(), self.problems.join("\n"));
    }
}

/// Each fault that the tours look for is put on a page, and found.
#[tokio::test]
async fn what_a_tour_looks_for_it_would_find() {
    let stage = Stage::new().await;
    let mut tour = Tour::new("eyes", &stage);
    let ana = stage.browser().await;
    ana.open("/login").await;
    ana.run("document.querySelector('label').remove(); document.querySelector('.card').style.width = '200vw'").await;
    ana.run("const image = new Image(); image.src = 'http://127.0.0.1:9/'; document.body.append(image)").await;
    ana.run("for (const n of [1, 2]) document.body.append(Object.assign(new Image(), { src: `/favicon.ico?${n}` }))")
        .await;
    tour.stops(&ana, "spoilt", "Sign in to Gatepost").await;
    ana.open("data:text/html,<h1>Elsewhere</h1><img src=http://127.0.0.1:9/>").await;
    ana.reads_heading("Elsewhere").await;
    tour.problems.extend(traffic::strangers(&ana, &stage.gatepost.origin).await);
    let plain = "<h1>Off</h1><button type=button>Copy</button>\
                 <script>document.querySelector('button').remove(); document.body.innerHTML = '<h1>On</h1>'</script>";
    ana.open(&format!("data:text/html,{plain}")).await;
    tour.looks_without_javascript(&ana, "plain").await;
    ana.reads("Copy").await;
    for sight in [
        "reaches beyond the side",
        "label: ",
        "Content Security Policy",
        "http://127.0.0.1:9/",
        " requests and ",
        "another page: \"Off\"",
        "without a use: \"Copy\"",
    ] {
        assert!(tour.problems.iter().any(|problem| problem.contains(sight)), "no {sight:?} in {:#?}", tour.problems);
    }
    assert!(catch_unwind(AssertUnwindSafe(|| drop(tour))).is_err(), "a tour without an end fails");
}

/// Shows a page on a screen, by day or by night.
async fn shows(browser: &Browser, (screen, width, height): Screen, scheme: &str) {
    let metrics = json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": screen == "phone" });
    browser.devtools("Emulation.setDeviceMetricsOverride", metrics).await;
    let features = json!([
        { "name": "prefers-color-scheme", "value": scheme },
        // During a transition, colours would belong to neither scheme.
        { "name": "prefers-reduced-motion", "value": "reduce" },
    ]);
    browser.devtools("Emulation.setEmulatedMedia", json!({ "features": features })).await;
}

/// Returns what is wider than the screen. Checks that the page is shown as asked.
async fn too_wide(browser: &Browser, width: u32, scheme: &str) -> Option<String> {
    let script = "
        const page = document.scrollingElement;
        const right = (element) => element.getBoundingClientRect().right;
        const out = [...document.querySelectorAll('body *')].filter((element) => right(element) > page.clientWidth);
        return {
            dark: matchMedia('(prefers-color-scheme: dark)').matches,
            width: page.clientWidth,
            scrolls: page.scrollWidth > page.clientWidth,
            out: out.map((element) => element.outerHTML.slice(0, 80)).join(' and '),
        };";
    let seen = browser.run(script).await;
    assert_eq!(seen["dark"] == true, scheme == "dark", "the page looks as it was asked to");
    if seen["scrolls"] == true {
        return Some(format!("reaches beyond the side: {}", seen["out"]));
    }
    // A scrollbar may be beside it.
    let shown = seen["width"].as_u64().unwrap();
    assert!((u64::from(width) - 20..=u64::from(width)).contains(&shown), "{shown} wide and not {width}");
    None
}

/// Returns what is too much of what the page has loaded. What its script asks for later is no part
/// of loading. Neither is an app's own icon, nor an email shown in a frame. A page names the
/// manifest, which brings an icon, only where the browser has kept all else.
async fn too_heavy(browser: &Browser) -> Option<String> {
    let script = "
        const pages = performance.getEntriesByType('navigation');
        const later = ['fetch', 'xmlhttprequest', 'beacon', 'iframe'];
        const apart = ['/apps/icons/', '/manifest.webmanifest', '-icon.'];
        const own = (entry) => !later.includes(entry.initiatorType) && !apart.some((part) => entry.name.includes(part));
        const all = [...pages, ...performance.getEntriesByType('resource').filter(own)];
        return {
            requests: all.length,
            bytes: all.reduce((sum, entry) => sum + entry.encodedBodySize, 0),
            names: all.map((entry) => entry.name).join(' and '),
        };";
    let seen = browser.run(script).await;
    let (requests, bytes) = (seen["requests"].as_u64().unwrap(), seen["bytes"].as_f64().unwrap());
    assert!(requests > 0, "the browser has counted");
    let is_light = requests <= MAX_REQUESTS && bytes <= MAX_BYTES;
    (!is_light).then(|| format!("takes {requests} requests and {bytes} bytes: {}", seen["names"]))
}

/// Rules that axe-core applies.
#[derive(Clone, Copy)]
enum Rules {
    All,
    /// For a page in German, once a stop has seen it in English by day and by night. No colour
    /// depends on the language.
    AllButContrast,
}

/// Returns what axe-core finds.
async fn violations(browser: &Browser, rules: Rules) -> impl Iterator<Item = String> {
    let contrast = matches!(rules, Rules::All);
    let script = "
        const done = arguments[arguments.length - 1];
        const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
        const short = (found) => found.id + ': ' + found.nodes.map(n => n.html + ' (' + n.failureSummary + ')').join(' and ');
        const rules = { 'color-contrast': { enabled: CONTRAST } };
        axe.run(document, { runOnly: tags, rules, preload: false, resultTypes: ['violations'] })
            .then(results => done([results.passes.length, results.violations.map(short)]), error => done([0, [String(error)]]));";
    let found = browser.run_to_end(&script.replace("CONTRAST", &contrast.to_string())).await;
    assert!(found[0].as_u64().unwrap() > 5, "axe-core has looked: {found}");
    let found: Vec<Value> = found[1].as_array().unwrap().clone();
    found.into_iter().map(|text| text.as_str().unwrap().split_whitespace().collect::<Vec<_>>().join(" "))
}
