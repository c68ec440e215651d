//! A page that asks before something that cannot be undone. It says what follows and has one
//! button.
//!
//! The page has the address that its button is sent to: GET asks, POST acts. If the POST needs a
//! step-up, the way back leads to the question. Coming back changes nothing.

use crate::web::{Answer, Layout, Visit};
use askama::Template;

/// Question to the user.
pub struct Question<'a> {
    /// The question itself, as a heading.
    pub title: &'a str,
    /// The user or thing concerned, where the heading does not name it.
    pub about: &'a str,
    /// Consequences, in a sentence or two each.
    pub what_follows: &'a [&'a str],
    pub button: &'a str,
    /// Address to which "no" leads.
    pub back: &'a str,
}

#[derive(Template)]
#[template(path = "question.html")]
struct QuestionPage<'a> {
    layout: Layout,
    question: &'a Question<'a>,
    /// Address of the question.
    path: &'a str,
    /// Fields that the form sends with the answer: the form that led here.
    fields: &'a [(&'a str, &'a str)],
    is_admin_page: bool,
}

impl Visit<'_> {
    /// Asks a question at this page's own address.
    pub fn ask(&self, question: &Question<'_>) -> Answer {
        self.ask_about(question, &[])
    }

    /// Does the same for a form that was filled in, which the button sends again.
    pub fn ask_about(&self, question: &Question<'_>, fields: &[(&str, &str)]) -> Answer {
        let path = self.path();
        let is_admin_page = path.starts_with("/admin");
        self.page(&QuestionPage { layout: self.layout(), question, path, fields, is_admin_page })
    }
}
