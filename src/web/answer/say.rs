//! Messages on a page about the form that was sent before it.

use crate::{
    db::{self, Error},
    domain::HeldFormId,
    web::{
        Answer, Failure, Need, Reply, Visit,
        cookies::Name,
        flash::{self, ShownNote, Typed},
        held_form,
        layout::Banner,
        note::{Lasts, Note, Tone},
        pages,
    },
};
use askama::Template;

impl Visit<'_> {
    /// Forgets what was said about the form before, and the form that was kept.
    pub(in crate::web) fn a_form_was_sent(&self, path: &str) {
        if self.cookies.sealed(Name::Flash).is_some() {
            self.cookies.remove(Name::Flash);
        }
        if pages::filled_in_again(path).is_some_and(|form| self.kept(&form).is_some()) {
            self.cookies.remove(Name::Kept);
        }
    }

    /// Leads to `path`, whose page says `note`.
    pub fn say(&self, path: &str, note: Note) -> Answer {
        Ok(flash::carry((self.services, &self.cookies), self.posted, (path, note), Typed::Here(&[]))?)
    }

    /// Leads to `to`. The page at `path`, to which that leads on, says `note`.
    pub fn say_behind(&self, to: &str, (path, note): (&str, Note)) -> Answer {
        self.say(path, note).map(|_| Reply::see_other(to))
    }

    /// Does the same as [`Visit::say`], with what was typed.
    pub async fn say_with(&self, path: &str, note: Note, typed: &[(&str, &str)]) -> Answer {
        let typed: Vec<_> = typed.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        self.lead_back((path, note), &typed).await
    }

    /// Leads to `path`, whose page presses the button that is held in this row. The row counts only
    /// in its own session.
    pub fn have_pressed(&self, path: &str, id: HeldFormId) -> Answer {
        Ok(flash::carry((self.services, &self.cookies), self.posted, (path, Note::Pressed), Typed::Held(id))?)
    }

    /// Leads back to the form's page. It says why the form is refused, and shows what was typed
    /// except secrets.
    pub async fn refuse(&self, note: Note) -> Answer {
        let path = self.posted.back_to(&self.back());
        self.lead_back((&path, note), self.posted.fields()).await
    }

    /// Leads to a page that shows what was typed. A signed-in user need not type a long text again:
    /// it waits in a row. A stranger's goes into the cookie as far as it fits.
    async fn lead_back(&self, said: (&str, Note), typed: &[(String, String)]) -> Answer {
        let fits = self.signed_in().is_none() || flash::fits(said.clone(), typed, self.now);
        let typed = if fits { Typed::Here(typed) } else { Typed::Held(self.hold(said.0, typed).await?) };
        Ok(flash::carry((self.services, &self.cookies), self.posted, said, typed)?)
    }

    async fn hold(&self, path: &str, typed: &[(String, String)]) -> Result<HeldFormId, Failure> {
        let form = held_form::Held { path: path.to_owned(), fields: typed.to_vec() };
        self.as_account(Need::enrolling(), move |tx, me| form.store(tx, me.session.id)).await
    }

    /// Reads what was typed, if it was too long for the cookie.
    pub(in crate::web) async fn find_typed(&mut self) -> Result<(), Error> {
        let held = self.said().and_then(|said| said.held);
        let (Some(id), Some(session)) = (held, self.signed_in().map(|known| known.session.id)) else { return Ok(()) };
        let now = self.now;
        let services = self.services;
        let form = services
            .db
            .of(self.party())
            .read(move |connection| db::held_forms::find(connection, id, session, now))
            .await?;
        if let (Some(form), Some(said)) = (form, self.carrying.said.as_mut()) {
            said.typed = form.fields;
        }
        Ok(())
    }

    /// Returns what this page says.
    pub const fn said(&self) -> Option<&ShownNote> {
        self.carrying.said.as_ref()
    }

    /// Returns whether the page at `path` still shows what it shows until it is left, though this
    /// is another page.
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
        let press = said.typed(held_form::PRESSED).filter(|_| said.note == Note::Pressed).map(str::to_owned);
        Some(Banner { words, class, role, press })
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

    /// Returns the fields of a form that this account sent after its session had ended. `form` is
    /// what `pages::filled_in_again` names it.
    pub fn kept(&self, form: &str) -> Option<Vec<(String, String)>> {
        let account = self.signed_in()?.account.id;
        flash::kept((self.services, &self.cookies), form, account, self.now)
    }
}
