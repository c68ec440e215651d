//! Lists the files below `locales` and `templates/mail`, so that a new language or email needs no
//! change to the code. Names the commit and the features that are built.

use std::{
    env, fs, io,
    path::{Path, PathBuf},
    process::Command,
};

fn main() -> io::Result<()> {
    let out = env::var_os("OUT_DIR").ok_or_else(|| io::Error::other("cargo sets OUT_DIR"))?;
    println!("cargo::rustc-env=BUILT_FROM={}", commit());
    println!("cargo::rustc-env=BUILT_WITH={}", features());
    fs::write(Path::new(&out).join("locales.rs"), list_of("locales")?)?;
    fs::write(Path::new(&out).join("mail_templates.rs"), list_of("templates/mail")?)
}

/// Returns a slice of folder, file and text for every file two levels down.
fn list_of(root: &str) -> io::Result<String> {
    println!("cargo::rerun-if-changed={root}");
    let mut list = String::from("&[\n");
    for folder in entries(Path::new(root))? {
        let tag = name(&folder);
        for file in entries(&folder)? {
            println!("cargo::rerun-if-changed={}", file.display());
            // Named by the folder that is built, because a build folder may be moved or shared.
            let path = format!("/{root}/{tag}/{}", name(&file));
            let text = format!("include_str!(concat!(env!(\"CARGO_MANIFEST_DIR\"), {path:?}))");
            list.push_str(&format!("    ({tag:?}, {:?}, {text}),\n", name(&file)));
        }
    }
    list.push_str("]\n");
    Ok(list)
}

fn entries(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut entries = fs::read_dir(folder)?.map(|entry| Ok(entry?.path())).collect::<io::Result<Vec<_>>>()?;
    entries.sort();
    Ok(entries)
}

fn name(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

/// Returns the commit that is built, or `unknown`.
///
/// `SOURCE_COMMIT` names it where there is no git, as in an archive of the source. A commit makes
/// only a release begin anew. Other builds may go on from the commit that is named, and so add a
/// `+`.
fn commit() -> String {
    println!("cargo::rerun-if-env-changed=SOURCE_COMMIT");
    let is_release = env::var("PROFILE").is_ok_and(|profile| profile == "release");
    let asked = env::var("SOURCE_COMMIT").ok().filter(|commit| !commit.is_empty());
    let (found, mark) = match asked {
        Some(commit) => (Some(commit), ""),
        None => (commit_of_git(is_release), if is_release { "" } else { "+" }),
    };
    let is_commit = |text: &String| text.len() >= 7 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    let found = found.filter(is_commit).map(|commit| commit.chars().take(12).chain(mark.chars()).collect());
    found.unwrap_or_else(|| "unknown".to_owned())
}

/// Asks git, unless the folder around this one belongs to something else.
fn commit_of_git(is_watched: bool) -> Option<String> {
    let ours = fs::canonicalize(env::var_os("CARGO_MANIFEST_DIR")?).ok()?;
    if fs::canonicalize(git(&["rev-parse", "--show-toplevel"])?).ok()? != ours {
        return None;
    }
    if is_watched {
        watch_git();
    }
    git(&["rev-parse", "HEAD"])
}

/// Lets cargo run this again after a commit.
fn watch_git() {
    // Cargo runs this again at every build while a file that it names is missing.
    let branch = git(&["symbolic-ref", "--quiet", "HEAD"]).unwrap_or_else(|| "HEAD".to_owned());
    for name in ["HEAD", &branch, "packed-refs"] {
        let file = git(&["rev-parse", "--git-path", name]).filter(|file| Path::new(file).is_file());
        file.iter().for_each(|file| println!("cargo::rerun-if-changed={file}"));
    }
}

fn git(arguments: &[&str]) -> Option<String> {
    let output = Command::new("git").args(arguments).output().ok().filter(|output| output.status.success())?;
    Some(String::from_utf8(output.stdout).ok()?.trim().to_owned())
}

/// Returns the features that change what the binary can do, or `none`.
fn features() -> &'static str {
    if env::var_os("CARGO_FEATURE_PG_TLS").is_some() { "pg-tls" } else { "none" }
}
