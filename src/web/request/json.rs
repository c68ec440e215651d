//! Bodies that our own scripts send and get: small JSON, read strictly. A refusal is JSON, too, and
//! repeats nothing of the request.

use crate::web::{Answer, Failure, Reply, posted::Posted};
use rocket::{
    Request,
    data::{Data, FromData, Outcome, ToByteUnit},
    http::{Method, Status},
};
use serde::{
    Deserialize, Deserializer,
    de::{Error, MapAccess, SeqAccess, Visitor},
};
use serde_json::{Map, Value, json};
use std::fmt;

/// Most bytes of a body: four times an attestation with its chain of certificates.
const MAX_BYTES: u64 = 64 * 1024;

/// The body of a request from a script.
///
/// Take it as `Result<Json, Reply>`, so that the script can read the refusal. A route that takes it
/// bare refuses with a page. The content type must be JSON, because another site's form can send
/// such text but not this type.
#[derive(Debug)]
pub struct Json(pub Value);

/// Returns where the script should go now.
pub fn go_to(path: &str) -> Reply {
    Reply::json(&json!({ "location": path }))
}

/// Returns what went wrong, in one word. The page has a sentence for each.
pub fn problem(status: Status, word: &str) -> Reply {
    Reply::json(&json!({ "problem": word })).with_status(status)
}

/// Turns the answer of `work` into one that scripts can read.
///
/// A redirect becomes JSON, because a browser follows a redirect before the script sees it. A
/// malformed body gets JSON, too. [`Failure`] turns its own redirects into JSON. Scripts know other
/// failures by the status.
pub async fn answer<F>(body: Result<Json, Reply>, work: impl FnOnce(Json) -> F) -> Answer
where
    F: Future<Output = Answer>,
{
    let body = match body {
        Ok(body) => body,
        Err(refused) => return Ok(refused),
    };
    match work(body).await {
        Ok(reply) => Ok(match reply.leads_to().map(go_to) {
            Some(to) => to,
            None => reply,
        }),
        Err(Failure::UnreadableForm) => Ok(unreadable()),
        Err(failure) => Err(failure),
    }
}

/// Returns whether one of our scripts sent this.
pub fn is_sent(request: &Request<'_>) -> bool {
    request.method() == Method::Post && request.content_type().is_some_and(|kind| kind.is_json())
}

fn unreadable() -> Reply {
    problem(Status::UnprocessableEntity, "unreadable")
}

impl Json {
    /// Refuses a body with any other member, and one in which a member other than `credential` is
    /// not text.
    pub fn only(&self, known: &[&str]) -> Result<(), Failure> {
        let is_fine = |(name, value): (&String, &Value)| {
            known.contains(&name.as_str()) && (value.is_string() || name == "credential")
        };
        let members = self.0.as_object().ok_or(Failure::UnreadableForm)?;
        if members.iter().all(is_fine) { Ok(()) } else { Err(Failure::UnreadableForm) }
    }

    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).and_then(Value::as_str)
    }

    /// Returns whether a checkbox was ticked, as in a form.
    pub fn ticked(&self, name: &str) -> bool {
        self.get(name).is_some_and(|value| value != "off")
    }

    /// Returns the text members, as a form has them: what the user typed.
    fn texts(&self) -> Vec<(String, String)> {
        let members = self.0.as_object().into_iter().flatten();
        members.filter_map(|(name, value)| Some((name.clone(), value.as_str()?.to_owned()))).collect()
    }

    /// Returns what the authenticator said.
    pub fn credential(&self) -> Result<Value, Failure> {
        self.0.get("credential").cloned().ok_or(Failure::UnreadableForm)
    }

    fn parse(body: &[u8]) -> Option<Self> {
        // Our scripts only send objects. serde_json stops at a depth of 128.
        let Strict(value) = serde_json::from_slice(body).ok()?;
        Some(value).filter(Value::is_object).filter(|value| !holds_nul(value)).map(Self)
    }
}

/// A value in which no object has a member twice.
///
/// Parsers differ in which of the two they take (RFC 8259, section 4). One could check a value that
/// another does not use.
struct Strict(Value);

impl<'de> Deserialize<'de> for Strict {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(StrictVisitor).map(Self)
    }
}

struct StrictVisitor;

impl<'de> Visitor<'de> for StrictVisitor {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON without a doubled member")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut values = Vec::new();
        while let Some(Strict(value)) = items.next_element()? {
            values.push(value);
        }
        Ok(Value::Array(values))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Value, A::Error> {
        let mut map = Map::new();
        while let Some((name, Strict(value))) = members.next_entry::<String, Strict>()? {
            if map.insert(name, value).is_some() {
                return Err(A::Error::custom("a member is doubled"));
            }
        }
        Ok(Value::Object(map))
    }
}

/// PostgreSQL cannot store NUL.
fn holds_nul(value: &Value) -> bool {
    match value {
        Value::String(text) => text.contains('\0'),
        Value::Array(values) => values.iter().any(holds_nul),
        Value::Object(fields) => fields.iter().any(|(name, value)| name.contains('\0') || holds_nul(value)),
        Value::Null | Value::Bool(_) | Value::Number(_) => false,
    }
}

#[rocket::async_trait]
impl<'r> FromData<'r> for Json {
    type Error = Reply;

    async fn from_data(request: &'r Request<'_>, data: Data<'r>) -> Outcome<'r, Self> {
        let refused = |status| Outcome::Error((status, problem(status, "unreadable")));
        if !request.content_type().is_some_and(|kind| kind.is_json()) {
            return refused(Status::UnsupportedMediaType);
        }
        match data.open(MAX_BYTES.bytes()).into_bytes().await {
            Ok(bytes) if !bytes.is_complete() => refused(Status::PayloadTooLarge),
            Ok(bytes) => match Self::parse(&bytes) {
                Some(json) => {
                    request.local_cache(Posted::default).note(&json.texts());
                    Outcome::Success(json)
                }
                None => refused(Status::UnprocessableEntity),
            },
            // The connection broke off, so that the answer reaches no reader.
            Err(_) => refused(Status::BadRequest),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rocket::{http::Header, local::asynchronous::Client, post, routes};

    #[post("/", data = "<body>")]
    fn route(body: Result<Json, Reply>) -> Reply {
        body.map_or_else(|refusal| refusal, |Json(value)| go_to(value.get("to").and_then(Value::as_str).unwrap_or("/")))
    }

    async fn send(kind: Option<&str>, body: &str) -> (u16, String) {
        let client = Client::untracked(rocket::build().mount("/", routes![route])).await.unwrap();
        let mut request = client.post("/").body(body);
        if let Some(kind) = kind {
            request.add_header(Header::new("Content-Type", kind.to_owned()));
        }
        let answer = request.dispatch().await;
        (answer.status().code, answer.into_string().await.unwrap())
    }

    #[rocket::async_test]
    async fn a_small_object_that_says_what_it_is_is_read() {
        for kind in ["application/json", "application/json; charset=utf-8"] {
            assert_eq!(send(Some(kind), r#"{"to":"/account"}"#).await, (200, r#"{"location":"/account"}"#.into()));
        }
    }

    #[rocket::async_test]
    async fn anything_else_is_refused_in_json_without_an_echo() {
        let large = format!(r#"{{"to":"{}"}}"#, "x".repeat(64 * 1024));
        let deep = format!(r#"{{"to":{}{}}}"#, "[".repeat(5000), "]".repeat(5000));
        for (kind, body, status) in [
            (None, r#"{"to":"secret"}"#, 415),
            (Some("text/plain"), r#"{"to":"secret"}"#, 415),
            (Some("application/x-www-form-urlencoded"), "to=secret", 415),
            (Some("application/json"), &large, 413),
            (Some("application/json"), &deep, 422),
            (Some("application/json"), "", 422),
            (Some("application/json"), "[\"secret\"]", 422),
            (Some("application/json"), r#"{"to":"secret"} more"#, 422),
            (Some("application/json"), r#"{"to":"secret\u0000"}"#, 422),
            (Some("application/json"), r#"{"to":["secret",{"\u0000":1}]}"#, 422),
            (Some("application/json"), r#"{"to":"/account","to":"secret"}"#, 422),
            (Some("application/json"), r#"{"to":"/account","t\u006f":"secret"}"#, 422),
            (Some("application/json"), r#"{"to":"/","more":[{"x":{"a":1,"a":1}}]}"#, 422),
        ] {
            let (code, answer) = send(kind, body).await;
            assert_eq!((code, answer.as_str()), (status, r#"{"problem":"unreadable"}"#), "{kind:?} {:.40}", body);
        }
    }

    #[test]
    fn a_box_that_says_off_is_not_ticked() {
        let json = Json::parse(br#"{"a":"off","b":"on","c":""}"#).unwrap();
        assert!(!json.ticked("a") && json.ticked("b") && json.ticked("c") && !json.ticked("d"));
    }
}
