//! A user's browser: what they click, type and read. Every step waits until its element is there.

use crate::patience;
use fantoccini::{
    Client, Locator,
    elements::Element,
    error::CmdError,
    wait::Wait,
    wd::{WebDriverCompatibleCommand, WindowHandle},
};
use serde_json::{Value, json};
use std::{sync::Arc, time::Duration};
use tokio::sync::OnceCell;
use url::{ParseError, Url};

/// Tells whether pressing an element leads to another page, or loads this one again. Marks the page
/// if so.
const MARK_IF_IT_LEADS_AWAY: &str = "
    const leads_away = arguments[0].matches('form button:not([type=button]), a[href]:not([download])');
    if (leads_away) document.documentElement.dataset.left = '';
    return leads_away;
";

/// Path at which chromedriver takes commands of the DevTools protocol.
const DEVTOOLS: &str = "goog/cdp/execute";

pub struct Browser {
    client: Client,
    origin: String,
    /// A tab that reads German, once there is one.
    german: OnceCell<WindowHandle>,
}

impl Browser {
    pub const fn new(client: Client, origin: String) -> Self {
        Self { client, origin, german: OnceCell::const_new() }
    }

    /// Types an address into the address bar: a whole URL, or a path here.
    pub async fn open(&self, to: &str) {
        let url = if to.starts_with('/') { format!("{}{to}", self.origin) } else { to.to_owned() };
        self.client.goto(&url).await.unwrap();
    }

    pub async fn back(&self) {
        self.client.back().await.unwrap();
    }

    pub async fn reload(&self) {
        self.client.refresh().await.unwrap();
    }

    /// Waits for minutes, for a slow machine. Nothing that works takes that long. fantoccini itself
    /// would look four times a second.
    fn waits(&self) -> Wait<'_> {
        self.client.wait().at_most(Duration::from_secs(200)).every(patience::PERIOD)
    }

    /// Returns what the address bar shows.
    pub async fn address(&self) -> String {
        self.client.current_url().await.unwrap().into()
    }

    /// Returns everything in the address bar after the origin.
    pub async fn path(&self) -> String {
        let url = self.client.current_url().await.unwrap();
        url.as_str().strip_prefix(&self.origin).unwrap_or_else(|| panic!("{url} is elsewhere")).to_owned()
    }

    /// Waits for a page by its heading.
    pub async fn reads_heading(&self, heading: &str) {
        let xpath = format!("//h1[normalize-space()={}]", quoted(heading));
        if self.waits().for_element(Locator::XPath(&xpath)).await.is_err() {
            panic!("no heading {heading:?} at {}: {}", self.path().await, self.text().await);
        }
    }

    /// Waits for words anywhere on the page.
    pub async fn reads(&self, words: &str) {
        let what = format!("{words:?} on the page");
        patience::until(&what, async || self.text().await.contains(words).then_some(())).await;
    }

    pub async fn does_not_read(&self, words: &str) {
        let text = self.text().await;
        assert!(!text.contains(words), "{words:?} is on the page: {text}");
    }

    /// Returns the visible text, white space folded. Empty between two pages.
    pub async fn text(&self) -> String {
        let body = self.try_run("return document.body ? document.body.innerText : ''").await;
        let words = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
        body.ok().as_ref().and_then(Value::as_str).map_or_else(String::new, words)
    }

    pub async fn find(&self, css: &str) -> Element {
        let found = self.waits().for_element(Locator::Css(css)).await;
        found.unwrap_or_else(|error| panic!("no {css} ({error})"))
    }

    pub async fn has(&self, css: &str) -> bool {
        !self.client.find_all(Locator::Css(css)).await.unwrap().is_empty()
    }

    /// Returns a button or link by its words.
    pub async fn control(&self, label: &str) -> Element {
        let label = quoted(label);
        let xpath = format!("//*[self::button or self::a][normalize-space()={label} or @aria-label={label}]");
        match self.waits().for_element(Locator::XPath(&xpath)).await {
            Ok(element) => element,
            Err(_) => panic!("nothing says {label} at {}: {}", self.path().await, self.text().await),
        }
    }

    /// Presses a button or link, and waits until the page is left if it leads away. Otherwise the
    /// next step could find a similar element on the old page.
    pub async fn presses(&self, label: &str) {
        let control = self.control(label).await;
        self.clicks(control, label).await;
    }

    /// Saves the section of the settings that holds this field.
    pub async fn saves(&self, field: &str) {
        let button = self.find(&format!("section:has(#{field}) button[name=section]")).await;
        self.clicks(button, "Save").await;
    }

    async fn clicks(&self, control: Element, label: &str) {
        let marked = self.client.execute(MARK_IF_IT_LEADS_AWAY, vec![json!(control)]).await;
        control.click().await.unwrap();
        if marked.is_ok_and(|leads_away| leads_away == json!(true)) {
            self.leaves(label).await;
        }
    }

    /// Waits until the marked page with this label is left.
    async fn leaves(&self, label: &str) {
        patience::until(&format!("the page with {label:?} to be left"), async || {
            let is_new = self.try_run("return !('left' in document.documentElement.dataset)").await;
            is_new.is_ok_and(|is_new| is_new == json!(true)).then_some(())
        })
        .await;
    }

    /// Types a whole code into an empty field, whose page sends it at its last character.
    pub async fn enters_code(&self, label: &str, code: &str) {
        self.run("document.documentElement.dataset.left = ''").await;
        self.types(label, code).await;
        self.leaves(label).await;
    }

    /// Opens the details below these words.
    pub async fn opens(&self, summary: &str) {
        let xpath = format!("//summary[normalize-space()={0} or @aria-label={0}]", quoted(summary));
        let found = self.waits().for_element(Locator::XPath(&xpath)).await;
        found.unwrap_or_else(|error| panic!("nothing to open: {summary:?} ({error})")).click().await.unwrap();
    }

    /// Types into the field with this label, replacing its value.
    pub async fn types(&self, label: &str, text: &str) {
        let field = self.field(label).await;
        field.clear().await.unwrap();
        field.send_keys(text).await.unwrap();
    }

    /// Chooses an entry of a list by its value.
    pub async fn chooses(&self, label: &str, value: &str) {
        self.field(label).await.select_by_value(value).await.unwrap();
    }

    pub async fn ticks(&self, label: &str) {
        self.field(label).await.click().await.unwrap();
    }

    pub async fn field(&self, label: &str) -> Element {
        let xpath = format!("//*[@id=//label[starts-with(normalize-space(),{})]/@for]", quoted(label));
        let found = self.waits().for_element(Locator::XPath(&xpath)).await;
        found.unwrap_or_else(|error| panic!("no field {label:?} ({error})"))
    }

    /// Presses a key wherever the focus is.
    pub async fn presses_key(&self, key: fantoccini::key::Key) {
        use fantoccini::actions::{InputSource, KeyAction, KeyActions};
        let value = char::from(key);
        let keys = KeyActions::new("keyboard".into()).then(KeyAction::Down { value }).then(KeyAction::Up { value });
        self.client.perform_actions(keys).await.unwrap();
    }

    pub async fn presses_keys(&self, text: &str) {
        use fantoccini::actions::{InputSource, KeyAction, KeyActions};
        let mut keys = KeyActions::new("keyboard".into());
        for value in text.chars() {
            keys = keys.then(KeyAction::Down { value }).then(KeyAction::Up { value });
        }
        self.client.perform_actions(keys).await.unwrap();
    }

    /// Opens another tab and goes there. Returns the one left behind.
    pub async fn opens_tab(&self) -> WindowHandle {
        let left = self.client.window().await.unwrap();
        let tab = self.client.new_window(true).await.unwrap();
        self.client.switch_to_window(tab.handle).await.unwrap();
        left
    }

    /// Opens a popup from this page's script, as apps do, and turns to it.
    pub async fn opens_popup(&self, url: &str) {
        let before = self.client.windows().await.unwrap();
        self.run(&format!("window.open('{url}', 'popup', 'width=600,height=800')")).await;
        let popup = patience::until("the popup", async || {
            self.client.windows().await.unwrap().into_iter().find(|window| !before.contains(window))
        });
        self.client.switch_to_window(popup.await).await.unwrap();
    }

    /// Turns to the tab that reads German. Returns the tab that it leaves. Another page of the site
    /// takes half the time of a new tab.
    pub async fn turns_to_german(&self) -> WindowHandle {
        let left = self.client.window().await.unwrap();
        if let Some(tab) = self.german.get() {
            self.client.switch_to_window(tab.clone()).await.unwrap();
        } else {
            self.opens_tab().await;
            self.reads_german().await;
            self.offers_no_passkeys_unasked().await;
            self.german.set(self.client.window().await.unwrap()).unwrap();
        }
        left
    }

    /// Leaves the page of the German tab, whose script would go on, and turns to another tab. The
    /// empty page comes from the script, so that the next page is in the same process.
    pub async fn leaves_german(&self, next: WindowHandle) {
        self.run("location.replace('about:blank')").await;
        self.client.switch_to_window(next).await.unwrap();
    }

    /// Asks for German from now on, in this tab.
    pub async fn reads_german(&self) {
        self.devtools("Network.enable", json!({})).await;
        self.devtools("Network.setExtraHTTPHeaders", json!({ "headers": { "Accept-Language": "de" } })).await;
    }

    pub async fn turns_to_tab(&self, tab: WindowHandle) {
        self.client.switch_to_window(tab).await.unwrap();
    }

    pub async fn enters_frame(&self) {
        self.find("iframe").await.enter_frame().await.unwrap();
    }

    pub async fn leaves_frame(&self) {
        self.client.enter_parent_frame().await.unwrap();
    }

    /// Waits until each frame that is shown has loaded and is painted.
    pub async fn waits_for_frames(&self) {
        for frame in self.client.find_all(Locator::Css("iframe")).await.unwrap() {
            if !frame.is_displayed().await.unwrap() {
                continue;
            }
            frame.enter_frame().await.unwrap();
            patience::until("a frame to load", async || {
                let loaded = "return document.readyState === 'complete' && location.href !== 'about:blank'";
                self.try_run(loaded).await.is_ok_and(|is_loaded| is_loaded == json!(true)).then_some(())
            })
            .await;
            self.leaves_frame().await;
            // In a frame without scripts, nothing could tell.
            self.run_to_end("requestAnimationFrame(() => requestAnimationFrame(arguments[0]))").await;
        }
    }

    /// Waits for the browser's own page in place of one that it refused to show.
    pub async fn waits_for_error_page(&self) {
        patience::until("the browser to refuse", async || {
            let url = self.try_run("return location.href").await.ok()?;
            url.as_str().is_some_and(|url| url.starts_with("chrome-error://")).then_some(())
        })
        .await;
    }

    /// Returns the value of a cookie, even one that no script can read.
    pub async fn cookie(&self, name: &str) -> Option<String> {
        let cookies = self.client.get_all_cookies().await.unwrap();
        cookies.into_iter().find(|cookie| cookie.name() == name).map(|cookie| cookie.value().to_owned())
    }

    /// Continues with the session of another browser, on a page of the same server.
    pub async fn takes_session_of(&self, other: &Self) {
        let value = other.cookie("gatepost_session").await.unwrap();
        let parameters = json!({ "name": "gatepost_session", "value": value, "url": self.origin, "httpOnly": true });
        self.devtools("Network.setCookie", parameters).await;
    }

    pub async fn has_session(&self) -> bool {
        self.cookie("gatepost_session").await.is_some()
    }

    /// Opens the account page and returns whether it is this user's.
    pub async fn is_signed_in_as(&self, email: &str) -> bool {
        self.open("/account").await;
        self.path().await == "/account" && self.text().await.contains(&format!("Email address {email}"))
    }

    /// Asks for an email on the sign-in page.
    pub async fn asks_for_mail(&self, email: &str) {
        self.open("/login").await;
        self.types("Email address", email).await;
        self.presses("Email me a link").await;
        self.reads_heading("Check your inbox").await;
    }

    /// Runs a script in the page, as its function's body.
    pub async fn run(&self, script: &str) -> Value {
        self.try_run(script).await.unwrap_or_else(|error| panic!("{script}: {error}"))
    }

    async fn try_run(&self, script: &str) -> Result<Value, CmdError> {
        self.client.execute(script, Vec::new()).await
    }

    /// Runs a script that calls its last argument when it is done.
    pub async fn run_to_end(&self, script: &str) -> Value {
        self.client.execute_async(script, Vec::new()).await.unwrap_or_else(|error| panic!("{script}: {error}"))
    }

    /// A command of the DevTools protocol.
    pub async fn devtools(&self, command: &'static str, parameters: Value) -> Value {
        let asked =
            self.client.issue_cmd(Command { path: DEVTOOLS, body: json!({ "cmd": command, "params": parameters }) });
        asked.await.unwrap_or_else(|error| panic!("{command}: {error}"))
    }

    /// Evaluates a script that was made a command before. Sent as a script, chromedriver would wrap
    /// it and read it twice.
    pub async fn evaluates(&self, script: &Evaluation) {
        let result = self.client.issue_cmd(script.clone()).await.unwrap();
        assert!(result.get("exceptionDetails").is_none(), "{result}");
    }

    /// Gives this tab an authenticator: part of the device, with stored passkeys, and with its user
    /// verified.
    pub async fn gets_an_authenticator(&self) {
        let traits = json!({
            "protocol": "ctap2",
            "transport": "internal",
            "hasResidentKey": true,
            "hasUserVerification": true,
            "isUserVerified": true,
        });
        let added = self.client.issue_cmd(Command { path: "webauthn/authenticator", body: traits }).await;
        added.unwrap_or_else(|error| panic!("no authenticator: {error}"));
    }

    /// Does the same with one whose passkeys DevTools commands can change. Returns its name in
    /// them.
    pub async fn gets_a_changeable_authenticator(&self) -> Value {
        self.devtools("WebAuthn.enable", json!({})).await;
        let traits = json!({
            "protocol": "ctap2",
            "transport": "internal",
            "hasResidentKey": true,
            "hasUserVerification": true,
            "isUserVerified": true,
            "automaticPresenceSimulation": true,
        });
        let added = self.devtools("WebAuthn.addVirtualAuthenticator", json!({ "options": traits })).await;
        added["authenticatorId"].clone()
    }

    /// Makes this a browser that knows passkeys but does not offer them in the list under a field.
    /// Chromium's own authenticator answers every request at once, and would sign in before a
    /// button is pressed.
    pub async fn offers_no_passkeys_unasked(&self) {
        let source =
            "if (window.PublicKeyCredential) PublicKeyCredential.isConditionalMediationAvailable = async () => false";
        self.devtools("Page.addScriptToEvaluateOnNewDocument", json!({ "source": source })).await;
    }

    /// Returns what a log holds since it was last read: "browser" for the console, "performance"
    /// for the network.
    pub async fn log(&self, kind: &'static str) -> Vec<Value> {
        let read = self.client.issue_cmd(Command { path: "se/log", body: json!({ "type": kind }) });
        read.await.unwrap().as_array().cloned().unwrap_or_default()
    }
}

/// Quotes text for XPath. None of ours has both kinds of quotation marks.
fn quoted(text: &str) -> String {
    if text.contains('\'') { format!("\"{text}\"") } else { format!("'{text}'") }
}

fn endpoint(path: &str, base_url: &Url, session_id: Option<&str>) -> Result<Url, ParseError> {
    base_url.join(&format!("session/{}/{path}", session_id.unwrap_or_default()))
}

/// A script as a DevTools command, in JSON. A long one takes time to quote.
#[derive(Clone, Debug)]
pub struct Evaluation(Arc<str>);

impl Evaluation {
    pub fn new(script: &str) -> Self {
        let parameters = json!({ "expression": format!("{script};0") });
        Self(json!({ "cmd": "Runtime.evaluate", "params": parameters }).to_string().into())
    }
}

impl WebDriverCompatibleCommand for Evaluation {
    fn endpoint(&self, base_url: &Url, session_id: Option<&str>) -> Result<Url, ParseError> {
        endpoint(DEVTOOLS, base_url, session_id)
    }

    fn method_and_body(&self, _: &Url) -> (http::Method, Option<String>) {
        (http::Method::POST, Some(self.0.to_string()))
    }
}

/// A command that chromedriver knows and WebDriver does not.
#[derive(Debug)]
struct Command {
    path: &'static str,
    body: Value,
}

impl WebDriverCompatibleCommand for Command {
    fn endpoint(&self, base_url: &Url, session_id: Option<&str>) -> Result<Url, ParseError> {
        endpoint(self.path, base_url, session_id)
    }

    fn method_and_body(&self, _: &Url) -> (http::Method, Option<String>) {
        (http::Method::POST, Some(self.body.to_string()))
    }
}
