//! A page that asks before something is done that cannot be undone: it says what follows, and has one button.
//!
//! The page is at the very address that the button is sent to: GET asks, POST acts. Where the POST needs a step-up first, the way back leads to
//! the question, and nothing is done by coming back.

use super::{Answer, Layout, Visit};
use askama::Template;

/// What is asked.
pub struct Question<'a> {
    /// The question itself, as a heading.
    pub title: &'a str,
    /// What or whom it is about, where the heading does not say.
    pub about: &'a str,
    /// What follows, a sentence or two each.
    pub what_follows: &'a [&'a str],
    pub button: &'a str,
    /// Where "no" leads.
    pub back: &'a str,
}

#[derive(Template)]
#[template(path = "question.html")]
struct QuestionPage<'a> {
    layout: Layout,
    question: &'a Question<'a>,
    /// Its own address.
    path: &'a str,
    is_admin_page: bool,
}

impl Visit<'_> {
    /// Asks a question at this page's own address.
    pub fn ask(&self, question: &Question<'_>) -> Answer {
        let path = self.path();
        let is_admin_page = path.starts_with("/admin");
        self.page(&QuestionPage { layout: self.layout(), question, path, is_admin_page })
    }
}
