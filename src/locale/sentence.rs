//! A sentence with its values, on the way to a page or an email.

use super::{
    Fact, Locale, Value,
    facts::{breakable, cases, with_its_stop},
};
use askama::filters::Safe;
use fluent_bundle::{FluentArgs, FluentValue};
use std::fmt;

/// A sentence of the catalogue. Its display is plain text, which a template escapes.
/// [`Sentence::html`] keeps its markup.
#[derive(Clone, Debug)]
pub struct Sentence<'a> {
    locale: &'a Locale,
    key: &'a str,
    values: Vec<(&'a str, Value)>,
    links: Vec<String>,
}

impl<'a> Sentence<'a> {
    pub(super) const fn new(locale: &'a Locale, key: &'a str) -> Self {
        Self { locale, key, values: Vec::new(), links: Vec::new() }
    }

    /// Gives the sentence the value of `{ $name }`.
    #[must_use]
    pub fn with(mut self, name: &'a str, fact: impl Fact) -> Self {
        self.values.push((name, fact.value()));
        self
    }

    /// Gives the sentence an email address of the reader, or of the server, for `{ $name }`. Its
    /// domain is shown in the reader's script.
    #[must_use]
    pub fn address(mut self, name: &'a str, address: impl AsRef<str>) -> Self {
        self.values.push((name, Value::Address(address.as_ref().to_owned())));
        self
    }

    /// Says where the next `<a>` of the sentence leads.
    #[must_use]
    pub fn link(mut self, href: impl fmt::Display) -> Self {
        self.links.push(href.to_string());
        self
    }

    /// Lets the next `<a>` of the sentence write an email to this address.
    #[must_use]
    pub fn mailto(self, address: impl fmt::Display) -> Self {
        self.link(format_args!("mailto:{address}"))
    }

    /// Returns the sentence as HTML of a page. The catalogue's markup is kept, and every value is
    /// escaped.
    pub fn html(&self) -> Safe<String> {
        let html = self.format(|value| breakable(value, value.html(self.locale)));
        // An address reads from left to right. In Arabic, a stop in it would be at the wrong end.
        self.linked(&if self.locale.is_rtl { html } else { with_its_stop(html) })
    }

    /// Returns HTML for an email, in which no address breaks.
    pub fn email_html(&self) -> Safe<String> {
        self.linked(&self.format(|value| value.html(self.locale)))
    }

    /// Gives each `<a>` its address.
    fn linked(&self, html: &str) -> Safe<String> {
        let mut links = self.links.iter();
        let mut parts = html.split("<a>");
        let mut whole = parts.next().unwrap_or_default().to_owned();
        for part in parts {
            let href = links.next().map_or("", String::as_str);
            whole.push_str(&format!("<a href=\"{}\">{part}", super::facts::escaped(href)));
        }
        Safe(whole)
    }

    /// Returns what is wrong with the sentence: no such text, or a missing value. For keys that an
    /// operator wrote.
    pub fn problems(&self) -> Vec<String> {
        let mut problems = Vec::new();
        self.locale.format_noting(self.key, &self.arguments(|value| value.plain(self.locale)), &mut problems);
        problems
    }

    fn format(&self, value: impl Fn(&Value) -> FluentValue<'static>) -> String {
        self.locale.format(self.key, &self.arguments(value))
    }

    fn arguments(&self, value: impl Fn(&Value) -> FluentValue<'static>) -> FluentArgs<'_> {
        let mut values = FluentArgs::with_capacity(self.values.len());
        for (name, fact) in &self.values {
            values.set(*name, value(fact));
            for (name, fact) in cases(name, fact) {
                values.set(name, value(&fact));
            }
        }
        values
    }
}

impl fmt::Display for Sentence<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.format(|value| value.plain(self.locale)))
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Catalogue, Locale};
    use crate::domain::{BrowserLabel, Lifetime, TimeZone, Timestamp};

    const ENGLISH: &str = "
sent = If <b>{ $email }</b> has an account, <a>look here</a> or <a>there</a>.
found = { $count ->
    [one] One code is left.
   *[other] { $count } codes are left.
}
field = Code
    .hint = Expires in { $lifetime }.
only = Only English
to = Look for our email to <b>{ $email }</b>.
moved = From <b>{ $email }</b> to <b>now { $email }</b>.
span-minutes = { $count ->
    [one] 1 minute
   *[other] { $count } minutes
}
moment = { $day }/{ $month }/{ $year } { $hour }:{ $minute } { $zone }
moment-short = { $day }/{ $month }/{ $year } { $hour }:{ $minute } { $zone }
at = It was { $at }.
list-last = { $first } and { $last }
list-more = { $first }, { $rest }
list-statements = { $first }; { $rest }
number-group = {\",\"}
";
    const ARABIC: &str = "sent = { $email }\nat = { $at }";
    const GERMAN: &str = "
number-group = {\".\"}
found = { $count ->
    [one] Ein Code ist übrig.
   *[other] { $count } Codes sind übrig.
}
again = Noch { $wait }, also in <b>{ $wait-dative }</b>.
span-days = { $count ->
    [one] 1 Tag
   *[other] { $count } { $case ->
        [dative] Tagen
       *[other] Tage
    }
}
span-hours = { $count } h & mehr
";

    fn catalogue() -> Catalogue {
        Catalogue::of(&[("ar", "a.ftl", ARABIC), ("de", "a.ftl", GERMAN), ("en", "a.ftl", ENGLISH)]).unwrap()
    }

    #[test]
    fn markup_is_the_catalogues_and_values_are_escaped() {
        let (catalogue, evil) = (catalogue(), "<a>&\"'</b>");
        let english = catalogue.first_of([]);
        let sentence = english.say("sent").with("email", evil).link("/a?b=\"").link("/c");
        assert_eq!(
            sentence.html().0,
            "If <b>&lt;a&gt;&amp;&quot;&#39;&lt;/b&gt;</b> has an account, <a href=\"/a?b=&quot;\">look here</a> or <a href=\"/c\">there</a>."
        );
    }

    #[test]
    fn numbers_spans_and_moments_are_in_words() {
        let english = catalogue().first_of([]);
        assert_eq!(english.say("found").with("count", 1_u32).to_string(), "One code is left.");
        assert_eq!(english.say("found").with("count", 3_usize).to_string(), "3 codes are left.");
        let hint = english.say("field.hint").with("lifetime", Lifetime::minutes(10));
        assert_eq!(hint.to_string(), "Expires in 10 minutes.");
        let at = english.say("at").with("at", Timestamp::from_millis(0));
        assert_eq!(at.to_string(), "It was 1/1/1970 00:00 UTC.");
        assert_eq!(
            at.html().0,
            "It was <time dir=\"ltr\" datetime=\"1970-01-01T00:00:00Z\">1/1/1970 00:00 UTC</time>."
        );
        let berlin = Locale::in_zone(&english, &TimeZone::parse("Europe/Berlin").unwrap());
        let at = berlin.say("at").with("at", Timestamp::from_millis(0));
        assert_eq!(at.to_string(), "It was 1/1/1970 01:00 UTC+1.");
        let list = |items: &[&str]| english.list(&items.iter().map(ToString::to_string).collect::<Vec<_>>());
        assert_eq!(
            [list(&[]), list(&["a"]), list(&["a", "b"]), list(&["a", "b", "c"])],
            ["", "a", "a and b", "a, b and c"]
        );
        let three = ["a", "b", "c"].map(str::to_owned);
        assert_eq!([english.values(&three), english.statements(&three)], ["a, b, c", "a; b; c"]);
        assert_eq!([english.values(&[]), english.statements(&three[..1])], ["", "a"]);
    }

    #[test]
    fn long_numbers_are_grouped_as_the_language_does() {
        let catalogue = catalogue();
        let (english, german) = (catalogue.first_of([]), catalogue.accepted("de").unwrap());
        for (number, in_english, in_german) in [
            (12_500_i64, "12,500 codes are left.", "12.500 Codes sind übrig."),
            (9_999, "9999 codes are left.", "9999 Codes sind übrig."),
            (1_234_567, "1,234,567 codes are left.", "1.234.567 Codes sind übrig."),
            (-12_500, "-12,500 codes are left.", "-12.500 Codes sind übrig."),
        ] {
            let said = [&english, &german].map(|locale| locale.say("found").with("count", number));
            assert_eq!([said[0].to_string(), said[1].html().0], [in_english, in_german]);
        }
    }

    #[test]
    fn a_span_is_in_the_case_that_its_sentence_needs() {
        let german = catalogue().accepted("de").unwrap();
        let again = |wait| german.say("again").with("wait", wait);
        assert_eq!(again(Lifetime::days(3)).to_string(), "Noch 3 Tage, also in <b>3 Tagen</b>.");
        assert_eq!(again(Lifetime::days(3)).html().0, "Noch 3 Tage, also in <b>3 Tagen</b>.");
        assert_eq!(again(Lifetime::days(1)).to_string(), "Noch 1 Tag, also in <b>1 Tag</b>.");
        let hours = again(Lifetime::hours(3)).html().0;
        assert_eq!(hours, "Noch 3 h &amp; mehr, also in <b>3 h &amp; mehr</b>.");
        assert_eq!(again(Lifetime::days(3)).problems(), Vec::<String>::new());
    }

    #[test]
    fn what_a_language_lacks_is_said_in_english_and_what_all_lack_by_its_key() {
        let catalogue = catalogue();
        let arabic = catalogue.accepted("ar-EG").unwrap();
        assert_eq!(arabic.say("only").to_string(), "Only English");
        assert_eq!(
            (arabic.say("none").to_string(), arabic.say("field.none").to_string()),
            ("none".into(), "field.none".into())
        );
        assert_eq!(arabic.direction(), "rtl");
    }

    #[test]
    fn a_sentence_knows_what_it_lacks() {
        let catalogue = catalogue();
        let (english, arabic) = (catalogue.first_of([]), catalogue.accepted("ar").unwrap());
        assert_eq!(arabic.say("only").problems(), Vec::<String>::new());
        assert_eq!(arabic.say("none").problems(), ["there is no text \"none\""]);
        let problems = english.say("sent").link("/a").problems();
        assert!(problems.len() == 1 && problems[0].contains("email"), "{problems:?}");
    }

    #[test]
    fn a_long_address_may_break_before_its_domain_on_a_page_and_not_in_an_email() {
        let english = catalogue().first_of([]);
        let long = "ana.of.the.hills@department.example.com";
        let sentence = english.say("sent").with("email", long).link("/a").link("/b");
        let broken =
            "<span class=\"address\">ana.<wbr>of.<wbr>the.<wbr>hills<wbr>@department.<wbr>example.<wbr>com</span>";
        assert!(sentence.html().0.contains(broken));
        assert!(sentence.email_html().0.contains(long) && sentence.to_string().contains(long));
        assert!(sentence.html().0.contains("<wbr>com</span></b> has"));
        let at_the_end = english.say("to").with("email", long).html();
        assert!(at_the_end.0.ends_with("<wbr>com</b>.</span>"), "{}", at_the_end.0);
        let two = english.say("moved").with("email", long).html();
        assert_eq!(two.0, format!("From <b>{broken}</b> to <b>now {broken}</b>."), "other words are bold, too");
        let arabic = catalogue().accepted("ar").unwrap();
        let at_the_end = arabic.say("to").with("email", long).html();
        assert!(at_the_end.0.ends_with("com</bdi></span></b>."), "{}", at_the_end.0);
        for whole in ["ana@example.com", "a sentence about a@b.example and more", "two@at@signs.of.some.example"] {
            assert!(!english.say("sent").with("email", whole).html().0.contains("<wbr>"), "{whole}");
        }
    }

    #[test]
    fn only_an_address_is_shown_in_the_reader_s_script() {
        let english = catalogue().first_of([]);
        let ana = "ana@xn--mnchen-3ya.de";
        assert!(english.say("sent").address("email", ana).to_string().contains("ana@münchen.de"));
        assert!(english.say("sent").address("email", ana).html().0.contains("ana@münchen.de"));
        assert!(
            english
                .say("sent")
                .with("email", crate::domain::EmailAddress::parse(ana).unwrap())
                .html()
                .0
                .contains("münchen")
        );
        assert!(english.say("sent").with("email", ana).html().0.contains(ana));
        assert_eq!(english.address("a•••@xn--mnchen-3ya.de"), "a•••@münchen.de");
        for other in ["ana@xn--exmple-4nf.com", "ana@example.com", "ana@xn--", "xn--mnchen-3ya.de", ""] {
            assert_eq!(english.address(other), other);
        }
    }

    #[test]
    fn a_value_cannot_turn_the_order_of_the_sentence() {
        let catalogue = catalogue();
        let (english, arabic) = (catalogue.first_of([]), catalogue.accepted("ar").unwrap());
        assert_eq!(arabic.say("sent").with("email", "a@b.example").to_string(), "\u{2068}a@b.example\u{2069}");
        assert_eq!(arabic.say("sent").with("email", "a@b.example").html().0, "<bdi>a@b.example</bdi>");
        // A moment and a browser in an email or a title.
        let (at, browser) = (Timestamp::from_millis(0), BrowserLabel::from_user_agent("Firefox/130"));
        assert_eq!(arabic.say("at").with("at", at).to_string(), "\u{2068}1/1/1970 00:00 UTC\u{2069}");
        let browser = arabic.say("at").with("at", browser).to_string();
        assert!(browser.starts_with('\u{2068}') && browser.ends_with('\u{2069}'), "{browser}");
        let hebrew = english.say("sent").with("email", "א@b.example").to_string();
        assert!(hebrew.contains("\u{2068}א@b.example\u{2069}"), "{hebrew}");
    }
}
