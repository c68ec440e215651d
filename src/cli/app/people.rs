//! The users whom an app names, guests among them, and who asks for access: what
//! `gatepost app show` says of them.

use super::{Ending, Out};
use crate::{
    db,
    domain::{EmailAddress, Timestamp, apps::AppId},
    services::Services,
};
use serde_json::{Value, json};

/// Most asks that are shown.
const MAX: i64 = 200;

/// A user whom the app names.
struct Named {
    email: EmailAddress,
    /// Time at which this ends, also if that is over. `None`: never.
    until: Option<Timestamp>,
    is_guest: bool,
}

/// Named users, and users who ask, each with the time of the ask.
pub(super) struct People {
    named: Vec<Named>,
    asks: Vec<(EmailAddress, Timestamp)>,
}

impl People {
    pub(super) async fn of(services: &Services, app: AppId) -> Result<Self, Ending> {
        let read = services.db.read(move |connection| {
            let mut named = Vec::new();
            for (person, email) in db::apps::people_of(connection, app)? {
                let account = db::accounts::find(connection, person.account)?;
                let is_guest = account.is_some_and(|account| account.is_guest());
                named.push(Named { email, until: person.ends_at, is_guest });
            }
            let asks = db::app_asks::waiting(connection, app, MAX)?;
            Ok(Self { named, asks: asks.into_iter().map(|(ask, email)| (email, ask.asked_at)).collect() })
        });
        Ok(read.await?)
    }

    pub(super) fn named(&self) -> Value {
        let one = |named: &Named| {
            json!({
                "email": named.email.as_str(),
                "until": named.until.map(Timestamp::rfc3339),
                "guest": named.is_guest,
            })
        };
        self.named.iter().map(one).collect()
    }

    pub(super) fn asks(&self) -> Value {
        self.asks.iter().map(|(email, at)| json!({ "email": email.as_str(), "at": at.rfc3339() })).collect()
    }

    pub(super) fn say(&self, out: Out) -> Result<(), Ending> {
        for Named { email, until, is_guest } in &self.named {
            let kind = if *is_guest { "guest" } else { "user" };
            let until = until.map(|until| format!(" until {}", until.rfc3339())).unwrap_or_default();
            out.say(format!("{kind}: {}{until}", email.as_str()))?;
        }
        self.asks
            .iter()
            .try_for_each(|(email, at)| out.say(format!("asks for access: {} since {}", email.as_str(), at.rfc3339())))
    }
}
