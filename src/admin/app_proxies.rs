//! The configurations of proxies, filled in for one app. They are the files of `docs/proxies`,
//! which the tests run.

use crate::domain::apps::host::AppHost;

/// Each proxy with its files: name and text.
const PROXIES: [(&str, &[(&str, &str)]); 5] = [
    (
        "nginx",
        &[
            ("nginx.conf", include_str!("../../docs/proxies/nginx.conf")),
            ("nginx-gatepost.conf", include_str!("../../docs/proxies/nginx-gatepost.conf")),
        ],
    ),
    ("Caddy", &[("Caddyfile", include_str!("../../docs/proxies/Caddyfile"))]),
    (
        "HAProxy",
        &[
            ("haproxy-app.cfg", include_str!("../../docs/proxies/haproxy-app.cfg")),
            ("haproxy.cfg", include_str!("../../docs/proxies/haproxy.cfg")),
            ("haproxy-away.http", include_str!("../../docs/proxies/haproxy-away.http")),
            ("haproxy-gatepost.lua", include_str!("../../docs/proxies/haproxy-gatepost.lua")),
        ],
    ),
    (
        "Apache",
        &[
            ("apache.conf", include_str!("../../docs/proxies/apache.conf")),
            ("apache-gatepost.lua", include_str!("../../docs/proxies/apache-gatepost.lua")),
        ],
    ),
    ("Traefik", &[("traefik.yaml", include_str!("../../docs/proxies/traefik.yaml"))]),
];

/// A proxy, and its files for one app.
pub(super) struct Proxy {
    pub name: &'static str,
    /// Name and text.
    pub files: Vec<(&'static str, String)>,
}

/// Returns whether the tests have shown that a proxy's files serve such an address. Apache's script
/// cannot tell the port at which a request came, nor which of many names.
fn serves(proxy: &str, app: &AppHost) -> bool {
    match proxy {
        "Apache" => !app.is_wildcard && app.port.is_none(),
        "Traefik" => !app.is_wildcard,
        _ => true,
    }
}

/// Returns the configurations for an app, with Gatepost at `own`, a host without scheme.
pub(super) fn filled(app: &AppHost, own: &str) -> Vec<Proxy> {
    let fill = |file: &str, text: &str| {
        let changed = changes(file, app).into_iter().fold(text.to_owned(), |text, (from, to)| text.replace(from, &to));
        changed.replace("app.example.com", app.name.as_str()).replace("login.example.com", own)
    };
    let proxy = |(name, files): (&'static str, &[(&'static str, &str)])| Proxy {
        name,
        files: files.iter().map(|(name, text)| (*name, fill(name, text))).collect(),
    };
    PROXIES.into_iter().filter(|(name, _)| serves(name, app)).map(proxy).collect()
}

/// Returns the host of an app as a proxy names it, with its own port.
pub(super) fn authority(app: &AppHost) -> String {
    let host = if app.is_wildcard { "$host" } else { app.name.as_str() };
    format!("{host}{}", app.port.map(|port| format!(":{port}")).unwrap_or_default())
}

/// Returns the proxies without a configuration for this address.
pub(super) fn left_out(app: &AppHost) -> Vec<String> {
    PROXIES.into_iter().filter(|(name, _)| !serves(name, app)).map(|(name, _)| name.to_owned()).collect()
}

/// Returns what has to be otherwise in a file than for an app at `https://app.example.com`. Each
/// has what is there, and what takes its place.
fn changes(file: &str, app: &AppHost) -> Vec<(&'static str, String)> {
    let port = app.port.map(|port| format!(":{port}")).unwrap_or_default();
    let listens = app.effective_port();
    // Where TLS is not wanted, its lines go.
    let secure = |with: String, without: String| if app.is_https { with } else { without };
    let gone = |line: &'static str| (line, secure(line.to_owned(), String::new()));
    match file {
        "nginx.conf" => {
            let host = if app.is_wildcard { "$host" } else { "app.example.com" };
            let star = if app.is_wildcard { "*." } else { "" };
            vec![
                ("listen 443 ssl;", secure(format!("listen {listens} ssl;"), format!("listen {listens};"))),
                gone("    ssl_certificate /etc/letsencrypt/live/app.example.com/fullchain.pem;\n"),
                gone("    ssl_certificate_key /etc/letsencrypt/live/app.example.com/privkey.pem;\n"),
                ("proxy_set_header Host app.example.com;", format!("proxy_set_header Host {host}{port};")),
                ("X-Forwarded-Host app.example.com;", format!("X-Forwarded-Host {host}{port};")),
                ("$scheme://app.example.com$", format!("$scheme://{host}{port}$")),
                ("server_name app.example.com;", format!("server_name {star}app.example.com;")),
            ]
        }
        "nginx-gatepost.conf" => vec![
            ("listen 443 ssl ", secure(format!("listen {listens} ssl "), format!("listen {listens} "))),
            gone("    ssl_reject_handshake on;\n"),
        ],
        "Caddyfile" => {
            let site = app.to_string();
            // Without a scheme, Caddy serves HTTPS.
            let site = site.strip_prefix("https://").unwrap_or(&site).to_owned();
            vec![("app.example.com {", format!("{site} {{"))]
        }
        "haproxy-app.cfg" if app.is_wildcard => {
            vec![("backend app.example.com", "backend any.app.example.com".to_owned())]
        }
        "haproxy.cfg" => {
            let comment = if app.is_wildcard { "" } else { "# " };
            vec![
                (
                    ":443 ssl crt /etc/haproxy/certs/",
                    secure(format!(":{listens} ssl crt /etc/haproxy/certs/"), format!(":{listens}")),
                ),
                ("# use_backend any.app.example.com", format!("{comment}use_backend any.app.example.com")),
            ]
        }
        "apache.conf" => vec![
            ("*:443", format!("*:{listens}")),
            gone("    SSLEngine on\n"),
            gone("    SSLCertificateFile /etc/letsencrypt/live/app.example.com/fullchain.pem\n"),
            gone("    SSLCertificateKeyFile /etc/letsencrypt/live/app.example.com/privkey.pem\n"),
        ],
        "traefik.yaml" => {
            vec![("[websecure]", secure("[websecure]".to_owned(), "[web]".to_owned())), gone("      tls: {}\n")]
        }
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::apps::trouble::Trouble;
    use strum::VariantArray;

    fn files(app: &str) -> Vec<(&'static str, String)> {
        filled(&AppHost::parse(app).unwrap(), "login.elm.test").into_iter().flat_map(|proxy| proxy.files).collect()
    }

    fn file(app: &str, name: &str) -> String {
        files(app).into_iter().find(|(file, _)| *file == name).unwrap().1
    }

    #[test]
    fn each_line_that_a_refused_check_names_is_in_a_file() {
        for trouble in Trouble::VARIANTS {
            let told = trouble.line("").unwrap_or_default();
            let mut lines = told.lines();
            while let Some((file, line)) = lines.next().zip(lines.next()) {
                let file = file.trim_start_matches(['#', '-', ' ']);
                let (_, text) = PROXIES.iter().flat_map(|(_, files)| *files).find(|(name, _)| *name == file).unwrap();
                assert!(text.contains(line), "{file}: {line}");
            }
        }
    }

    #[test]
    fn every_configuration_has_the_hosts_of_this_installation_and_no_others() {
        for app in ["wiki.elm.test", "*.wiki.elm.test", "http://wiki.elm.test:8080", "https://wiki.elm.test:8443"] {
            for proxy in filled(&AppHost::parse(app).unwrap(), "login.elm.test") {
                let whole: String = proxy.files.into_iter().map(|(_, text)| text).collect();
                assert!(whole.contains("wiki.elm.test"), "{}", proxy.name);
                assert!(!whole.contains("example.com"), "{}: {whole}", proxy.name);
            }
        }
    }

    /// Each line that is no comment, without the spaces around it.
    fn lines(text: &str) -> Vec<&str> {
        text.lines().map(str::trim).filter(|line| !line.starts_with(['#', '-'])).collect()
    }

    #[test]
    fn an_address_with_a_wildcard_is_one_only_where_the_proxy_takes_it() {
        let nginx = file("*.wiki.elm.test", "nginx.conf");
        assert!(lines(&nginx).contains(&"server_name *.wiki.elm.test;"));
        assert!(lines(&nginx).contains(&"proxy_set_header Host $host;"));
        assert!(lines(&nginx).contains(&"proxy_set_header X-Original-URL $scheme://$host$request_uri;"));
        assert!(file("*.wiki.elm.test", "Caddyfile").contains("\n*.wiki.elm.test {\n"));
        assert!(file("*.wiki.elm.test", "haproxy-app.cfg").contains("\nbackend any.wiki.elm.test\n"));
        let haproxy = file("*.wiki.elm.test", "haproxy.cfg");
        let rule = "use_backend any.wiki.elm.test if { req.fhdr(host),field(1,:),lower -m end .wiki.elm.test }";
        assert!(lines(&haproxy).contains(&rule), "{haproxy}");
        for (name, text) in files("*.wiki.elm.test") {
            let stars = lines(&text).into_iter().filter(|line| line.contains("*."));
            assert!(stars.clone().all(|line| line.starts_with("server_name") || line.ends_with('{')), "{name}");
        }
        let wild = AppHost::parse("*.wiki.elm.test").unwrap();
        assert_eq!(left_out(&wild), ["Apache", "Traefik"]);
    }

    #[test]
    fn an_address_with_its_own_port_or_without_tls_is_served_there() {
        let nginx = file("http://wiki.elm.test:8080", "nginx.conf");
        for line in [
            "listen 8080;",
            "proxy_set_header Host wiki.elm.test:8080;",
            "proxy_set_header X-Original-URL $scheme://wiki.elm.test:8080$request_uri;",
        ] {
            assert!(lines(&nginx).contains(&line), "{line}: {nginx}");
        }
        assert!(lines(&file("https://wiki.elm.test:8443", "nginx.conf")).contains(&"listen 8443 ssl;"));
        assert!(file("http://wiki.elm.test:8080", "Caddyfile").contains("\nhttp://wiki.elm.test:8080 {\n"));
        assert!(file("https://wiki.elm.test:8443", "Caddyfile").contains("\nwiki.elm.test:8443 {\n"));
        assert!(lines(&file("http://wiki.elm.test:8080", "haproxy.cfg")).contains(&"bind :8080"));
        assert!(lines(&file("http://wiki.elm.test", "apache.conf")).contains(&"<VirtualHost *:80>"));
        for (name, text) in files("http://wiki.elm.test:8080") {
            let secure = ["ssl", "SSL", "letsencrypt", "tls: {}", "websecure"];
            let is_plain =
                |line: &&str| !line.starts_with("http-request") && secure.iter().any(|word| line.contains(word));
            assert_eq!(lines(&text).into_iter().find(is_plain), None, "{name}");
        }
        assert_eq!(left_out(&AppHost::parse("https://wiki.elm.test:8443").unwrap()), ["Apache"]);
        assert!(left_out(&AppHost::parse("http://wiki.elm.test").unwrap()).is_empty());
    }
}
