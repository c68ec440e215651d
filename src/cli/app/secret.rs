//! `gatepost app secret`.

use super::{Ending, Out, client::secret_in, show};
use crate::{
    apps::{self, BuiltIn},
    domain::{Lifetime, TokenHash, apps::AppSlug, audit::Actor},
    services::Services,
};
use clap::Args;
use std::path::PathBuf;

/// Time for which the previous secret counts.
const KEEP: Lifetime = Lifetime::hours(24);

#[derive(Args)]
pub(crate) struct Options {
    slug: String,
    /// End the secret from before at once, because it may have been stolen
    #[arg(long)]
    now: bool,
    /// Take the secret that the app has built in from this file, instead of making one
    #[arg(long, value_name = "FILE")]
    file: Option<PathBuf>,
}

impl Options {
    pub(crate) fn slug(&self) -> &str {
        &self.slug
    }
}

pub(super) async fn make(services: &Services, (slug, options): (AppSlug, &Options), out: Out) -> Result<(), Ending> {
    let keep = if options.now { Lifetime::ZERO } else { KEEP };
    let wanted = slug.clone();
    if let Some(file) = &options.file {
        return take(services, (slug, secret_in(file)?, keep), out).await;
    }
    let made = services.transact(Actor::CommandLine, move |tx| apps::new_secret(tx, &wanted, keep)).await?;
    let Some(secret) = made else { return Err(has_none(services, &slug).await) };
    show::secret(services, (&slug, Some(&secret)), out).await
}

async fn has_none(services: &Services, slug: &AppSlug) -> Ending {
    match super::find(services, slug).await {
        Ok(_) => Ending::Failed(format!("The app {slug} has no secret: it speaks no OpenID Connect, or is public.")),
        Err(unknown) => unknown,
    }
}

/// Gives the app the secret that it has built in.
async fn take(
    services: &Services,
    (slug, secret, keep): (AppSlug, TokenHash, Lifetime),
    out: Out,
) -> Result<(), Ending> {
    let (wanted, built_in) = (slug.clone(), BuiltIn { secret: Some(secret), id: None });
    let set = services.transact(Actor::CommandLine, move |tx| apps::set_built_in(tx, &wanted, (&built_in, keep)));
    if set.await?.is_none() {
        return Err(has_none(services, &slug).await);
    }
    out.say(format!("The app {slug} has the secret of the file."))?;
    show::secret(services, (&slug, None), out).await
}
