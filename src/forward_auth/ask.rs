//! The button by which a user asks for access to an app.

use crate::{
    apps::{self, Asked},
    domain::apps::AppSlug,
    web::{Answer, AppNote, Failure, Fields, Need, Note, Reply, Visit},
};
use rocket::post;

#[post("/apps/ask", data = "<form>")]
pub(super) async fn ask(visit: Visit<'_>, form: Fields) -> Answer {
    visit.require()?;
    form.only(&["app"])?;
    let slug = AppSlug::parse(form.required("app")?).map_err(|_| Failure::NotFound)?;
    let page = format!("/apps/refused?app={slug}");
    match visit.as_account(Need::signed_in(), move |tx, me| apps::ask(tx, &slug, &me.account)).await? {
        Asked::Done => visit.say(&page, Note::OfApps(AppNote::AccessAsked)),
        // The page says why.
        Asked::Pointless | Asked::Not(_) => Ok(Reply::see_other(page)),
    }
}
