//! `gatepost account …`.

use super::{Failure, clock, entropy, say};
use crate::{
    app,
    config::Config,
    db,
    domain::{
        Account, AuditEntry, AuditId, EmailAddress,
        account::AccountOrigin,
        audit::{Action, Actor},
    },
    people::{self, Added, Kept},
    services::Services,
};
use clap::Subcommand;
use std::sync::Arc;

#[derive(Subcommand)]
pub enum Command {
    /// Add an account, or make an existing one an admin
    Add {
        /// The address it signs in with
        email: String,
        /// With all rights
        #[arg(long)]
        admin: bool,
    },
    /// List all accounts: address, state, role, last sign-in, separated by tabs
    List,
    /// End all sessions of an account and keep it from signing in
    Disable { email: String },
    /// Let a disabled account sign in again
    Enable { email: String },
}

pub fn parse(email: &str) -> Result<EmailAddress, Failure> {
    EmailAddress::parse(email)
        .map_err(|_| Failure::Usage(format!("{email:?} is not an email address, like ana@example.com.")))
}

pub async fn run(config: Config, command: Command) -> Result<(), Failure> {
    // Judged before anything is opened.
    let email = match &command {
        Command::Add { email, .. } | Command::Disable { email } | Command::Enable { email } => Some(parse(email)?),
        Command::List => None,
    };
    let services = app::services(config, clock(), entropy()).await?;
    match (command, email) {
        (Command::Add { admin, .. }, Some(email)) => add(&services, email, admin).await,
        (Command::Disable { .. }, Some(email)) => disable(&services, email).await,
        (Command::Enable { .. }, Some(email)) => enable(&services, email).await,
        _ => list(&services).await,
    }
}

async fn add(services: &Services, email: EmailAddress, admin: bool) -> Result<(), Failure> {
    let (entropy, now) = (Arc::clone(&services.entropy), services.now());
    let (added, kept) = services
        .db
        .write(move |connection| {
            let added = people::add(connection, &*entropy, &email, admin, AccountOrigin::CommandLine, now)?;
            let (action, kept) = match &added {
                Added::New(_) => (Action::AccountAdded, Kept::Done),
                Added::Known(account) if admin => (Action::AdminGranted, people::set_admin(connection, account, true)?),
                Added::Known(_) => (Action::AccountAdded, Kept::Unchanged),
            };
            if admin {
                // From here on nobody else is to be named by a set-up link.
                db::installation::claim(connection, now)?;
            }
            if kept == Kept::Done {
                let after = Some(if admin { "admin" } else { "account" }.to_owned());
                let entry = entry(AuditId::issue(&*entropy), now, action, &email, after);
                db::audit::insert(connection, &entry)?;
            }
            Ok((added, kept))
        })
        .await?;
    let email = added.clone().account().email;
    say(match (added, kept, admin) {
        (Added::New(_), _, true) => {
            format!("{0} is an admin now. To sign in at once: gatepost link {0}", email.as_str())
        }
        (Added::New(_), _, false) => format!("{} has an account now.", email.as_str()),
        (Added::Known(_), Kept::Done, _) => format!("{} had an account and is an admin now.", email.as_str()),
        (Added::Known(_), _, _) => format!("{} has an account already; nothing was changed.", email.as_str()),
    });
    Ok(())
}

async fn disable(services: &Services, email: EmailAddress) -> Result<(), Failure> {
    let (entropy, now) = (Arc::clone(&services.entropy), services.now());
    let address = email.clone();
    let kept = services
        .db
        .write(move |connection| {
            let Some(account) = db::accounts::find_by_email(connection, &address)? else { return Ok(None) };
            let kept = people::disable(connection, &account, now)?;
            if kept == Kept::Done {
                let entry = entry(AuditId::issue(&*entropy), now, Action::AccountDisabled, &address, None);
                db::audit::insert(connection, &entry)?;
            }
            Ok(Some(kept))
        })
        .await?;
    report(&email, kept, "is disabled, and all its sessions have ended.", "was disabled already.")
}

async fn enable(services: &Services, email: EmailAddress) -> Result<(), Failure> {
    let (entropy, now) = (Arc::clone(&services.entropy), services.now());
    let address = email.clone();
    let kept = services
        .db
        .write(move |connection| {
            let Some(account) = db::accounts::find_by_email(connection, &address)? else { return Ok(None) };
            let kept = people::enable(connection, &account)?;
            if kept == Kept::Done {
                let entry = entry(AuditId::issue(&*entropy), now, Action::AccountEnabled, &address, None);
                db::audit::insert(connection, &entry)?;
            }
            Ok(Some(kept))
        })
        .await?;
    report(&email, kept, "can sign in again.", "was not disabled.")
}

fn report(email: &EmailAddress, kept: Option<Kept>, done: &str, unchanged: &str) -> Result<(), Failure> {
    let email = email.as_str();
    match kept {
        Some(Kept::Done) => say(format!("{email} {done}")),
        Some(Kept::Unchanged) => say(format!("{email} {unchanged}")),
        Some(Kept::LastAdmin) => return Err(Failure::LastAdmin),
        None => return Err(Failure::NoSuchAccount(email.to_owned())),
    }
    Ok(())
}

async fn list(services: &Services) -> Result<(), Failure> {
    const PAGE: i64 = 500;
    let mut skip = 0;
    loop {
        let (accounts, found) =
            services.db.read(move |connection| db::accounts::search(connection, "", skip, PAGE)).await?;
        accounts.iter().for_each(|account| say(line(account)));
        skip += PAGE;
        if skip >= found {
            return Ok(());
        }
    }
}

fn line(account: &Account) -> String {
    let state = if account.is_active() { "active" } else { "disabled" };
    let role = if account.is_admin { "admin" } else { "account" };
    let seen = account.last_signed_in_at.map_or_else(|| "never".to_owned(), |at| at.rfc3339());
    format!("{}\t{state}\t{role}\t{seen}", account.email.as_str())
}

fn entry(
    id: AuditId,
    at: crate::domain::Timestamp,
    action: Action,
    email: &EmailAddress,
    after: Option<String>,
) -> AuditEntry {
    AuditEntry {
        id,
        at,
        actor: Actor::CommandLine,
        action,
        subject: email.as_str().to_owned(),
        before: None,
        after,
        client: None,
        request_id: None,
    }
}
