//! The catalogue of texts, and that pages take every sentence from it.

use fluent_syntax::{
    ast::{Entry, Expression, InlineExpression, Pattern, PatternElement},
    parser,
};
use gatepost::locale::Catalogue;
use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

/// Elements that a sentence may hold. Attributes come from the code: `<a>` gets its `href` there.
const MARKUP: [&str; 8] = ["<a>", "</a>", "<b>", "</b>", "<code>", "</code>", "<kbd>", "</kbd>"];

fn files_below(folder: &Path, kinds: &[&str]) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(files_below(&path, kinds));
        } else if kinds.iter().any(|kind| path.to_string_lossy().ends_with(kind)) {
            files.push(path);
        }
    }
    files.sort();
    files
}

/// The values and markup that a text uses.
#[derive(Debug, Default, PartialEq, Eq)]
struct Needs {
    variables: BTreeSet<String>,
    markup: Vec<String>,
}

impl Needs {
    fn of(pattern: &Pattern<&str>) -> Self {
        let mut needs = Self::default();
        needs.look(pattern);
        needs.markup.sort();
        needs.markup.dedup();
        needs
    }

    fn look(&mut self, pattern: &Pattern<&str>) {
        for element in &pattern.elements {
            match element {
                PatternElement::TextElement { value } => self.markup.extend(tags(value)),
                PatternElement::Placeable { expression } => self.look_at(expression),
            }
        }
    }

    fn look_at(&mut self, expression: &Expression<&str>) {
        match expression {
            Expression::Inline(inline) => self.look_inside(inline),
            Expression::Select { selector, variants } => {
                self.look_inside(selector);
                variants.iter().for_each(|variant| self.look(&variant.value));
            }
        }
    }

    fn look_inside(&mut self, inline: &InlineExpression<&str>) {
        match inline {
            // A grammatical case is a matter of one language.
            InlineExpression::VariableReference { id } if id.name != "case" => {
                self.variables.insert(id.name.trim_end_matches("-dative").to_owned());
            }
            InlineExpression::Placeable { expression } => self.look_at(expression),
            _ => {}
        }
    }
}

fn tags(text: &str) -> Vec<String> {
    let starts = text.match_indices('<').map(|(at, _)| &text[at..]);
    starts.map(|rest| rest.split_inclusive('>').next().unwrap_or(rest).to_owned()).collect()
}

type Texts = BTreeMap<String, Needs>;

/// Returns every text of a language by its key. An attribute's key is `key.attribute`.
fn texts(folder: &Path) -> Texts {
    let mut texts = Texts::new();
    for file in files_below(folder, &[".ftl"]) {
        let source = fs::read_to_string(&file).unwrap();
        let resource = parser::parse(source.as_str()).unwrap_or_else(|(_, errors)| panic!("{file:?}: {errors:?}"));
        for entry in &resource.body {
            let Entry::Message(message) = entry else { continue };
            let values = message.value.iter().map(|value| (message.id.name.to_owned(), value));
            let attributes = message.attributes.iter();
            let attributes = attributes.map(|own| (format!("{}.{}", message.id.name, own.id.name), &own.value));
            for (key, pattern) in values.chain(attributes) {
                assert!(texts.insert(key.clone(), Needs::of(pattern)).is_none(), "{file:?} has {key} twice");
            }
        }
    }
    texts
}

/// Returns the tag of each language.
pub fn language_tags() -> Vec<String> {
    languages().into_keys().collect()
}

fn languages() -> BTreeMap<String, Texts> {
    let folders = fs::read_dir("locales").unwrap().map(|entry| entry.unwrap().path());
    folders.map(|folder| (folder.file_name().unwrap().to_string_lossy().into_owned(), texts(&folder))).collect()
}

#[test]
fn every_language_has_every_text_with_the_same_values_and_markup() {
    let languages = languages();
    let english = &languages["en"];
    assert!(english.len() > 10 && languages.contains_key("de"));
    for (language, texts) in &languages {
        for (key, needs) in english {
            let own = texts.get(key).unwrap_or_else(|| panic!("{language} lacks {key}"));
            assert_eq!(own, needs, "{key} in {language}");
        }
        let others: Vec<_> = texts.keys().filter(|key| !english.contains_key(*key)).collect();
        assert!(others.is_empty(), "{language} has what English lacks: {others:?}");
    }
}

#[test]
fn every_language_has_each_text_in_the_same_file() {
    let english = files_below(Path::new("locales/en"), &[".ftl"]);
    assert!(english.len() > 10);
    for language in language_tags() {
        let folder = Path::new("locales").join(&language);
        assert_eq!(files_below(&folder, &[".ftl"]).len(), english.len(), "{language}");
        for file in &english {
            let own = folder.join(file.file_name().unwrap());
            let keys = |file: &Path| {
                let source = fs::read_to_string(file).unwrap();
                let keys = source.lines().filter_map(|line| line.split_once(" ="));
                keys.map(|(key, _)| key.to_owned()).filter(|key| !key.contains('#')).collect::<BTreeSet<_>>()
            };
            assert_eq!(keys(&own), keys(file), "{}", own.display());
        }
    }
}

#[test]
fn the_markup_of_texts_is_plain() {
    for (language, texts) in languages() {
        for (key, needs) in texts {
            for tag in needs.markup {
                assert!(MARKUP.contains(&tag.as_str()), "{key} in {language} has {tag}");
            }
        }
    }
}

#[test]
fn every_catalogue_can_be_read_and_names_itself() {
    let catalogue = Catalogue::embedded().unwrap();
    let names: Vec<String> = catalogue.locales().iter().map(|locale| locale.own_name()).collect();
    assert_eq!(names.len(), languages().len());
    assert!(names.iter().collect::<BTreeSet<_>>().len() == names.len(), "{names:?}");
    assert!(names.starts_with(&["English".to_owned()]) && names.contains(&"Deutsch".to_owned()), "{names:?}");
}

/// Returns sources and templates without tests, each as one text.
fn code() -> Vec<(PathBuf, String)> {
    let mut files = files_below(Path::new("src"), &[".rs"]);
    files.extend(files_below(Path::new("crates"), &[".rs"]));
    files.extend(files_below(Path::new("templates"), &[".html", ".txt", ".j2"]));
    let read = |path: PathBuf| {
        let text = fs::read_to_string(&path).unwrap();
        let text = text.split("#[cfg(test)]").next().unwrap_or_default().to_owned();
        (path, text)
    };
    files.into_iter().map(read).collect()
}

/// A text keeps its key when it moves. An attribute may have the name of a role beside its message.
#[test]
fn no_key_is_named_for_the_place_of_its_text() {
    const PLACES: [&str; 10] =
        ["layout", "column", "heading", "title", "tag", "text", "menu", "footer", "sidebar", "button"];
    for key in languages()["en"].keys() {
        let message = key.split('.').next().unwrap_or_default();
        let place = message.split('-').find(|word| PLACES.contains(word));
        // Operators' own email templates say these keys.
        let is_of_email = message.starts_with("mail-");
        assert!(place.is_none() || is_of_email, "{key} is named for a place");
    }
}

#[test]
fn every_text_is_used() {
    let code = code();
    let quoted: BTreeSet<&str> = code.iter().flat_map(|(_, text)| text.split('"')).collect();
    let languages = languages();
    let unused: Vec<&String> = languages["en"].keys().filter(|key| !quoted.contains(key.as_str())).collect();
    assert!(unused.is_empty(), "{unused:#?}");
}

#[test]
fn every_text_that_is_asked_for_exists() {
    let english = &languages()["en"];
    // What these say goes to the log or a terminal, in English.
    let others = ["src/app/", "src/cli/", "src/mail/", "src/outbox/"];
    for (path, text) in code().into_iter().filter(|(path, _)| !others.iter().any(|folder| path.starts_with(folder))) {
        // Also a closure that says. A page says a note by `visit.say` with its path.
        for call in ["say(\"", "say_html(\""] {
            for (at, _) in text.match_indices(call) {
                let key = text[at + call.len()..].split('"').next().unwrap_or_default();
                assert!(key.starts_with('/') || english.contains_key(key), "{path:?} asks for {key}");
            }
        }
    }
}

/// Returns whether a piece of code between quotes is written like a key.
fn is_like_a_key(piece: &str) -> bool {
    let may_be_in_one = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-' || c == '.';
    piece.starts_with(|c: char| c.is_ascii_lowercase()) && piece.contains('-') && piece.chars().all(may_be_in_one)
}

/// Notes, the audit log and rows of pages carry keys that a page says later.
#[test]
fn every_key_that_code_carries_exists() {
    let english = &languages()["en"];
    let carriers = ["src/account/", "src/signin/", "src/telling/", "src/web/note/"];
    let mut seen = 0;
    for (path, text) in code().into_iter().filter(|(path, _)| carriers.iter().any(|folder| path.starts_with(folder))) {
        let code = text.lines().filter(|line| !line.trim_start().starts_with("//"));
        for key in code.flat_map(|line| line.split('"')).filter(|piece| is_like_a_key(piece)) {
            assert!(english.contains_key(key), "{path:?} carries {key}");
            seen += 1;
        }
    }
    assert!(seen > 500, "{seen}");
}

/// Words that are the same in every language.
const NAMES: [&str; 8] = ["Gatepost", "KiB", "PNG", "Gmail", "Outlook", "Yahoo", "CSV", "JSON"];

/// Returns what a reader would see of a template: without comments, tags and expressions.
fn visible(template: &str) -> String {
    // What a block adds to a link of the layout.
    let mut text = template.replace(" aria-current=\"page\"", "").replace(" aria-current=\"true\"", "");
    for (open, close) in
        [("{#", "#}"), ("{%", "%}"), ("{{", "}}"), ("<!--", "-->"), ("<style>", "</style>"), ("<", ">")]
    {
        let mut rest = text.as_str();
        let mut kept = String::new();
        while let Some((before, after)) = rest.split_once(open) {
            kept.push_str(before);
            kept.push(' ');
            rest = after.split_once(close).map_or("", |(_, after)| after);
        }
        kept.push_str(rest);
        text = kept;
    }
    text
}

#[test]
fn no_template_holds_a_sentence() {
    for path in files_below(Path::new("templates"), &[".html", ".txt", ".j2"]) {
        let visible = visible(&fs::read_to_string(&path).unwrap());
        let entities = ["&nbsp;", "&shy;", "&#8203;"];
        let visible = entities.iter().fold(visible, |text, entity| text.replace(entity, " "));
        let words = visible.split(|c: char| !c.is_alphabetic()).filter(|word| word.chars().count() > 1);
        let own: Vec<&str> = words.filter(|word| !NAMES.contains(word)).collect();
        assert!(own.is_empty(), "{path:?}: {own:?}");
    }
}
