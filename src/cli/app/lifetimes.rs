//! Lifetimes of the tokens of an app, on the command line.

use crate::domain::{Lifetime, oidc::StatedLifetimes};
use clap::Args;

#[derive(Args)]
pub(super) struct LifetimeOptions {
    /// Lifetime of its access tokens, such as 10m
    #[arg(long, value_name = "SPAN", value_parser = span)]
    access_lifetime: Option<Lifetime>,
    /// Time for which a refresh token counts without use
    #[arg(long, value_name = "SPAN", value_parser = span)]
    refresh_idle: Option<Lifetime>,
    /// Time for which an app keeps its access without another sign-in
    #[arg(long, value_name = "SPAN", value_parser = span)]
    refresh_absolute: Option<Lifetime>,
}

impl LifetimeOptions {
    pub(super) const fn stated(&self) -> StatedLifetimes {
        StatedLifetimes {
            access: self.access_lifetime,
            refresh_idle: self.refresh_idle,
            refresh_absolute: self.refresh_absolute,
        }
    }
}

fn span(typed: &str) -> Result<Lifetime, String> {
    typed.parse().map_err(|_| "it takes a time such as 10m".to_owned())
}
