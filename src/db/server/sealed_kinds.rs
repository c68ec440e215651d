//! Every kind of sealed secret. A new kind is one line here.

use crate::db::{oidc_keys, sealed::SealedKind, totp};

pub const KINDS: &[&dyn SealedKind] = &[&totp::Secrets, &oidc_keys::PrivateKeys];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_sealed_column_is_registered() {
        let (mut table, mut sealed) = ("", Vec::new());
        for line in include_str!("../schema.rs").lines().map(str::trim) {
            if let Some((name, _)) = line.split_once(" (").filter(|_| line.ends_with(") {")) {
                table = name;
                continue;
            }
            // `sealed_at` is a moment.
            let is_secret = |(name, _): &(&str, &str)| name.contains("sealed") && *name != "sealed_at";
            if let Some((column, _)) = line.split_once(" -> ").filter(is_secret) {
                sealed.push(format!("{table}.{column}"));
            }
        }
        let registered: Vec<_> = KINDS.iter().map(|kind| kind.column()).collect();
        assert_eq!(sealed, registered);
    }
}
