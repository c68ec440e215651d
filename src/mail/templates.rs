//! Email templates: the embedded ones, or the operator's own, checked as a whole at the start.
//!
//! Rocket's template engine reads the operator's folder (`mail_templates`). The binary fills in
//! what is missing there. An unknown file, a syntax error, an unknown variable or an unknown text
//! stops the start with a sentence. With a template of the operator, every kind is tried in every
//! language. The embedded ones are tried by the tests, so that a start without a folder is quick.
//!
//! The email worker runs outside any request and shares the engine's environment.

pub use super::{embedded::file_names, wording::Wording};
use super::{
    embedded::{embedded, is_html},
    mail_facts::{CommonFacts, MailFacts, MailLink},
    samples::{MadeUp, Samples},
    speech::{say, say_html},
    subject::name_in_subject,
    wrap::{unwrapped, wrapped},
};
use crate::{
    domain::mail::MailKind,
    locale::{Catalogue, Locale, keep_whole_in_email, with_firm_hyphens},
};
use rocket::fairing::Fairing;
use rocket_dyn_templates::{
    Template,
    minijinja::{self, AutoEscape, Environment, UndefinedBehavior, context, value::merge_maps},
};
use std::{
    fmt::{self, Write as _},
    fs, io,
    path::Path,
    sync::{Arc, OnceLock},
};

/// Depth of the search for unknown files.
const DEEPEST: usize = 6;

/// The templates in force, or what is wrong with them. Filled once, when Rocket starts.
#[derive(Clone)]
pub struct MailTemplates {
    loaded: Arc<OnceLock<Result<Environment<'static>, TemplateProblem>>>,
    catalogue: Catalogue,
}

/// A template that cannot be used: which one, and why.
#[derive(Clone, Debug)]
pub struct TemplateProblem(String);

impl MailTemplates {
    pub fn new(catalogue: Catalogue) -> Self {
        Self { loaded: Arc::default(), catalogue }
    }

    /// Reads the operator's folder when Rocket starts, and fills in the rest. Tries every email if
    /// a template is the operator's. Keeps the result.
    pub fn fairing(&self, made_up: MadeUp) -> impl Fairing + use<> {
        let (slot, catalogue) = (Arc::clone(&self.loaded), self.catalogue.clone());
        Template::try_custom(move |engines| {
            let environment = &mut engines.minijinja;
            let loaded = complete(environment)
                .and_then(|origin| match origin {
                    Origin::Embedded => Ok(()),
                    Origin::Operator => try_all(environment, &catalogue, made_up),
                })
                .map(|()| environment.clone());
            // In a debug build Rocket calls this again when the operator's files change. The first
            // templates stay.
            let _ = slot.set(loaded.clone());
            loaded.map(drop).map_err(Into::into)
        })
    }

    /// Returns only the embedded ones, for use without Rocket.
    pub fn embedded(catalogue: Catalogue) -> Result<Self, TemplateProblem> {
        let mut environment = Environment::new();
        complete(&mut environment)?;
        let templates = Self::new(catalogue);
        let _ = templates.loaded.set(Ok(environment));
        Ok(templates)
    }

    /// Tries every email with these made-up facts.
    pub fn try_all(&self, made_up: MadeUp) -> Result<(), TemplateProblem> {
        try_all(self.environment()?, &self.catalogue, made_up)
    }

    fn environment(&self) -> Result<&Environment<'static>, TemplateProblem> {
        match self.loaded.get() {
            Some(Ok(environment)) => Ok(environment),
            Some(Err(problem)) => Err(problem.clone()),
            None => Err(TemplateProblem("the email templates are not loaded yet".into())),
        }
    }

    /// Returns why Rocket did not start. Rocket says so only to its own log, which is off.
    pub fn problem(&self) -> Option<&TemplateProblem> {
        self.loaded.get()?.as_ref().err()
    }

    /// Returns the email in words. The facts are in the same language.
    pub fn render(
        &self,
        locale: &Arc<Locale>,
        common_facts: &CommonFacts,
        mail_facts: &MailFacts,
    ) -> Result<Wording, TemplateProblem> {
        render(self.environment()?, locale, common_facts, mail_facts)
    }
}

/// Whose the templates in force are.
#[derive(Clone, Copy)]
enum Origin {
    /// All are in the binary, as the tests tried them.
    Embedded,
    /// At least one is the operator's. Any email can use it.
    Operator,
}

/// Adds what the operator did not replace, and makes the engine strict.
fn complete(environment: &mut Environment<'static>) -> Result<Origin, TemplateProblem> {
    // An operator's mistyped variable must stop the start, not leave a hole in an email.
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    // By name, because templates added from here have no file name.
    environment.set_auto_escape_callback(|name| if is_html(name) { AutoEscape::Html } else { AutoEscape::None });
    environment.set_formatter(write_escaped);
    let mut origin = Origin::Embedded;
    for (name, text) in embedded() {
        match environment.get_template(&name) {
            Ok(_) => origin = Origin::Operator,
            Err(error) if error.kind() == minijinja::ErrorKind::TemplateNotFound => {
                environment.add_template_owned(name.clone(), text).map_err(|error| problem(&name, &error))?;
            }
            Err(error) => return Err(problem(&name, &error)),
        }
    }
    Ok(origin)
}

/// Escapes HTML. The engine's own escaping also turns every `/` into `&#x2f;`. An email program
/// decodes that, but many filters that look for links in the source do not.
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

/// Renders every kind with made-up facts in every language, with and without the optional facts. A
/// mistake in a rare line must show at the start.
fn try_all(environment: &Environment<'_>, catalogue: &Catalogue, made_up: MadeUp) -> Result<(), TemplateProblem> {
    for locale in catalogue.locales() {
        // The domain is in another script, so that templates also get the Unicode form.
        let address = "ana@xn--mnchen-3ya.example";
        let samples = Samples { base_url: "https://login.example.com", address, locale };
        for with in [true, false] {
            let common_facts = CommonFacts {
                product_name: "Gatepost".into(),
                host: "login.example.com".into(),
                base_url: "https://login.example.com".into(),
                support_address: with.then(|| "help@example.com".into()),
                support_unicode: with.then(|| "help@münchen.example".into()),
                accent: "#1f5f4f".into(),
                accent_text: "#ffffff".into(),
                logo: with,
                logo_dark: with,
                links: with.then(sample_link).into_iter().collect(),
                code_in_subject: with,
            };
            for mail_facts in made_up(samples) {
                try_one(environment, locale, &common_facts, &mail_facts)?;
                try_one(environment, locale, &common_facts, &mail_facts.without_place())?;
            }
        }
    }
    Ok(())
}

fn sample_link() -> MailLink {
    MailLink { name: "link-terms", href: "https://example.com/terms".into() }
}

fn try_one(
    environment: &Environment<'_>,
    locale: &Arc<Locale>,
    common_facts: &CommonFacts,
    mail_facts: &MailFacts,
) -> Result<(), TemplateProblem> {
    let wording = render(environment, locale, common_facts, mail_facts)?;
    for (part, text) in [("text", &wording.text), ("html", &wording.html)] {
        if let Some(missing) = mail_facts.essentials().into_iter().find(|essential| !text.contains(essential)) {
            let kind = mail_facts.kind().as_str();
            return Err(TemplateProblem(format!(
                "the email template {kind}/{part} leaves out what the email needs, such as {missing}"
            )));
        }
    }
    Ok(())
}

fn render(
    environment: &Environment<'_>,
    locale: &Arc<Locale>,
    common_facts: &CommonFacts,
    mail_facts: &MailFacts,
) -> Result<Wording, TemplateProblem> {
    let kind: MailKind = mail_facts.kind();
    let facts = context! {
        say => say(locale),
        say_html => say_html(locale),
        lang => locale.tag().as_str(),
        dir => locale.direction(),
        name_in_subject => name_in_subject(common_facts, locale),
        ..merge_maps([minijinja::Value::from_serialize(common_facts), mail_facts.value()])
    };
    let part = |part: &str| {
        let name = format!("{}/{part}", kind.as_str());
        environment
            .get_template(&name)
            .and_then(|template| template.render(&facts))
            .map_err(|error| problem(&name, &error))
    };
    // A subject is one line, however many its template has.
    let subject = part("subject")?.split_whitespace().collect::<Vec<_>>().join(" ");
    let text = with_firm_hyphens(&part("text")?);
    let (text, whole_text) = (wrapped(&text), unwrapped(&text));
    let html = keep_whole_in_email(&part("html")?);
    Ok(Wording { language: locale.tag().as_str().to_owned(), subject, text, whole_text, html })
}

fn problem(name: &str, error: &minijinja::Error) -> TemplateProblem {
    let mut text = format!("the email template {name} cannot be used: {error}");
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

/// Returns files anywhere in the operator's folder that replace nothing, because a misspelt name
/// would otherwise be ignored silently. Hidden files are skipped: they belong to version control,
/// or to Kubernetes' way of replacing a whole folder at once.
pub fn unused_files(folder: &Path) -> io::Result<Vec<String>> {
    let known: Vec<String> = file_names().collect();
    let mut unused_files: Vec<String> = Vec::new();
    look_below(folder, "", &mut |name| {
        if !known.contains(&name) {
            unused_files.push(name);
        }
    })?;
    unused_files.sort();
    Ok(unused_files)
}

/// Passes the names of all files below a folder to `tell`. It follows links as the engine does.
fn look_below(folder: &Path, above: &str, tell: &mut impl FnMut(String)) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if name.starts_with('.') {
            continue;
        }
        let (path, name) = (entry.path(), format!("{above}{name}"));
        // Templates are one folder deep. Deeper files are only found to be named, and a link may
        // lead in circles.
        let deeper = above.matches('/').count() < DEEPEST && path.is_dir();
        if deeper { look_below(&path, &format!("{name}/"), tell)? } else { tell(name) }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use strum::VariantArray;

    fn common_facts(product_name: &str) -> CommonFacts {
        CommonFacts {
            product_name: product_name.into(),
            host: "login.example.com".into(),
            base_url: "https://login.example.com".into(),
            support_address: None,
            support_unicode: None,
            accent: "#1f5f4f".into(),
            accent_text: "#ffffff".into(),
            logo: true,
            logo_dark: true,
            links: vec![sample_link()],
            code_in_subject: false,
        }
    }

    /// Returns every email in every language, in words.
    fn wordings(product_name: &str) -> Vec<(MailKind, Wording)> {
        let catalogue = Catalogue::embedded().unwrap();
        let templates = MailTemplates::embedded(catalogue.clone()).unwrap();
        templates.try_all(|samples| samples.all()).unwrap();
        let common_facts = common_facts(product_name);
        let locales = catalogue.locales().iter();
        let all = locales.flat_map(|locale| samples(locale).into_iter().map(move |mail_facts| (locale, mail_facts)));
        all.map(|(locale, mail_facts)| {
            (mail_facts.kind(), templates.render(locale, &common_facts, &mail_facts).unwrap())
        })
        .collect()
    }

    fn samples(locale: &Locale) -> Vec<MailFacts> {
        Samples { base_url: "https://login.example.com", address: "ana@example.com", locale }.all()
    }

    #[test]
    fn there_are_templates_for_every_kind_and_no_others() {
        let mut expected = ["html", "parts", "address", "where", "where_text", "subject", "text"]
            .map(|part| format!("layout/{part}"))
            .to_vec();
        for kind in MailKind::VARIANTS {
            expected.extend(["subject", "text", "html"].map(|part| format!("{}/{part}", kind.as_str())));
        }
        let mut names: Vec<String> = embedded().map(|(name, _)| name).collect();
        expected.sort();
        names.sort();
        assert_eq!(names, expected);
        let english = Catalogue::embedded().unwrap().first_of([]);
        let mut kinds: Vec<_> = samples(&english).iter().map(MailFacts::kind).collect();
        kinds.dedup();
        assert_eq!(kinds, MailKind::VARIANTS);
    }

    #[test]
    fn a_file_that_is_nobodys_template_is_named_wherever_it_lies() {
        let folder = tempfile::tempdir().unwrap();
        let unused_files = || unused_files(folder.path()).unwrap();
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
        assert_eq!(unused_files(), Vec::<String>::new());
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
        assert_eq!(unused_files(), wrong);
        fs::remove_dir_all(folder.path().join("sing_in")).unwrap();
        // A link in a circle ends the search.
        std::os::unix::fs::symlink(folder.path(), folder.path().join("circle")).unwrap();
        assert!(unused_files().iter().any(|name| name.starts_with("circle/")));
    }

    #[test]
    fn only_html_is_escaped() {
        for (kind, wording) in wordings("Ana & <Co>") {
            assert!(wording.whole_text.contains("Ana & <Co>"), "{kind:?}");
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
            // The one picture comes with the email.
            assert_eq!(wording.html.matches("src=").count(), wording.html.matches("src=\"cid:logo").count());
            assert_eq!(wording.subject.lines().count(), 1, "{kind:?}");
        }
    }
}
