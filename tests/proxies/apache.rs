use crate::{
    cases,
    proxy::{Kind, Places, adapted},
    rig::{BLOG, WIKI},
};
use std::{fs, process::Command};

/// Where Debian keeps Apache's modules.
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
