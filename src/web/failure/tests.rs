//! Each failure, as each caller reads it.

use super::Failure;
use crate::{
    db,
    domain::Lifetime,
    web::{Doors, Reply, catchers},
};
use rocket::{get, http::ContentType, local::asynchronous::Client, routes};

/// Text that no answer may hold.
const INSIDE: &str = "connection to 10.0.0.5 as gatepost refused";

fn failures() -> Vec<Failure> {
    let to = || "/account/close".to_owned();
    let all = vec![
        Failure::BadRequest,
        Failure::Forbidden,
        Failure::NotFound,
        Failure::UnreadableForm,
        Failure::NotAForm,
        Failure::TooMany(Lifetime::minutes(2)),
        Failure::PasswordPauses,
        Failure::SignInFirst { return_to: to() },
        Failure::EnrolFirst,
        Failure::StepUpFirst { then: to() },
        Failure::Busy,
        Failure::Unavailable(db::Error::unavailable(INSIDE)),
        Failure::fault(INSIDE),
    ];
    all.iter().for_each(is_listed);
    all
}

/// The compiler asks for each new failure here, and with it for a row in the tables below.
fn is_listed(failure: &Failure) {
    match failure {
        Failure::BadRequest
        | Failure::Forbidden
        | Failure::NotFound
        | Failure::UnreadableForm
        | Failure::NotAForm
        | Failure::TooMany(_)
        | Failure::PasswordPauses
        | Failure::SignInFirst { .. }
        | Failure::EnrolFirst
        | Failure::StepUpFirst { .. }
        | Failure::Busy
        | Failure::Unavailable(_)
        | Failure::Fault(_) => {}
    }
}

fn fails(number: usize) -> Result<Reply, Failure> {
    failures().into_iter().nth(number).map_or_else(|| Ok(Reply::text("")), Err)
}

#[get("/page/<number>")]
fn page_fails(number: usize) -> Result<Reply, Failure> {
    fails(number)
}

#[get("/script/<number>")]
fn script_fails(number: usize) -> Result<Reply, Failure> {
    fails(number)
}

#[get("/api/<number>")]
fn api_fails(number: usize) -> Result<Reply, Failure> {
    fails(number)
}

#[get("/probe/<number>")]
fn probe_fails(number: usize) -> Result<Reply, Failure> {
    fails(number)
}

struct Answered {
    status: u16,
    kind: Option<ContentType>,
    headers: Vec<(String, String)>,
    body: String,
}

impl Answered {
    fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(own, _)| own.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }
}

async fn answers(door: &str) -> Vec<Answered> {
    let doors = Doors::pages(routes![page_fails])
        .and(Doors::scripts(routes![script_fails]))
        .and(Doors::apis(routes![api_fails]))
        .and(Doors::probes(routes![probe_fails]));
    let (routes, admissions) = doors.open();
    let config = rocket::Config { log_level: rocket::config::LogLevel::Off, ..rocket::Config::debug_default() };
    let rocket = rocket::custom(config).manage(admissions).mount("/", routes).register("/", catchers::catchers());
    let client = Client::untracked(rocket).await.unwrap();
    let mut all = Vec::new();
    for number in 0..failures().len() {
        let answer = client.get(format!("/{door}/{number}")).dispatch().await;
        let headers = answer.headers().iter().map(|header| (header.name.to_string(), header.value.to_string()));
        let (status, kind, headers) = (answer.status().code, answer.content_type(), headers.collect());
        all.push(Answered { status, kind, headers, body: answer.into_string().await.unwrap_or_default() });
    }
    all
}

/// Without the application's parts, a page is its status in plain text.
#[rocket::async_test]
async fn users_get_pages_and_are_led_where_they_can_go_on() {
    for door in ["page", "probe"] {
        let answers = answers(door).await;
        let statuses: Vec<u16> = answers.iter().map(|answer| answer.status).collect();
        assert_eq!(statuses, [400, 403, 404, 422, 415, 429, 429, 303, 303, 303, 503, 503, 500]);
        let led: Vec<_> = answers.iter().filter_map(|answer| answer.header("Location")).collect();
        let to = "%2Faccount%2Fclose";
        assert_eq!(led, [&*format!("/login?return_to={to}"), "/account/security", &*format!("/step-up?then={to}")]);
        let waits: Vec<_> = answers.iter().map(|answer| answer.header("Retry-After")).collect();
        assert_eq!((waits[5], waits[10], waits[11], waits[12]), (Some("120"), Some("5"), Some("5"), None));
    }
}

#[rocket::async_test]
async fn scripts_get_one_word_or_where_to_go() {
    let expected = [
        (400, r#"{"problem":"unreadable"}"#),
        (403, r#"{"problem":"refused"}"#),
        (404, r#"{"problem":"refused"}"#),
        (422, r#"{"problem":"unreadable"}"#),
        (415, r#"{"problem":"unreadable"}"#),
        (429, r#"{"problem":"patience"}"#),
        (429, r#"{"problem":"patience"}"#),
        (200, r#"{"location":"/login?return_to=%2Faccount%2Fclose"}"#),
        (200, r#"{"location":"/account/security"}"#),
        (200, r#"{"location":"/step-up?then=%2Faccount%2Fclose"}"#),
        (503, r#"{"problem":"fault"}"#),
        (503, r#"{"problem":"fault"}"#),
        (500, r#"{"problem":"fault"}"#),
    ];
    for (answer, expected) in answers("script").await.iter().zip(expected) {
        assert_eq!((answer.status, &*answer.body), expected);
        assert_eq!(answer.kind, Some(ContentType::JSON));
    }
}

/// RFC 6749, section 5.2: what is in the body, which characters, and the headers about caching.
#[rocket::async_test]
async fn programs_get_an_error_of_oauth() {
    let expected = [
        (400, "invalid_request"),
        (403, "access_denied"),
        (404, "invalid_request"),
        (400, "invalid_request"),
        (400, "invalid_request"),
        (429, "temporarily_unavailable"),
        (429, "temporarily_unavailable"),
        (400, "login_required"),
        (400, "interaction_required"),
        (400, "interaction_required"),
        (503, "temporarily_unavailable"),
        (503, "temporarily_unavailable"),
        (500, "server_error"),
    ];
    let answers = answers("api").await;
    for (answer, (status, error)) in answers.iter().zip(expected) {
        let said: serde_json::Value = serde_json::from_str(&answer.body).unwrap();
        assert_eq!((answer.status, said["error"].as_str()), (status, Some(error)));
        let description = said["error_description"].as_str().unwrap();
        let plain = |b: u8| matches!(b, 0x20..=0x21 | 0x23..=0x5b | 0x5d..=0x7e);
        assert!(!description.is_empty() && description.bytes().all(plain), "{description}");
        assert_eq!(said.as_object().unwrap().len(), 2);
        assert_eq!(answer.kind, Some(ContentType::JSON));
        assert_eq!((answer.header("Cache-Control"), answer.header("Pragma")), (Some("no-store"), Some("no-cache")));
        assert!(answer.header("Location").is_none());
    }
    assert_eq!(answers[5].header("Retry-After"), Some("120"));
    assert_eq!(answers[11].header("Retry-After"), Some("5"));
}

#[rocket::async_test]
async fn no_answer_tells_of_the_inside() {
    for door in ["page", "script", "api", "probe"] {
        let answers = answers(door).await;
        assert_eq!(answers.len(), failures().len());
        for answer in answers {
            let whole = format!("{:?} {}", answer.headers, answer.body);
            assert!(!whole.contains("10.0.0.5") && !whole.contains("gatepost refused"), "{door}: {whole}");
        }
    }
}
