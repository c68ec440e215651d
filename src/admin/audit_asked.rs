//! Query of a reader of the audit log, and addresses that hold one.

use crate::{
    db::audit_pages::{Place, Start},
    domain::{AccountId, AuditFilter, AuditKind, EmailAddress, Lifetime, Timestamp},
    web::query,
};
use rocket::FromForm;

/// Longest text of a search.
const MAX_TEXT: usize = 200;

/// The query as it came. What is not readable is left out, so that an old address still opens.
#[derive(FromForm)]
pub(super) struct Asked<'r> {
    q: Option<&'r str>,
    user: Option<&'r str>,
    kind: Option<&'r str>,
    from: Option<&'r str>,
    to: Option<&'r str>,
    before: Option<&'r str>,
    after: Option<&'r str>,
}

impl Asked<'_> {
    /// Returns the text of the search, as the field shows it.
    pub(super) fn text(&self) -> &str {
        self.q.map(str::trim).filter(|text| text.len() <= MAX_TEXT && !text.contains('\0')).unwrap_or_default()
    }

    pub(super) fn kind(&self) -> Option<AuditKind> {
        self.kind.and_then(AuditKind::parse)
    }

    /// Returns the first day, as its field shows it.
    pub(super) fn first_day(&self) -> &str {
        self.from.filter(|day| midnight(day).is_some()).unwrap_or_default()
    }

    /// Returns the last day, as its field shows it.
    pub(super) fn last_day(&self) -> &str {
        self.to.filter(|day| midnight(day).is_some()).unwrap_or_default()
    }

    pub(super) fn user(&self) -> Option<AccountId> {
        self.user.and_then(|id| id.parse().ok())
    }

    /// Returns the address that the search names, if it is nothing but an address.
    pub(super) fn address(&self) -> Option<EmailAddress> {
        EmailAddress::parse(self.text()).ok()
    }

    /// Returns the filter. `named` is the account whose address the search names.
    pub(super) fn filter(&self, named: Option<AccountId>) -> AuditFilter {
        let is_text = named.is_none() || self.user().is_some();
        AuditFilter {
            is_of_owner: false,
            account: self.user().or(named),
            kind: self.kind(),
            since: midnight(self.first_day()),
            until: midnight(self.last_day()).map(|day| day.plus(Lifetime::days(1))),
            text: if is_text { self.text().to_owned() } else { String::new() },
        }
    }

    pub(super) fn start(&self) -> Start {
        let place = |text: Option<&str>| text.and_then(Place::parse);
        match (place(self.before), place(self.after)) {
            (Some(before), _) => Start::OlderThan(before),
            (None, Some(after)) => Start::NewerThan(after),
            (None, None) => Start::Newest,
        }
    }

    /// Returns whether anything but a place is asked for.
    pub(super) fn is_filtered(&self) -> bool {
        self.user().is_some() || self.is_filtered_further()
    }

    /// Returns whether anything but a place and a user is asked for.
    pub(super) fn is_filtered_further(&self) -> bool {
        let day = self.first_day().len() + self.last_day().len();
        !self.text().is_empty() || self.kind().is_some() || day > 0
    }

    /// Returns an address that asks for the same at `path`, with one more value.
    pub(super) fn href(&self, path: &str, (name, value): (&str, &str)) -> String {
        let user = self.user().map(|user| user.to_string()).unwrap_or_default();
        let kind = self.kind().map_or("", AuditKind::as_str);
        let all =
            [("q", self.text()), ("user", &user), ("kind", kind), ("from", self.first_day()), ("to", self.last_day())];
        let values = all.into_iter().filter(|(known, _)| *known != name).chain([(name, value)]);
        let pairs: Vec<_> = values
            .filter(|(_, value)| !value.is_empty())
            .map(|(name, value)| format!("{name}={}", query::encode(value)))
            .collect();
        if pairs.is_empty() { path.to_owned() } else { format!("{path}?{}", pairs.join("&")) }
    }
}

/// Returns when a day begins, in UTC.
fn midnight(day: &str) -> Option<Timestamp> {
    Timestamp::parse_rfc3339(&format!("{day}T00:00:00Z")).filter(|_| day.len() == 10)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOTHING: Asked<'static> =
        Asked { q: None, user: None, kind: None, from: None, to: None, before: None, after: None };

    #[test]
    fn what_is_not_readable_is_left_out() {
        let asked = Asked {
            q: Some("a\0b"),
            user: Some("x"),
            kind: Some("y"),
            from: Some("2026-02-30"),
            before: Some("1"),
            ..NOTHING
        };
        let filter = asked.filter(None);
        assert!(!asked.is_filtered() && asked.start() == Start::Newest);
        assert!(filter.text.is_empty() && filter.account.is_none() && filter.kind.is_none() && filter.since.is_none());
        assert_eq!(asked.href("/p", ("", "")), "/p");
    }

    #[test]
    fn a_last_day_is_whole_and_an_address_asks_for_the_same_again() {
        let asked = Asked {
            q: Some(" ana & ben "),
            kind: Some("settings"),
            from: Some("2026-11-01"),
            to: Some("2026-11-02"),
            ..NOTHING
        };
        let filter = asked.filter(None);
        assert_eq!(filter.until.unwrap().since(filter.since.unwrap()), Lifetime::days(2));
        assert_eq!(
            asked.href("/p", ("after", "1-2")),
            "/p?q=ana+%26+ben&kind=settings&from=2026-11-01&to=2026-11-02&after=1-2"
        );
    }
}
