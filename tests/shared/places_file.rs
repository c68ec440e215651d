//! A file in the MaxMind DB format, as an operator hands one over.

use std::{collections::BTreeMap, net::Ipv4Addr};

/// A value of the MaxMind DB format, in its octets.
pub struct Octets(Vec<u8>);

impl Octets {
    /// Returns the head of a value. Kinds above 7 have an octet of their own.
    fn head(kind: u8, size: usize) -> Vec<u8> {
        let size = u8::try_from(size).unwrap();
        assert!(size < 29, "a longer value has more octets of size");
        if kind > 7 { vec![size, kind - 7] } else { vec![(kind << 5) | size] }
    }

    fn text(text: &str) -> Self {
        Self([Self::head(2, text.len()), text.as_bytes().to_vec()].concat())
    }

    /// Returns a number of the kind for 16, 32 or 64 bits: 5, 6 or 9.
    pub fn number(kind: u8, number: u32) -> Self {
        let octets: Vec<u8> = number.to_be_bytes().into_iter().skip_while(|octet| *octet == 0).collect();
        Self([Self::head(kind, octets.len()), octets].concat())
    }

    fn list(items: Vec<Self>) -> Self {
        let head = Self::head(11, items.len());
        Self(items.into_iter().fold(head, |all, item| [all, item.0].concat()))
    }

    pub fn map(pairs: Vec<(&str, Self)>) -> Self {
        let head = Self::head(7, pairs.len());
        Self(pairs.into_iter().fold(head, |all, (name, value)| [all, Self::text(name).0, value.0].concat()))
    }
}

/// Returns a file that knows one network of 256 addresses.
pub fn file_of(network: [u8; 3], entry: Octets) -> Vec<u8> {
    const NODES: u32 = 24;
    let bits = u32::from(Ipv4Addr::new(network[0], network[1], network[2], 0));
    let record = |number: u32| number.to_be_bytes()[1..].to_vec();
    let mut file = Vec::new();
    for node in 0..NODES {
        // A value of the count is "unknown". The data begin 16 above it.
        let next = if node + 1 == NODES { NODES + 16 } else { node + 1 };
        let is_right = bits & (1 << (31 - node)) != 0;
        let (left, right) = if is_right { (NODES, next) } else { (next, NODES) };
        file.extend([record(left), record(right)].concat());
    }
    file.extend([0; 16]);
    file.extend(entry.0);
    file.extend(b"\xab\xcd\xefMaxMind.com");
    let about = Octets::map(vec![
        ("node_count", Octets::number(6, NODES)),
        ("record_size", Octets::number(5, 24)),
        ("ip_version", Octets::number(5, 4)),
        ("database_type", Octets::text("Test-City")),
        ("languages", Octets::list(vec![Octets::text("en"), Octets::text("de")])),
        ("binary_format_major_version", Octets::number(5, 2)),
        ("binary_format_minor_version", Octets::number(5, 0)),
        ("build_epoch", Octets::number(9, 1_793_000_000)),
        ("description", Octets::map(Vec::new())),
    ]);
    file.extend(about.0);
    file
}

pub fn names(names: &[(&str, &str)]) -> Octets {
    let names: BTreeMap<&str, &str> = names.iter().copied().collect();
    let names = names.into_iter().map(|(language, name)| (language, Octets::text(name))).collect();
    Octets::map(vec![("names", Octets::map(names))])
}

pub fn hamburg() -> Octets {
    let country = names(&[("en", "Germany"), ("de", "Deutschland")]);
    Octets::map(vec![("city", names(&[("en", "Hamburg")])), ("country", country)])
}
