//! Lists the files below `locales` and `templates/mail`, so that a new language or email needs no
//! change to the code.

use std::{
    env, fs, io,
    path::{Path, PathBuf},
};

fn main() -> io::Result<()> {
    let out = env::var_os("OUT_DIR").ok_or_else(|| io::Error::other("cargo sets OUT_DIR"))?;
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
