//! Whether what admins have set can work under what the operator has configured.

use crate::{
    config::Config,
    db::{self, DbConnection, Error},
    domain::{Settings, settings::SettingProblem},
    passkeys::Passkeys,
};

/// What the settings are unless an admin has changed them.
pub fn at_first(config: &Config) -> Settings {
    let settings = Settings::starting_with(config.limits);
    if Passkeys::new(&config.base_url).is_some() { settings } else { settings.without_passkeys() }
}

/// What is wrong with them, in a sentence. Forms refuse to require a second factor that nobody can have; a base URL without a host name, where
/// only passkeys are on, is no form. Everybody would be let in for nothing but setting one up, the admins who could mend it among them.
///
/// # Errors
/// The database's.
pub fn judge(connection: &mut DbConnection, config: &Config) -> Result<Result<(), String>, Error> {
    let settings = db::settings::load(connection, &at_first(config))?;
    Ok(match settings.contradiction() {
        Some((name, SettingProblem::NoFactors)) => Err(format!(
            "The setting {name} is {}, and of second factors only passkeys are switched on, which need a host name; GATEPOST_BASE_URL is {}. \
             Start once more under a host name, and switch on authenticator apps or require none.",
            settings.second_factor_required.as_str(),
            config.base_url.origin()
        )),
        _ => Ok(()),
    })
}
