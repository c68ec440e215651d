//! Checks that the admins' settings work under the operator's configuration.

use crate::{
    config::Config,
    db::{self, DbConnection, Error},
    domain::{Settings, settings::SettingProblem},
    passkeys::Passkeys,
};

/// Returns the settings before an admin changes any.
pub fn at_first(config: &Config) -> Settings {
    let settings = Settings::starting_with(config.limits);
    if Passkeys::new(&config.base_url).is_some() { settings } else { settings.without_passkeys() }
}

/// Returns what is wrong with them, in a sentence.
///
/// Forms refuse to require a second factor that no user can have. A form cannot see a base URL
/// without a host name where only passkeys are on. Every user, admins included, could then do
/// nothing except enrol a factor.
///
/// # Errors
///
/// The database's.
pub fn judge(connection: &mut DbConnection, config: &Config) -> Result<Result<(), String>, Error> {
    let settings = db::settings::load(connection, &at_first(config))?;
    Ok(match settings.contradiction() {
        Some((name, SettingProblem::NoFactors)) => Err(format!(
            "The setting {name} is {}, and passkeys are the only second factor that is turned on. They need a host name; GATEPOST_BASE_URL is {}. \
             Start once under a host name, and turn on authenticator apps or require no second factor.",
            settings.second_factor_required.into_str(),
            config.base_url.origin()
        )),
        _ => Ok(()),
    })
}
