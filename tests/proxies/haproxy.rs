use crate::{
    cases,
    proxy::{Kind, Places, adapted},
};
use std::{fs, process::Command};

fn prepare(Places { folder, port, inner, gatepost, app }: Places<'_>) -> Command {
    let script = folder.join("haproxy-gatepost.lua");
    fs::write(&script, adapted("haproxy-gatepost.lua", &[])).unwrap();
    let sample = adapted(
        "haproxy.cfg",
        &[
            ("/etc/haproxy/haproxy-gatepost.lua", script.display().to_string()),
            ("bind :443 ssl crt /etc/haproxy/certs/", format!("bind 127.0.0.1:{port}")),
            ("127.0.0.1:9398", format!("127.0.0.1:{inner}")),
            ("server gatepost 127.0.0.1:8000", format!("server gatepost {gatepost}")),
            ("server app 127.0.0.1:9200", format!("server app {app}")),
            ("-i app.example.com", "-i app.example.com blog.other.example".to_owned()),
        ],
    );
    let file = folder.join("haproxy.cfg");
    fs::write(&file, sample).unwrap();
    let mut command = Command::new("haproxy");
    command.arg("-db").arg("-f").arg(file);
    command
}

#[test]
fn haproxy_passes_every_case() {
    cases::run(&Kind { name: "haproxy", prepare, hands_all_on: true, rewrites: &[] });
}
