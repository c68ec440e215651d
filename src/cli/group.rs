//! `gatepost group …`.

use super::{Ending, account, clock, entropy, out::Out};
use crate::{
    app, apps,
    config::Config,
    db::{self, Error, Stop, Tx},
    domain::{
        Account, EmailAddress,
        audit::Actor,
        group::{Group, GroupName},
    },
    services::Services,
};
use clap::Subcommand;
use serde_json::{Value, json};

#[derive(Subcommand)]
pub(super) enum Command {
    /// Add a group
    Add {
        /// Lowercase letters, digits, dots, hyphens and underscores
        name: String,
    },
    /// List all groups: name, number of members, separated by a tab. With a name, list its members
    List { name: Option<String> },
    /// Remove a group. Its members can no longer open what only the group opened
    Remove { name: String },
    /// Add an account to a group
    Join { name: String, email: String },
    /// Remove an account from a group
    Leave { name: String, email: String },
}

pub(super) fn parse(name: &str) -> Result<GroupName, Ending> {
    GroupName::parse(name).map_err(|_| {
        Ending::Usage(format!(
            "{name:?} is not the name of a group: lowercase letters, digits, dots, hyphens and underscores."
        ))
    })
}

/// A command whose arguments were judged before anything is opened.
enum Judged {
    Add(GroupName),
    List,
    ListMembers(GroupName),
    Remove(GroupName),
    Join(GroupName, EmailAddress),
    Leave(GroupName, EmailAddress),
}

pub(super) async fn run(config: Config, command: Command, out: Out) -> Result<(), Ending> {
    let judged = match &command {
        Command::Add { name } => Judged::Add(parse(name)?),
        Command::List { name: None } => Judged::List,
        Command::List { name: Some(name) } => Judged::ListMembers(parse(name)?),
        Command::Remove { name } => Judged::Remove(parse(name)?),
        Command::Join { name, email } => Judged::Join(parse(name)?, account::parse(email)?),
        Command::Leave { name, email } => Judged::Leave(parse(name)?, account::parse(email)?),
    };
    super::expect_database(&config)?;
    let services = app::services(config, clock(), entropy()).await?;
    match judged {
        Judged::Add(name) => add(&services, name, out).await,
        Judged::List => list(&services, out).await,
        Judged::ListMembers(name) => list_members(&services, name, out).await,
        Judged::Remove(name) => remove(&services, name, out).await,
        Judged::Join(name, email) => {
            let joined = with_both(&services, (&name, &email), apps::join).await?;
            let (name, email) = (name.as_str(), email.as_str());
            out.tell(&json!({ "group": name, "email": email, "changed": joined }))?;
            out.say(if joined {
                format!("{email} is in {name} now.")
            } else {
                format!("{email} was in {name} already.")
            })
        }
        Judged::Leave(name, email) => {
            let left = with_both(&services, (&name, &email), apps::leave).await?;
            let (name, email) = (name.as_str(), email.as_str());
            out.tell(&json!({ "group": name, "email": email, "changed": left }))?;
            out.say(if left {
                format!("{email} is no longer in {name}.")
            } else {
                format!("{email} was not in {name}.")
            })
        }
    }
}

async fn add(services: &Services, name: GroupName, out: Out) -> Result<(), Ending> {
    let added = name.clone();
    let added = services.transact(Actor::CommandLine, move |tx| apps::add_group(tx, &added, "")).await?;
    out.tell(&json!({ "group": name.as_str(), "changed": added.is_some() }))?;
    out.say(match added {
        Some(_) => format!("The group {name} has no members yet: gatepost group join {name} EMAIL"),
        None => format!("There is already a group {name}; nothing was changed."),
    })
}

async fn list(services: &Services, out: Out) -> Result<(), Ending> {
    let read = |connection: &mut db::DbConnection| Ok((db::groups::all(connection)?, db::groups::sizes(connection)?));
    let (groups, sizes) = services.db.read(read).await?;
    let size = |group: &Group| sizes.get(&group.id).copied().unwrap_or_default();
    let json = |group: &Group| json!({ "group": group.name.as_str(), "members": size(group) });
    out.tell(&groups.iter().map(json).collect::<Value>())?;
    groups.iter().try_for_each(|group| out.say(format!("{}\t{}", group.name, size(group))))
}

async fn list_members(services: &Services, name: GroupName, out: Out) -> Result<(), Ending> {
    let asked = name.clone();
    let read = move |connection: &mut db::DbConnection| {
        let Some(group) = db::groups::find_by_name(connection, &asked)? else { return Ok(None) };
        db::groups::members(connection, group.id).map(Some)
    };
    let members = services.db.read(read).await?.ok_or_else(|| Ending::NoSuchGroup(name.to_string()))?;
    let email = |account: &Account| account.email.as_str().to_owned();
    out.tell(&json!({ "group": name.as_str(), "members": members.iter().map(email).collect::<Vec<_>>() }))?;
    members.iter().try_for_each(|account| out.say(email(account)))
}

async fn remove(services: &Services, name: GroupName, out: Out) -> Result<(), Ending> {
    let removed = name.clone();
    if services.transact(Actor::CommandLine, move |tx| apps::remove_group(tx, &removed)).await? {
        out.tell(&json!({ "group": name.as_str(), "changed": true }))?;
        out.say(format!("The group {name} is removed."))
    } else {
        Err(Ending::NoSuchGroup(name.to_string()))
    }
}

/// Does `work` with a group and an account that exist.
async fn with_both(
    services: &Services,
    (name, email): (&GroupName, &EmailAddress),
    work: impl Fn(&mut Tx<'_>, &Group, &Account) -> Result<bool, Error> + Send + 'static,
) -> Result<bool, Ending> {
    let (name, email) = (name.clone(), email.clone());
    let work = move |tx: &mut Tx<'_>| {
        Stop::commit(both(tx, &name, &email).and_then(|(group, account)| Ok(work(tx, &group, &account)?)))
    };
    services.transact(Actor::CommandLine, work).await?
}

fn both(tx: &mut Tx<'_>, name: &GroupName, email: &EmailAddress) -> Result<(Group, Account), Stop<Ending>> {
    tx.lock(email)?;
    let group = db::groups::find_by_name(tx.connection, name)?;
    let group = group.ok_or_else(|| Stop::Refused(Ending::NoSuchGroup(name.to_string())))?;
    let account = db::accounts::find_by_email(tx.connection, email)?;
    let account = account.ok_or_else(|| Stop::Refused(Ending::NoSuchAccount(email.as_str().to_owned())))?;
    Ok((group, account))
}
