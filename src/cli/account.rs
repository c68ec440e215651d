//! `gatepost account …`.

use super::{Ending, clock, entropy, out::Out};
use crate::{
    app,
    config::Config,
    db,
    domain::{
        Account, EmailAddress,
        account::AccountOrigin,
        audit::{Action, Actor},
        recovery::AskedBy,
    },
    people::{self, Added, Begun, Change, Giver},
    services::Services,
};
use clap::Subcommand;
use serde_json::{Value, json};

#[derive(Subcommand)]
pub(super) enum Command {
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
    /// Give an account back: remove all its second factors after 24 hours, unless the owner cancels
    #[command(
        after_help = "Removes authenticator apps, passkeys, recovery codes and remembered browsers. It also removes a password that is\nyounger than 7 days; the one before it returns. The owner gets an email at once, with a link to cancel. A second\nfactor that is younger than 7 days cannot cancel it. Address, name and rights stay. Asking again changes nothing."
    )]
    Recover {
        email: String,
        /// At once, without the 24 hours in which the owner can cancel
        #[arg(long)]
        now: bool,
    },
}

pub(super) fn parse(email: &str) -> Result<EmailAddress, Ending> {
    EmailAddress::parse(email)
        .map_err(|_| Ending::Usage(format!("{email:?} is not an email address, like ana@example.com.")))
}

pub(super) async fn run(config: Config, command: Command, out: Out) -> Result<(), Ending> {
    // Judged before anything is opened.
    let email = match &command {
        Command::Add { email, .. }
        | Command::Disable { email }
        | Command::Enable { email }
        | Command::Recover { email, .. } => Some(parse(email)?),
        Command::List => None,
    };
    if !matches!(command, Command::Add { .. }) {
        super::expect_database(&config)?;
    }
    let services = app::services(config, clock(), entropy()).await?;
    match (command, email) {
        (Command::Add { admin, .. }, Some(email)) => add(&services, (email, admin), out).await,
        (Command::Disable { .. }, Some(email)) => disable(&services, email, out).await,
        (Command::Enable { .. }, Some(email)) => enable(&services, email, out).await,
        (Command::Recover { now: true, .. }, Some(email)) => recover_now(&services, email, out).await,
        (Command::Recover { .. }, Some(email)) => recover(&services, email, out).await,
        _ => list(&services, out).await,
    }
}

async fn add(services: &Services, (email, admin): (EmailAddress, bool), out: Out) -> Result<(), Ending> {
    let (added, kept) = services
        .transact(Actor::CommandLine, move |tx| {
            let rights = admin.then_some(Giver::Operator);
            let added = people::add(tx, &email, rights, AccountOrigin::CommandLine)?;
            let (action, kept) = match &added {
                Added::New(_) => (Action::AccountAdded, Change::Done),
                Added::Known(account) if admin => {
                    (Action::AdminGranted, people::make_admin(tx, account, Giver::Operator)?)
                }
                Added::Known(_) => (Action::AccountAdded, Change::Unchanged),
            };
            if admin {
                // No set-up link can name an admin after this.
                db::installation::claim(tx.connection, tx.now)?;
            }
            if kept == Change::Done {
                let line = tx.line(action, email.as_str()).to(if admin { "admin" } else { "account" });
                tx.log(&line)?;
            }
            Ok((added, kept))
        })
        .await?;
    let Account { email, disabled_at, .. } = added.clone().account();
    let changed = matches!(added, Added::New(_)) || kept == Change::Done;
    out.tell(&json!({ "email": email.as_str(), "changed": changed, "disabled": disabled_at.is_some() }))?;
    out.say(match (added, kept, admin) {
        (Added::New(_), _, true) => {
            format!("{0} is now an admin. To sign in at once: gatepost link {0}", email.as_str())
        }
        (Added::New(_), _, false) => format!("{} has an account now.", email.as_str()),
        (Added::Known(_), Change::Done, _) => format!("{} had an account and is now an admin.", email.as_str()),
        (Added::Known(_), _, _) => format!("{} already has an account; nothing was changed.", email.as_str()),
    })?;
    if disabled_at.is_some() {
        out.say(format!(
            "It is disabled and cannot sign in. To enable it: gatepost account enable {}",
            email.as_str()
        ))?;
    }
    Ok(())
}

async fn disable(services: &Services, email: EmailAddress, out: Out) -> Result<(), Ending> {
    let address = email.clone();
    let kept = services
        .transact(Actor::CommandLine, move |tx| {
            let Some(account) = db::accounts::find_by_email(tx.connection, &address)? else { return Ok(None) };
            let kept = people::disable(tx, &account, Giver::Operator)?;
            if kept == Change::Done {
                let line = tx.line(Action::AccountDisabled, address.as_str()).from_to("active", "disabled");
                tx.log(&line)?;
            }
            Ok(Some(kept))
        })
        .await?;
    let words = ("is disabled, and all its sessions have ended.", "was disabled already.");
    report(&email, kept, words, out)
}

async fn enable(services: &Services, email: EmailAddress, out: Out) -> Result<(), Ending> {
    let address = email.clone();
    let kept = services
        .transact(Actor::CommandLine, move |tx| {
            let Some(account) = db::accounts::find_by_email(tx.connection, &address)? else { return Ok(None) };
            let kept = people::enable(tx, &account)?;
            if kept == Change::Done {
                let line = tx.line(Action::AccountEnabled, address.as_str()).from_to("disabled", "active");
                tx.log(&line)?;
            }
            Ok(Some(kept))
        })
        .await?;
    report(&email, kept, ("can sign in again.", "was not disabled."), out)
}

async fn recover(services: &Services, email: EmailAddress, out: Out) -> Result<(), Ending> {
    let address = email.clone();
    let begun = services
        .transact(Actor::CommandLine, move |tx| {
            let Some(account) = db::accounts::find_by_email(tx.connection, &address)? else { return Ok(None) };
            let begun = people::begin_recovery(tx, &account, AskedBy::CommandLine)?;
            if let Begun::Now(recovery) = &begun {
                let line = tx.line(Action::RecoveryBegun, address.as_str()).to(recovery.due_at.rfc3339());
                tx.log(&line)?;
            }
            Ok(Some(begun))
        })
        .await?;
    let email = email.as_str();
    let (changed, due_at, words) = match begun {
        Some(Begun::Now(recovery)) => {
            let due_at = recovery.due_at.rfc3339();
            let words = format!(
                "The second factors of {email} will be removed at {due_at}, unless the owner or an admin cancels. The owner gets an email."
            );
            (true, Some(due_at), words)
        }
        Some(Begun::Before(recovery)) => {
            let (asked_at, due_at) = (recovery.asked_at.rfc3339(), recovery.due_at.rfc3339());
            let words = format!("The recovery began at {asked_at} and ends at {due_at}; nothing was changed.");
            (false, Some(due_at), words)
        }
        Some(Begun::NothingToRemove) => (false, None, nothing_to_remove(email)),
        Some(Begun::Limited { until }) => {
            return Err(Ending::Failed(format!(
                "This command has begun three recoveries within a day, and each was cancelled. Try again from {}.",
                until.rfc3339()
            )));
        }
        None => return Err(Ending::NoSuchAccount(email.to_owned())),
    };
    out.tell(&json!({ "email": email, "changed": changed, "due_at": due_at }))?;
    out.say(words)
}

fn nothing_to_remove(email: &str) -> String {
    format!("{email} has no second factor and no new password, or is disabled; nothing was changed.")
}

async fn recover_now(services: &Services, email: EmailAddress, out: Out) -> Result<(), Ending> {
    let address = email.clone();
    let done = services
        .transact(Actor::CommandLine, move |tx| {
            let Some(account) = db::accounts::find_by_email(tx.connection, &address)? else { return Ok(None) };
            let done = people::recover_now(tx, &account)?;
            if done {
                let line = tx.line(Action::RecoveryBegun, address.as_str()).to(tx.now.rfc3339());
                tx.log(&line)?;
            }
            Ok(Some(done))
        })
        .await?;
    let email = email.as_str();
    let done = done.ok_or_else(|| Ending::NoSuchAccount(email.to_owned()))?;
    out.tell(&json!({ "email": email, "changed": done }))?;
    if !done {
        return out.say(nothing_to_remove(email));
    }
    out.say(format!(
        "The second factors of {email} are removed, and all its sessions have ended. The owner gets an email."
    ))
}

fn report(email: &EmailAddress, kept: Option<Change>, (done, unchanged): (&str, &str), out: Out) -> Result<(), Ending> {
    let email = email.as_str();
    let (changed, words) = match kept {
        Some(Change::Done) => (true, done),
        Some(Change::Unchanged) => (false, unchanged),
        Some(Change::LastAdmin) => return Err(Ending::LastAdmin),
        Some(Change::LastWayIn) => return Err(Ending::LastWayIn),
        None => return Err(Ending::NoSuchAccount(email.to_owned())),
    };
    out.tell(&json!({ "email": email, "changed": changed }))?;
    out.say(format!("{email} {words}"))
}

async fn list(services: &Services, out: Out) -> Result<(), Ending> {
    const PAGE: i64 = 500;
    let (mut skip, mut told) = (0, Vec::new());
    loop {
        let (accounts, found) =
            services.db.read(move |connection| db::accounts::search(connection, "", skip, PAGE)).await?;
        for account in &accounts {
            out.say(facts(account).join("\t"))?;
            told.push(in_json(account));
        }
        skip += PAGE;
        if skip >= found {
            return out.tell(&Value::Array(told));
        }
    }
}

fn facts(account: &Account) -> [String; 4] {
    let state = if account.is_active() { "active" } else { "disabled" };
    let role = if account.is_admin { "admin" } else { "account" };
    let seen = account.last_signed_in_at.map_or_else(|| "never".to_owned(), |at| at.rfc3339());
    [account.email.as_str().to_owned(), state.to_owned(), role.to_owned(), seen]
}

fn in_json(account: &Account) -> Value {
    let [email, state, role, _] = facts(account);
    let seen = account.last_signed_in_at.map(|at| at.rfc3339());
    json!({ "email": email, "state": state, "role": role, "last_signed_in_at": seen })
}
