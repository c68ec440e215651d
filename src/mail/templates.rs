//! Mail templates: the embedded ones, or the operator's where there are any, checked as a whole at the start.
//!
//! Rocket's template engine reads the operator's folder (`mail_templates`); whatever is missing there is filled in from the
//! binary. A file that is nobody's template, a syntax error, an unknown variable: each stops the start with a sentence.
//! The engine's environment is then shared with the mail worker, which runs outside any request.

use super::{
    letter::{Letter, Letterhead},
    samples::Samples,
    wrap::wrapped,
};
use crate::domain::mail::MailKind;
use rocket::fairing::Fairing;
use rocket_dyn_templates::{
    Template,
    minijinja::{self, AutoEscape, Environment, UndefinedBehavior},
};
use serde::Serialize;
use std::{
    fmt::{self, Write as _},
    fs, io,
    path::Path,
    sync::{Arc, OnceLock},
};

/// Name, and text. A folder of three for each kind, and the frame they share.
const EMBEDDED: [(&str, &str); 37] = [
    ("layout/html", include_str!("../../templates/mail/layout/html.html.j2")),
    ("layout/parts", include_str!("../../templates/mail/layout/parts.html.j2")),
    ("layout/address", include_str!("../../templates/mail/layout/address.html.j2")),
    ("layout/text", include_str!("../../templates/mail/layout/text.txt.j2")),
    ("sign_in/subject", include_str!("../../templates/mail/sign_in/subject.txt.j2")),
    ("sign_in/text", include_str!("../../templates/mail/sign_in/text.txt.j2")),
    ("sign_in/html", include_str!("../../templates/mail/sign_in/html.html.j2")),
    ("step_up/subject", include_str!("../../templates/mail/step_up/subject.txt.j2")),
    ("step_up/text", include_str!("../../templates/mail/step_up/text.txt.j2")),
    ("step_up/html", include_str!("../../templates/mail/step_up/html.html.j2")),
    ("confirm_address/subject", include_str!("../../templates/mail/confirm_address/subject.txt.j2")),
    ("confirm_address/text", include_str!("../../templates/mail/confirm_address/text.txt.j2")),
    ("confirm_address/html", include_str!("../../templates/mail/confirm_address/html.html.j2")),
    ("address_changed/subject", include_str!("../../templates/mail/address_changed/subject.txt.j2")),
    ("address_changed/text", include_str!("../../templates/mail/address_changed/text.txt.j2")),
    ("address_changed/html", include_str!("../../templates/mail/address_changed/html.html.j2")),
    ("reset_password/subject", include_str!("../../templates/mail/reset_password/subject.txt.j2")),
    ("reset_password/text", include_str!("../../templates/mail/reset_password/text.txt.j2")),
    ("reset_password/html", include_str!("../../templates/mail/reset_password/html.html.j2")),
    ("password_changed/subject", include_str!("../../templates/mail/password_changed/subject.txt.j2")),
    ("password_changed/text", include_str!("../../templates/mail/password_changed/text.txt.j2")),
    ("password_changed/html", include_str!("../../templates/mail/password_changed/html.html.j2")),
    ("security_changed/subject", include_str!("../../templates/mail/security_changed/subject.txt.j2")),
    ("security_changed/text", include_str!("../../templates/mail/security_changed/text.txt.j2")),
    ("security_changed/html", include_str!("../../templates/mail/security_changed/html.html.j2")),
    ("recovery_begun/subject", include_str!("../../templates/mail/recovery_begun/subject.txt.j2")),
    ("recovery_begun/text", include_str!("../../templates/mail/recovery_begun/text.txt.j2")),
    ("recovery_begun/html", include_str!("../../templates/mail/recovery_begun/html.html.j2")),
    ("invitation/subject", include_str!("../../templates/mail/invitation/subject.txt.j2")),
    ("invitation/text", include_str!("../../templates/mail/invitation/text.txt.j2")),
    ("invitation/html", include_str!("../../templates/mail/invitation/html.html.j2")),
    ("account_closed/subject", include_str!("../../templates/mail/account_closed/subject.txt.j2")),
    ("account_closed/text", include_str!("../../templates/mail/account_closed/text.txt.j2")),
    ("account_closed/html", include_str!("../../templates/mail/account_closed/html.html.j2")),
    ("test/subject", include_str!("../../templates/mail/test/subject.txt.j2")),
    ("test/text", include_str!("../../templates/mail/test/text.txt.j2")),
    ("test/html", include_str!("../../templates/mail/test/html.html.j2")),
];

/// Facts to try templates with.
/// The domain is in another script, so that templates are tried with what such an address has beside it.
const SAMPLES: Samples<'_> = Samples { base_url: "https://login.example.com", address: "ana@xn--mnchen-3ya.example" };

/// How many folders deep strangers are looked for.
const DEEPEST: usize = 6;

/// The templates in force, or what is wrong with them. Filled once, when Rocket starts.
#[derive(Clone, Default)]
pub struct MailTemplates(Arc<OnceLock<Result<Environment<'static>, TemplateProblem>>>);

/// A mail in words.
#[derive(Clone, PartialEq, Eq)]
pub struct Wording {
    pub subject: String,
    pub text: String,
    pub html: String,
}

/// A template that cannot be used; says which, and why.
#[derive(Clone, Debug)]
pub struct TemplateProblem(String);

#[derive(Serialize)]
struct Facts<'a> {
    #[serde(flatten)]
    letterhead: &'a Letterhead,
    #[serde(flatten)]
    letter: &'a Letter,
}

impl MailTemplates {
    /// Reads the operator's folder when Rocket starts, fills in the rest, tries every mail, and keeps the result.
    pub fn fairing(&self) -> impl Fairing + use<> {
        let slot = Arc::clone(&self.0);
        Template::try_custom(move |engines| {
            let environment = &mut engines.minijinja;
            let loaded = complete(environment).and_then(|()| try_all(environment)).map(|()| environment.clone());
            // In a debug build Rocket calls this again when the operator's files change; the first ones stay.
            let _ = slot.set(loaded.clone());
            loaded.map(drop).map_err(Into::into)
        })
    }

    /// Only the embedded ones, for where no Rocket runs.
    pub fn embedded() -> Result<Self, TemplateProblem> {
        let mut environment = Environment::new();
        complete(&mut environment)?;
        try_all(&environment)?;
        let templates = Self::default();
        let _ = templates.0.set(Ok(environment));
        Ok(templates)
    }

    /// Why Rocket did not start: it says so only to its own log, which is switched off.
    pub fn problem(&self) -> Option<&TemplateProblem> {
        self.0.get()?.as_ref().err()
    }

    pub fn render(&self, letterhead: &Letterhead, letter: &Letter) -> Result<Wording, TemplateProblem> {
        match self.0.get() {
            Some(Ok(environment)) => render(environment, letterhead, letter),
            Some(Err(problem)) => Err(problem.clone()),
            None => Err(TemplateProblem("the mail templates are not loaded yet".into())),
        }
    }
}

/// Fills in what the operator did not replace, and makes the engine strict.
fn complete(environment: &mut Environment<'static>) -> Result<(), TemplateProblem> {
    // An operator's slip in a variable's name shall stop the start and not leave a hole in a mail.
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    // By name, because templates added from here have no file name to go by.
    environment.set_auto_escape_callback(|name| if is_html(name) { AutoEscape::Html } else { AutoEscape::None });
    environment.set_formatter(write_escaped);
    for (name, text) in EMBEDDED {
        match environment.get_template(name) {
            Ok(_) => {}
            Err(error) if error.kind() == minijinja::ErrorKind::TemplateNotFound => {
                environment.add_template(name, text).map_err(|error| problem(name, &error))?;
            }
            Err(error) => return Err(problem(name, &error)),
        }
    }
    Ok(())
}

/// The engine's own HTML escaping also turns every `/` into `&#x2f;`. A mail program decodes that; the many things that look for
/// links in a mail's source do not.
fn write_escaped(
    out: &mut minijinja::Output<'_>,
    state: &minijinja::State<'_, '_>,
    value: &minijinja::Value,
) -> Result<(), minijinja::Error> {
    if state.auto_escape() != AutoEscape::Html || value.is_safe() || value.is_undefined() {
        return minijinja::escape_formatter(out, state, value);
    }
    for c in value.to_string().chars() {
        match c {
            '&' => out.write_str("&amp;"),
            '<' => out.write_str("&lt;"),
            '>' => out.write_str("&gt;"),
            '"' => out.write_str("&quot;"),
            '\'' => out.write_str("&#39;"),
            c => out.write_char(c),
        }?;
    }
    Ok(())
}

fn is_html(name: &str) -> bool {
    name.ends_with("/html") || matches!(name, "layout/parts" | "layout/address")
}

/// Renders every kind with made-up facts, with and without those that are not always there: a slip in a line that only some
/// mails have shall not wait for the first of them.
fn try_all(environment: &Environment<'_>) -> Result<(), TemplateProblem> {
    for with in [true, false] {
        let letterhead = Letterhead {
            product_name: "Gatepost".into(),
            host: "login.example.com".into(),
            base_url: "https://login.example.com".into(),
            support_address: with.then(|| "help@example.com".into()),
            support_unicode: with.then(|| "help@münchen.example".into()),
            accent: "#1f5f4f".into(),
            accent_text: "#ffffff".into(),
            logo: with,
        };
        for letter in SAMPLES.all() {
            try_one(environment, &letterhead, &letter)?;
            try_one(environment, &letterhead, &letter.without_place())?;
        }
    }
    Ok(())
}

fn try_one(environment: &Environment<'_>, letterhead: &Letterhead, letter: &Letter) -> Result<(), TemplateProblem> {
    let wording = render(environment, letterhead, letter)?;
    for (part, text) in [("text", &wording.text), ("html", &wording.html)] {
        if let Some(missing) = letter.essentials().into_iter().find(|essential| !text.contains(essential)) {
            let kind = letter.kind().as_str();
            return Err(TemplateProblem(format!(
                "the mail template {kind}/{part} leaves out what the mail is sent for, such as {missing}"
            )));
        }
    }
    Ok(())
}

fn render(environment: &Environment<'_>, letterhead: &Letterhead, letter: &Letter) -> Result<Wording, TemplateProblem> {
    let kind: MailKind = letter.kind();
    let part = |part: &str| {
        let name = format!("{}/{part}", kind.as_str());
        environment
            .get_template(&name)
            .and_then(|template| template.render(Facts { letterhead, letter }))
            .map_err(|error| problem(&name, &error))
    };
    // A subject is one line whatever the template's author pressed at its end.
    let subject = part("subject")?.split_whitespace().collect::<Vec<_>>().join(" ");
    Ok(Wording { subject, text: wrapped(&part("text")?), html: part("html")? })
}

fn problem(name: &str, error: &minijinja::Error) -> TemplateProblem {
    let mut text = format!("the mail template {name} cannot be used: {error}");
    let mut cause = std::error::Error::source(error);
    while let Some(error) = cause {
        text.push_str(&format!(": {error}"));
        cause = error.source();
    }
    TemplateProblem(text)
}

impl fmt::Display for TemplateProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for TemplateProblem {}

/// The names of all templates, as files in the operator's folder.
pub fn file_names() -> impl Iterator<Item = String> {
    EMBEDDED.iter().map(|(name, _)| format!("{name}.{}.j2", if is_html(name) { "html" } else { "txt" }))
}

/// Files anywhere in the operator's folder that replace nothing: a misspelt name would otherwise be passed over in silence. Hidden
/// ones are nobody's slip, but a version control's, or Kubernetes' way of exchanging a whole folder at once.
pub fn strangers(folder: &Path) -> io::Result<Vec<String>> {
    let known: Vec<String> = file_names().collect();
    let mut strangers: Vec<String> = Vec::new();
    look_below(folder, "", &mut |name| {
        if !known.contains(&name) {
            strangers.push(name);
        }
    })?;
    strangers.sort();
    Ok(strangers)
}

/// Tells the names of all files below a folder, links followed as the engine follows them.
fn look_below(folder: &Path, above: &str, tell: &mut impl FnMut(String)) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if name.starts_with('.') {
            continue;
        }
        let (path, name) = (entry.path(), format!("{above}{name}"));
        // Templates lie one folder deep. What lies deeper is looked for only to be named, and a link may lead round in circles.
        let deeper = above.matches('/').count() < DEEPEST && path.is_dir();
        if deeper { look_below(&path, &format!("{name}/"), tell)? } else { tell(name) }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use strum::VariantArray;

    fn letterhead(product_name: &str) -> Letterhead {
        Letterhead {
            product_name: product_name.into(),
            host: "login.example.com".into(),
            base_url: "https://login.example.com".into(),
            support_address: None,
            support_unicode: None,
            accent: "#1f5f4f".into(),
            accent_text: "#ffffff".into(),
            logo: true,
        }
    }

    fn wordings(product_name: &str) -> Vec<(MailKind, Wording)> {
        let templates = MailTemplates::embedded().unwrap();
        SAMPLES
            .all()
            .into_iter()
            .map(|letter| (letter.kind(), templates.render(&letterhead(product_name), &letter).unwrap()))
            .collect()
    }

    #[test]
    fn there_are_templates_for_every_kind_and_no_others() {
        let mut expected = ["html", "parts", "address", "text"].map(|part| format!("layout/{part}")).to_vec();
        for kind in MailKind::VARIANTS {
            expected.extend(["subject", "text", "html"].map(|part| format!("{}/{part}", kind.as_str())));
        }
        let mut names: Vec<String> = EMBEDDED.iter().map(|(name, _)| (*name).to_owned()).collect();
        expected.sort();
        names.sort();
        assert_eq!(names, expected);
        let mut kinds: Vec<_> = SAMPLES.all().iter().map(Letter::kind).collect();
        kinds.dedup();
        assert_eq!(kinds, MailKind::VARIANTS);
    }

    #[test]
    fn a_file_that_is_nobodys_template_is_named_wherever_it_lies() {
        let folder = tempfile::tempdir().unwrap();
        let strangers = || strangers(folder.path()).unwrap();
        let write = |name: &str| {
            let file = folder.path().join(name);
            fs::create_dir_all(file.parent().unwrap()).unwrap();
            fs::write(file, "").unwrap();
        };
        for name in file_names() {
            write(&name);
        }
        for name in [".git/config", "sign_in/.text.txt.j2.swp", "..data/sign_in/text.txt.j2"] {
            write(name);
        }
        fs::create_dir_all(folder.path().join("empty/folder")).unwrap();
        assert_eq!(strangers(), Vec::<String>::new());
        let wrong = [
            "layout.html.j2",
            "sign_in/old/text.txt.j2",
            "sign_in/text.html.j2",
            "sign_in/text.txt",
            "sing_in/text.txt.j2",
        ];
        for name in wrong {
            write(name);
        }
        assert_eq!(strangers(), wrong);
        fs::remove_dir_all(folder.path().join("sing_in")).unwrap();
        // A link into a circle has an end.
        std::os::unix::fs::symlink(folder.path(), folder.path().join("circle")).unwrap();
        assert!(strangers().iter().any(|name| name.starts_with("circle/")));
    }

    #[test]
    fn only_html_is_escaped() {
        for (kind, wording) in wordings("Ana & <Co>") {
            assert!(wording.text.contains("Ana & <Co>"), "{kind:?}");
            assert!(wording.html.contains("Ana &amp; &lt;Co&gt;"), "{kind:?}");
            assert!(!wording.html.contains("<Co>"), "{kind:?}");
        }
    }

    #[test]
    fn every_mail_loads_nothing_from_anywhere() {
        for (kind, wording) in wordings("Gatepost") {
            for loader in ["<link", "@import", "url(", "<script"] {
                assert!(!wording.html.contains(loader), "{kind:?} has {loader}");
            }
            // The one picture comes with the mail.
            assert_eq!(wording.html.matches("src=").count(), wording.html.matches("src=\"cid:logo\"").count());
            assert_eq!(wording.subject.lines().count(), 1, "{kind:?}");
        }
    }
}
