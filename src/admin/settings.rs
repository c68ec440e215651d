//! `/admin/settings`. Fields are named after the settings.
//!
//! Each section has its button, which saves that section only. What is typed in the others is kept.
//! A form without a section saves all.
//!
//! A wrong value comes back with the whole form as the admin typed it. A form without a fresh proof
//! is held until after the step-up. A form that another admin's change has overtaken comes back
//! beside that change. The last way in is only turned off on a second page, which says what is
//! left.

use crate::{
    admin::{
        setting_fields::{Control, Field, Part, differs, parts},
        setting_parts as further,
    },
    db::{self, Tx, declared::Kind},
    domain::{
        AccountId, Enrolled, Settings,
        audit::Action,
        logo::Ground,
        settings::{self as table, Section, SettingProblem},
        ways_in::{Loss, WaysOn},
    },
    locale::Catalogue,
    people,
    telling::settings as words,
    web::{
        Answer, Failure, Fields, Layout, Need, Note, Reply, Visit,
        headers::POLICY_WITH_FRAMES,
        held_form::{self, Stale},
        preview,
    },
};
use askama::Template;
use rocket::{Route, get, post, routes};
use std::sync::Arc;

const PATH: &str = "/admin/settings";
/// The field that says which settings a form was filled in over.
const VERSION: &str = "version";
/// The button that was pressed: it names its section.
const SECTION: &str = "section";

#[derive(Template)]
#[template(path = "admin/settings.html")]
struct SettingsPage {
    layout: Layout,
    parts: Vec<Part>,
    /// Version of the settings that the form was filled in over.
    version: String,
    /// Fields with a problem: the name, and the key of the label.
    problems: Vec<(&'static str, &'static str)>,
    /// True if the form waited for a step-up.
    is_held: bool,
    continues: bool,
    /// The section whose button the script presses again.
    continues_with: Option<&'static str>,
    is_overtaken: bool,
    /// The settings that then differ: names and labels.
    differing: Vec<(&'static str, &'static str)>,
    shows_preview: bool,
    previews: Vec<Frame>,
    /// The fields that change a preview.
    preview_names: String,
}

/// A preview on the page.
struct Frame {
    id: &'static str,
    title: &'static str,
    /// Its address, as far as no setting changes it.
    page: String,
    src: String,
}

/// A form as it was filled in.
#[derive(Clone)]
struct Filled {
    values: Vec<(&'static str, String)>,
    version: String,
    /// The section to save, or `None` for all.
    section: Option<&'static Section>,
    /// Settings that a file of the operator owns. Their values are the current ones.
    declared: Vec<String>,
}

impl Filled {
    /// Returns the form's fields, to be held.
    fn fields(&self) -> Vec<(&'static str, &str)> {
        let values = self.values.iter().map(|(name, value)| (*name, value.as_str()));
        let section = self.section.map(|section| (SECTION, section.id));
        values.chain([(VERSION, self.version.as_str())]).chain(section).collect()
    }

    /// Returns whether the pressed button saves this setting.
    fn saves(&self, name: &str) -> bool {
        self.section.is_none_or(|section| section.settings.iter().any(|setting| setting.name == name))
    }

    /// Returns the values to save.
    fn saved(&self) -> Vec<(&'static str, String)> {
        self.values.iter().filter(|(name, _)| self.saves(name)).cloned().collect()
    }

    /// Returns whether it holds something else than what is in force.
    fn differs_from(&self, now: &Settings) -> bool {
        self.values.iter().any(|(name, value)| differs(now, name, value))
    }
}

#[derive(Template)]
#[template(path = "admin/settings_lock_out.html")]
struct LockOutPage {
    layout: Layout,
    /// The whole form again, to send with the confirmation.
    fields: Vec<(&'static str, String)>,
}

impl LockOutPage {
    /// Returns the fields as a browser sends them: a box that is not ticked is left out.
    fn sent(&self) -> impl Iterator<Item = &(&'static str, String)> {
        self.fields.iter().filter(|(name, value)| !(is_switch(name) && value == "off"))
    }
}

fn is_switch(name: &str) -> bool {
    table::find(name).is_some_and(|setting| setting.kind.is_switch())
}

/// Returns the names of the form's fields, in their order.
fn names() -> impl Iterator<Item = &'static str> {
    table::all().map(|setting| setting.name)
}

/// Reads names and values as sent. A missing checkbox is off. Any other missing field keeps its
/// value, and so does what a file of the operator owns.
fn filled(form: &Fields, current: &Settings, declared: Vec<String>) -> Filled {
    let value = |name: &'static str| match name {
        name if declared.iter().any(|other| other == name) => current.get(name),
        name if is_switch(name) => if form.ticked(name) { "on" } else { "off" }.to_owned(),
        name => table::find(name).and_then(|setting| further::sent(form, setting)).unwrap_or_else(|| current.get(name)),
    };
    let values = names().map(|name| (name, value(name))).collect();
    // A form without a version was not made by a page, so that nothing has overtaken it.
    let version = form.get(VERSION).map_or_else(|| current.version(), ToOwned::to_owned);
    Filled { values, version, section: form.get(SECTION).and_then(table::section), declared }
}

#[get("/admin/settings?<held>")]
async fn settings(visit: Visit<'_>, held: Option<&str>) -> Answer {
    // From the database: for a second after a change, another node's memory may have the old
    // values.
    let read = visit.read_as_admin(Need::signed_in(), |tx, me| {
        let declared = db::declared::names(tx.connection, Kind::Setting)?;
        Ok((tx.settings()?, db::enrolled::of(tx.connection, me.account.id)?, declared))
    });
    let (current, enrolled, declared) = read.await?;
    let held = held_form::held(&visit, held, PATH).await?;
    let value = |name: &str| held.as_ref().and_then(|form| form.field(name)).map(ToOwned::to_owned);
    let typed = |name: &str| value(name).filter(|_| !declared.iter().any(|other| other == name));
    let values = names().map(|name| (name, typed(name).unwrap_or_else(|| current.get(name)))).collect();
    let version = value(VERSION).unwrap_or_else(|| current.version());
    let filled = Filled { values, version, section: value(SECTION).and_then(|id| table::section(&id)), declared };
    let note = visit.said().map(|said| &said.note).filter(|_| held.is_some());
    match note {
        Some(Note::SettingsLockOut) => {
            let fields = filled.fields().into_iter().map(|(name, value)| (name, value.to_owned())).collect();
            visit.page(&LockOutPage { layout: visit.layout(), fields })
        }
        Some(Note::SettingsOvertaken) => visit.page(&overtaken(&visit, filled, &current)).map(framing),
        Some(Note::SettingsPreviewed) => {
            visit.page(&SettingsPage { shows_preview: true, ..page(&visit, filled, &[], false) }).map(framing)
        }
        Some(Note::SettingsPartSaved) => visit.page(&page(&visit, filled, &[], false)).map(framing),
        Some(Note::SettingsProblems) => {
            let catalogue = &visit.services.catalogue;
            let mut problems: Vec<_> = match read_values(catalogue, &current, &filled.saved()) {
                Ok(wanted) => none_of_their_own(enrolled, &wanted).into_iter().collect(),
                Err(problems) => problems,
            };
            // The page says that no section is saved, so it also names the mistakes of the others.
            let elsewhere = read_values(catalogue, &current, &filled.values).err().unwrap_or_default();
            let is_new = |name: &str| !problems.iter().any(|(known, _)| *known == name);
            let others: Vec<_> = elsewhere.into_iter().filter(|(name, _)| is_new(name)).collect();
            problems.extend(others);
            visit.page(&page(&visit, filled, &problems, false)).map(framing)
        }
        _ if said_of_a_form_that_is_gone(&visit, note) => Reply::page(&page(&visit, filled, &[], false)).map(framing),
        _ => {
            let continues = held_form::continues(&visit, held.as_ref());
            let continues_with = filled.section.map(|section| section.id);
            let page = page(&visit, filled, &[], held.is_some());
            visit.page(&SettingsPage { continues, continues_with, ..page }).map(framing)
        }
    }
}

/// Lets the page frame its previews.
fn framing(reply: Reply) -> Reply {
    reply.with_header("Content-Security-Policy", POLICY_WITH_FRAMES)
}

/// Returns the previews for these values.
fn previews(filled: &Filled) -> Vec<Frame> {
    let values = || filled.values.iter().map(|(name, value)| (*name, value.as_str()));
    let shown = || values().filter(|(name, _)| preview::names().any(|shown| shown == *name));
    let frame = |id, title, (page, ground)| Frame {
        id,
        title,
        page: format!("/admin/settings/preview/{page}?{}", preview::query(ground, std::iter::empty())),
        src: format!("/admin/settings/preview/{page}?{}", preview::query(ground, shown())),
    };
    vec![
        frame("preview-page-light", "settings-preview.page-light", ("sign-in", Ground::Light)),
        frame("preview-page-dark", "settings-preview.page-dark", ("sign-in", Ground::Dark)),
        frame("preview-email-light", "settings-preview.email-light", ("email", Ground::Light)),
        frame("preview-email-dark", "settings-preview.email-dark", ("email", Ground::Dark)),
    ]
}

/// Returns whether the note is about a held form, and the page was opened without it.
fn said_of_a_form_that_is_gone(visit: &Visit<'_>, shown: Option<&Note>) -> bool {
    let said = visit.said().map(|said| &said.note);
    let is_of_a_form = matches!(said, Some(Note::SettingsLockOut | Note::SettingsOvertaken | Note::SettingsProblems));
    is_of_a_form && shown.is_none()
}

fn page(visit: &Visit<'_>, filled: Filled, problems: &[(&'static str, SettingProblem)], is_held: bool) -> SettingsPage {
    let field = |name: &'static str, value: String| {
        let problem = problems.iter().find(|(field, _)| *field == name);
        Field { value, problem: problem.map(|(_, problem)| words::problem(&visit.locale, *problem)) }
    };
    let (previews, declared) = (previews(&filled), filled.declared);
    let fields = filled.values.into_iter().map(|(name, value)| (name, field(name, value))).collect();
    SettingsPage {
        layout: visit.layout(),
        parts: parts(visit, fields, &declared),
        version: filled.version,
        problems: table::all()
            .filter(|setting| problems.iter().any(|(name, _)| *name == setting.name))
            .map(|setting| (setting.name, setting.label))
            .collect(),
        is_held,
        continues: false,
        continues_with: None,
        is_overtaken: false,
        differing: Vec::new(),
        shows_preview: false,
        previews,
        preview_names: preview::names().collect::<Vec<_>>().join(" "),
    }
}

#[post("/admin/settings", data = "<form>")]
async fn save(visit: Visit<'_>, form: Fields) -> Answer {
    visit.require_admin()?;
    let further: Vec<String> = table::all().flat_map(further::further_names).collect();
    let mut known: Vec<&str> = names().chain(["confirm", "preview", VERSION, SECTION]).collect();
    known.extend(further.iter().map(String::as_str));
    form.only(&known)?;
    let form = Arc::new(form);
    // First without a lock: a form with a mistake is shown again at once and not held for a
    // step-up.
    let looked = (Arc::clone(&form), visit.services.catalogue.clone());
    let first = visit.read_as_admin(Need::signed_in(), move |tx, me| judge(tx, me.account.id, (&looked.0, &looked.1)));
    let (filled, judged) = first.await?;
    if let Some(note) = not_wanted(&judged) {
        return again(&visit, &filled, note).await;
    }
    if form.get("preview").is_some() {
        return again(&visit, &filled, Note::SettingsPreviewed).await;
    }
    let stale = Stale::form(PATH, &filled.fields());
    let need = Need::signed_in().fresh(stale).changing_settings();
    let catalogue = visit.services.catalogue.clone();
    let stored = visit.as_admin(need, move |tx, me| {
        let (filled, judged) = judge(tx, me.account.id, (&form, &catalogue))?;
        let Judged::Wanted(wanted) = &judged else { return Ok((filled, judged, None)) };
        let stored = store(tx, wanted, form.get("confirm") == Some("yes"))?;
        Ok((filled, judged, Some(stored)))
    });
    let (filled, judged, stored) = stored.await?;
    if let Some(note) = not_wanted(&judged) {
        return again(&visit, &filled, note).await;
    }
    match stored {
        Some(Stored::LocksOut) => again(&visit, &filled, Note::SettingsLockOut).await,
        Some(Stored::Saved { changed, now }) => {
            if !changed.is_empty() {
                tracing::warn!(request = %visit.request_id, settings = ?changed, "settings changed");
            }
            saved(&visit, filled, &now).await
        }
        None => Err(Failure::fault("settings were neither judged nor stored")),
    }
}

/// Leads back to the page. What was typed in other sections is still there.
async fn saved(visit: &Visit<'_>, filled: Filled, now: &Settings) -> Answer {
    let left = Filled { version: now.version(), section: None, ..filled };
    if left.differs_from(now) {
        return again(visit, &left, Note::SettingsPartSaved).await;
    }
    visit.say(PATH, Note::SettingsSaved)
}

/// Outcome of comparing a form with the current settings.
enum Judged {
    Wanted(Box<Settings>),
    /// The settings were changed since the form was opened.
    Overtaken,
    Problems,
}

/// Compares a form with the settings that this transaction reads, because memory may have older
/// ones.
fn judge(
    tx: &mut Tx<'_>,
    admin: AccountId,
    (form, catalogue): (&Fields, &Catalogue),
) -> Result<(Filled, Judged), db::Error> {
    let current = tx.settings()?;
    let filled = filled(form, &current, db::declared::names(tx.connection, Kind::Setting)?);
    // Two admins may have saved the same.
    if filled.version != current.version() && filled.differs_from(&current) {
        return Ok((filled, Judged::Overtaken));
    }
    // Every factor, even one that is turned off now, because the form may turn it on.
    let enrolled = db::enrolled::of(tx.connection, admin)?;
    let judged = match read_values(catalogue, &current, &filled.saved()) {
        Ok(wanted) => match none_of_their_own(enrolled, &wanted) {
            Some(_) => Judged::Problems,
            None => Judged::Wanted(Box::new(wanted)),
        },
        Err(_) => Judged::Problems,
    };
    Ok((filled, judged))
}

/// Returns why a form cannot be stored, or `None`.
const fn not_wanted(judged: &Judged) -> Option<Note> {
    match judged {
        Judged::Wanted(_) => None,
        Judged::Overtaken => Some(Note::SettingsOvertaken),
        Judged::Problems => Some(Note::SettingsProblems),
    }
}

/// Leads back to the page with the form as it was filled in. It may be too long for a cookie, so
/// that it is held as for a step-up.
async fn again(visit: &Visit<'_>, filled: &Filled, note: Note) -> Answer {
    let stale = Stale::form(PATH, &filled.fields());
    let hold = visit.as_admin(Need::signed_in(), move |tx, me| stale.hold(tx, me.session.id));
    visit.say(&hold.await?, note)
}

/// Shows the form as the admin filled it in, beside the current settings. Nothing is saved.
fn overtaken(visit: &Visit<'_>, filled: Filled, now: &Settings) -> SettingsPage {
    let mut page = page(visit, Filled { version: now.version(), ..filled }, &[], false);
    page.is_overtaken = true;
    let mut differing = Vec::new();
    for (name, field) in page.parts.iter_mut().flat_map(Part::fields) {
        if differs(now, name, &field.value) {
            field.problem = Some(words::is_now(&visit.locale, name, &now.get(name)));
            differing.push(name);
        }
    }
    page.differing = table::all()
        .filter(|setting| differing.contains(&setting.name))
        .map(|setting| (setting.name, setting.label))
        .collect();
    page
}

/// Returns the settings that a form asks for, or everything that is wrong with it.
fn read_values(
    catalogue: &Catalogue,
    current: &Settings,
    values: &[(&'static str, String)],
) -> Result<Settings, Vec<(&'static str, SettingProblem)>> {
    let mut wanted = current.clone();
    let mut problems: Vec<_> = values
        .iter()
        .filter_map(|(name, value)| wanted.set(name, value).err().map(|problem| (*name, problem)))
        .collect();
    // Where passkeys are impossible, a stored "on" is read as off. A form gets an error.
    if !current.passkeys_possible && values.contains(&("passkey_enabled", "on".to_owned())) {
        problems.push(("passkey_enabled", SettingProblem::NoHostName));
    }
    if !words::is_a_language(catalogue, &wanted.language, &current.language) {
        problems.push(("language", SettingProblem::NotALanguage));
    }
    problems.extend(wanted.contradiction().filter(|(field, _)| !problems.iter().any(|(name, _)| name == field)));
    if problems.is_empty() { Ok(wanted) } else { Err(problems) }
}

/// Refuses to require a second factor from an admin who has none. The setting would close this page
/// to that admin.
///
/// It would do so for good if the admin's email address was never verified. Only a verified account
/// can enrol a factor.
fn none_of_their_own(enrolled: Enrolled, wanted: &Settings) -> Option<(&'static str, SettingProblem)> {
    let is_admin = true;
    (wanted.requires_second_factor(is_admin) && !enrolled.under(wanted).has_second_factor())
        .then_some(("second_factor_required", SettingProblem::NoneOfYourOwn))
}

/// Outcome of storing settings.
enum Stored {
    /// Names of the settings that differed, and all settings as they are now.
    Saved { changed: Vec<&'static str>, now: Box<Settings> },
    /// Nothing was stored: only console links would remain, and the admin has not confirmed that.
    LocksOut,
}

/// Stores what differs, with a line in the audit log for each.
fn store(tx: &mut Tx<'_>, wanted: &Settings, only_console_links_are_fine: bool) -> Result<Stored, db::Error> {
    let current = tx.settings()?;
    // In this transaction, because a password that counts might be removed between two.
    let locked = people::locked_by(tx, Loss::Switches(WaysOn::under(wanted)))?;
    if locked.is_some() && !only_console_links_are_fine {
        return Ok(Stored::LocksOut);
    }
    let mut changed = Vec::new();
    for name in names() {
        let (before, after) = (current.get(name), wanted.get(name));
        if before == after {
            continue;
        }
        tx.store_setting(name, &after)?;
        tx.log(&tx.line(Action::SettingChanged, name).from_to(before, after))?;
        changed.push(name);
    }
    Ok(Stored::Saved { changed, now: Box::new(wanted.clone()) })
}

pub(super) fn routes() -> Vec<Route> {
    routes![settings, save]
}
