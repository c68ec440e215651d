use crate::{
    cases,
    proxy::{Kind, Places, adapted},
    rig::{BLOG, WIKI},
};
use std::{fs, process::Command};

fn prepare(Places { folder, port, gatepost, app, blog, .. }: Places<'_>) -> Command {
    let sample = adapted(
        "nginx.conf",
        &[
            ("listen 443 ssl;", format!("listen 127.0.0.1:{port};")),
            ("listen 443 ssl default_server;", format!("listen 127.0.0.1:{port} default_server;")),
            ("ssl_reject_handshake ", String::new()),
            ("ssl_certificate ", String::new()),
            ("ssl_certificate_key ", String::new()),
            ("server 127.0.0.1:8000;", format!("server {gatepost};")),
            ("http://127.0.0.1:9200", format!("http://{app}")),
        ],
    );
    // The server of the first app once more, for the second one.
    let (_, server) = sample.split_once("return 421;\n}\n").unwrap();
    let second = server.replace(WIKI, BLOG).replace(&app.to_string(), &blog.to_string());
    let here = folder.display();
    let folders: Vec<_> = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
        .map(|kind| format!("{kind}_temp_path {here}/{kind};"))
        .into();
    let whole = format!(
        "daemon off; master_process off; pid {here}/nginx.pid; error_log {here}/error.log; events {{}}\n\
         http {{\naccess_log off;\n{}\n{sample}\n{second}}}\n",
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
    cases::run(&Kind { name: "nginx", prepare, hands_all_on: false, rewrites: &[] });
}
