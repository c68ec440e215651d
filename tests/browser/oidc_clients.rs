//! Whole sign-ins by email link in Chromium, to apps around clients that others wrote. One is
//! Authlib in Flask, whose tokens joserfc judges once more. Others are the crate openidconnect, and
//! Apache's mod_auth_openidc as docs/proxies configures it.

use crate::{browser::Browser, gatepost::SECRET, port, program::Program, stage::Stage};
use std::{fs, process::Command};

const ANA: &str = "ana@example.com";
/// Folder in which Debian keeps Apache's modules.
const APACHE: &str = "/usr/lib/apache2";
const MODULES: [&str; 9] = [
    "mpm_event",
    "authn_core",
    "authz_core",
    "authz_user",
    "headers",
    "proxy",
    "proxy_http",
    "auth_openidc",
    "setenvif",
];

fn set_by(variable: &str, script: &str) -> String {
    std::env::var(variable).unwrap_or_else(|_| panic!("{variable}=$({script}) is missing"))
}

/// Signs Ana in by the `n`th email, from the page that an app led to.
async fn signs_in(stage: &Stage, ana: &Browser, n: usize) {
    ana.reads_heading("Sign in to Gatepost").await;
    ana.types("Email address", ANA).await;
    ana.presses("Email me a link").await;
    ana.reads_heading("Check your inbox").await;
    ana.open(&stage.gatepost.mail_to(ANA, n).await.link()).await;
    ana.presses(&format!("Sign in as {ANA}")).await;
}

#[tokio::test]
async fn authlib_signs_its_users_in_and_joserfc_judges_both_kinds_of_tokens() {
    let python = set_by("TEST_PYTHON_CLIENTS", "scripts/python-clients");
    let stage = Stage::new().await;
    stage.gatepost.add_account(ANA);
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/browser/app.py");
    for (n, (slug, alg)) in [("flask", "RS256"), ("flask-2", "ES256")].into_iter().enumerate() {
        let port = port::free().to_string();
        let app = format!("http://127.0.0.1:{port}");
        stage.gatepost.adds_oidc_app(slug, &format!("{app}/callback"), (true, false));
        if alg == "ES256" {
            stage.gatepost.signs_by_es256(slug);
        }
        let mut command = Command::new(&python);
        command.args([script, &stage.gatepost.origin, slug, SECRET, &port]);
        let mut program = Program::start(&mut command);
        program.hear("the app to listen", |line| line.starts_with("listening on ").then_some(())).await;
        let ana = stage.browser().await;
        ana.open(&format!("{app}/login")).await;
        signs_in(&stage, &ana, n + 1).await;
        ana.reads_heading("The app").await;
        ana.reads(&format!("{ANA} verified True; signed by {alg}; same user True")).await;
    }
}

#[tokio::test]
async fn the_crate_openidconnect_signs_its_users_in_and_takes_both_kinds_of_tokens() {
    let client = set_by("TEST_OPENIDCONNECT_CLIENT", "scripts/openidconnect-client");
    let stage = Stage::new().await;
    stage.gatepost.add_account(ANA);
    for (n, (slug, alg)) in [("crate", "RsaSsaPkcs1V15Sha256"), ("crate-2", "EcdsaP256Sha256")].into_iter().enumerate()
    {
        let port = port::free().to_string();
        let app = format!("http://127.0.0.1:{port}");
        stage.gatepost.adds_oidc_app(slug, &format!("{app}/callback"), (true, false));
        if slug == "crate-2" {
            stage.gatepost.signs_by_es256(slug);
        }
        let mut command = Command::new(&client);
        command.args([&stage.gatepost.origin, slug, SECRET, &port]);
        let mut program = Program::start(&mut command);
        program.hear("the app to listen", |line| line.starts_with("listening on ").then_some(())).await;
        let ana = stage.browser().await;
        ana.open(&format!("{app}/login")).await;
        signs_in(&stage, &ana, n + 1).await;
        ana.reads_heading("The app").await;
        ana.reads(&format!("{ANA} verified true; signed by {alg}; token bound true")).await;
    }
}

#[tokio::test]
async fn mod_auth_openidc_lets_a_signed_in_user_through_and_no_stranger() {
    let module = format!("{APACHE}/modules/mod_auth_openidc.so");
    assert!(fs::exists(&module).unwrap(), "scripts/setup installs libapache2-mod-auth-openidc");
    let stage = Stage::new().await;
    stage.gatepost.add_account(ANA);
    let (port, behind) = (port::free(), port::free());
    let app = format!("http://127.0.0.1:{port}");
    stage.gatepost.adds_oidc_app("app", &format!("{app}/.openidc/callback"), (true, false));
    let mut echo = Command::new("node");
    echo.args([concat!(env!("CARGO_MANIFEST_DIR"), "/tests/browser/echo.mjs"), &behind.to_string()]);
    let mut echo = Program::start(&mut echo);
    echo.hear("the app to listen", |line| line.starts_with("listening on ").then_some(())).await;
    let folder = tempfile::tempdir().unwrap();
    let mut command = apache(&stage, folder.path(), (port, behind));
    let _apache = Program::start(&mut command);
    crate::patience::until("Apache to listen", async || {
        std::net::TcpStream::connect(("127.0.0.1", port)).ok().map(drop)
    })
    .await;
    let ana = stage.browser().await;
    ana.open(&format!("{app}/page")).await;
    signs_in(&stage, &ana, 1).await;
    ana.reads_heading("The app").await;
    ana.reads(&format!("{ANA} verified 1; user ana")).await;
}

/// Returns Apache with the sample configuration, on these ports.
fn apache(stage: &Stage, folder: &std::path::Path, (port, behind): (u16, u16)) -> Command {
    let sample = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/docs/proxies/apache-openidc.conf")).unwrap();
    let mut text: String =
        sample.lines().filter(|line| !line.trim().starts_with("SSL")).map(|line| format!("{line}\n")).collect();
    for (sample, here) in [
        ("<VirtualHost *:443>", format!("<VirtualHost 127.0.0.1:{port}>")),
        ("https://login.example.com", stage.gatepost.origin.clone()),
        ("CLIENT_SECRET", SECRET.to_owned()),
        ("https://app.example.com", format!("http://127.0.0.1:{port}")),
        ("PASSPHRASE", "only for a test".replace(' ', "-")),
        ("http://127.0.0.1:9200", format!("http://127.0.0.1:{behind}")),
    ] {
        assert!(text.contains(sample), "the sample has no {sample}");
        text = text.replace(sample, &here);
    }
    let here = folder.display();
    let modules: String = MODULES.map(|name| format!("LoadModule {name}_module modules/mod_{name}.so\n")).concat();
    let whole = format!(
        "ServerRoot {APACHE}\nServerName app.example.com\nPidFile {here}/apache.pid\nErrorLog /dev/stderr\n\
         Mutex default:{here}\nDefaultRuntimeDir {here}\nListen 127.0.0.1:{port}\n{modules}User nobody\nGroup nogroup\n{text}"
    );
    let file = folder.join("apache.conf");
    fs::write(&file, whole).unwrap();
    let mut command = Command::new("apache2");
    command.arg("-DFOREGROUND").arg("-f").arg(file);
    command
}
