//! The email templates in the binary: a folder of three for each kind, and the frame that they
//! share.

/// Folder, file and text of each.
const FILES: &[(&str, &str, &str)] = include!(concat!(env!("OUT_DIR"), "/mail_templates.rs"));

/// Endings of file names, with HTML and without.
const ENDINGS: [&str; 2] = [".html.j2", ".txt.j2"];

/// Returns name and text of each template.
pub(super) fn embedded() -> impl Iterator<Item = (String, &'static str)> {
    FILES.iter().map(|(folder, file, text)| (format!("{folder}/{}", stem(file)), *text))
}

/// Returns the names of their files, as an operator's folder may have them.
pub fn file_names() -> impl Iterator<Item = String> {
    FILES.iter().map(|(folder, file, _)| format!("{folder}/{file}"))
}

fn stem(file: &str) -> &str {
    ENDINGS.iter().find_map(|ending| file.strip_suffix(ending)).unwrap_or(file)
}

/// Returns whether a template is HTML. The name decides, because templates added from here have no
/// file name.
pub(super) fn is_html(name: &str) -> bool {
    let mut html = FILES.iter().filter(|(_, file, _)| file.ends_with(ENDINGS[0]));
    // Any other template with such a name is escaped, too.
    name.ends_with("/html") || html.any(|(folder, file, _)| name.split_once('/') == Some((*folder, stem(file))))
}
