use crate::{
    cases,
    proxy::{Kind, Places, adapted},
    rig::{BLOG, WIKI},
};
use std::{fs, process::Command};

fn prepare(Places { folder, port, gatepost, app, blog, .. }: Places<'_>) -> Command {
    let sample = adapted(
        "Caddyfile",
        &[
            ("app.example.com {", format!("http://app.example.com:{port} {{\n\tbind 127.0.0.1")),
            ("forward_auth 127.0.0.1:8000", format!("forward_auth {gatepost}")),
            ("reverse_proxy 127.0.0.1:9200", format!("reverse_proxy {app}")),
        ],
    );
    // The site of the first app once more, for the second one.
    let (_, site) = sample.split_once('\n').unwrap();
    let second = site.replace(WIKI, BLOG).replace(&app.to_string(), &blog.to_string());
    let file = folder.join("Caddyfile");
    // As the README says for a wildcard.
    let third = second.replace(BLOG, "*.wild.example.com");
    fs::write(&file, format!("{{\n\tadmin off\n\tauto_https off\n}}\n{sample}\n{second}\n{third}")).unwrap();
    let mut command = Command::new("caddy");
    command.args(["run", "--adapter", "caddyfile", "--config"]).arg(file);
    command.env("HOME", folder).env("XDG_CONFIG_HOME", folder).env("XDG_DATA_HOME", folder);
    command
}

#[test]
fn caddy_passes_every_case() {
    cases::run(&Kind {
        name: "caddy",
        prepare,
        hands_all_on: true,
        has_wildcard: true,
        rewrites: &[("/public\\..\\secret", "/public%5C..%5Csecret"), ("/public/\u{e9}", "/public/%C3%A9")],
    });
}

#[test]
fn caddy_takes_its_file_as_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("Caddyfile");
    fs::write(&file, adapted("Caddyfile", &[])).unwrap();
    let mut command = Command::new("caddy");
    command.args(["validate", "--adapter", "caddyfile", "--config"]).arg(file);
    let home = folder.path();
    let output = command.env("HOME", home).env("XDG_CONFIG_HOME", home).env("XDG_DATA_HOME", home).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
}
