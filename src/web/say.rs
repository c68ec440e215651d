//! What a page says about the form that was sent before it.

use super::{
    Answer, Reply, Visit,
    cookies::Name,
    flash::{self, Said},
    layout::Banner,
    note::{Lasts, Note, Tone},
};
use askama::Template;

impl Visit<'_> {
    /// Forgets what was said about the form before, and the form that was kept.
    pub(super) fn a_form_was_sent(&self, path: &str) {
        if self.cookies.sealed(Name::Flash).is_some() {
            self.cookies.remove(Name::Flash);
        }
        if self.kept(path).is_some() {
            self.cookies.remove(Name::Kept);
        }
    }

    /// Leads to `path`, whose page says `note`.
    pub fn say(&self, path: &str, note: Note) -> Answer {
        self.say_with(path, note, &[])
    }

    /// Does the same, with what was typed.
    pub fn say_with(&self, path: &str, note: Note, typed: &[(&str, &str)]) -> Answer {
        let typed: Vec<_> = typed.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        Ok(flash::carry((self.services, &self.cookies), self.posted, (path, note), &typed)?)
    }

    /// Leads back to the form's page. It says why the form is refused, and shows what was typed
    /// except secrets.
    pub fn refuse(&self, note: Note) -> Answer {
        let path = self.posted.back_to(&self.back());
        Ok(flash::carry((self.services, &self.cookies), self.posted, (&path, note), self.posted.fields())?)
    }

    /// Returns what this page says.
    pub const fn said(&self) -> Option<&Said> {
        self.carrying.said.as_ref()
    }

    /// Returns whether the page at `path` still shows what it shows until it is left, though this is another page.
    pub fn still_carries(&self, path: &str) -> bool {
        self.carrying.waits_at.as_deref() == Some(path)
    }

    /// Returns what was typed into a field before.
    pub fn typed(&self, field: &str) -> Option<&str> {
        self.said()?.typed(field)
    }

    /// Returns what is wrong with a field.
    pub fn problem_of(&self, field: &str) -> Option<String> {
        let said = self.said().filter(|said| said.note.field() == Some(field))?;
        said.note.words(&self.locale, self.now)
    }

    /// Returns the note at the top of the page. Each page's layout calls this once.
    pub fn banner(&self) -> Option<Banner> {
        let is_shown_once = self.said().is_some_and(|said| said.note.lasts() == Lasts::Once);
        if is_shown_once || self.carrying.is_left_behind {
            self.cookies.remove(Name::Flash);
        }
        let said = self.said().filter(|said| said.note.field().is_none())?;
        let words = said.note.words(&self.locale, self.now)?;
        let (class, role) = match said.note.tone() {
            Tone::Good => ("good", "status"),
            Tone::Neutral => ("note", "status"),
            Tone::Bad => ("bad", "alert"),
        };
        Some(Banner { words, class, role })
    }

    /// Returns a page, with the status of its note.
    pub fn page(&self, page: &impl Template) -> Answer {
        let Some(said) = self.said() else { return Reply::page(page) };
        let reply = Reply::page_with(said.note.status(), page)?;
        Ok(match said.note.wait(self.now) {
            Some(wait) if said.note.status().code == 429 => {
                reply.with_header("Retry-After", wait.as_seconds_up().to_string())
            }
            _ => reply,
        })
    }

    /// Returns the fields of a form that this account sent to `form` after its session had ended.
    pub fn kept(&self, form: &str) -> Option<Vec<(String, String)>> {
        let account = self.signed_in()?.account.id;
        flash::kept((self.services, &self.cookies), form, account, self.now)
    }
}
