//! `/admin`: what needs attention, what is left to set up, and numbers.

use super::{
    chart::Chart,
    overview_facts::{Facts, Outside},
};
use crate::{
    domain::{Account, Enrolled, Lifetime, Timestamp},
    locale::Value,
    telling::audit::Words,
    web::{Answer, Layout, Need, Reply, Visit},
};
use askama::{Template, filters::Safe};
use rocket::{Route, get, routes};

/// Emails that wait for longer deserve a look.
const SLOW: Lifetime = Lifetime::minutes(5);
const OLD_BACKUP: Lifetime = Lifetime::days(7);
/// A change of settings by someone else is news for this long.
const NEWS_OF_SETTINGS: Lifetime = Lifetime::days(7);

#[derive(Template)]
#[template(path = "admin/overview.html")]
struct OverviewPage {
    layout: Layout,
    facts: Facts,
    alarms: Vec<Safe<String>>,
    notes: Vec<Safe<String>>,
    /// Steps of setting up: done or not, and the sentence. Empty once all are done.
    steps: Vec<(bool, Safe<String>)>,
    steps_done: usize,
    /// Emails are kept here, so that no server accepts them.
    has_test_mailbox: bool,
    chart: Chart,
    median: Option<Lifetime>,
    email_link_enabled: bool,
    /// The key of its name.
    join_policy: &'static str,
    changed: Option<(Safe<String>, Timestamp)>,
}

#[get("/admin")]
async fn overview(visit: Visit<'_>) -> Answer {
    let known = visit.require_admin()?;
    let (account, enrolled) = (known.account.clone(), known.enrolled);
    let outside = Outside::of(visit.services);
    let read = visit.read_as_admin(Need::signed_in(), move |tx, _| Facts::read(tx, &outside));
    let facts = read.await?;
    // Told once: as a note while it is news, and on its card afterwards.
    let changed = changed(&visit, &facts).filter(|_| !is_news(&visit, &account, &facts));
    let steps = steps(&visit, enrolled, &facts);
    let steps_done = steps.iter().filter(|(is_done, _)| *is_done).count();
    let page = OverviewPage {
        layout: visit.layout(),
        alarms: alarms(&visit, &facts),
        notes: notes(&visit, &account, &facts),
        steps: if steps.iter().all(|(is_done, _)| *is_done) { Vec::new() } else { steps },
        steps_done,
        has_test_mailbox: visit.services.has_dev_mailbox(),
        chart: Chart::new(&facts.days),
        median: facts.delivery.waits.get(facts.delivery.waits.len() / 2).map(|wait| shown(*wait)),
        email_link_enabled: visit.settings.email_link_enabled,
        join_policy: crate::telling::settings::policy(visit.settings.join_policy),
        changed,
        facts,
    };
    Reply::page(&page)
}

/// Rounds a wait up to a span that reads well: 624 seconds say less than 11 minutes.
const fn shown(wait: Lifetime) -> Lifetime {
    let seconds = wait.as_seconds_up();
    if seconds < 120 { Lifetime::seconds(seconds) } else { wait.in_minutes_up() }
}

/// Returns what needs attention, the gravest first.
fn alarms(visit: &Visit<'_>, facts: &Facts) -> Vec<Safe<String>> {
    let (say, now) = (|key| visit.locale.say(key), visit.now);
    let waits_since = facts.delivery.oldest_waiting.filter(|at| now.since(*at) > SLOW);
    let old_backup = facts.backup.filter(|at| now.since(*at) > OLD_BACKUP);
    let never = facts.set_up.filter(|at| facts.backup.is_none() && facts.is_file && now.since(*at) > OLD_BACKUP);
    let sentences = [
        (!facts.lets_an_admin_in).then(|| say("alarm-no-way-in").link("/admin/settings").html()),
        waits_since.map(|at| say("alarm-emails-wait").with("at", at).link("/admin/mail").html()),
        (facts.dead > 0).then(|| say("failed-emails-alarm").with("count", facts.dead).link("/admin/mail").html()),
        facts.is_key_file_open.then(|| say("alarm-key-file").html()),
        old_backup.map(|at| say("alarm-old-backup").with("at", at).html()),
        never.map(|_| say("alarm-no-backup").html()),
        facts.little_room.map(|free| say("alarm-disk").with("free", free).html()),
    ];
    sentences.into_iter().flatten().collect()
}

/// Returns the newest change of a setting in words, and when it was.
fn changed(visit: &Visit<'_>, facts: &Facts) -> Option<(Safe<String>, Timestamp)> {
    let words = Words { locale: &visit.locale, accounts: &facts.changed.accounts, owner: None };
    facts.changed.found.lines.first().map(|line| (words.html(line), line.entry.at))
}

/// Returns whether the newest change of a setting is another admin's, and still news.
fn is_news(visit: &Visit<'_>, account: &Account, facts: &Facts) -> bool {
    let newest = facts.changed.found.lines.first().map(|line| &line.entry);
    newest
        .is_some_and(|entry| entry.actor.account() != Some(account.id) && visit.now.since(entry.at) < NEWS_OF_SETTINGS)
}

fn notes(visit: &Visit<'_>, account: &Account, facts: &Facts) -> Vec<Safe<String>> {
    let say = |key| visit.locale.say(key);
    let changed = changed(visit, facts).filter(|_| is_news(visit, account, facts)).map(|(sentence, at)| {
        let said = say("alarm-settings-changed").with("at", at).with("sentence", Value::Markup(sentence.0));
        said.link("/admin/audit?kind=settings").html()
    });
    // A link in an email verifies the address, once such a link can arrive.
    let is_to_verify = account.proven_at.is_none() && visit.settings.email_link_enabled && email_works(visit, facts);
    let sentences = [
        (facts.asks > 0).then(|| say("asks-wait").with("count", facts.asks).link("/admin/apps").html()),
        changed,
        visit.services.has_dev_mailbox().then(|| say("emails-not-sent").link("/dev/mailbox").html()),
        is_to_verify.then(|| say("own-email-not-verified").link("/account/security").html()),
    ];
    sentences.into_iter().flatten().collect()
}

/// Returns whether an email has reached its reader. An email link proves nothing here: it may come
/// from the console or the development mailbox.
fn email_works(visit: &Visit<'_>, facts: &Facts) -> bool {
    facts.test_opened.is_some() && !visit.services.has_dev_mailbox()
}

/// Returns what is to be set up, in the best order.
fn steps(visit: &Visit<'_>, enrolled: Enrolled, facts: &Facts) -> Vec<(bool, Safe<String>)> {
    let say = |key, to: &'static str| visit.locale.say(key).link(to).html();
    let settings = &visit.settings;
    let mut steps = vec![
        (settings.product_name != "Gatepost", say("step-name", "/admin/settings")),
        (settings.logo.is_some(), say("step-logo", "/admin/settings/logo")),
        (email_works(visit, facts), say("step-email", "/admin/mail")),
        (enrolled.has_second_factor(), say("step-factor", "/account/security")),
        (facts.admins > 1, say("step-second-admin", "/admin/people")),
    ];
    if facts.is_file {
        steps.push((facts.backup.is_some(), visit.locale.say("step-backup").html()));
    }
    steps
}

pub(super) fn routes() -> Vec<Route> {
    routes![overview]
}
