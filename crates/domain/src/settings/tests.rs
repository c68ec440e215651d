use super::{kind::on_off, *};
use proptest::prelude::*;
use std::collections::BTreeMap;

fn names() -> impl Iterator<Item = &'static str> {
    all().map(|setting| setting.name)
}

pub(crate) fn settings() -> Settings {
    let limit = |text: &str| text.parse().unwrap();
    Settings::starting_with(StartLimits {
        per_mailbox: limit("3/15m"),
        per_client: limit("30/15m"),
        per_domain: limit("300/15m"),
        global: limit("20/1s"),
    })
}

#[test]
fn every_setting_reads_back_as_it_is_stored() {
    let original = settings();
    let mut copy = original.clone();
    for name in names() {
        assert_eq!(copy.set(name, &original.get(name)), Ok(()), "{name}");
    }
    assert_eq!(copy, original);
}

/// Returns the fields by name, each as text.
fn fields(settings: &Settings) -> BTreeMap<String, String> {
    let mut fields = BTreeMap::new();
    let mut current = String::new();
    for line in format!("{settings:#?}").lines() {
        if let Some((name, _)) = line.strip_prefix("    ").and_then(|line| line.split_once(':'))
            && !name.starts_with(' ')
        {
            current = name.to_owned();
        }
        fields.entry(current.clone()).or_insert_with(String::new).push_str(line);
    }
    fields
}

/// Returns a text that the setting accepts and that differs from its value.
fn another(setting: &Setting, settings: &Settings) -> String {
    let is_on = settings.get(setting.name) == "on";
    let texts = match setting.kind {
        Kind::Switch(_) => on_off(!is_on),
        Kind::RequiredOf(_) => "everyone",
        Kind::JoinPolicy(_) => "anyone",
        Kind::Domains(_) => "a.example",
        Kind::Lifetime { most, .. } => return most.to_string(),
        Kind::Limit(_) => "7/7m",
        Kind::ProductName(_) => "Acme",
        Kind::Colour(_) => "#123456",
        Kind::Address(_) => "help@example.com",
        Kind::Language(_) => "de",
        Kind::TimeZone(_) => "Europe/Berlin",
        Kind::Link(_) => "https://example.com/page",
        Kind::Logo(_) => "0123456789ab",
    };
    texts.to_owned()
}

#[test]
fn every_field_is_a_setting_and_every_setting_changes_its_own_field() {
    let original = settings();
    let before = fields(&original);
    let mut rows: Vec<&str> = names().chain([LOGO.name, LOGO_DARK.name]).collect();
    rows.sort_unstable();
    let is_setting = |name: &&str| name.ends_with(|c: char| c.is_alphabetic()) && *name != "passkeys_possible";
    let known: Vec<&str> = before.keys().map(String::as_str).filter(is_setting).collect();
    assert_eq!(rows, known, "each field once, and no other");
    for name in rows {
        let mut changed = original.clone();
        let text = another(find(name).unwrap(), &original);
        assert_eq!(changed.set(name, &text), Ok(()), "{name}={text}");
        let after = fields(&changed);
        let differing: Vec<&str> =
            before.keys().map(String::as_str).filter(|key| before[*key] != after[*key]).collect();
        assert_eq!(differing, [name]);
        assert_eq!(changed.get(name), text);
    }
}

#[test]
fn every_lifetime_refuses_what_is_outside_its_bounds() {
    let mut settings = settings();
    for setting in all() {
        let Kind::Lifetime { least, most, .. } = setting.kind else { continue };
        let seconds = |span: Lifetime, more: i64| format!("{}s", span.as_seconds_up() + more);
        for (text, is_fine) in [
            (seconds(least, -1), false),
            (seconds(least, 0), true),
            (seconds(most, 0), true),
            (seconds(most, 1), false),
        ] {
            assert_eq!(settings.set(setting.name, &text).is_ok(), is_fine, "{}={text}", setting.name);
        }
    }
}

#[test]
fn what_only_the_values_together_show_is_said_at_a_setting() {
    for name in ["allowed_domains", "second_factor_required", "passkey_enabled", "language"] {
        assert!(find(name).is_some(), "{name}");
    }
}

#[test]
fn domains_are_kept_in_one_form() {
    let mut settings = settings();
    assert_eq!(settings.set("allowed_domains", " @B.example, a.example\nbücher.example a.example"), Ok(()));
    assert_eq!(settings.allowed_domains, ["a.example", "b.example", "xn--bcher-kva.example"]);
    assert_eq!(settings.set("allowed_domains", "not a domain"), Err(SettingProblem::NotADomain));
    assert_eq!(settings.allowed_domains.len(), 3, "a problem changes nothing");
}

#[test]
fn a_list_has_at_most_two_hundred_domains() {
    let mut settings = settings();
    let list = |count: usize| (0..count).map(|n| format!("d{n}.example")).collect::<Vec<_>>().join("\n");
    assert_eq!(settings.set("allowed_domains", &list(200)), Ok(()));
    assert_eq!(settings.set("allowed_domains", &format!("{}\nd0.example", list(200))), Ok(()), "each counts once");
    assert_eq!(settings.set("allowed_domains", &list(201)), Err(SettingProblem::TooManyDomains));
    assert_eq!(settings.allowed_domains.len(), 200);
}

#[test]
fn an_account_moves_only_to_where_one_may_join() {
    let mut settings = settings();
    settings.allowed_domains = vec!["example.com".into()];
    let address = |text| EmailAddress::parse(text).unwrap();
    for (policy, elsewhere) in
        [(JoinPolicy::Invited, true), (JoinPolicy::AllowedDomains, false), (JoinPolicy::Anyone, true)]
    {
        settings.join_policy = policy;
        assert!(settings.may_move_to(&address("ana@example.com")), "{policy:?}");
        assert_eq!(settings.may_move_to(&address("ana@evil.example")), elsewhere, "{policy:?}");
    }
}

#[test]
fn who_may_join_is_decided_by_the_whole_domain() {
    let mut settings = settings();
    settings.allowed_domains = vec!["example.com".into()];
    let address = |text| EmailAddress::parse(text).unwrap();
    assert!(!settings.may_join(&address("ana@example.com")));
    settings.join_policy = JoinPolicy::AllowedDomains;
    assert!(settings.may_join(&address("ana@example.com")));
    assert!(!settings.may_join(&address("ana@evil-example.com")));
    assert!(!settings.may_join(&address("ana@sub.example.com")));
    settings.join_policy = JoinPolicy::Anyone;
    assert!(settings.may_join(&address("ana@sub.example.com")));
}

#[test]
fn a_policy_by_domains_without_domains_is_a_contradiction() {
    let mut settings = settings();
    assert_eq!(settings.contradiction(), None);
    settings.join_policy = JoinPolicy::AllowedDomains;
    assert_eq!(settings.contradiction(), Some(("allowed_domains", SettingProblem::NoDomains)));
}

#[test]
fn requiring_a_factor_that_nobody_can_have_is_a_contradiction() {
    let mut settings = settings();
    settings.second_factor_required = RequiredOf::Admins;
    assert_eq!(settings.contradiction(), None);
    (settings.totp_enabled, settings.passkey_enabled) = (false, false);
    assert_eq!(settings.contradiction(), Some(("second_factor_required", SettingProblem::NoFactors)));
    assert!(settings.requires_second_factor(true) && !settings.requires_second_factor(false));
}

#[test]
fn passkeys_that_are_not_possible_are_off_whatever_is_stored() {
    let mut settings = settings().without_passkeys();
    assert!(!settings.passkey_enabled);
    assert_eq!(settings.set("passkey_enabled", "on"), Ok(()), "what is stored can be read");
    assert!(!settings.passkey_enabled);
    settings.second_factor_required = RequiredOf::Everyone;
    settings.totp_enabled = false;
    assert_eq!(settings.contradiction(), Some(("second_factor_required", SettingProblem::NoFactors)));
}

#[test]
fn values_out_of_range_are_refused() {
    let mut settings = settings();
    for (name, value) in [
        ("email_link_enabled", "yes"),
        ("join_policy", "everyone"),
        ("second_factor_required", "on"),
        ("link_lifetime", "2h"),
        ("link_lifetime", "0s"),
        ("session_idle_lifetime", "1m"),
        ("limits_per_mailbox", "0/15m"),
        ("product_name", ""),
        ("product_name", "a\nb"),
        ("product_name", "a <b@c.example>"),
        ("product_name", "a<b"),
        ("product_name", "a>b"),
        ("product_name", "a\"b"),
        ("product_name", "a@b"),
        ("product_name", &"é".repeat(41)),
        ("accent_colour", "red"),
        ("accent_colour", "#fff"),
        ("accent_colour", "#12345é"),
        ("support_address", "ana"),
        ("is_admin", "on"),
    ] {
        assert!(settings.set(name, value).is_err(), "{name}={value}");
    }
    assert_eq!(settings.set("product_name", &"é".repeat(40)), Ok(()));
}

proptest! {
    #[test]
    fn setting_anything_to_anything_never_panics(name in prop::sample::select(names().collect::<Vec<_>>()), text in "\\PC{0,40}") {
        let mut settings = settings();
        if settings.set(name, &text).is_ok() {
            let stored = settings.get(name);
            prop_assert_eq!(settings.set(name, &stored), Ok(()), "what was accepted is accepted again");
            prop_assert_eq!(settings.get(name), stored);
        }
    }
}
