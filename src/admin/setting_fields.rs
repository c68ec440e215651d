//! The fields of the settings page, made from the table of settings.

use super::setting_parts as parts_of;
use crate::{
    domain::{
        Settings,
        settings::{JoinPolicy, Kind, RequiredOf, SECTIONS, Section, Setting},
    },
    locale::Catalogue,
    telling::settings as words,
    web::{Layout, Visit},
};
use std::collections::BTreeMap;
use strum::VariantArray;

/// Contents of a field.
#[derive(Default)]
pub(super) struct Field {
    pub value: String,
    pub problem: Option<String>,
}

/// Kind of input for a setting.
pub(super) enum Control {
    Switch,
    /// A switch that cannot be on here.
    Impossible,
    /// A file of the operator owns it. Its value in words.
    Declared(String),
    /// Each choice's value and the key of its name.
    Radios(Vec<(&'static str, &'static str)>),
    Lines,
    /// A number and a unit.
    Span,
    /// A count, and a number and a unit.
    Limit,
    /// A code and a picker.
    Colour,
    Text,
    /// Each choice's value and name. A language has its own name.
    Languages(Vec<(String, String)>),
}

/// A setting with its field.
pub(super) struct Row {
    pub setting: &'static Setting,
    pub control: Control,
    pub field: Field,
    /// Value before an admin changes it, in words. Empty for nothing, and where it has that value
    /// now.
    pub default: String,
}

/// A section of the page.
pub(super) struct Part {
    pub section: &'static Section,
    /// Rows that belong side by side are in one list.
    pub groups: Vec<Vec<Row>>,
    /// True if a field differs from the value in force, so that there is something to save.
    pub is_changed: bool,
}

impl Part {
    /// Returns the fields by name.
    pub(super) fn fields(&mut self) -> impl Iterator<Item = (&'static str, &mut Field)> {
        self.groups.iter_mut().flatten().map(|row| (row.setting.name, &mut row.field))
    }
}

impl Row {
    pub(super) fn value(&self) -> &str {
        &self.field.value
    }

    /// Returns the count of a limit, and the number and the unit of its span.
    pub(super) fn limit(&self) -> (&str, &str, &str) {
        parts_of::limit(&self.field.value)
    }

    /// Returns the colour for the picker, which takes only whole codes.
    pub(super) fn colour(&self) -> String {
        parts_of::colour(&self.field.value)
    }

    /// Returns the units to choose from: the stored form and the key of the name.
    pub(super) const fn units(&self) -> [(&'static str, &'static str); 4] {
        parts_of::units()
    }

    /// Returns the sentence beside the field, and the default.
    pub(super) fn hint(&self, layout: &Layout) -> String {
        let hint = layout.say(self.setting.hint).to_string();
        if self.default.is_empty() {
            return hint;
        }
        let default = layout.say("setting-default").with("value", self.default.as_str());
        format!("{hint} {default}")
    }

    pub(super) fn problem(&self) -> Option<&str> {
        self.field.problem.as_deref()
    }

    /// Returns whether it is narrow enough to be beside another.
    const fn is_narrow(&self) -> bool {
        match self.control {
            Control::Span | Control::Limit | Control::Colour | Control::Text | Control::Languages(_) => true,
            Control::Switch | Control::Impossible | Control::Declared(_) | Control::Radios(_) | Control::Lines => false,
        }
    }
}

/// Returns whether a typed value is another one than in these settings. Compares stored forms: 60m
/// is 1h, and browsers send other line ends.
pub(super) fn differs(settings: &Settings, name: &str, typed: &str) -> bool {
    let mut wanted = settings.clone();
    wanted.set(name, typed).is_err() || wanted.get(name) != settings.get(name)
}

/// Returns the page's sections with these fields.
pub(super) fn parts(visit: &Visit<'_>, mut fields: BTreeMap<&'static str, Field>, declared: &[String]) -> Vec<Part> {
    let is_impossible = |setting: &Setting| setting.name == "passkey_enabled" && !visit.settings.passkeys_possible;
    let start = &visit.services.settings.start();
    let default = |setting: &Setting, field: &Field| match differs(start, setting.name, &field.value) {
        true => words::in_words(&visit.locale, setting.name, &start.get(setting.name)),
        false => String::new(),
    };
    let row = |setting: &'static Setting, field: Field| Row {
        setting,
        control: if declared.iter().any(|name| name == setting.name) {
            Control::Declared(words::value(&visit.locale, setting.name, &field.value))
        } else if is_impossible(setting) {
            Control::Impossible
        } else {
            control(&setting.kind, &visit.services.catalogue)
        },
        default: default(setting, &field),
        field,
    };
    let mut row = |setting: &'static Setting| row(setting, fields.remove(setting.name).unwrap_or_default());
    let part = |section: &'static Section| {
        let mut groups: Vec<Vec<Row>> = Vec::new();
        let mut is_changed = false;
        for row in section.settings.iter().map(&mut row) {
            is_changed |= differs(&visit.settings, row.setting.name, &row.field.value);
            match groups.last_mut() {
                Some(group) if row.is_narrow() && group.iter().all(Row::is_narrow) => group.push(row),
                _ => groups.push(vec![row]),
            }
        }
        Part { section, groups, is_changed }
    };
    SECTIONS.iter().map(part).collect()
}

fn control(kind: &Kind, catalogue: &Catalogue) -> Control {
    match kind {
        Kind::Switch(_) => Control::Switch,
        Kind::RequiredOf(_) => {
            Control::Radios(RequiredOf::VARIANTS.iter().map(|whom| (whom.into_str(), words::audience(*whom))).collect())
        }
        Kind::JoinPolicy(_) => Control::Radios(
            JoinPolicy::VARIANTS.iter().map(|policy| (policy.into_str(), words::policy(*policy))).collect(),
        ),
        Kind::Domains(_) => Control::Lines,
        Kind::Lifetime { .. } => Control::Span,
        Kind::Limit(_) => Control::Limit,
        Kind::Colour(_) => Control::Colour,
        // A list of all time zones would make the page too heavy.
        Kind::ProductName(_) | Kind::Address(_) | Kind::Link(_) | Kind::Logo(_) | Kind::TimeZone(_) => Control::Text,
        Kind::Language(_) => Control::Languages(words::languages(catalogue)),
    }
}
