use crate::{
    cases,
    proxy::{Kind, Places, adapted},
    rig::{BLOG, WIKI},
};
use std::{fs, process::Command};

fn prepare(Places { folder, port, inner, gatepost, app, blog }: Places<'_>) -> Command {
    let script = folder.join("haproxy-gatepost.lua");
    fs::write(&script, adapted("haproxy-gatepost.lua", &[])).unwrap();
    let away = folder.join("haproxy-away.http");
    fs::write(&away, adapted("haproxy-away.http", &[])).unwrap();
    let sample = adapted(
        "haproxy.cfg",
        &[
            ("/etc/haproxy/haproxy-gatepost.lua", script.display().to_string()),
            ("bind :443 ssl crt /etc/haproxy/certs/", format!("bind 127.0.0.1:{port}")),
            ("# use_backend any.app.example.com", "use_backend any.wild.example.com".to_owned()),
            ("-m end .app.example.com", "-m end .wild.example.com".to_owned()),
            ("127.0.0.1:9398", format!("127.0.0.1:{inner}")),
            ("server gatepost 127.0.0.1:8000", format!("server gatepost {gatepost}")),
            ("/etc/haproxy/haproxy-away.http", away.display().to_string()),
        ],
    );
    let file = folder.join("haproxy.cfg");
    fs::write(&file, sample).unwrap();
    let mut command = Command::new("haproxy");
    command.arg("-db").arg("-f").arg(file);
    // The file of an app as it is, for each of the three.
    for (host, app) in [(WIKI, app), (BLOG, blog), ("any.wild.example.com", blog)] {
        let file = folder.join(format!("{host}.cfg"));
        let server = ("server app 127.0.0.1:9200", format!("server app {app}"));
        fs::write(&file, adapted("haproxy-app.cfg", &[server, ("app.example.com", host.to_owned())])).unwrap();
        command.arg("-f").arg(file);
    }
    command
}

#[test]
fn haproxy_passes_every_case() {
    cases::run(&Kind { name: "haproxy", prepare, hands_all_on: true, has_wildcard: true, rewrites: &[] });
}
