//! The parameters of a request: each at most once (RFC 6749, section 3.1).

/// The most parameters that are read. A real request has a dozen.
const MAX: usize = 60;
/// The longest query that is read.
pub const MAX_QUERY: usize = 6 * 1024;
/// The longest query that waits while the user signs in. A page of ours adds a note to it.
pub const MAX_WAITING: usize = MAX_QUERY + 512;

/// The parameters of a query, in their order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Params(Vec<(String, String)>);

/// Value of one parameter in a request: missing, there once, or there twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Given<'a> {
    Nothing,
    Once(&'a str),
    Twice,
}

impl Params {
    /// Reads a query. `None` if it is longer than any real one, or not UTF-8.
    pub fn read(query: &str) -> Option<Self> {
        Self::read_within(query, MAX_QUERY)
    }

    /// Reads a query that waited. `None` for the same reasons.
    pub fn read_waiting(query: &str) -> Option<Self> {
        Self::read_within(query, MAX_WAITING)
    }

    fn read_within(query: &str, most: usize) -> Option<Self> {
        if query.len() > most {
            return None;
        }
        let mut all = Vec::new();
        for (name, value) in url::form_urlencoded::parse(query.as_bytes()) {
            // The parser replaces bytes that are not UTF-8 by U+FFFD.
            let is_broken = |text: &str| text.contains(['\0', '\u{fffd}']);
            if all.len() == MAX || is_broken(&name) || is_broken(&value) {
                return None;
            }
            all.push((name.into_owned(), value.into_owned()));
        }
        Some(Self(all))
    }

    /// Makes them from the fields of a form.
    pub fn of(fields: &[(String, String)]) -> Self {
        Self(fields.to_vec())
    }

    /// Returns a parameter. An empty one counts as absent (RFC 6749, section 3.1).
    pub fn given(&self, name: &str) -> Given<'_> {
        let mut values = self.all(name);
        match (values.next(), values.next()) {
            (_, Some(_)) => Given::Twice,
            (Some(""), None) | (None, None) => Given::Nothing,
            (Some(value), None) => Given::Once(value),
        }
    }

    /// Returns a parameter that is there once and not empty.
    pub fn get(&self, name: &str) -> Option<&str> {
        match self.given(name) {
            Given::Once(value) => Some(value),
            Given::Nothing | Given::Twice => None,
        }
    }

    /// Returns every value of a parameter that may be there more than once.
    pub fn all<'a>(&'a self, name: &str) -> impl Iterator<Item = &'a str> {
        self.0.iter().filter(move |(own, _)| own == name).map(|(_, value)| value.as_str())
    }

    /// Returns whether any parameter is there twice.
    pub fn has_double(&self) -> bool {
        self.0.iter().enumerate().any(|(n, (name, _))| self.0.iter().take(n).any(|(other, _)| other == name))
    }

    /// Returns the same with another value of one parameter, or without it.
    #[must_use]
    pub fn with(&self, name: &str, value: Option<&str>) -> Self {
        let mut all: Vec<_> = self.0.iter().filter(|(own, _)| own != name).cloned().collect();
        all.extend(value.map(|value| (name.to_owned(), value.to_owned())));
        Self(all)
    }

    /// Returns them as a query.
    pub fn query(&self) -> String {
        url::form_urlencoded::Serializer::new(String::new()).extend_pairs(&self.0).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_is_there_twice_is_told_apart_from_what_is_missing() {
        let params = Params::read("a=1&b=&c=2&c=2&d=%2F").unwrap();
        assert_eq!(params.given("a"), Given::Once("1"));
        assert_eq!((params.given("b"), params.given("x")), (Given::Nothing, Given::Nothing));
        assert_eq!((params.given("c"), params.get("c"), params.get("d")), (Given::Twice, None, Some("/")));
        assert!(params.has_double() && !params.with("c", None).has_double());
        for odd in ["a=%ff", "a=%00", "%ff=1", "%00=1", &format!("a={}", "x".repeat(MAX_QUERY)), &"a=1&".repeat(61)] {
            assert_eq!(Params::read(odd), None);
        }
        let longest = format!("a={}", "x".repeat(MAX_QUERY - 2));
        assert!(Params::read(&longest).is_some() && Params::read(&format!("{longest}x")).is_none());
        assert!(Params::read(&"a=1&".repeat(60)).is_some());
    }

    proptest! {
        #[test]
        fn a_query_that_is_written_is_read_again(pairs in prop::collection::vec(("[a-z_]{1,8}", "[ -~é€]{0,20}"), 0..10)) {
            let params = Params::of(&pairs);
            prop_assert_eq!(Params::read(&params.query()), Some(params));
        }
    }
}
