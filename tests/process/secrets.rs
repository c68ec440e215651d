//! Accounts that use each kind of secret, and the secrets that they used.

use crate::{
    http::Visitor,
    server::{Home, eventually, link_in},
};
use gatepost::{
    clock::SystemClock,
    domain::{Clock, Timestamp},
};

pub const BEN: &str = "ben@example.com";
const FIRST: &str = "correct horse battery zebra";
const SECOND: &str = "staple every other giraffe";

/// Turns passwords on, as an admin does.
pub fn with_passwords(home: &Home) {
    home.with_database(|connection| {
        gatepost::db::settings::store(connection, "password_enabled", "on", Timestamp::from_millis(0))
    });
}

/// An authenticator app.
pub struct Phone {
    secret: String,
}

impl Phone {
    /// Returns the code of a step, counted from the present one.
    pub fn code(&self, steps: u64) -> String {
        let now = u64::try_from(SystemClock.now().as_millis() / 1000).unwrap();
        let secret = totp_rs::Secret::try_from_base32(&self.secret).unwrap();
        totp_rs::Builder::new().with_secret(secret).build().unwrap().generate(now + steps * 30).to_string()
    }

    /// Returns six digits that stay wrong for some minutes.
    pub fn wrong(&self) -> String {
        let right: Vec<_> = (0..8).map(|steps| self.code(steps)).collect();
        (0..).map(|n| format!("{:06}", 111_111 + n)).find(|code| !right.contains(code)).unwrap()
    }
}

/// Ben, signed in by email, with a password, an app and recovery codes.
pub struct Ben {
    pub visitor: Visitor,
    pub phone: Phone,
    pub recovery_codes: Vec<String>,
    pub password: &'static str,
    secrets: Vec<String>,
}

impl Ben {
    pub fn signs_up(home: &Home) -> Self {
        home.run(&["account", "add", BEN]);
        let mut visitor = home.visitor();
        visitor.post("/login", &[("email", BEN)]).unwrap();
        visitor.get(&link_in(&mail_with(home, "/auth/verify?token="))).unwrap();
        assert_eq!(visitor.post("/auth/verify", &[]).unwrap().status, 303);
        assert_eq!(visitor.post("/account/password", &[("new_password", FIRST)]).unwrap().status, 303);
        let begun = visitor.post("/account/totp", &[]).unwrap();
        let at = begun.header("location").unwrap().to_owned();
        let page = visitor.get(&at).unwrap().body;
        let secret = page.split("<code class=\"key\">").nth(1).unwrap().split('<').next().unwrap().replace(' ', "");
        let phone = Phone { secret };
        let code = phone.code(0);
        let confirmed = visitor.post(&at, &[("code", &code)]).unwrap();
        assert!(confirmed.status == 303 && confirmed.header("location") != Some(&*at), "{confirmed:?}");
        let made = visitor.post("/account/recovery-codes", &[]).unwrap();
        let page = visitor.get(made.header("location").unwrap()).unwrap().body;
        let shown = page.split("data-codes>").nth(1).unwrap().split('<').next().unwrap();
        let recovery_codes: Vec<_> = shown.split_whitespace().map(str::to_owned).collect();
        assert_eq!(recovery_codes.len(), 10);
        let mut secrets = vec![FIRST.to_owned(), SECOND.to_owned(), BEN.to_owned(), phone.secret.clone(), code];
        secrets.extend(recovery_codes.iter().flat_map(|code| [code.clone(), code.replace('-', "")]));
        Self { visitor, phone, recovery_codes, password: FIRST, secrets }
    }

    /// Signs out, and in again by the password, up to the page for the second factor.
    pub fn comes_back(&mut self) {
        self.notes_cookies();
        self.visitor.post("/logout", &[]).unwrap();
        let came = self.visitor.post("/login/password", &[("email", BEN), ("password", self.password)]).unwrap();
        assert_eq!(came.header("location"), Some("/login/second-factor"), "{came:?}");
    }

    fn shows(&mut self, code: &str) {
        let shown = self.visitor.post("/login/second-factor", &[("code", code)]).unwrap();
        assert!(shown.status == 303 && shown.header("location") != Some("/login/second-factor"), "{shown:?}");
        self.secrets.push(code.to_owned());
    }

    /// Uses everything that Ben has, and everything that is emailed. Returns all secrets used.
    pub fn uses_everything(mut self, home: &Home) -> Vec<String> {
        self.begins_a_passkey();
        self.comes_back();
        let (wrong, right) = (self.phone.wrong(), self.phone.code(1));
        self.visitor.post("/login/second-factor", &[("code", &wrong)]).unwrap();
        self.secrets.push(wrong);
        self.shows(&right);
        self.comes_back();
        let recovery_code = self.recovery_codes[0].clone();
        self.shows(&recovery_code);
        self.visitor.post("/password/forgot", &[("email", BEN)]).unwrap();
        let reset = link_to("/auth/reset", &mail_with(home, "/auth/reset?token="));
        self.visitor.get(&reset).unwrap();
        self.visitor.get("/auth/reset").unwrap();
        assert_eq!(self.visitor.post("/auth/reset", &[("new_password", SECOND)]).unwrap().status, 303);
        self.password = SECOND;
        assert!(home.run(&["account", "recover", BEN]).status.success());
        for page in ["/auth/recovery", "/auth/undo"] {
            let link = link_to(page, &mail_with(home, &format!("{page}?token=")));
            self.visitor.get(&link).unwrap();
            self.visitor.get(page).unwrap();
            self.notes_cookies();
            self.visitor.post(page, &[]).unwrap();
            // Once more, when it is used.
            self.visitor.get(&link).unwrap();
            self.visitor.get(page).unwrap();
        }
        self.notes_cookies();
        let mails = home.mails().into_iter().filter(|(to, _)| to == BEN);
        let tokens: Vec<_> = mails.flat_map(|(_, text)| tokens_in(&text)).collect();
        assert!(tokens.len() >= 6, "{tokens:?}");
        self.secrets.extend(tokens);
        self.secrets
    }

    /// As far as no key is needed: the challenge, and an invalid answer.
    fn begins_a_passkey(&mut self) {
        let asked = self.visitor.post_json("/account/passkeys/options", r#"{"name":"key"}"#).unwrap();
        let challenge = asked.body.split("\"challenge\":\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
        self.notes_cookies();
        let answer = format!(r#"{{"name":"key","credential":{}}}"#, an_answer(&challenge));
        assert_eq!(self.visitor.post_json("/account/passkeys", &answer).unwrap().status, 422);
        self.secrets.extend([challenge, SIGNATURE.to_owned()]);
    }

    fn notes_cookies(&mut self) {
        let values = self.visitor.cookies.values().flat_map(|value| value.split(['.', '~']));
        self.secrets.extend(values.filter(|part| part.len() >= 43).map(str::to_owned));
    }
}

const SIGNATURE: &str = "c2lnbmF0dXJlLXRoYXQtaXMtbm9uZQ";

/// Returns what a browser sends for a passkey, with an invalid signature.
pub fn an_answer(challenge: &str) -> String {
    use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
    let client_data = format!(r#"{{"type":"webauthn.get","challenge":"{challenge}","origin":"http://localhost"}}"#);
    let client_data = URL_SAFE_NO_PAD.encode(client_data);
    format!(
        r#"{{"id":"AAAA","rawId":"AAAA","type":"public-key","response":{{"clientDataJSON":"{client_data}","authenticatorData":"AAAA","attestationObject":"AAAA","signature":"{SIGNATURE}"}}}}"#
    )
}

fn mail_with(home: &Home, words: &str) -> String {
    eventually(words, || home.mails().into_iter().find(|(to, text)| to == BEN && text.contains(words))).1
}

fn link_to(page: &str, text: &str) -> String {
    format!("{page}?token={}", &text.split(&format!("{page}?token=")).nth(1).unwrap()[..43])
}

fn tokens_in(text: &str) -> Vec<String> {
    text.split("token=").skip(1).filter_map(|rest| rest.get(..43)).map(str::to_owned).collect()
}
