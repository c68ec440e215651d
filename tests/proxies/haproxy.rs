use crate::{
    cases,
    proxy::{Kind, Places, adapted},
    rig::{BLOG, WIKI},
};
use std::{fs, process::Command};

fn prepare(Places { folder, port, inner, gatepost, app, blog }: Places<'_>) -> Command {
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
        ],
    );
    // The rule and the backend of the first app once more, for the second one.
    let rule = sample.lines().find(|line| line.contains("use_backend")).unwrap();
    let second = rule.replace(WIKI, BLOG).replace("use_backend app", "use_backend blog");
    let sample = sample.replace(rule, &format!("{rule}\n{second}"));
    let sample = format!("{sample}\nbackend blog\n    server blog {blog}\n");
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
