//! The parameter `claims` (OpenID Connect Core, section 5.5).

use crate::domain::oidc::{
    ClaimScopes, Scope, Scopes, acr::AskedAcr, authorize::ClaimsAsked, claims::scope_of, client::ClientRules,
};
use serde_json::Value;

/// Reads the parameter. `None` if it is not what the standard says.
pub(super) fn asked(text: Option<&str>, rules: &ClientRules) -> Option<ClaimsAsked> {
    let Some(text) = text else { return Some(ClaimsAsked::default()) };
    let value: Value = serde_json::from_str(text).ok()?;
    let all = value.as_object()?;
    let releases = |member: &str| match all.get(member) {
        None | Some(Value::Null) => Some(Scopes::default()),
        Some(Value::Object(claims)) => {
            let scopes = claims.keys().filter_map(|name| scope_of(name, rules));
            Some(Scopes::parse(&scopes.map(Scope::as_str).collect::<Vec<_>>().join(" ")))
        }
        Some(_) => None,
    };
    let (in_userinfo, in_id_token) = (releases("userinfo")?, releases("id_token")?);
    let scopes = ClaimScopes { all: in_userinfo.and(&in_id_token), in_id_token };
    let mut asked = ClaimsAsked { scopes, ..ClaimsAsked::default() };
    let subject = ["id_token", "userinfo"].iter().find_map(|member| all.get(*member)?.get("sub")?.get("value"));
    asked.subject = subject.map(|subject| subject.as_str().unwrap_or_default().to_owned());
    if let Some(acr) = all.get("id_token").and_then(|claims| claims.get("acr"))
        && acr.get("essential") == Some(&Value::Bool(true))
    {
        let one = acr.get("value").and_then(Value::as_str);
        let many = acr.get("values").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str);
        for class in one.into_iter().chain(many) {
            match AskedAcr::parse(class) {
                Some(acr) => asked.essential_acr.push(acr),
                None => asked.has_unknown_acr = true,
            }
        }
    }
    Some(asked)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rules(groups: &str) -> ClientRules {
        ClientRules { groups_claim: groups.to_owned(), ..ClientRules::new(false) }
    }

    #[test]
    fn claims_are_asked_one_by_one() {
        let text = r#"{"userinfo":{"name":{"essential":true},"roles":null,"x":null},
            "id_token":{"email":null,"acr":{"essential":true,"values":["urn:gatepost:two","other"]}}}"#;
        let asked = asked(Some(text), &rules("roles")).unwrap();
        assert_eq!(asked.scopes.text(), "profile email groups email!");
        let two = AskedAcr::parse("urn:gatepost:two").unwrap();
        assert_eq!((asked.essential_acr, asked.has_unknown_acr), (vec![two], true));
        let one = super::asked(Some(r#"{"id_token":{"sub":{"value":"7"}}}"#), &rules("groups")).unwrap();
        assert_eq!(one.subject.as_deref(), Some("7"));
        let odd = super::asked(Some(r#"{"userinfo":{"sub":{"value":7}}}"#), &rules("groups")).unwrap();
        assert_eq!(odd.subject.as_deref(), Some(""), "no user has it");
        let voluntary = super::asked(Some(r#"{"id_token":{"acr":{"values":["phr"]}}}"#), &rules("groups")).unwrap();
        assert_eq!(voluntary, ClaimsAsked::default());
    }

    #[test]
    fn what_is_not_the_json_of_the_standard_is_refused() {
        for odd in ["", "x", "[]", "1", r#"{"userinfo":[]}"#, r#"{"id_token":"x"}"#] {
            assert_eq!(asked(Some(odd), &rules("groups")), None, "{odd}");
        }
        assert_eq!(asked(None, &rules("groups")), Some(ClaimsAsked::default()));
    }
}
