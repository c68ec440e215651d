//! A browser as far as HTTP goes: cookies by the rules of RFC 6265bis, the headers that browsers
//! send. A test follows redirects by hand.

use crate::harness::TestApp;
use rocket::{
    http::{Header, Method, Status},
    local::asynchronous::LocalRequest,
};
use std::{collections::BTreeMap, net::SocketAddr};

pub struct Browser<'a> {
    pub app: &'a TestApp,
    pub cookies: BTreeMap<String, String>,
    pub user_agent: String,
    /// `Accept-Language`, if it sends one.
    pub language: Option<&'static str>,
    pub remote: SocketAddr,
}

/// Removes the elements around words such as "E-Mail", which keep them on one line.
pub fn without_whole_words(html: &str) -> String {
    let html = html.replace("<span style=\"white-space:nowrap\">", "<span class=\"whole\">");
    let mut pieces = html.split("<span class=\"whole\">");
    let first = pieces.next().unwrap_or_default().to_owned();
    pieces.fold(first, |text, piece| text + &piece.replacen("</span>", "", 1))
}

/// An answer.
#[derive(Clone, Debug)]
pub struct Page {
    pub status: Status,
    pub headers: Vec<(String, String)>,
    pub body: String,
}

impl Page {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(header, _)| header.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    pub fn location(&self) -> Option<&str> {
        self.header("Location")
    }

    /// Returns where this leads after the step-up that it asks for.
    #[track_caller]
    pub fn then(&self) -> String {
        let query = self.location().and_then(|to| to.strip_prefix("/step-up?"));
        let query = query.unwrap_or_else(|| panic!("{}: no step-up: {:?}", self.status, self.location()));
        let (_, then) = url::form_urlencoded::parse(query.as_bytes()).find(|(name, _)| name == "then").unwrap();
        then.into_owned()
    }

    pub fn set_cookies(&self) -> Vec<&str> {
        let is_cookie = |(name, _): &&(String, String)| name.eq_ignore_ascii_case("Set-Cookie");
        self.headers.iter().filter(is_cookie).map(|(_, value)| value.as_str()).collect()
    }

    /// Returns the value of a hidden field.
    #[track_caller]
    pub fn hidden(&self, name: &str) -> &str {
        let field = format!("<input type=\"hidden\" name=\"{name}\" value=\"");
        let rest = self.body.split(&field).nth(1).unwrap_or_else(|| panic!("no {name}: {}", self.text()));
        rest.split('"').next().unwrap()
    }

    /// Returns what a user reads: the text between the tags, white space folded.
    pub fn text(&self) -> String {
        let mut text = String::new();
        let mut in_tag = false;
        for c in without_whole_words(&self.body).chars() {
            match c {
                '<' => in_tag = true,
                '>' => {
                    in_tag = false;
                    text.push(' ');
                }
                c if !in_tag => text.push(c),
                _ => {}
            }
        }
        text.split_whitespace().collect::<Vec<_>>().join(" ")
    }

    #[track_caller]
    pub fn assert_shows(&self, words: &str) -> &Self {
        assert!(self.text().contains(words), "{} does not show {words:?}: {}", self.status, self.text());
        self
    }

    #[track_caller]
    pub fn assert_hides(&self, words: &str) -> &Self {
        assert!(!self.body.contains(words), "{} shows {words:?}: {}", self.status, self.text());
        self
    }

    #[track_caller]
    pub fn assert_status(&self, code: u16) -> &Self {
        assert_eq!(self.status.code, code, "{}", self.text());
        self
    }

    #[track_caller]
    pub fn assert_leads_to(&self, location: &str) -> &Self {
        assert_eq!((self.status.code, self.location()), (303, Some(location)), "{}", self.text());
        self
    }
}

/// A browser with headers for its next request.
pub struct Headed<'b, 'a> {
    browser: &'b mut Browser<'a>,
    headers: &'b [(&'b str, &'b str)],
}

impl Headed<'_, '_> {
    /// Sends a request with these headers, with cookies, and with `Host` and `User-Agent` unless
    /// given.
    pub async fn request(self, method: Method, path: &str, body: Option<&str>) -> Page {
        let request = self.browser.app.client.req(method, path.to_owned());
        self.browser.send(request, self.headers, body).await
    }
}

impl<'a> Browser<'a> {
    pub fn new(app: &'a TestApp) -> Self {
        Self {
            app,
            cookies: BTreeMap::new(),
            user_agent: "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0".into(),
            language: None,
            remote: "203.0.113.7:50000".parse().unwrap(),
        }
    }

    /// Continues as the same browser from another address.
    pub fn at(mut self, ip: &str) -> Self {
        self.remote = SocketAddr::new(ip.parse().unwrap(), 50000);
        self
    }

    /// Continues as the same browser with another language.
    pub fn speaking(mut self, language: &'static str) -> Self {
        self.language = Some(language);
        self
    }

    /// Sends what a followed link or a bookmark sends.
    pub async fn get(&mut self, path: &str) -> Page {
        self.request(Method::Get, path, None).await
    }

    /// Sends a form of ours. No form is answered with a page. If the answer leads to a page that
    /// refuses, this returns that page, as a user sees it. Otherwise it returns the redirect.
    pub async fn post(&mut self, path: &str, fields: &[(&str, &str)]) -> Page {
        let answer = self.post_only(path, fields).await;
        let Some(to) = answer.location().map(str::to_owned) else { return answer };
        let says_something = answer.set_cookies().iter().any(|line| is_flash(line));
        if answer.status.code != 303 || !says_something && to != path {
            return answer;
        }
        // As another tab would see it, so that a note that is shown once is still there.
        let cookies = self.cookies.clone();
        let page = self.get(&to).await;
        if page.status.code >= 400 {
            return page;
        }
        self.cookies = cookies;
        answer
    }

    /// Sends a form of ours, and returns the answer itself.
    pub async fn post_only(&mut self, path: &str, fields: &[(&str, &str)]) -> Page {
        let body = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        let headers = [
            ("Content-Type", "application/x-www-form-urlencoded"),
            ("Sec-Fetch-Site", "same-origin"),
            ("Origin", &self.app.base_url.clone()),
        ];
        self.with(&headers).request(Method::Post, path, Some(&body)).await
    }

    /// Sends a form with a file.
    pub async fn upload(&mut self, path: &str, field: &str, file: &[u8]) -> Page {
        self.upload_with(path, &[], (field, file)).await
    }

    /// Sends a form with fields, and a file behind them.
    pub async fn upload_with(&mut self, path: &str, fields: &[(&str, &str)], (field, file): (&str, &[u8])) -> Page {
        let mut request = self.app.client.post(path.to_owned()).remote(self.remote);
        let authority = self.app.base_url.split_once("://").unwrap().1;
        for (name, value) in [
            ("Host", authority),
            ("Sec-Fetch-Site", "same-origin"),
            ("Content-Type", "multipart/form-data; boundary=XX"),
        ] {
            request.add_header(Header::new(name, value.to_owned()));
        }
        for (name, value) in &self.cookies {
            request = request.cookie((name.clone(), value.clone()));
        }
        let plain = |(name, value): &(&str, &str)| {
            format!("--XX\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n")
        };
        let head = format!(
            "{}--XX\r\nContent-Disposition: form-data; name=\"{field}\"; filename=\"x.png\"\r\nContent-Type: image/png\r\n\r\n",
            fields.iter().map(plain).collect::<String>()
        );
        request.set_body([head.as_bytes(), file, b"\r\n--XX--\r\n"].concat());
        let page = answer(request).await;
        self.keep_cookies(&page);
        page
    }

    /// Sends any request, with cookies, `Host` and `User-Agent`.
    pub async fn request(&mut self, method: Method, path: &str, body: Option<&str>) -> Page {
        self.with(&[]).request(method, path, body).await
    }

    /// Adds headers to the next request.
    pub fn with<'b>(&'b mut self, headers: &'b [(&'b str, &'b str)]) -> Headed<'b, 'a> {
        Headed { browser: self, headers }
    }

    async fn send(&mut self, mut request: LocalRequest<'_>, headers: &[(&str, &str)], body: Option<&str>) -> Page {
        request = request.remote(self.remote);
        let given = |name: &str| headers.iter().any(|(header, _)| header.eq_ignore_ascii_case(name));
        if !given("Host") {
            let authority = self.app.base_url.split_once("://").unwrap().1;
            request.add_header(Header::new("Host", authority.to_owned()));
        }
        if !given("User-Agent") {
            request.add_header(Header::new("User-Agent", self.user_agent.clone()));
        }
        if let Some(language) = self.language {
            request.add_header(Header::new("Accept-Language", language));
        }
        for (name, value) in headers {
            request.add_header(Header::new((*name).to_owned(), (*value).to_owned()));
        }
        for (name, value) in &self.cookies {
            request = request.cookie((name.clone(), value.clone()));
        }
        if let Some(body) = body {
            request.set_body(body);
        }
        let page = answer(request).await;
        self.keep_cookies(&page);
        page
    }

    fn keep_cookies(&mut self, page: &Page) {
        for line in page.set_cookies() {
            let mut parts = line.split(';').map(str::trim);
            let (name, value) = parts.next().unwrap().split_once('=').unwrap();
            let attributes: Vec<String> = parts.map(str::to_lowercase).collect();
            // Browsers neither store nor delete a `__Host-` cookie without these.
            if name.starts_with("__Host-") {
                let fine = attributes.iter().any(|a| a == "secure")
                    && attributes.iter().any(|a| a == "path=/")
                    && !attributes.iter().any(|a| a.starts_with("domain"));
                if !fine {
                    continue;
                }
            }
            if attributes.iter().any(|a| a == "max-age=0") {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
    }

    /// Follows a link and the redirects after it.
    pub async fn open(&mut self, path: &str) -> Page {
        let page = self.get(path).await;
        self.follow(page).await
    }

    /// Sends a form and follows the redirects after it.
    pub async fn submit(&mut self, path: &str, fields: &[(&str, &str)]) -> Page {
        let page = self.post_only(path, fields).await;
        self.follow(page).await
    }

    async fn follow(&mut self, mut page: Page) -> Page {
        for _ in 0..10 {
            let Some(to) = page.location().map(str::to_owned) else { return page };
            page = self.get(&to).await;
        }
        panic!("redirected in a circle");
    }

    /// Signs in by email link, as users do.
    pub async fn sign_in(&mut self, email: &str) {
        self.sign_in_to(email, &[]).await;
    }

    /// Does the same, with more fields on the sign-in form.
    pub async fn sign_in_to(&mut self, email: &str, fields: &[(&str, &str)]) -> Page {
        let fields: Vec<_> = [("email", email)].into_iter().chain(fields.iter().copied()).collect();
        self.post("/login", &fields).await.assert_leads_to("/login/sent");
        let mails = self.app.mails_to(email).await;
        // Security emails may have left in the same round.
        let link =
            mails.iter().rfind(|mail| mail.text.contains("/auth/verify?token=")).expect("a sign-in email").link();
        // The domain is shown in the reader's script.
        let local = email.split('@').next().unwrap_or(email);
        self.open(&link).await.assert_shows(&format!("Sign in as {local}@"));
        let page = self.post("/auth/verify", &[]).await;
        page.assert_status(303);
        page
    }

    /// Steps up by email link.
    pub async fn step_up(&mut self, email: &str) {
        self.post("/step-up", &[]).await.assert_leads_to("/login/sent");
        let link = self.app.mail_to(email).await.link();
        self.open(&link).await.assert_shows(&format!("Yes, I’m {email}"));
        self.post("/auth/verify", &[]).await.assert_status(303);
    }

    /// Returns whether this browser gets the account page of this user.
    pub async fn is_signed_in_as(&mut self, email: &str) -> bool {
        let page = self.get("/account").await;
        page.status == Status::Ok && page.text().contains(&format!("Email address {email}"))
    }

    pub async fn is_signed_out(&mut self) -> bool {
        self.get("/account").await.location().is_some_and(|to| to.starts_with("/login"))
    }
}

/// Returns whether a line sets the cookie that carries what the next page says.
pub fn is_flash(line: &str) -> bool {
    let value = line.trim_start_matches("__Host-").strip_prefix("gatepost_flash=");
    value.is_some_and(|value| !value.starts_with(';'))
}

async fn answer(request: LocalRequest<'_>) -> Page {
    let response = request.dispatch().await;
    let headers = response.headers().iter().map(|header| (header.name.to_string(), header.value.to_string())).collect();
    let status = response.status();
    // The places where an address may break are invisible.
    let body = response.into_string().await.unwrap_or_default().replace("<wbr>", "");
    Page { status, headers, body }
}
