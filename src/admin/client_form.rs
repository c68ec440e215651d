//! Input of an admin about an app as a client of OpenID Connect.

use super::{form_version, setting_parts};
use crate::{
    db::{oidc_clients::Client, oidc_reach::Reach},
    domain::{
        Lifetime,
        apps::{AppId, AppSlug, host::AppHost, preset::Preset},
        oidc::{
            ClientId, RedirectUri, SigningAlg, StatedLifetimes,
            claims::is_free,
            client::{AccessTokens, ClientRules, MAX_URIS},
        },
        outbound::OutboundUri,
        settings::{ACCESS_LIFETIMES, REFRESH_LIFETIMES},
    },
    web::{AppNote, AppProblem, Note, UriProblem, Visit},
};

/// The choice of an app that is in no list.
pub(super) const OTHER: &str = "other";

/// The fields as text.
#[derive(Clone, Debug, Default)]
pub(super) struct TypedClient {
    /// Slug of a preset, [`OTHER`], or empty for an app that is no client.
    pub preset: String,
    pub redirect_uris: String,
    pub sign_out_uris: String,
    pub public: String,
    pub pkce: String,
    pub third_party: String,
    pub es256: String,
    pub small: String,
    pub jwt: String,
    pub groups_claim: String,
    pub groups_shape: String,
    pub name_claim: String,
    pub refreshes: String,
    pub rotates: String,
    pub access_lifetime: String,
    pub refresh_idle: String,
    pub refresh_absolute: String,
    pub logout_uri: String,
    pub devices: String,
    /// The version of the stored client that the form was made from.
    pub version: String,
}

impl TypedClient {
    /// The fields of a new client.
    pub(super) const FEW: [&'static str; 3] = ["preset", "redirect_uris", "public"];
    /// Those of a number that has a unit beside it.
    const SPANS: [&'static str; 3] = ["access_lifetime", "refresh_idle", "refresh_absolute"];
    /// The fields of a client that exists.
    pub(super) const ALL: [&'static str; 21] = [
        "redirect_uris",
        "sign_out_uris",
        "pkce",
        "third_party",
        "es256",
        "small",
        "jwt",
        "groups_claim",
        "groups_shape",
        "name_claim",
        "refreshes",
        "rotates",
        "access_lifetime",
        "refresh_idle",
        "refresh_absolute",
        "access_lifetime_unit",
        "refresh_idle_unit",
        "refresh_absolute_unit",
        "logout_uri",
        "devices",
        form_version::FIELD,
    ];

    fn field(&mut self, name: &str) -> Option<&mut String> {
        Some(match name {
            "preset" => &mut self.preset,
            "redirect_uris" => &mut self.redirect_uris,
            "sign_out_uris" => &mut self.sign_out_uris,
            "public" => &mut self.public,
            "pkce" => &mut self.pkce,
            "third_party" => &mut self.third_party,
            "es256" => &mut self.es256,
            "small" => &mut self.small,
            "jwt" => &mut self.jwt,
            "groups_claim" => &mut self.groups_claim,
            "groups_shape" => &mut self.groups_shape,
            "name_claim" => &mut self.name_claim,
            "refreshes" => &mut self.refreshes,
            "rotates" => &mut self.rotates,
            "access_lifetime" => &mut self.access_lifetime,
            "refresh_idle" => &mut self.refresh_idle,
            "refresh_absolute" => &mut self.refresh_absolute,
            "logout_uri" => &mut self.logout_uri,
            "devices" => &mut self.devices,
            form_version::FIELD => &mut self.version,
            _ => return None,
        })
    }

    pub(super) fn from<'a>(get: impl Fn(&str) -> Option<&'a str>) -> Self {
        let mut typed = Self::default();
        for name in Self::FEW.into_iter().chain(Self::ALL) {
            if let (Some(field), Some(value)) = (typed.field(name), get(name)) {
                if Self::SPANS.contains(&name) {
                    *field = setting_parts::sent_span(value, name, &get);
                } else {
                    value.clone_into(field);
                }
            }
        }
        typed
    }

    /// Returns what the page shows: what was refused, or what waited for a step-up, or `stored`.
    pub(super) fn shown<'a>(visit: &Visit<'_>, held: Option<impl Fn(&str) -> Option<&'a str>>, stored: Self) -> Self {
        let is_refused =
            visit.said().is_some_and(|said| matches!(said.note, Note::OfApps(AppNote::Problem(_)) | Note::NotALogo(_)));
        let current = stored.version.clone();
        let shown = match held {
            _ if is_refused => Self::from(|name| visit.typed(name)),
            Some(held) => Self::from(held),
            None => stored,
        };
        // The user has been told, so that the next press is a decision.
        if form_version::is_told(visit) { Self { version: current, ..shown } } else { shown }
    }

    /// Returns a client in the form's words.
    pub(super) fn of(client: &Client, reach: &Reach) -> Self {
        let lines = |uris: &[RedirectUri]| uris.iter().map(RedirectUri::as_str).collect::<Vec<_>>().join("\n");
        let ticked = |is_on: bool| if is_on { "on" } else { "" }.to_owned();
        let rules = &client.rules;
        let typed = Self {
            preset: client.preset.clone().unwrap_or_else(|| OTHER.to_owned()),
            redirect_uris: lines(&client.sign_in_uris),
            sign_out_uris: lines(&client.sign_out_uris),
            public: ticked(rules.is_public),
            pkce: ticked(rules.pkce_required),
            third_party: ticked(rules.is_third_party),
            es256: ticked(rules.id_token_alg == SigningAlg::Es256),
            small: ticked(rules.id_token_small),
            jwt: ticked(rules.access_tokens.is_jwt()),
            groups_claim: rules.groups_claim.clone(),
            groups_shape: rules.groups_shape.into_str().to_owned(),
            name_claim: rules.name_claim.clone().unwrap_or_default(),
            refreshes: rules.refreshes.into_str().to_owned(),
            rotates: ticked(rules.rotates),
            access_lifetime: rules.access_lifetime.to_string(),
            refresh_idle: rules.refresh_idle.to_string(),
            refresh_absolute: rules.refresh_absolute.to_string(),
            logout_uri: reach.logout_uri.as_ref().map(|uri| uri.as_str().to_owned()).unwrap_or_default(),
            devices: ticked(reach.signs_in_devices),
            version: String::new(),
        };
        Self { version: form_version::of(&typed.pairs()), ..typed }
    }

    /// Returns the fields that a held form has.
    pub(super) fn pairs(&self) -> Vec<(&'static str, String)> {
        let mut copy = self.clone();
        let value = |name: &'static str| Some((name, copy.field(name).map(std::mem::take)?));
        let all = Self::FEW.into_iter().chain(Self::ALL).filter_map(value);
        all.filter(|(_, value)| !value.is_empty()).collect()
    }

    /// Returns whether the form asks for no client.
    pub(super) fn is_none(&self) -> bool {
        self.preset.is_empty() && self.redirect_uris.trim().is_empty()
    }

    /// Judges a new client, of an app with these hosts.
    pub(super) fn judge_new(&self, hosts: &[AppHost]) -> Result<NewClient, AppProblem> {
        let preset = match self.preset.as_str() {
            "" | OTHER => None,
            slug => Some(Preset::find(slug).ok_or(AppProblem::Preset)?),
        };
        let mut sign_in_uris = uris(&self.redirect_uris).map_err(NotAList::of_sign_in)?;
        if let (Some(preset), true) = (preset, sign_in_uris.is_empty()) {
            let host = hosts.iter().find(|host| !host.is_wildcard).ok_or(AppProblem::NoHost)?;
            let address = host.to_string();
            let refused = |why| AppProblem::Uri { typed: address.clone(), why: UriProblem::of(why) };
            sign_in_uris = preset.redirect_uris(&address).map_err(refused)?;
        }
        if sign_in_uris.is_empty() {
            return Err(AppProblem::NoUri);
        }
        let mut rules = preset.map_or_else(|| ClientRules::new(!self.public.is_empty()), |preset| preset.rules());
        if !self.public.is_empty() && !rules.is_public {
            rules = rules.made_public();
        }
        let popup = preset.is_some_and(|preset| preset.popup);
        Ok(NewClient { rules, sign_in_uris, preset: preset.map(|preset| preset.slug.to_owned()), popup })
    }

    /// Judges a client that exists. What the form does not name stays.
    pub(super) fn judge(&self, before: &Client) -> Result<Client, AppProblem> {
        let sign_in_uris = uris(&self.redirect_uris).map_err(NotAList::of_sign_in)?;
        if sign_in_uris.is_empty() {
            return Err(AppProblem::NoUri);
        }
        let groups_claim = self.groups_claim.trim();
        if !is_free(groups_claim) {
            return Err(AppProblem::GroupsClaim);
        }
        let rules = ClientRules {
            pkce_required: before.rules.is_public || !self.pkce.is_empty(),
            id_token_alg: if self.es256.is_empty() { SigningAlg::Rs256 } else { SigningAlg::Es256 },
            id_token_small: !self.small.is_empty(),
            access_tokens: AccessTokens::of(!self.jwt.is_empty()),
            groups_claim: groups_claim.to_owned(),
            groups_shape: self.groups_shape.parse().unwrap_or(before.rules.groups_shape),
            name_claim: Some(self.name_claim.trim().to_owned()).filter(|name| !name.is_empty()),
            refreshes: self.refreshes.parse().unwrap_or(before.rules.refreshes),
            rotates: before.rules.is_public || !self.rotates.is_empty(),
            is_third_party: !self.third_party.is_empty(),
            ..before.rules.clone()
        };
        if !rules.names_claims_well() {
            return Err(AppProblem::NameClaim);
        }
        let rules = self.lifetimes(&before.rules)?.instead(rules);
        let sign_out_uris = uris(&self.sign_out_uris).map_err(NotAList::of_sign_out)?;
        Ok(Client { rules, sign_in_uris, sign_out_uris, ..before.clone() })
    }

    /// Reads how long tokens count. A file may have set a longer time, which then stays.
    fn lifetimes(&self, before: &ClientRules) -> Result<StatedLifetimes, AppProblem> {
        let span = |typed: &str, before: Lifetime, (least, most), why: AppProblem| match typed.trim() {
            "" => Ok(None),
            typed => match typed.parse::<Lifetime>() {
                Ok(span) if (least..=most).contains(&span) || span == before => Ok(Some(span)),
                _ => Err(why),
            },
        };
        let (idle, absolute) = (AppProblem::RefreshIdle, AppProblem::RefreshAbsolute);
        Ok(StatedLifetimes {
            access: span(&self.access_lifetime, before.access_lifetime, ACCESS_LIFETIMES, AppProblem::AccessLifetime)?,
            refresh_idle: span(&self.refresh_idle, before.refresh_idle, REFRESH_LIFETIMES, idle)?,
            refresh_absolute: span(&self.refresh_absolute, before.refresh_absolute, REFRESH_LIFETIMES, absolute)?,
        })
    }

    /// Judges how this server and the app's reach each other.
    pub(super) fn judge_reach(&self) -> Result<Reach, AppProblem> {
        Ok(Reach {
            logout_uri: outbound(&self.logout_uri).map_err(|()| AppProblem::LogoutUri)?,
            signs_in_devices: !self.devices.is_empty(),
        })
    }
}

/// Reads an address that this server asks. `None` for an empty field.
pub(super) fn outbound(typed: &str) -> Result<Option<OutboundUri>, ()> {
    Some(typed.trim()).filter(|typed| !typed.is_empty()).map(OutboundUri::parse).transpose().map_err(|_| ())
}

/// A client without its app.
#[derive(Clone)]
pub(super) struct NewClient {
    rules: ClientRules,
    sign_in_uris: Vec<RedirectUri>,
    preset: Option<String>,
    /// True if the app signs in in a popup, as far as is known.
    pub popup: bool,
}

impl NewClient {
    /// Returns the client of an app. Its id is the app's short name. `None` if that cannot be one.
    pub(super) fn of_app(&self, app: AppId, slug: &AppSlug) -> Option<Client> {
        Some(Client {
            app,
            id: ClientId::parse(slug.as_str()).ok()?,
            rules: self.rules.clone(),
            sign_in_uris: self.sign_in_uris.clone(),
            sign_out_uris: Vec::new(),
            preset: self.preset.clone(),
        })
    }
}

/// Why a list of addresses is refused.
enum NotAList {
    Uri(String, UriProblem),
    TooMany,
}

impl NotAList {
    fn of_sign_in(self) -> AppProblem {
        match self {
            Self::Uri(typed, why) => AppProblem::Uri { typed, why },
            Self::TooMany => AppProblem::TooManyUris,
        }
    }

    fn of_sign_out(self) -> AppProblem {
        match self {
            Self::Uri(typed, why) => AppProblem::SignOutUri { typed, why },
            Self::TooMany => AppProblem::TooManySignOutUris,
        }
    }
}

/// Reads addresses, one on each line.
fn uris(typed: &str) -> Result<Vec<RedirectUri>, NotAList> {
    let mut all: Vec<RedirectUri> = Vec::new();
    for word in typed.split_whitespace() {
        let refused = |why| NotAList::Uri(word.chars().take(200).collect(), UriProblem::of(why));
        let uri = RedirectUri::parse(word).map_err(refused)?;
        if !all.contains(&uri) {
            all.push(uri);
        }
    }
    if all.len() > MAX_URIS { Err(NotAList::TooMany) } else { Ok(all) }
}
