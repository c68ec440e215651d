use crate::{
    cases,
    proxy::{Kind, Places, adapted, certificate},
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

#[test]
fn haproxy_takes_its_files_as_they_are() {
    let folder = tempfile::tempdir().unwrap();
    let place = |name: &str| folder.path().join(name);
    for name in ["haproxy-gatepost.lua", "haproxy-away.http", "haproxy-app.cfg"] {
        fs::write(place(name), adapted(name, &[])).unwrap();
    }
    // HAProxy wants certificate and key in one file.
    certificate(folder.path());
    fs::create_dir(place("certs")).unwrap();
    let both = ["fullchain.pem", "privkey.pem"].map(|name| fs::read_to_string(place(name)).unwrap()).concat();
    fs::write(place("certs/app.pem"), both).unwrap();
    fs::write(place("haproxy.cfg"), adapted("haproxy.cfg", &[("/etc/haproxy", folder.path().display().to_string())]))
        .unwrap();
    let files = ["-f", "haproxy.cfg", "-f", "haproxy-app.cfg"];
    let output = Command::new("haproxy").arg("-c").args(files).current_dir(folder.path()).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}
