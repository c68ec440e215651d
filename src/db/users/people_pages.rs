//! Pages of the list of users: of one choice, in one order, from any place.
//!
//! A page starts at a user, not at a number of users. A new user therefore moves none out of sight.

use crate::{
    db::{
        DbConnection, Error,
        accounts::{Row, lower},
        columns::{Moment, Named},
        engine::{connection::MultiBackend, number_of::NumberOf},
        schema::{accounts, passkeys, totp_authenticators},
    },
    domain::{Account, AccountId, Factor, Timestamp, account::AccountOrigin},
};
use diesel::{
    dsl::{exists, not, sql},
    expression::SqlLiteral,
    prelude::*,
};
use strum::VariantArray;

/// Most users that are counted of all, by one index.
const MAX_OF_ALL: i64 = 500;
/// Most users that are counted of those who fit. Each is looked at.
const MAX_FITTING: i64 = 100;

/// Users that a list shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, VariantArray)]
pub enum Only {
    #[default]
    All,
    Admins,
    Disabled,
    NeverSignedIn,
    NoSecondFactor,
    /// Invited, and not signed in since.
    Invited,
    /// The account has an end date, or is a guest's.
    WithEnd,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, VariantArray)]
pub enum Order {
    #[default]
    Address,
    /// The newest first.
    Created,
    /// Those who signed in last come first.
    SignedIn,
}

#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// A part of an address or a name, in any case.
    pub text: String,
    pub only: Only,
    pub order: Order,
}

impl Filter {
    /// Returns the number of users up to which a list counts.
    pub fn most_counted(&self) -> i64 {
        if self.only == Only::All && self.text.is_empty() { MAX_OF_ALL } else { MAX_FITTING }
    }
}

/// Start of a page, by what its order compares.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Start {
    First,
    After(Place),
    Before(Place),
}

/// A user's place in an order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    Address(String),
    Moment(Timestamp, AccountId),
}

impl Place {
    pub fn of(account: &Account, order: Order) -> Self {
        match order {
            Order::Address => Self::Address(account.email.as_str().to_owned()),
            Order::Created => Self::Moment(account.created_at, account.id),
            Order::SignedIn => Self::Moment(account.last_signed_in_at.unwrap_or(Timestamp::EPOCH), account.id),
        }
    }

    /// The form in addresses of pages.
    pub fn text(&self) -> String {
        match self {
            Self::Address(email) => email.clone(),
            Self::Moment(at, id) => format!("{}-{id}", at.as_millis()),
        }
    }

    pub fn parse(text: &str, order: Order) -> Option<Self> {
        if order == Order::Address {
            return (!text.is_empty() && !text.contains('\0')).then(|| Self::Address(text.to_owned()));
        }
        let (at, id) = text.split_once('-')?;
        Some(Self::Moment(Timestamp::from_millis(at.parse().ok()?), id.parse().ok()?))
    }
}

/// Returns the time of a user's last sign-in as the index has it. Neither database uses the index
/// for a bound value.
fn signed_in() -> SqlLiteral<Moment> {
    sql("coalesce(accounts.last_signed_in_at, 0)")
}

fn pattern(text: &str) -> String {
    let text = text.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_");
    format!("%{text}%")
}

/// Keeps the accounts that fit.
fn fitting(filter: &Filter) -> accounts::BoxedQuery<'static, MultiBackend> {
    let query = accounts::table.into_boxed();
    let query = match filter.only {
        Only::All => query,
        // As the partial index has it: neither database uses the index for a bound value.
        Only::Admins => query.filter(accounts::is_admin),
        Only::Disabled => query.filter(accounts::disabled_at.is_not_null()),
        Only::NeverSignedIn => query.filter(accounts::last_signed_in_at.is_null()),
        Only::Invited => query
            .filter(accounts::origin.eq(Named(AccountOrigin::Invited)))
            .filter(accounts::last_signed_in_at.is_null()),
        Only::WithEnd => query.filter(
            accounts::guest_until.is_not_null().or(accounts::ends_at.is_not_null().and(accounts::is_admin.eq(false))),
        ),
        Only::NoSecondFactor => Factor::second_factors().fold(query, without),
    };
    if filter.text.is_empty() {
        return query;
    }
    // The database folds both sides, so that letters that it cannot fold are still found as
    // written.
    let pattern = lower(pattern(&filter.text));
    let in_address = accounts::email.like(pattern.clone()).escape('\\');
    query.filter(in_address.or(lower(accounts::name).like(pattern).escape('\\')))
}

/// Keeps the accounts that have no such factor.
fn without(
    query: accounts::BoxedQuery<'static, MultiBackend>,
    factor: Factor,
) -> accounts::BoxedQuery<'static, MultiBackend> {
    match factor {
        Factor::Passkey => query.filter(not(exists(passkeys::table.filter(passkeys::account_id.eq(accounts::id))))),
        Factor::App => query.filter(not(exists(
            totp_authenticators::table
                .filter(totp_authenticators::account_id.eq(accounts::id))
                .filter(totp_authenticators::confirmed_at.is_not_null()),
        ))),
        // No second factor: they replace one.
        Factor::RecoveryCodes => query,
    }
}

/// Returns how many users fit, or one more than [`Filter::most_counted`]: both databases count row
/// by row.
pub fn count(connection: &mut DbConnection, filter: &Filter) -> Result<i64, Error> {
    let counted = fitting(filter).select(accounts::id).limit(filter.most_counted() + 1);
    Ok(NumberOf(counted).get_result(connection)?)
}

/// Returns up to `most` users who fit, in order.
pub fn find(connection: &mut DbConnection, filter: &Filter, start: &Start, most: usize) -> Result<Vec<Account>, Error> {
    let most = i64::try_from(most).unwrap_or(i64::MAX);
    let is_back = matches!(start, Start::Before(_));
    let query = fitting(filter);
    let query = match start {
        Start::First => query,
        Start::After(Place::Address(email)) => query.filter(accounts::email.gt(email.clone())),
        Start::Before(Place::Address(email)) => query.filter(accounts::email.lt(email.clone())),
        Start::After(Place::Moment(at, id)) if filter.order == Order::Created => {
            query.filter(accounts::created_at.lt(*at).or(accounts::created_at.eq(*at).and(accounts::id.lt(id))))
        }
        Start::Before(Place::Moment(at, id)) if filter.order == Order::Created => {
            query.filter(accounts::created_at.gt(*at).or(accounts::created_at.eq(*at).and(accounts::id.gt(id))))
        }
        Start::After(Place::Moment(at, id)) => {
            query.filter(signed_in().lt(*at).or(signed_in().eq(*at).and(accounts::id.lt(id))))
        }
        Start::Before(Place::Moment(at, id)) => {
            query.filter(signed_in().gt(*at).or(signed_in().eq(*at).and(accounts::id.gt(id))))
        }
    };
    let query = match (filter.order, is_back) {
        (Order::Address, false) => query.order(accounts::email.asc()),
        (Order::Address, true) => query.order(accounts::email.desc()),
        (Order::Created, false) => query.order((accounts::created_at.desc(), accounts::id.desc())),
        (Order::Created, true) => query.order((accounts::created_at.asc(), accounts::id.asc())),
        (Order::SignedIn, false) => query.order((signed_in().desc(), accounts::id.desc())),
        (Order::SignedIn, true) => query.order((signed_in().asc(), accounts::id.asc())),
    };
    let rows: Vec<Row> = query.limit(most).select(Row::as_select()).load(connection)?;
    let mut found = rows.into_iter().map(Row::read).collect::<Result<Vec<_>, _>>()?;
    if is_back {
        found.reverse();
    }
    Ok(found)
}
