//! `gatepost app add`.

use super::{
    Ending, Out,
    client::{self, ClientOptions, OwnKeys},
    more::MoreOptions,
    show,
};
use crate::{
    apps::{self, AppRefusal},
    cli::group,
    config::BaseUrl,
    db::{self, Stop, Tx, oidc_clients::Client},
    domain::{
        Token, TokenHash,
        apps::{
            Access, App, AppId, AppName, Registered,
            host::AppHost,
            path::PublicPath,
            registered::{AppOrigin, Look},
        },
        assurance::{Required, Strength},
        audit::Actor,
        group::GroupName,
        logo::{Logo, NotALogo},
        oidc::{ClientId, StatedLifetimes},
        outbound::OutboundUri,
    },
    services::Services,
};
use clap::Args;
use std::{
    fs,
    path::{Path, PathBuf},
};

#[derive(Args)]
pub(crate) struct Options {
    /// Its short name in addresses: lowercase letters, digits and hyphens
    slug: String,
    /// Its name, as users read it
    #[arg(long)]
    name: String,
    /// Host of the app, such as wiki.example.com, *.wiki.example.com or http://10.0.0.7:8080
    #[arg(long = "host", value_name = "HOST")]
    hosts: Vec<String>,
    /// Every account can open it
    #[arg(long, conflicts_with = "groups")]
    everyone: bool,
    /// The members of these groups can open it
    #[arg(long = "group", value_name = "NAME", num_args = 1..)]
    groups: Vec<String>,
    /// Paths that need no sign-in, such as /api
    #[arg(long = "public-path", value_name = "PREFIX")]
    public_paths: Vec<String>,
    /// Proof that users need before they open it
    #[arg(long, value_name = "STRENGTH", value_parser = ["one", "two", "passkey"], default_value = "one")]
    requires: String,
    /// A PNG or WebP file of at most 64 KiB
    #[arg(long, value_name = "FILE")]
    icon: Option<PathBuf>,
    #[command(flatten)]
    more: MoreOptions,
    #[command(flatten)]
    client: ClientOptions,
}

/// Typed options, after they were judged.
#[derive(Clone)]
pub(crate) struct Asked {
    app: Registered,
    groups: Vec<GroupName>,
    /// `None` for an app that speaks no OpenID Connect.
    client: Option<Client>,
    logout_uri: Option<OutboundUri>,
    signs_in_devices: bool,
    keys: Option<OwnKeys>,
    /// One that it has built in.
    secret: Option<TokenHash>,
    lifetimes: StatedLifetimes,
    icon: Option<Logo>,
}

impl Options {
    pub(crate) fn judge(self, own: &BaseUrl) -> Result<Asked, Ending> {
        let name = name(&self.name)?;
        let icon = self.icon.as_deref().map(icon).transpose()?;
        let strength = self
            .requires
            .parse::<Strength>()
            .map_err(|_| Ending::Usage("--requires takes one, two or passkey.".to_owned()))?;
        let hosts: Vec<AppHost> = self.hosts.iter().map(|typed| host(typed, own)).collect::<Result<_, _>>()?;
        let slug = super::parse(&self.slug)?;
        let (signs_in_devices, popup) = (self.client.device, self.client.signs_in_in_a_popup());
        let (keys, lifetimes) = (client::keys(&self.client)?, self.client.lifetimes.stated());
        let secret = client::secret(&self.client)?;
        let logout_uri = self.client.logout_uri.as_deref().map(client::logout_uri).transpose()?;
        let client = self.client.judge(&slug, &hosts)?;
        let public_paths = self.public_paths.iter().map(|typed| path(typed)).collect::<Result<_, _>>()?;
        let more = self.more.judge()?;
        let mut app = Registered {
            app: App {
                id: AppId::from_i64(0),
                slug,
                name,
                requires: Required { strength, fresh_within: None },
                access: Access { everyone: self.everyone, ..Access::default() },
                is_disabled: false,
            },
            hosts,
            public_paths,
            look: Look::default(),
            preflights: false,
            popup,
        };
        more.apply(&mut app);
        let groups = self.groups.iter().map(|name| group::parse(name)).collect::<Result<_, _>>()?;
        Ok(Asked { app, groups, client, icon, logout_uri, signs_in_devices, keys, secret, lifetimes })
    }
}

pub(super) fn name(typed: &str) -> Result<AppName, Ending> {
    AppName::parse(typed)
        .map_err(|_| Ending::Usage(format!("{typed:?} is not a name: 1 to 60 characters on one line.")))
}

/// Reads the file of an icon.
pub(super) fn icon(file: &Path) -> Result<Logo, Ending> {
    let shown = file.display();
    let bytes = fs::read(file).map_err(|error| Ending::Failed(format!("Cannot read {shown}: {error}.")))?;
    Logo::from_file(bytes).map_err(|why| {
        let why = match why {
            NotALogo::TooLarge => "it is larger than 64 KiB",
            NotALogo::TooLargeAsPng => "as a PNG, it is larger than 64 KiB",
            NotALogo::NotAPicture => "it is neither a PNG nor a WebP",
            NotALogo::TooManyPixels => "it has more than 1024 pixels on a side",
        };
        Ending::Failed(format!("{shown} cannot be an icon: {why}."))
    })
}

pub(super) fn host(typed: &str, own: &BaseUrl) -> Result<AppHost, Ending> {
    let host = AppHost::parse(typed).map_err(|_| {
        Ending::Usage(format!("{typed:?} is not the address of an app, like wiki.example.com or http://10.0.0.7:8080."))
    })?;
    if apps::is_own(&host, own.origin()) {
        return Err(Ending::Usage(format!("{typed:?} is Gatepost's own address. An app needs a different one.")));
    }
    Ok(host)
}

pub(super) fn path(typed: &str) -> Result<PublicPath, Ending> {
    PublicPath::parse(typed).map_err(|_| {
        Ending::Usage(format!("{typed:?} is not a path that can be public: it begins with / and has no dots, // or ;."))
    })
}

pub(super) async fn add(services: &Services, asked: Asked, out: Out) -> Result<(), Ending> {
    let slug = asked.app.app.slug.clone();
    let added = services.transact(Actor::CommandLine, move |tx| Stop::commit(store(tx, &asked))).await?;
    match added {
        Ok(secret) => {
            out.say(format!("The app {slug} is added."))?;
            let shown = show::for_people(services, &slug, out).await;
            show::secret(services, (&slug, secret.as_ref()), out).await?;
            shown
        }
        Err(NotAdded::Refused(AppRefusal::SlugTaken)) => {
            Err(Ending::Failed(format!("There is already an app {slug}; nothing was changed.")))
        }
        Err(NotAdded::Refused(refused)) => Err(refusal(refused)),
        Err(NotAdded::IdTaken(id)) => {
            Err(Ending::Failed(format!("Another app has the client id {id}; nothing was changed.")))
        }
    }
}

pub(super) fn refusal(refused: AppRefusal) -> Ending {
    Ending::Failed(match refused {
        AppRefusal::SlugTaken => "There is already such an app; nothing was changed.".to_owned(),
        AppRefusal::HostTaken { host, by } => format!("{host} belongs to the app {by}; nothing was changed."),
    })
}

/// Why an app is not added.
enum NotAdded {
    Refused(AppRefusal),
    /// Another app has this client id.
    IdTaken(ClientId),
}

fn store(tx: &mut Tx<'_>, asked: &Asked) -> Result<Option<Token>, Stop<NotAdded>> {
    // Judged first, so that a refusal leaves no new group behind.
    if let Some(refused) = apps::refusal(tx, &asked.app)? {
        return Err(Stop::Refused(NotAdded::Refused(refused)));
    }
    if let Some(client) = &asked.client
        && db::oidc_clients::find(tx.connection, &client.id)?.is_some()
    {
        return Err(Stop::Refused(NotAdded::IdTaken(client.id.clone())));
    }
    let mut app = asked.app.clone();
    app.app.id = AppId::issue(tx.entropy);
    for name in &asked.groups {
        app.app.access.groups.push(apps::group_for(tx, name)?);
    }
    app.app.access.groups.sort_by_key(|group| group.as_i64());
    app.app.access.groups.dedup();
    apps::add(tx, &app, AppOrigin::CommandLine).map_err(|stop| stop.map(NotAdded::Refused))?;
    if let Some(icon) = &asked.icon {
        apps::set_icon(tx, &app.app.slug, Some(icon))?;
    }
    let Some(client) = &asked.client else { return Ok(None) };
    let client = Client { app: app.app.id, ..client.clone() };
    let new = (&client, &asked.lifetimes);
    let secret = match (&asked.keys, &asked.secret) {
        (Some(keys), _) => {
            apps::add_client_with_keys(tx, new, (keys.set.as_deref(), keys.uri.as_ref()))?;
            None
        }
        (None, Some(secret)) => {
            apps::add_client_with_secret(tx, new, (&app.app.slug, secret))?;
            None
        }
        (None, None) => apps::add_client(tx, new, &app.app.slug)?,
    };
    db::oidc_reach::set_logout_uri(tx.connection, client.app, asked.logout_uri.as_ref())?;
    db::oidc_devices::allow(tx.connection, client.app, asked.signs_in_devices)?;
    Ok(secret)
}
