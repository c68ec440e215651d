//! The guide's samples for nginx and Caddy, run by these in front of the real binary.

use crate::{
    http::Visitor,
    port,
    server::{Home, eventually, link_in},
};
use std::{
    fs,
    net::SocketAddr,
    path::Path,
    process::{Child, Command, Stdio},
    sync::Arc,
};
use tokio_rustls::rustls::{ClientConfig, RootCertStore, crypto::ring, pki_types::CertificateDer};

const ANA: &str = "ana@example.com";

/// A proxy, killed when it is dropped.
struct Proxy(Child);

impl Drop for Proxy {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Returns the guide's sample in this language, with other places.
fn adapted(language: &str, places: &[(&str, String)]) -> String {
    let guide = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/operate.md")).unwrap();
    let sample = guide.split(&format!("```{language}\n")).nth(1).unwrap().split("```").next().unwrap();
    places.iter().fold(sample.to_owned(), |adapted, (theirs, ours)| {
        assert!(adapted.contains(theirs), "{theirs}");
        adapted.replace(theirs, ours)
    })
}

/// The sample for Caddy, with this machine's ports and folders. Caddy would ask for a certificate.
fn caddys(folder: &Path, gatepost: SocketAddr, https: u16) -> String {
    let here = folder.display();
    let site = format!("localhost:{https} {{\n    tls {here}/fullchain.pem {here}/privkey.pem");
    let places = [("login.example.com {", site), ("127.0.0.1:8000", gatepost.to_string())];
    let global = format!("{{\n    admin off\n    auto_https off\n    storage file_system {here}\n    log {{");
    adapted("caddy", &places).replacen("{\n    log {", &global, 1)
}

/// The sample for nginx, with this machine's ports and folders.
fn sample(folder: &Path, gatepost: SocketAddr, [http, https]: [u16; 2]) -> String {
    let here = folder.display().to_string();
    let places = [
        ("/etc/letsencrypt/live/login.example.com", here.clone()),
        ("/var/log/nginx", here.clone()),
        ("listen 80;", format!("listen 127.0.0.1:{http};")),
        ("listen 443 ssl;", format!("listen 127.0.0.1:{https} ssl;")),
        ("https://login.example.com", format!("https://localhost:{https}")),
        ("server_name login.example.com;", "server_name localhost;".to_owned()),
        ("http://127.0.0.1:8000", format!("http://{gatepost}")),
    ];
    let adapted = adapted("nginx", &places);
    let folders: Vec<_> = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
        .map(|kind| format!("{kind}_temp_path {here}/{kind};"))
        .into_iter()
        .collect();
    format!(
        "daemon off; master_process off; pid {here}/nginx.pid; events {{}}\nhttp {{\n{}\n{adapted}}}\n",
        folders.join("\n")
    )
}

/// Writes a certificate for localhost where the sample looks for it. Returns a client that trusts
/// it.
fn certificate(folder: &Path) -> Arc<ClientConfig> {
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    fs::write(folder.join("fullchain.pem"), made.cert.pem()).unwrap();
    fs::write(folder.join("privkey.pem"), made.signing_key.serialize_pem()).unwrap();
    let mut trusted = RootCertStore::empty();
    trusted.add(CertificateDer::from(made.cert.der().to_vec())).unwrap();
    let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()));
    Arc::new(
        config.with_safe_default_protocol_versions().unwrap().with_root_certificates(trusted).with_no_client_auth(),
    )
}

fn start(folder: &Path, configuration: &str) -> Proxy {
    let file = folder.join("nginx.conf");
    fs::write(&file, configuration).unwrap();
    let mut command = Command::new("nginx");
    command.arg("-e").arg(folder.join("start.log")).arg("-c").arg(file).arg("-p").arg(folder);
    Proxy(command.stdin(Stdio::null()).spawn().unwrap())
}

/// Signs Ana in by a link through a proxy. Returns the link.
fn signs_in(home: &Home, ana: &mut Visitor, https: u16) -> String {
    assert_eq!(ana.post("/login", &[("email", ANA)]).unwrap().status, 303);
    let text = eventually("the mail", || home.mails().into_iter().find(|(to, _)| to == ANA)).1;
    assert!(text.contains(&format!("https://localhost:{https}/auth/verify?token=")));
    let link = link_in(&text);
    assert_eq!(ana.get(&link).unwrap().status, 303);
    assert_eq!(ana.get("/auth/verify").unwrap().status, 200);
    assert_eq!(ana.post("/auth/verify", &[]).unwrap().status, 303);
    let account = ana.get("/account").unwrap();
    assert!(account.status == 200 && account.body.contains(ANA), "{account:?}");
    assert!(ana.cookies.keys().any(|name| name.starts_with("__Host-")), "{:?}", ana.cookies.keys());
    // Strangers learn nothing of apps here.
    assert_eq!(ana.get("/forward-auth").unwrap().status, 404);
    link
}

#[test]
fn the_guides_caddy_passes_a_sign_in_and_logs_no_link() {
    let mut home = Home::new();
    let (https, folder) = (port::free(), tempfile::tempdir().unwrap());
    home.set("GATEPOST_BASE_URL", &format!("https://localhost:{https}"));
    home.set("GATEPOST_TRUSTED_PROXIES", "127.0.0.1");
    home.run(&["account", "add", ANA]);
    let server = home.start();
    let tls = Some(certificate(folder.path()));
    fs::write(folder.path().join("Caddyfile"), caddys(folder.path(), home.address(), https)).unwrap();
    let log = folder.path().join("log");
    let mut caddy = Command::new("caddy");
    caddy
        .args(["run", "--adapter", "caddyfile", "--config", "Caddyfile"])
        .current_dir(&folder)
        .env("HOME", folder.path());
    let caddy = caddy.stdin(Stdio::null()).stderr(fs::File::create(&log).unwrap()).spawn().unwrap();
    let _caddy = Proxy(caddy);
    let mut ana = Visitor { tls, ..Visitor::new(SocketAddr::from(([127, 0, 0, 1], https))) };
    let page = eventually("Caddy answers", || ana.get("/login").ok());
    assert_eq!(page.status, 200, "{page:?}");
    let link = signs_in(&home, &mut ana, https);
    let forged = ana.common() + "X-Forwarded-For: 192.0.2.1\r\n";
    let refused = ana.send(&format!("POST /login HTTP/1.1\r\n{forged}Content-Length: 0\r\n\r\n")).unwrap();
    assert_eq!(refused.status, 403);
    let line = eventually("the line", || server.log().into_iter().find(|line| line.contains("cross_site")));
    assert!(line.contains("127.0.0.1") && !line.contains("192.0.2.1"), "{line}");

    // While Gatepost is down, Caddy logs the error itself, with the request.
    drop(server);
    assert_eq!(ana.get(&link).unwrap().status, 502);
    let logged =
        eventually("the error", || fs::read_to_string(&log).ok().filter(|log| log.contains("connection refused")));
    assert!(logged.contains("/auth/verify") && !logged.contains("token"), "{logged}");
}

#[test]
fn the_guides_nginx_passes_a_sign_in_and_logs_no_link() {
    let mut home = Home::new();
    let (ports, folder) = ([port::free(), port::free()], tempfile::tempdir().unwrap());
    home.set("GATEPOST_BASE_URL", &format!("https://localhost:{}", ports[1]));
    home.set("GATEPOST_TRUSTED_PROXIES", "127.0.0.1");
    home.run(&["account", "add", ANA]);
    let server = home.start();
    let tls = Some(certificate(folder.path()));
    let _nginx = start(folder.path(), &sample(folder.path(), home.address(), ports));
    let mut ana = Visitor { tls, ..Visitor::new(SocketAddr::from(([127, 0, 0, 1], ports[1]))) };
    let page = eventually("nginx answers", || ana.get("/login").ok());
    assert_eq!(page.status, 200, "{page:?}");
    assert!(page.header("strict-transport-security").is_some());

    // Another port, the same path.
    let plain = Visitor::new(SocketAddr::from(([127, 0, 0, 1], ports[0]))).get("/login?return_to=%2F").unwrap();
    let secure = format!("https://localhost:{}/login?return_to=%2F", ports[1]);
    assert_eq!((plain.status, plain.header("location")), (301, Some(&*secure)));

    let link = signs_in(&home, &mut ana, ports[1]);

    let much = "x".repeat(200_000);
    assert_eq!(ana.post("/login", &[("email", &much)]).unwrap().status, 413);
    // Nothing that a client says of itself is believed.
    let forged = ana.common() + "X-Forwarded-For: 192.0.2.1\r\n";
    let refused = ana.send(&format!("POST /login HTTP/1.1\r\n{forged}Content-Length: 0\r\n\r\n")).unwrap();
    assert_eq!(refused.status, 403);
    let line = eventually("the line", || server.log().into_iter().find(|line| line.contains("cross_site")));
    assert!(line.contains("127.0.0.1") && !line.contains("192.0.2.1"), "{line}");

    // While Gatepost is down, nginx says so, and keeps the link to itself, too.
    drop(server);
    assert_eq!(ana.get(&link).unwrap().status, 502);
    let logged = fs::read_to_string(folder.path().join("gatepost.log")).unwrap();
    let errors = fs::read_to_string(folder.path().join("gatepost-error.log")).unwrap();
    assert!(logged.contains("GET /auth/verify"), "{logged}");
    assert!(!logged.contains("token") && !errors.contains("token"), "{logged}{errors}");
}
