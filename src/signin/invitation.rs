//! `/auth/invitation`: the link in the email of an invitation. Its page asks; its button signs in,
//! once, because the link proves the mailbox.
//!
//! No browser asked for the email, so any browser may use the link. The page names the account, so
//! that an attacker's own invitation signs no visitor in unnoticed.

use super::{
    complete::{self, Completion, Proven, SignInRefusal, ThisBrowser},
    email_link::links_are_off,
    session_cookies::{ask_second_factor, set_session_cookies},
};
use crate::{
    db::{self, Stop, Tx},
    domain::{
        Account, Destination, EmailAddress, Lifetime, Method, Token,
        invitation::{Invitation, LinkState},
    },
    people,
    web::{
        Answer, Failure, Fields, Layout, NoFields, Note, Reply, Visit,
        acting::Stranger,
        cookies::Name,
        link_token::{self, LinkToken, move_token, sign_in_as},
    },
};
use askama::Template;
use rocket::{Route, get, http::Status, post, routes};

const PATH: &str = "/auth/invitation";

#[derive(Template)]
#[template(path = "signin/invitation.html")]
struct InvitationPage {
    layout: Layout,
    email: String,
    inviter: String,
    /// Id of the account, for the button.
    id: String,
    /// Address of another signed-in user, whose session the button ends.
    someone_else: Option<String>,
    keep_for: Lifetime,
    /// True if the server does not know yet that the page was opened.
    is_new: bool,
}

#[derive(Template)]
#[template(path = "signin/invitation_over.html")]
struct OverPage {
    layout: Layout,
    /// Key of the sentence that says why.
    why: &'static str,
    /// True if the link named the address to sign in with.
    names_address: bool,
    /// The sign-in page, with the address filled in if the link named one.
    href: String,
}

struct Opened {
    token: Token,
    invitation: Invitation,
    account: Account,
}

async fn opened(visit: &Visit<'_>) -> Result<Option<Opened>, Failure> {
    let found = link_token::opened(visit, Name::Invitation, db::invitations::find_by_link).await?;
    Ok(found.map(|(token, (invitation, account))| Opened { token, invitation, account }))
}

#[get("/auth/invitation")]
async fn show(visit: Visit<'_>, link: LinkToken<'_>) -> Answer {
    if let Some(token) = link.0 {
        return Ok(move_token(&visit, token, Name::Invitation, PATH));
    }
    let Some(Opened { invitation, account, .. }) = opened(&visit).await? else {
        return over(&visit, "invitation-over.unknown", None);
    };
    match invitation.link_state(&account, visit.now) {
        LinkState::Ready => {}
        LinkState::Used => return over(&visit, "invitation-over.used", Some(&invitation.email)),
        LinkState::Expired => return over(&visit, "invitation-over.expired", Some(&invitation.email)),
        LinkState::Moved => return over(&visit, "invitation-over.unknown", None),
    }
    if !visit.settings.email_link_enabled {
        return links_are_off(&visit);
    }
    Reply::page(&InvitationPage {
        layout: visit.layout(),
        email: invitation.email.as_str().to_owned(),
        inviter: invitation.inviter,
        id: account.id.to_string(),
        someone_else: visit.signed_in().map(|known| known.account.email.as_str().to_owned()),
        keep_for: visit.settings.session_idle_lifetime,
        is_new: invitation.opened_at.is_none(),
    })
}

fn over(visit: &Visit<'_>, why: &'static str, email: Option<&EmailAddress>) -> Answer {
    if let Some(known) = visit.signed_in()
        && email == Some(&known.account.email)
    {
        // Usually a user who went back after signing in: the link has done its work.
        return Ok(Reply::see_other("/account"));
    }
    let href = email.map_or_else(|| "/login".to_owned(), sign_in_as);
    Reply::page_with(Status::Gone, &OverPage { layout: visit.layout(), why, names_address: email.is_some(), href })
}

/// Notes that a browser shows the page. Our script sends it, so that programs which only fetch
/// links do not count.
#[post("/auth/invitation/opened", data = "<_form>")]
async fn note_opened(visit: Visit<'_>, _form: NoFields) -> Answer {
    if let Some(Opened { token, invitation, .. }) = opened(&visit).await?
        && invitation.opened_at.is_none()
    {
        let note = move |tx: &mut Tx<'_>| db::invitations::note_opened(tx.connection, &token.hash(), tx.now);
        visit.as_stranger(Stranger::HoldsALink, note).await?;
    }
    Ok(Reply::see_other(PATH))
}

#[post("/auth/invitation", data = "<form>")]
async fn press(visit: Visit<'_>, form: Fields) -> Answer {
    form.only(&["account", "switch", "remember"])?;
    let Some(Opened { token, invitation, account }) = opened(&visit).await? else { return Ok(Reply::see_other(PATH)) };
    // Another tab may have opened another link or signed in since. The page says so.
    let is_same = form.get("account") == Some(account.id.to_string().as_str());
    if !is_same || visit.signed_in().is_some() && form.get("switch") != Some("yes") {
        return Ok(Reply::see_other(PATH));
    }
    let proven = Proven {
        method: Method::EmailLink,
        email: invitation.email.clone(),
        factor_since: None,
        attempt: None,
        remember: form.ticked("remember"),
        destination: Destination::home(),
        this_browser: ThisBrowser::of(&visit),
    };
    let press = move |tx: &mut Tx<'_>| Stop::commit(accept(tx, &token, &proven));
    match visit.as_stranger(Stranger::HoldsALink, press).await? {
        Ok(Completion::SignedIn(signed_in)) => {
            set_session_cookies(&visit, &signed_in);
            visit.cookies.remove(Name::Invitation);
            visit.lead_to(&signed_in.destination)
        }
        Ok(Completion::Waits(waiting)) => {
            visit.cookies.remove(Name::Invitation);
            Ok(ask_second_factor(&visit, &waiting))
        }
        Err(Declined::NotNow) => {
            visit.services.settings.forget();
            Ok(Reply::see_other(PATH))
        }
        Err(Declined::Refused(refusal)) => {
            tracing::info!(request = %visit.request_id, ?refusal, "invitation refused");
            visit.say("/login", Note::MayNotSignIn { email: invitation.email.as_str().to_owned() })
        }
    }
}

/// Why an invitation does not sign in.
enum Declined {
    /// The page says why.
    NotNow,
    Refused(SignInRefusal),
}

fn accept(tx: &mut Tx<'_>, token: &Token, proven: &Proven) -> Result<Completion, Stop<Declined>> {
    tx.lock(&proven.email)?;
    // Read again after the lock, so that the link counts once, and turning email links off counts
    // at once.
    let found = db::invitations::find_by_link(tx.connection, &token.hash())?;
    let is_ready =
        found.is_some_and(|(invitation, account)| invitation.link_state(&account, tx.now) == LinkState::Ready);
    if !is_ready || !tx.settings()?.email_link_enabled || !db::invitations::use_up(tx.connection, &token.hash())? {
        return Err(Stop::Refused(Declined::NotNow));
    }
    let app = match db::accounts::find_by_email(tx.connection, &proven.email)? {
        Some(account) => people::app_of_guest(tx, &account)?,
        None => None,
    };
    let proven = Proven { destination: app.unwrap_or_else(Destination::home), ..proven.clone() };
    complete::complete(tx, &proven).map_err(|stop| stop.map(Declined::Refused))
}

pub(super) fn routes() -> Vec<Route> {
    routes![show, note_opened, press]
}
