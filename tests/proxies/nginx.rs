use crate::{
    cases,
    proxy::{Kind, Places, adapted, certificate},
    rig::{BLOG, WIKI},
};
use std::{fs, process::Command};

fn prepare(Places { folder, port, gatepost, app, blog, .. }: Places<'_>) -> Command {
    let once = adapted(
        "nginx-gatepost.conf",
        &[
            ("listen 443 ssl default_server;", format!("listen 127.0.0.1:{port} default_server;")),
            ("ssl_reject_handshake ", String::new()),
            ("server 127.0.0.1:8000;", format!("server {gatepost};")),
        ],
    );
    // The file of an app as it is, for each of the two.
    let file_of = |host: &str, app, more: &[(&'static str, String)]| {
        let here = [
            ("listen 443 ssl;", format!("listen 127.0.0.1:{port};")),
            ("ssl_certificate ", String::new()),
            ("ssl_certificate_key ", String::new()),
            ("http://127.0.0.1:9200", format!("http://{app}")),
        ];
        adapted("nginx.conf", &[&here[..], more, &[("app.example.com", host.to_owned())]].concat())
    };
    let [first, second] = [(WIKI, app), (BLOG, blog)].map(|(host, app)| file_of(host, app, &[]));
    // As the README says for a wildcard.
    let any = [
        ("proxy_set_header Host app.example.com", "proxy_set_header Host $host".to_owned()),
        ("X-Forwarded-Host app.example.com", "X-Forwarded-Host $host".to_owned()),
        ("$scheme://app.example.com", "$scheme://$host".to_owned()),
    ];
    let third = file_of("*.wild.example.com", blog, &any);
    let here = folder.display();
    let folders: Vec<_> = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
        .map(|kind| format!("{kind}_temp_path {here}/{kind};"))
        .into();
    let whole = format!(
        "daemon off; master_process off; pid {here}/nginx.pid; error_log {here}/error.log; events {{}}\n\
         http {{\naccess_log off;\n{}\n{once}\n{first}\n{second}\n{third}}}\n",
        folders.join("\n")
    );
    let file = folder.join("nginx.conf");
    fs::write(&file, whole).unwrap();
    let mut command = Command::new("nginx");
    command.arg("-e").arg(folder.join("start.log")).arg("-c").arg(file).arg("-p").arg(folder);
    command
}

#[test]
fn nginx_passes_every_case() {
    cases::run(&Kind { name: "nginx", prepare, hands_all_on: false, has_wildcard: true, rewrites: &[] });
}

#[test]
fn nginx_takes_its_files_as_they_are() {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path().display();
    certificate(folder.path());
    let places = ("/etc/letsencrypt/live/app.example.com", here.to_string());
    let (once, app) = (adapted("nginx-gatepost.conf", &[]), adapted("nginx.conf", &[places]));
    let whole = format!("pid {here}/nginx.pid; events {{}}\nhttp {{\naccess_log off;\n{once}\n{app}}}\n");
    let file = folder.path().join("nginx.conf");
    fs::write(&file, whole).unwrap();
    let output =
        Command::new("nginx").arg("-t").arg("-e").arg(folder.path().join("log")).arg("-c").arg(file).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}
