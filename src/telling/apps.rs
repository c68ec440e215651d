//! Facts about apps in words of a language.

use crate::{
    domain::{
        Lifetime,
        apps::fact::{AppFact, FactKind, Facts},
        assurance::Strength,
        oidc::client::{GroupsShape, Refreshes},
    },
    locale::Locale,
};

/// Returns what a line of the audit log says of an app. A line that holds no facts stays as it is.
pub(super) fn facts(locale: &Locale, stored: &str) -> String {
    let Some(facts) = Facts::read(stored) else {
        return if stored.is_empty() { "–".to_owned() } else { stored.to_owned() };
    };
    let told = facts.iter().map(|(fact, stored)| {
        let said = locale.say(key(fact));
        if fact.kind() == FactKind::Switch {
            said.to_string()
        } else {
            said.with("value", value(locale, fact, stored)).to_string()
        }
    });
    locale.statements(&told.collect::<Vec<_>>())
}

fn value(locale: &Locale, fact: AppFact, stored: &str) -> String {
    let said = |key| locale.say(key).to_string();
    let words = match (fact.kind(), stored) {
        (FactKind::Strength, _) => stored.parse().ok().map(|strength| said(strength_key(strength))),
        (FactKind::Refreshes, _) => stored.parse().ok().map(|refreshes| said(refreshes_key(refreshes))),
        (FactKind::GroupsShape, _) => stored.parse().ok().map(|shape| said(shape_key(shape))),
        (FactKind::Lifetime, _) => stored.parse::<Lifetime>().ok().map(|span| locale.span(span)),
        (FactKind::Proof, "secret") => Some(said("app-proof.secret")),
        (FactKind::Proof, "keys") => Some(said("app-proof")),
        (FactKind::Proof, _) => {
            let address = stored.strip_prefix("keys at ");
            address.map(|address| locale.say("app-proof.address").with("address", address).to_string())
        }
        (FactKind::Secret, "counts") => Some(said("app-previous-secret")),
        (FactKind::Secret, "ended") => Some(said("app-previous-secret.ended")),
        (FactKind::Text | FactKind::Switch | FactKind::Secret, _) => None,
    };
    words.unwrap_or_else(|| stored.to_owned())
}

const fn strength_key(strength: Strength) -> &'static str {
    match strength {
        Strength::One => "app-strength",
        Strength::Two => "app-strength.two",
        Strength::Passkey => "app-strength.passkey",
    }
}

const fn shape_key(shape: GroupsShape) -> &'static str {
    match shape {
        GroupsShape::List => "app-groups-shape",
        GroupsShape::Spaces => "app-groups-shape.spaces",
        GroupsShape::Commas => "app-groups-shape.commas",
    }
}

const fn refreshes_key(refreshes: Refreshes) -> &'static str {
    match refreshes {
        Refreshes::Never => "app-refreshes",
        Refreshes::Asked => "app-refreshes.asked",
        Refreshes::Always => "app-refreshes.always",
    }
}

const fn key(fact: AppFact) -> &'static str {
    match fact {
        AppFact::Name => "app-fact-name",
        AppFact::Hosts => "app-fact-hosts",
        AppFact::Everyone => "app-fact-everyone",
        AppFact::Groups => "app-fact-groups",
        AppFact::Users => "app-fact-users",
        AppFact::Requires => "app-fact-requires",
        AppFact::FreshWithin => "app-fact-fresh-within",
        AppFact::PublicPaths => "app-fact-public-paths",
        AppFact::Description => "app-fact-description",
        AppFact::Link => "app-fact-link",
        AppFact::Hidden => "app-fact-hidden",
        AppFact::Icon => "app-fact-icon",
        AppFact::Preflights => "app-fact-preflights",
        AppFact::Popup => "app-fact-popup",
        AppFact::Disabled => "app-fact-disabled",
        AppFact::Position => "app-fact-position",
        AppFact::RedirectUris => "app-fact-redirect-uris",
        AppFact::SignOutUris => "app-fact-sign-out-uris",
        AppFact::Public => "app-fact-public",
        AppFact::PkceRequired => "app-fact-pkce-required",
        AppFact::IdToken => "app-fact-id-token",
        AppFact::SmallIdToken => "app-fact-small-id-token",
        AppFact::JwtAccessTokens => "app-fact-jwt-access-tokens",
        AppFact::GroupsClaim => "app-fact-groups-claim",
        AppFact::GroupsShape => "app-fact-groups-shape",
        AppFact::NameClaim => "app-fact-name-claim",
        AppFact::RefreshTokens => "app-fact-refresh-tokens",
        AppFact::ThirdParty => "app-fact-third-party",
        AppFact::SignOutMessages => "app-fact-sign-out-messages",
        AppFact::SignsInDevices => "app-fact-signs-in-devices",
        AppFact::ProvesItselfBy => "app-fact-proves-itself-by",
        AppFact::PreviousSecret => "app-fact-previous-secret",
        AppFact::ClientId => "app-fact-client-id",
        AppFact::Preset => "app-fact-preset",
        AppFact::Rotates => "app-fact-rotates",
        AppFact::AccessLifetime => "app-fact-access-lifetime",
        AppFact::RefreshIdle => "app-fact-refresh-idle",
        AppFact::RefreshAbsolute => "app-fact-refresh-absolute",
        AppFact::Keys => "app-fact-keys",
        AppFact::KeysUri => "app-fact-keys-uri",
    }
}
