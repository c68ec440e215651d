//! The catalogue in email templates. `say("key", name=value)` is plain text, which the engine
//! escapes in HTML. `say_html("key", name=value, link=href)` keeps the markup of the text. Both use
//! the language of the email.

use crate::locale::{Locale, Sentence, Value as Fact};
use rocket_dyn_templates::minijinja::{
    Error, ErrorKind,
    value::{Kwargs, Value, ValueKind},
};
use std::sync::Arc;

/// Name of the argument that says where the text's `<a>` leads.
const LINK: &str = "link";

/// Beginning of `<a>`. It has its style in it, because many mail programs read no other.
const STYLED_LINK: &str = "<a class=\"link\" style=\"color:#0b57d0;\" href=";

/// Arguments that a template passes beside the key.
#[derive(Default)]
struct Handed {
    facts: Vec<(String, Fact)>,
    /// Address to which each `<a>` leads, in order.
    links: Vec<String>,
}

/// Returns `say` for this language.
pub(super) fn say(locale: &Arc<Locale>) -> Value {
    let locale = Arc::clone(locale);
    Value::from_function(move |key: String, values: Kwargs| {
        Ok(sentence(&locale, &key, &Handed::read(&values)?)?.to_string())
    })
}

/// Returns `say_html` for this language.
pub(super) fn say_html(locale: &Arc<Locale>) -> Value {
    let locale = Arc::clone(locale);
    Value::from_function(move |key: String, values: Kwargs| {
        let html = sentence(&locale, &key, &Handed::read(&values)?)?.email_html().0;
        Ok(Value::from_safe_string(html.replace("<a href=", STYLED_LINK)))
    })
}

/// Returns the sentence. An unknown key or a missing value is an error, so that it stops the start.
fn sentence<'a>(locale: &'a Locale, key: &'a str, handed: &'a Handed) -> Result<Sentence<'a>, Error> {
    let sentence = handed.facts.iter().fold(locale.say(key), |sentence, (name, fact)| sentence.with(name, fact));
    let sentence = handed.links.iter().fold(sentence, |sentence, href| sentence.link(href));
    match sentence.problems().first() {
        Some(problem) => Err(Error::new(ErrorKind::InvalidOperation, problem.clone())),
        None => Ok(sentence),
    }
}

impl Handed {
    fn read(values: &Kwargs) -> Result<Self, Error> {
        let mut handed = Self::default();
        for name in values.args() {
            let value: Value = values.get(name)?;
            match name {
                LINK if value.kind() == ValueKind::Seq => {
                    handed.links.extend(value.try_iter()?.map(|href| href.to_string()));
                }
                LINK => handed.links.push(value.to_string()),
                name => handed.facts.push((name.to_owned(), fact(name, &value)?)),
            }
        }
        Ok(handed)
    }
}

fn fact(name: &str, value: &Value) -> Result<Fact, Error> {
    match value.kind() {
        ValueKind::String if value.is_safe() => Ok(Fact::Markup(value.to_string())),
        ValueKind::String => Ok(Fact::Text(value.to_string())),
        ValueKind::Number => {
            Ok(i64::try_from(value.clone()).map_or_else(|_| Fact::Text(value.to_string()), Fact::Number))
        }
        kind => {
            Err(Error::new(ErrorKind::InvalidOperation, format!("{name} is neither a text nor a number, but {kind}")))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{domain::LanguageTag, locale::Catalogue};
    use rocket_dyn_templates::minijinja::{Environment, context};

    const ENGLISH: &str = "
name = Name
left = { $count ->
    [one] One is left of { $what }
   *[other] { $count } are left of { $what }
}
ask = Ask <a>{ $who }</a> & <a>others</a>
";
    const GERMAN: &str = "left = Noch { $count }: { $what }";

    fn rendered(language: &str, name: &str, template: &str) -> Result<String, Error> {
        let catalogue = Catalogue::of(&[("de", "a.ftl", GERMAN), ("en", "a.ftl", ENGLISH)]).unwrap();
        let locale = catalogue.find(&LanguageTag::parse(language).unwrap()).unwrap();
        let mut environment = Environment::new();
        environment.add_template_owned(name.to_owned(), template.to_owned())?;
        let context = context! { say => say(locale), say_html => say_html(locale), evil => "<b>&\"" };
        environment.get_template(name)?.render(context)
    }

    #[test]
    fn a_template_speaks_the_language_of_the_email() {
        let text = "{{ say(\"left\", count=1, what=evil) }}";
        assert_eq!(rendered("en", "t.txt", text).unwrap(), "One is left of <b>&\"");
        assert_eq!(rendered("de", "t.txt", text).unwrap(), "Noch 1: <b>&\"");
        // A macro uses it, too, and a text that the language lacks is English.
        let text = "{% macro m() %}{{ say(\"name\") }}{% endmacro %}{{ m() }}";
        assert_eq!(rendered("de", "t.txt", text).unwrap(), "Name");
    }

    #[test]
    fn values_are_escaped_once_and_markup_is_kept() {
        let text = "{{ say(\"left\", count=2, what=evil) }}";
        assert_eq!(rendered("en", "t.html", text).unwrap(), "2 are left of &lt;b&gt;&amp;&quot;");
        let text =
            "{% set who %}<i>{{ evil }}</i>{% endset %}{{ say_html(\"ask\", who=who, link=[\"/a?b=\\\"\", \"/c\"]) }}";
        let html = rendered("en", "t.html", text).unwrap();
        assert_eq!(
            html,
            format!(
                "Ask {STYLED_LINK}\"/a?b=&quot;\"><i>&lt;b&gt;&amp;&quot;</i></a> & {STYLED_LINK}\"/c\">others</a>"
            )
        );
        let html = rendered("en", "t.html", "{{ say_html(\"ask\", who=evil, link=\"/\") }}").unwrap();
        assert!(html.contains("&lt;b&gt;&amp;&quot;</a>"), "{html}");
    }

    #[test]
    fn a_text_that_is_not_there_and_a_value_that_is_missing_are_errors() {
        for text in ["{{ say(\"nmae\") }}", "{{ say(\"left\", count=1) }}", "{{ say(\"left\", count=1, what=none) }}"] {
            assert!(rendered("en", "t.txt", text).is_err(), "{text}");
        }
    }
}
