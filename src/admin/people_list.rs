//! `/admin/people` as a list: which users, in which order, as a page and as a file.

use super::{
    ROWS,
    user::{PATH, Person},
};
use crate::{
    db::{
        self,
        people_pages::{Filter, Only, Order, Place, Start},
    },
    domain::{Account, email_address},
    web::{Answer, Failure, Layout, Need, Reply, Visit, csv::Csv, query},
};
use askama::Template;
use rocket::FromForm;
use strum::VariantArray;

/// Most users in one file. The page says it, too.
const MAX: usize = 20_000;
/// Users of one reading job.
const BATCH: usize = 1_000;

#[derive(Template)]
#[template(path = "admin/people.html")]
struct PeoplePage<'a> {
    layout: Layout,
    text: &'a str,
    /// Id of the reader, who cannot tick themselves.
    own_id: String,
    people: Vec<Person>,
    /// True if the page shows a user to tick.
    can_choose: bool,
    found: i64,
    /// Number of users that were found, in words.
    number: String,
    /// Value, key and whether it is chosen.
    choices: Vec<(&'static str, &'static str, bool)>,
    order: &'static str,
    sorts: Vec<Sort>,
    is_filtered: bool,
    previous: Option<String>,
    next: Option<String>,
    csv: String,
    invite: Invite<'a>,
}

/// The invitation form, perhaps with what was typed.
#[derive(Default)]
pub(super) struct Invite<'a> {
    pub email: &'a str,
    pub is_admin: bool,
    pub problem: Option<String>,
    pub ends_on: &'a str,
    pub end_problem: Option<String>,
    pub is_held: bool,
    pub continues: bool,
}

impl Invite<'_> {
    /// Returns whether the form waits for its user, or says what is wrong with it.
    pub(super) fn is_begun(&self) -> bool {
        !self.email.is_empty() || self.problem.is_some() || self.end_problem.is_some() || self.is_held
    }

    /// Returns the length of the longest address.
    pub(super) fn max_length(&self) -> usize {
        email_address::MAX_LENGTH
    }
}

/// A column that the list can be sorted by.
struct Sort {
    key: &'static str,
    href: String,
    /// The value of `aria-sort`, on the column of the present order.
    direction: Option<&'static str>,
}

/// The query as it came. What is not readable is left out.
#[derive(FromForm)]
pub(super) struct Asked<'r> {
    q: Option<&'r str>,
    show: Option<&'r str>,
    sort: Option<&'r str>,
    after: Option<&'r str>,
    before: Option<&'r str>,
    pub held: Option<&'r str>,
}

impl Asked<'_> {
    fn text(&self) -> &str {
        // A search is not a form: one that is too long or unprintable shows all users.
        self.q.filter(|text| text.len() <= 200 && !text.contains('\0')).map_or("", str::trim)
    }

    fn only(&self) -> Only {
        let named = |only: &Only| self.show == Some(only_name(*only));
        Only::VARIANTS.iter().copied().find(named).unwrap_or_default()
    }

    fn order(&self) -> Order {
        let named = |order: &Order| self.sort == Some(order_name(*order));
        Order::VARIANTS.iter().copied().find(named).unwrap_or_default()
    }

    fn filter(&self) -> Filter {
        Filter { text: self.text().to_owned(), only: self.only(), order: self.order() }
    }

    fn start(&self) -> Start {
        let place = |text: Option<&str>| text.and_then(|text| Place::parse(text, self.order()));
        match (place(self.after), place(self.before)) {
            (Some(after), _) => Start::After(after),
            (None, Some(before)) => Start::Before(before),
            (None, None) => Start::First,
        }
    }

    /// Returns an address that asks for the same at `path`, in an order, with one more value.
    fn href(&self, path: &str, order: Order, (name, value): (&str, &str)) -> String {
        let order = if order == Order::default() { "" } else { order_name(order) };
        let only = if self.only() == Only::default() { "" } else { only_name(self.only()) };
        let pairs = [("q", self.text()), ("show", only), ("sort", order), (name, value)];
        let pairs: Vec<_> = pairs
            .into_iter()
            .filter(|(_, value)| !value.is_empty())
            .map(|(name, value)| format!("{name}={}", query::encode(value)))
            .collect();
        if pairs.is_empty() { path.to_owned() } else { format!("{path}?{}", pairs.join("&")) }
    }
}

const fn only_name(only: Only) -> &'static str {
    match only {
        Only::All => "all",
        Only::Admins => "admins",
        Only::Disabled => "disabled",
        Only::NeverSignedIn => "never-signed-in",
        Only::NoSecondFactor => "no-second-factor",
        Only::Invited => "invited",
        Only::WithEnd => "with-end",
    }
}

const fn only_key(only: Only) -> &'static str {
    match only {
        Only::All => "users-show.all",
        Only::Admins => "users-show.admins",
        Only::Disabled => "users-show.disabled",
        Only::NeverSignedIn => "users-show.never-signed-in",
        Only::NoSecondFactor => "users-show.no-second-factor",
        Only::Invited => "users-show.invited",
        Only::WithEnd => "users-show.with-end",
    }
}

const fn order_name(order: Order) -> &'static str {
    match order {
        Order::Address => "address",
        Order::Created => "created",
        Order::SignedIn => "signed-in",
    }
}

fn sorts(asked: &Asked<'_>) -> Vec<Sort> {
    let sort = |order: &Order| {
        let (key, direction) = match order {
            Order::Address => ("user-fact.user", "ascending"),
            Order::SignedIn => ("user-fact.signed-in", "descending"),
            Order::Created => ("user-fact.created", "descending"),
        };
        let href = asked.href(PATH, *order, ("", ""));
        Sort { key, href, direction: (*order == asked.order()).then_some(direction) }
    };
    [Order::Address, Order::SignedIn, Order::Created].iter().map(sort).collect()
}

pub(super) async fn show(visit: &Visit<'_>, asked: &Asked<'_>, invite: Invite<'_>) -> Answer {
    let own_id = visit.require_admin()?.account.id.to_string();
    let (filter, start) = (asked.filter(), asked.start());
    let most = filter.most_counted();
    let is_back = matches!(start, Start::Before(_));
    let wanted = start.clone();
    // One more than the page shows tells whether there is another page.
    let read = visit.read_as_admin(Need::signed_in(), move |tx, _| {
        let found = db::people_pages::find(tx.connection, &filter, &wanted, ROWS + 1)?;
        Ok((found, db::people_pages::count(tx.connection, &filter)?))
    });
    let (mut accounts, found) = read.await?;
    let has_more = accounts.len() > ROWS;
    if has_more && is_back {
        accounts.remove(0);
    }
    accounts.truncate(ROWS);
    let place = |account: Option<&Account>| account.map(|account| Place::of(account, asked.order()).text());
    let leads = |name, place: Option<String>| place.map(|place| asked.href(PATH, asked.order(), (name, &place)));
    let (first, last) = (place(accounts.first()), place(accounts.last()));
    let has_previous = if is_back { has_more } else { start != Start::First };
    let is_filtered = !asked.text().is_empty() || asked.only() != Only::All;
    let page = PeoplePage {
        layout: visit.layout(),
        text: asked.text(),
        can_choose: accounts.iter().any(|account| account.id.to_string() != own_id),
        own_id,
        people: accounts.iter().map(|account| Person::new(account, visit.now)).collect(),
        found,
        number: number(visit, is_filtered, (found, most)),
        choices: Only::VARIANTS.iter().map(|only| (only_name(*only), only_key(*only), *only == asked.only())).collect(),
        order: if asked.order() == Order::default() { "" } else { order_name(asked.order()) },
        sorts: sorts(asked),
        is_filtered,
        previous: leads("before", first.filter(|_| has_previous)),
        next: leads("after", last.filter(|_| has_more || is_back)),
        csv: asked.href("/admin/people.csv", asked.order(), ("", "")),
        invite,
    };
    visit.page(&page)
}

/// Returns the heading of the list. Users are counted up to a limit, because to count 10,000 takes
/// longer than to show a page of them.
fn number(visit: &Visit<'_>, is_filtered: bool, (found, most): (i64, i64)) -> String {
    let (key, count) = match (is_filtered, found > most) {
        (false, false) => ("users-number", found),
        (false, true) => ("users-number.more", most),
        (true, false) => ("users-found", found),
        (true, true) => ("users-found.more", most),
    };
    visit.locale.say(key).with("count", count).to_string()
}

/// Answers with the users who fit, as a table for spreadsheets.
pub(super) async fn file(visit: &Visit<'_>, asked: &Asked<'_>) -> Answer {
    let admin = visit.require_admin()?.account.id;
    let _one_at_a_time = visit.services.exports.begin(admin, visit.now).map_err(Failure::TooMany)?;
    let heads = [
        "user-fact.email",
        "user-fact.name",
        "user-fact.admin",
        "user-fact.disabled",
        "user-fact.verified",
        "user-fact.created",
        "user-fact.signed-in",
        "user-fact.ends",
    ];
    let heads = heads.map(|key| visit.locale.say(key).to_string());
    let mut csv = Csv::new(&heads.each_ref().map(String::as_str));
    let (mut start, mut rows) = (Start::First, 0);
    while rows < MAX {
        let (filter, from) = (asked.filter(), start.clone());
        let read = visit.read_as_admin(Need::signed_in(), move |tx, _| {
            db::people_pages::find(tx.connection, &filter, &from, BATCH)
        });
        let accounts = read.await?;
        accounts.iter().for_each(|account| row(&mut csv, account));
        rows += accounts.len();
        let Some(last) = accounts.last().filter(|_| accounts.len() == BATCH) else { break };
        start = Start::After(Place::of(last, asked.order()));
    }
    Ok(Reply::file("text/csv; charset=utf-8", csv.finish(), "gatepost-users.csv"))
}

fn row(csv: &mut Csv, account: &Account) {
    let time = |at: Option<crate::domain::Timestamp>| at.map(|at| at.rfc3339()).unwrap_or_default();
    csv.row(&[
        account.email.as_str(),
        account.name.as_str(),
        if account.is_admin { "1" } else { "0" },
        &time(account.disabled_at),
        &time(account.proven_at),
        &account.created_at.rfc3339(),
        &time(account.last_signed_in_at),
        &time(account.over_at()),
    ]);
}
