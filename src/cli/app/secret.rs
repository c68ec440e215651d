//! `gatepost app secret`.

use super::{Ending, Out, show};
use crate::{
    apps,
    domain::{Lifetime, apps::AppSlug, audit::Actor},
    services::Services,
};
use clap::Args;

/// How long the secret from before counts.
const KEEP: Lifetime = Lifetime::hours(24);

#[derive(Args)]
pub(crate) struct Options {
    slug: String,
    /// End the secret from before at once, because it may have been stolen
    #[arg(long)]
    now: bool,
}

impl Options {
    pub(crate) fn slug(&self) -> &str {
        &self.slug
    }
}

pub(super) async fn make(services: &Services, (slug, options): (AppSlug, &Options), out: Out) -> Result<(), Ending> {
    let keep = if options.now { Lifetime::ZERO } else { KEEP };
    let wanted = slug.clone();
    let made = services.transact(Actor::CommandLine, move |tx| apps::new_secret(tx, &wanted, keep)).await?;
    let Some(secret) = made else {
        super::find(services, &slug).await?;
        return Err(Ending::Failed(format!(
            "The app {slug} has no secret: it speaks no OpenID Connect, or is public."
        )));
    };
    show::secret(services, (&slug, Some(&secret)), out).await
}
