//! The configurations of proxies, filled in for one app. They are the files of `docs/proxies`,
//! which the tests run.

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

/// Returns the configurations for an app at `app`, with Gatepost at `own`: hosts without scheme.
pub(super) fn filled(app: &str, own: &str) -> Vec<Proxy> {
    let fill = |text: &str| text.replace("app.example.com", app).replace("login.example.com", own);
    let proxy = |(name, files): (&'static str, &[(&'static str, &str)])| Proxy {
        name,
        files: files.iter().map(|(name, text)| (*name, fill(text))).collect(),
    };
    PROXIES.into_iter().map(proxy).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_configuration_has_the_hosts_of_this_installation_and_no_others() {
        for proxy in filled("wiki.elm.test", "login.elm.test") {
            let whole: String = proxy.files.into_iter().map(|(_, text)| text).collect();
            assert!(whole.contains("wiki.elm.test"), "{}", proxy.name);
            assert!(!whole.contains("example.com"), "{}: {whole}", proxy.name);
        }
    }
}
