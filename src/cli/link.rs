//! `gatepost link EMAIL`: a console link, which signs in once, for when email is broken or turned
//! off.

use super::{
    Ending, clock, entropy,
    out::{Out, complain},
};
use crate::{
    app,
    config::Config,
    db::{self, attempts::LinkKind},
    domain::{
        Attempt, AttemptId, Destination, Purpose, Token,
        attempt::Printed,
        audit::{Action, Actor},
    },
};
use serde_json::json;

enum Made {
    Link,
    NoSuchAccount,
    Disabled,
}

pub(super) async fn run(config: Config, email: &str, out: Out) -> Result<(), Ending> {
    let email = super::account::parse(email)?;
    super::expect_database(&config)?;
    let services = app::services(config, clock(), entropy()).await?;
    let settings = services.settings().await?;
    let token = Token::issue(&*services.entropy);
    let (hash, address) = (token.hash(), email.clone());
    let lifetime = settings.link_lifetime;
    let made = services
        .transact(Actor::CommandLine, move |tx| {
            let Some(account) = db::accounts::find_by_email(tx.connection, &address)? else {
                return Ok(Made::NoSuchAccount);
            };
            if !account.is_usable(tx.now) {
                return Ok(Made::Disabled);
            }
            let printed = Printed {
                purpose: Purpose::ConsoleLink,
                email: account.email.clone(),
                account_id: Some(account.id),
                token: hash,
                lifetime,
                destination: Destination::home(),
            };
            let attempt = Attempt::printed(AttemptId::issue_at(tx.entropy, tx.now), printed, tx.now);
            db::attempts::insert(tx.connection, &attempt)?;
            db::attempts::note_link(tx.connection, attempt.id, &hash, LinkKind::Open)?;
            tx.log(&tx.line(Action::ConsoleLinkPrinted, account.email.as_str()))?;
            Ok(Made::Link)
        })
        .await?;
    match made {
        Made::Link => {
            complain(format!("Signs in {} once, within {}:", email.as_str(), settings.link_lifetime.for_people()));
            let link = services.config.base_url.join(&format!("/auth/verify?token={}", token.reveal()));
            let seconds = settings.link_lifetime.as_millis() / 1000;
            out.tell(&json!({ "email": email.as_str(), "link": link, "seconds": seconds }))?;
            out.say(link)
        }
        Made::NoSuchAccount => Err(Ending::NoSuchAccount(email.as_str().to_owned())),
        Made::Disabled => Err(Ending::Failed(format!("The account of {} is disabled.", email.as_str()))),
    }
}
