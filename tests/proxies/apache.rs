use crate::{
    cases,
    proxy::{Kind, Places, adapted, certificate},
    rig::{BLOG, WIKI},
};
use std::{collections::BTreeSet, fs, process::Command};

/// Folder in which Debian keeps Apache's modules.
const ROOT: &str = "/usr/lib/apache2";
const MODULES: [&str; 8] =
    ["mpm_event", "authn_core", "authz_core", "authz_host", "proxy", "proxy_http", "lua", "setenvif"];

fn prepare(Places { folder, port, gatepost, app, blog, .. }: Places<'_>) -> Command {
    let script = folder.join("apache-gatepost.lua");
    let lua = adapted("apache-gatepost.lua", &[("http://127.0.0.1:8000", format!("http://{gatepost}"))]);
    fs::write(&script, lua).unwrap();
    let sample = adapted(
        "apache.conf",
        &[
            ("<VirtualHost *:443>", format!("<VirtualHost 127.0.0.1:{port}>")),
            ("SSLEngine", String::new()),
            ("SSLCertificateFile", String::new()),
            ("SSLCertificateKeyFile", String::new()),
            ("/etc/apache2/apache-gatepost.lua", script.display().to_string()),
            ("http://127.0.0.1:9200/", format!("http://{app}/")),
        ],
    );
    // The host of the first app once more, for the second one.
    let (_, host) = sample.split_once("</VirtualHost>\n").unwrap();
    let second = host.replace(WIKI, BLOG).replace(&app.to_string(), &blog.to_string());
    let here = folder.display();
    let modules: String = MODULES.map(|name| format!("LoadModule {name}_module modules/mod_{name}.so\n")).concat();
    let whole = format!(
        "ServerRoot {ROOT}\nServerName app.example.com\nPidFile {here}/apache.pid\nErrorLog {here}/error.log\n\
         Mutex default:{here}\nDefaultRuntimeDir {here}\nListen 127.0.0.1:{port}\n{modules}User nobody\nGroup nogroup\n{sample}\n{second}"
    );
    let file = folder.join("apache.conf");
    fs::write(&file, whole).unwrap();
    let mut command = Command::new("apache2");
    command.arg("-DFOREGROUND").arg("-f").arg(file);
    command
}

#[test]
fn apache_passes_every_case() {
    cases::run(&Kind {
        name: "apache",
        prepare,
        hands_all_on: true,
        has_wildcard: false,
        rewrites: &[("//public", "/public")],
    });
}

/// Modules that run after `apt install apache2`.
const FRESH: [&str; 17] = [
    "access_compat",
    "alias",
    "auth_basic",
    "authn_core",
    "authn_file",
    "authz_core",
    "authz_host",
    "authz_user",
    "autoindex",
    "deflate",
    "dir",
    "env",
    "filter",
    "mime",
    "mpm_event",
    "reqtimeout",
    "setenvif",
];

/// Modules that a2enmod enables, too: the lines `# Depends:` in Debian's mods-available.
const NEEDED: [(&str, &[&str]); 2] = [("ssl", &["setenvif", "mime", "socache_shmcb"]), ("proxy_http", &["proxy"])];

#[test]
fn the_modules_that_the_file_names_are_enough_in_a_fresh_debian() {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path().display();
    certificate(folder.path());
    let places = ("/etc/letsencrypt/live/app.example.com", here.to_string());
    let sample = adapted("apache.conf", &[places]);
    let (_, named) = sample.lines().next().unwrap().split_once("a2enmod ").expect("the first line says what to run");
    let named: Vec<&str> = named.trim_end_matches([')', '.']).split_whitespace().collect();
    let needed = NEEDED.iter().filter(|(module, _)| named.contains(module)).flat_map(|(_, needed)| needed.iter());
    let enabled: BTreeSet<&str> = FRESH.iter().chain(needed).copied().chain(named.iter().copied()).collect();
    // By the alphabet, `proxy` comes before `proxy_http`, which needs it.
    let modules: String =
        enabled.iter().map(|name| format!("LoadModule {name}_module modules/mod_{name}.so\n")).collect();
    let file = folder.path().join("apache.conf");
    let whole = format!(
        "ServerRoot {ROOT}\nServerName app.example.com\nPidFile {here}/apache.pid\nErrorLog {here}/error.log\n\
         Mutex default:{here}\nDefaultRuntimeDir {here}\nListen 127.0.0.1:443\n{modules}{sample}"
    );
    fs::write(&file, whole).unwrap();
    let output = Command::new("apache2").arg("-t").arg("-f").arg(&file).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}
