//! Lifetimes of the tokens of an app, on the command line.

use crate::domain::{
    Lifetime,
    oidc::StatedLifetimes,
    settings::{ACCESS_LIFETIMES, REFRESH_LIFETIMES},
};
use clap::Args;

#[derive(Args)]
pub(super) struct LifetimeOptions {
    /// Lifetime of its access tokens, such as 10m
    #[arg(long, value_name = "SPAN", value_parser = access)]
    access_lifetime: Option<Lifetime>,
    /// Time for which a refresh token counts without use
    #[arg(long, value_name = "SPAN", value_parser = refresh)]
    refresh_idle: Option<Lifetime>,
    /// Time for which an app keeps its access without another sign-in
    #[arg(long, value_name = "SPAN", value_parser = refresh)]
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

fn access(typed: &str) -> Result<Lifetime, String> {
    span(typed, ACCESS_LIFETIMES.0)
}

fn refresh(typed: &str) -> Result<Lifetime, String> {
    span(typed, REFRESH_LIFETIMES.0)
}

/// Reads a span of at least `least`: a token that ends at once serves no app. It may be longer than
/// the form allows.
fn span(typed: &str, least: Lifetime) -> Result<Lifetime, String> {
    let span: Lifetime = typed.parse().map_err(|_| "it takes a time such as 10m".to_owned())?;
    if span < least { Err(format!("it takes at least {least}")) } else { Ok(span) }
}
