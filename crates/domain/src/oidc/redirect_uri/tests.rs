use super::*;
use proptest::prelude::*;

const REGISTERED: [&str; 7] = [
    "https://app.example.com/callback",
    "https://app.example.com:8443/cb?tenant=1",
    "https://bare.example.com",
    "http://127.0.0.1/callback",
    "http://localhost:1234/cb",
    "http://[::1]/cb",
    "app.immich:///oauth-callback",
];

fn registered() -> Vec<RedirectUri> {
    REGISTERED.iter().map(|uri| RedirectUri::parse(uri).unwrap()).collect()
}

fn admitted(asked: &str) -> Option<String> {
    registered().iter().find_map(|own| own.admits(asked)).map(|uri| uri.to_string())
}

#[test]
fn real_apps_addresses_can_be_registered() {
    for real in [
        "audiobookshelf://oauth",
        "oc://ios.owncloud.com",
        "kitchenowl:/signin/redirect",
        "com.example.app:/oauth2redirect",
        "http://[::1]:8400/cb",
        "https://login.example.com:443/x",
        "https://xn--mnchen-3ya.example/cb",
        "https://[2001:db8::1]/cb",
        "https://cloud.example.com/index.php/apps/user_oidc/code",
        "https://app.example.com/a//b/%2Fc",
    ] {
        assert_eq!(RedirectUri::parse(real).map(|uri| uri.to_string()), Ok(real.to_owned()));
    }
}

#[test]
fn what_leads_elsewhere_or_nowhere_cannot_be_registered() {
    use NotARedirectUri::{Fragment, Scheme, Spelling, Unencrypted, Unreadable, UserInfo, Wildcard};
    for (typed, why) in [
        ("", Unreadable),
        ("/callback", Unreadable),
        ("https://app.example.com/a b", Unreadable),
        ("https://app.example.com\\@evil.example/", Unreadable),
        ("https://*.example.com/cb", Wildcard),
        ("https://app.example.com/*", Wildcard),
        ("https://app.example.com/cb#x", Fragment),
        ("https://app.example.com/cb#", Fragment),
        ("https://app.example.com@evil.example/", UserInfo),
        ("https://:@app.example.com/", UserInfo),
        ("http://app.example.com/cb", Unencrypted),
        ("http://127.1/cb", Unencrypted),
        ("http://0x7f.0.0.1/cb", Unencrypted),
        ("http://localhost./cb", Unencrypted),
        ("http://sub.localhost/cb", Unencrypted),
        ("http://127.0.0.2/cb", Unencrypted),
        ("javascript:/alert(1)", Scheme),
        ("JavaScript:/alert(1)", Scheme),
        ("data:/text/html,x", Scheme),
        ("intent://x#Intent", Fragment),
        ("intent://x", Scheme),
        ("myapp:callback", Scheme),
        ("my_app:/callback", Scheme),
        ("https:app.example.com/cb", Spelling),
        ("https:///app.example.com/cb", Spelling),
        ("https://App.example.com/cb", Spelling),
        ("https://app.example.com./cb", Spelling),
        ("https://app.example.com/../cb", Spelling),
        ("https://app.example.com/./cb", Spelling),
        ("https://app.example.com/%2e%2E/cb", Spelling),
        ("https://app.example.com:0/cb", Spelling),
        ("https://app.example.com:08443/cb", Spelling),
        ("https://app.example.com:/cb", Spelling),
        ("https://app.example.com:99999/cb", Spelling),
        ("https://0x7f.1/cb", Spelling),
        ("https:///", Spelling),
    ] {
        assert_eq!(RedirectUri::parse(typed), Err(why), "{typed}");
    }
    assert!(RedirectUri::parse(&format!("https://a.example/{}", "a".repeat(MAX_LENGTH))).is_err());
}

/// Each registered address in some fifty wrong spellings, 300 in all.
#[test]
fn no_other_spelling_of_a_registered_address_is_admitted() {
    let mut tried = 0;
    for own in REGISTERED {
        let (scheme, rest) = own.split_once(':').unwrap();
        let host = rest.trim_start_matches('/').split(['/', ':', '?']).next().unwrap();
        let mut hostile: Vec<String> = [
            "/",
            "/.",
            "/..",
            "/../",
            "//",
            "?",
            "?x=1",
            "&x=1",
            "#",
            "#x",
            "%00",
            "%0a",
            "%20",
            " ",
            "\t",
            "\n",
            ";x",
            "%2f",
            "%2F..",
            "/%2e%2e/",
            "\\",
            "/x",
            "x",
            ".evil.example",
            "@evil.example",
            ":80",
            "é",
            "\u{200b}",
        ]
        .iter()
        .map(|end| format!("{own}{end}"))
        .collect();
        hostile
            .extend([" ", "\t", "\n", "/", "//", "x", "https://evil.example/?u="].map(|begin| format!("{begin}{own}")));
        hostile.extend([
            own.to_uppercase(),
            own.replacen(':', ":/", 1),
            own.replacen("://", ":\\\\", 1),
            own.replacen("://", ":////", 1),
            own.replacen("://", "://evil.example/", 1),
            own.replacen("://", "://evil.example@", 1),
            own.replacen("://", "://evil.example\\@", 1),
            own.replacen("://", "://user:pass@", 1),
            own.replace(host, &format!("{host}.")),
            own.replace(host, &format!("evil.{host}")),
            own.replace(host, &format!("{host}.evil.example")),
            own.replace(host, &format!("{host}%00.evil.example")),
            own.replace(host, &host.to_uppercase()),
            own.replace('.', "。"),
            own.replacen(scheme, "javascript", 1),
            own.replacen(scheme, "data", 1),
            own.replacen(scheme, &scheme.to_uppercase(), 1),
            own[..own.len() - 1].to_owned(),
        ]);
        for asked in hostile.into_iter().filter(|asked| asked != own && !REGISTERED.contains(&asked.as_str())) {
            tried += 1;
            assert_eq!(admitted(&asked), None, "{asked:?}");
        }
    }
    assert!(tried >= 300, "{tried}");
}

#[test]
fn a_program_on_the_user_s_machine_chooses_its_port_and_nothing_else() {
    for asked in [
        "http://127.0.0.1/callback",
        "http://127.0.0.1:51004/callback",
        "http://localhost:9/cb",
        "http://localhost/cb",
        "http://[::1]/cb",
        "http://[::1]:51004/cb",
    ] {
        assert_eq!(admitted(asked), Some(asked.to_owned()));
    }
    for asked in [
        "https://127.0.0.1:51004/callback",
        "http://localhost:51004/callback",
        "http://[::1]:51004/callback",
        "http://127.0.0.1:51004/cb",
        "http://[::2]:51004/cb",
        "http://[0:0:0:0:0:0:0:1]:51004/cb",
        "http://127.0.0.1:51004/callback/",
        "http://127.0.0.1:51004/callback?x=1",
        "http://127.0.0.1:0/callback",
        "http://127.0.0.1:051004/callback",
        "http://127.1:51004/callback",
        "http://127.0.0.1.evil.example:80/callback",
        "https://app.example.com:444/callback",
    ] {
        assert_eq!(admitted(asked), None, "{asked}");
    }
}

#[test]
fn an_answer_keeps_the_address_s_own_query() {
    let with = |own: &str| RedirectUri::parse(own).unwrap().with(&[("code", "a b"), ("state", "x&y")]);
    assert_eq!(with("https://a.example/cb"), "https://a.example/cb?code=a+b&state=x%26y");
    assert_eq!(with("https://a.example/cb?t=1"), "https://a.example/cb?t=1&code=a+b&state=x%26y");
    assert_eq!(with("https://a.example/cb?"), "https://a.example/cb?code=a+b&state=x%26y");
    assert_eq!(with("https://a.example/cb?t=1&"), "https://a.example/cb?t=1&code=a+b&state=x%26y");
    assert_eq!(with("https://a.example/cb?x=?"), "https://a.example/cb?x=?&code=a+b&state=x%26y");
    assert_eq!(with("https://a.example/cb??"), "https://a.example/cb??&code=a+b&state=x%26y");
    assert_eq!(RedirectUri::parse("https://a.example/cb").unwrap().with(&[]), "https://a.example/cb");
    assert_eq!(with("app.immich:///oauth"), "app.immich:///oauth?code=a+b&state=x%26y");
}

#[test]
fn dots_that_a_browser_or_a_server_would_resolve_cannot_be_registered() {
    for typed in [
        "https://app.example.com/cb%2e",
        "https://app.example.com/cb%2E",
        "https://app.example.com/a/..%2Fcb%2e",
        "https://app.example.com/cb?next=%2e%2e",
        "http://localhost/a/../cb",
        "http://127.0.0.1/./cb",
        "http://[::1]/cb%2e",
    ] {
        assert_eq!(RedirectUri::parse(typed), Err(NotARedirectUri::Spelling), "{typed}");
    }
}

#[test]
fn no_scheme_that_does_something_in_a_browser_or_a_system_is_an_app_s_own() {
    for scheme in [
        "about",
        "blob",
        "chrome",
        "chrome-extension",
        "content",
        "data",
        "facetime",
        "file",
        "filesystem",
        "ftp",
        "ftps",
        "intent",
        "jar",
        "javascript",
        "mailto",
        "market",
        "moz-extension",
        "ms-settings",
        "resource",
        "sms",
        "ssh",
        "tel",
        "vbscript",
        "view-source",
        "ws",
        "wss",
        // No scheme at all: one begins with a letter.
        "1app",
        "+app",
    ] {
        assert_eq!(RedirectUri::parse(&format!("{scheme}:/x")), Err(NotARedirectUri::Scheme), "{scheme}");
    }
}

#[test]
fn an_address_of_any_scheme_has_only_characters_of_addresses() {
    for odd in ['"', '<', '>', '`', '{', '}', '|', '^', '\\', ' ', '\u{7f}', 'é'] {
        for begin in ["app.immich:/a", "https://app.example.com/a", "http://localhost/a"] {
            assert_eq!(RedirectUri::parse(&format!("{begin}{odd}b")), Err(NotARedirectUri::Unreadable), "{begin}{odd}");
        }
    }
}

#[test]
fn an_answer_with_its_code_cannot_be_printed() {
    let uri = RedirectUri::parse("https://a.example/cb").unwrap();
    for answer in [uri.answer(&[("code", "x-code")]), uri.answer_by_form(&[("code", "x-code")])] {
        assert_eq!(format!("{answer:?}"), "AppAnswer(a.example, …)");
    }
}

proptest! {
    #[test]
    fn an_answer_goes_to_the_registered_origin(state in "\\PC{0,40}") {
        for own in registered().into_iter().filter(|own| own.origin().is_some()) {
            let answer = own.with(&[("state", &state)]);
            prop_assert_eq!(Some(Url::parse(&answer).unwrap().origin().ascii_serialization()), own.origin());
            prop_assert!(answer.bytes().all(|b| b.is_ascii_graphic()));
        }
    }

    #[test]
    fn nothing_is_admitted_but_what_is_registered(asked in "https?://[a-z0-9.@:\\[\\]/?#%*-]{0,40}") {
        if let Some(answer) = admitted(&asked) {
            let is_own = REGISTERED.contains(&answer.as_str());
            prop_assert!(is_own || answer.starts_with("http://127.0.0.1") || answer.starts_with("http://localhost"));
        }
    }
}
