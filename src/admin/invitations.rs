//! `/admin/people/invitations`: how far each invitation has come, a list of addresses to invite,
//! send again, withdraw.

use super::{
    ROWS,
    user::{PATH as PEOPLE, find},
};
use crate::{
    db::{self, invitations::Invited},
    domain::{
        AccountId, EmailAddress, Timestamp,
        account::parse_last_day,
        audit::Action,
        invitation::{Progress, addresses},
    },
    people::{self, Added, Invitee},
    web::{
        Answer, Fields, Layout, Need, NoFields, Note, Question, Visit,
        held_form::{self, Stale},
        link_token::sign_in_as,
    },
};
use askama::Template;
use rocket::{Route, get, post, routes};

const PATH: &str = "/admin/people/invitations";
/// Most addresses of one list, so that no transaction takes long.
const MAX: usize = 200;

#[derive(Template)]
#[template(path = "admin/invitations.html")]
struct InvitationsPage {
    layout: Layout,
    rows: Vec<Row>,
    older: Option<String>,
    is_first: bool,
    /// Typed contents of the list, if it is shown again.
    emails: String,
    emails_problem: Option<String>,
    /// True if the list holds addresses that are none.
    has_mistakes: bool,
    ends_on: String,
    end_problem: Option<String>,
    is_held: bool,
    continues: bool,
}

impl InvitationsPage {
    const fn most(&self) -> usize {
        MAX
    }
}

struct Row {
    id: String,
    email: String,
    inviter: String,
    asked_at: Timestamp,
    expires_at: Option<Timestamp>,
    /// Key of how far it has come.
    progress: &'static str,
    /// Further class of that tag.
    tone: &'static str,
    /// True if it can be sent again and withdrawn.
    is_open: bool,
    /// The sign-in page with the address filled in. It proves nothing.
    link: String,
}

impl Row {
    /// Returns the id of what names the link on the page.
    fn link_id(&self) -> String {
        format!("link-{}", self.id)
    }

    fn new(invited: &Invited, visit: &Visit<'_>) -> Self {
        let Invited { invitation, account, is_refused } = invited;
        let progress = invitation.progress(account, *is_refused, visit.now);
        let is_open = !matches!(progress, Progress::SignedIn | Progress::Disabled);
        Self {
            id: account.id.to_string(),
            email: account.email.as_str().to_owned(),
            inviter: invitation.inviter.clone(),
            asked_at: invitation.asked_at,
            expires_at: invitation.expires_at.filter(|_| is_open && progress != Progress::Expired),
            progress: match progress {
                Progress::Accepted if visit.services.has_dev_mailbox() => "invitation-progress.kept",
                _ => progress_key(progress),
            },
            tone: tone(progress),
            is_open,
            link: visit.services.config.base_url.join(&sign_in_as(&account.email)),
        }
    }
}

const fn progress_key(progress: Progress) -> &'static str {
    match progress {
        Progress::Queued => "invitation-progress.queued",
        Progress::Refused => "invitation-progress.refused",
        Progress::Accepted => "invitation-progress.accepted",
        Progress::Opened => "invitation-progress.opened",
        Progress::Expired => "invitation-progress.expired",
        Progress::SignedIn => "invitation-progress.signed-in",
        Progress::Disabled => "invitation-progress.disabled",
    }
}

const fn tone(progress: Progress) -> &'static str {
    match progress {
        Progress::SignedIn => " good",
        Progress::Refused | Progress::Disabled => " bad",
        Progress::Queued | Progress::Accepted | Progress::Opened | Progress::Expired => "",
    }
}

fn place(text: &str) -> Option<db::invitations::Place> {
    let (at, id) = text.split_once('-')?;
    Some((Timestamp::from_millis(at.parse().ok()?), id.parse().ok()?))
}

#[get("/admin/people/invitations?<before>&<held>")]
async fn list(visit: Visit<'_>, before: Option<&str>, held: Option<&str>) -> Answer {
    visit.require_admin()?;
    let held = held_form::held(&visit, held, PATH).await?;
    let before = before.and_then(place);
    let read =
        visit.read_as_admin(Need::signed_in(), move |tx, _| db::invitations::page(tx.connection, before, ROWS + 1));
    let mut found = read.await?;
    let has_more = found.len() > ROWS;
    found.truncate(ROWS);
    let last = found.last().filter(|_| has_more).map(|last| (last.invitation.asked_at, last.account.id));
    let field = |name: &str| visit.typed(name).or(held.as_ref().and_then(|form| form.field(name)));
    let typed = field("emails").unwrap_or_default();
    visit.page(&InvitationsPage {
        layout: visit.layout(),
        rows: found.iter().map(|invited| Row::new(invited, &visit)).collect(),
        older: last.map(|(at, id): (Timestamp, AccountId)| format!("{PATH}?before={}-{id}", at.as_millis())),
        is_first: before.is_none(),
        emails: typed.to_owned(),
        emails_problem: visit.problem_of("emails"),
        has_mistakes: !addresses(typed).1.is_empty(),
        ends_on: field("ends_on").unwrap_or_default().to_owned(),
        end_problem: visit.problem_of("ends_on"),
        is_held: held.is_some(),
        continues: held_form::continues(&visit, held.as_ref()),
    })
}

/// Invites every address of a list that has no account. The others stay in the field.
#[post("/admin/people/invitations", data = "<form>")]
async fn invite(visit: Visit<'_>, form: Fields) -> Answer {
    visit.require_admin()?;
    form.only(&["emails", "ends_on"])?;
    let typed = form.required("emails")?;
    let ends_on = form.get("ends_on").unwrap_or_default();
    let ends_at = match parse_last_day(ends_on, visit.now) {
        Ok(end) => end,
        Err(why) => return visit.refuse(Note::NotAnEnd(why)).await,
    };
    let (good, bad) = addresses(typed);
    if good.len() > MAX {
        return visit.refuse(Note::TooManyAddresses { most: MAX }).await;
    }
    if good.is_empty() {
        return visit.refuse(Note::NoAddresses).await;
    }
    let stale = Stale::form(PATH, &[("emails", typed), ("ends_on", ends_on)]);
    let need = good.iter().fold(Need::signed_in().fresh(stale), Need::locking);
    let invite = visit.as_admin(need, move |tx, me| {
        let mut invited = 0;
        for email in &good {
            if let Added::New(_) = people::invite(tx, email, &me.account, Invitee::User { ends_at })? {
                tx.log(&tx.line(Action::AccountAdded, email.as_str()).to("account"))?;
                invited += 1;
            }
        }
        Ok((invited, good.len().saturating_sub(invited)))
    });
    let (invited, known) = invite.await?;
    let note = Note::InvitedSeveral { invited, known, bad: bad.len() };
    visit.say_with(PATH, note, &[("emails", &bad.join("\n"))]).await
}

/// Returns what the page says of an invitation.
fn invited(visit: &Visit<'_>, email: &EmailAddress) -> Note {
    Note::Invited { email: email.as_str().to_owned(), is_kept: visit.services.has_dev_mailbox() }
}

#[post("/admin/people/<id>/invitation/send", data = "<_form>")]
async fn send(visit: Visit<'_>, id: &str, _form: NoFields) -> Answer {
    visit.require_admin()?;
    let account = find(&visit, id).await?;
    let page = format!("{PEOPLE}/{}", account.id);
    let need = Need::signed_in().fresh(Stale::press(&page, visit.path(), &[])).about(&account);
    let said = invited(&visit, &account.email);
    let send = visit.as_admin(need, move |tx, me| {
        let is_sent = people::invite_again(tx, &account, &me.account)?;
        if is_sent {
            tx.log(&tx.line(Action::InvitationSent, account.email.as_str()))?;
        }
        Ok(is_sent)
    });
    if send.await? { visit.say(PATH, said) } else { visit.say(&page, Note::NotWaiting) }
}

#[get("/admin/people/<id>/invitation/withdraw")]
async fn ask_withdraw(visit: Visit<'_>, id: &str) -> Answer {
    let account = find(&visit, id).await?;
    let say = |key| visit.locale.say(key).to_string();
    visit.ask(&Question {
        title: &say("withdraw-question"),
        about: account.email.as_str(),
        what_follows: &[&say("withdraw-question.what")],
        button: &say("withdraw-question.button"),
        back: PATH,
    })
}

#[post("/admin/people/<id>/invitation/withdraw", data = "<_form>")]
async fn withdraw(visit: Visit<'_>, id: &str, _form: NoFields) -> Answer {
    visit.require_admin()?;
    let account = find(&visit, id).await?;
    let page = format!("{PEOPLE}/{}", account.id);
    let need = Need::signed_in().fresh(Stale::button(&format!("{page}/invitation/withdraw"))).about(&account);
    let withdraw = visit.as_admin(need, move |tx, _| {
        // Before the account goes, so that the line still finds it by its address.
        let line = tx.line(Action::InvitationWithdrawn, account.email.as_str());
        let is_withdrawn = people::withdraw_invitation(tx, &account)?;
        if is_withdrawn {
            tx.log(&line)?;
        }
        Ok(is_withdrawn)
    });
    if withdraw.await? { visit.say(PATH, Note::InvitationWithdrawn) } else { visit.say(&page, Note::NotWaiting) }
}

/// Invites one user, perhaps as an admin: the form on the list of users.
pub(super) async fn invite_one(visit: &Visit<'_>, form: &Fields) -> Answer {
    let (typed, is_admin) = (form.required("email")?, form.ticked("is_admin"));
    let ends_on = form.get("ends_on").unwrap_or_default();
    let as_what = match parse_last_day(ends_on, visit.now) {
        Ok(Some(_)) if is_admin => return visit.refuse(Note::AdminHasNoEnd).await,
        Ok(_) if is_admin => Invitee::Admin,
        Ok(ends_at) => Invitee::User { ends_at },
        Err(why) => return visit.refuse(Note::NotAnEnd(why)).await,
    };
    let email = match EmailAddress::parse(typed) {
        Ok(email) => email,
        Err(why) => return visit.refuse(Note::NotAnAddress(why)).await,
    };
    let mut fields = vec![("email", typed), ("ends_on", ends_on)];
    fields.extend(is_admin.then_some(("is_admin", "on")));
    let need = Need::signed_in().fresh(Stale::form(PEOPLE, &fields)).locking(&email);
    let said = invited(visit, &email);
    let invite = visit.as_admin(need, move |tx, me| {
        let added = people::invite(tx, &email, &me.account, as_what)?;
        if let Added::New(_) = &added {
            let line = tx.line(Action::AccountAdded, email.as_str());
            tx.log(&line.to(if is_admin { "admin" } else { "account" }))?;
        }
        Ok(added)
    });
    match invite.await? {
        Added::New(_) => visit.say(PEOPLE, said),
        Added::Known(_) => visit.refuse(Note::HasAccount).await,
    }
}

pub(super) fn routes() -> Vec<Route> {
    routes![list, invite, send, ask_withdraw, withdraw]
}
