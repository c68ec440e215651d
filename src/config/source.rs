//! Sources of the configuration: `Rocket.toml`, then the environment. This file only gathers values
//! and checks that each key exists.

use super::{
    error::Problem,
    keys::{self, KEYS},
};
use rocket::figment::{
    Figment, Profile, Provider,
    providers::{Format, Serialized, Toml},
    value::Value,
};
use std::{
    collections::BTreeMap,
    ffi::OsString,
    path::{Path, PathBuf},
};

/// Rocket's own keys that make sense here.
const ROCKET_KEYS: [&str; 10] = [
    "address",
    "port",
    "workers",
    "max_blocking",
    "limits",
    "temp_dir",
    "keep_alive",
    "shutdown",
    "log_level",
    "cli_colors",
];

/// The least share of pairs of letters for a suggestion. Below it, keys have only an ending in
/// common.
const NEAR: f64 = 0.4;

/// A value and its origin.
#[derive(Clone, Debug)]
pub(super) struct Found {
    /// The key as the operator wrote it: `GATEPOST_BASE_URL`, or `base_url` in a file.
    pub key: String,
    pub value: String,
}

/// All values: ours by name, and Rocket's configuration.
pub(super) struct Gathered {
    pub values: BTreeMap<&'static str, Found>,
    pub rocket: Figment,
    pub problems: Vec<Problem>,
}

/// Rocket's defaults, except that a release build also logs more than warnings.
fn defaults(rocket: rocket::Config) -> rocket::Config {
    rocket::Config { log_level: rocket::config::LogLevel::Normal, ..rocket }
}

/// Returns the environment as text, and a problem for each of our variables that is not text. Other
/// variables are ignored.
pub(super) fn environment(
    variables: impl Iterator<Item = (OsString, OsString)>,
) -> (Vec<(String, String)>, Vec<Problem>) {
    let (mut env, mut problems) = (Vec::new(), Vec::new());
    for (key, value) in variables {
        let name = key.to_string_lossy().into_owned();
        match (key.into_string(), value.into_string()) {
            (Ok(key), Ok(value)) => env.push((key, value)),
            _ if name.starts_with("GATEPOST_") || name.starts_with("ROCKET_") => problems.push(Problem {
                key: name,
                value: None,
                problem: "it is not UTF-8".to_owned(),
                remedy: "Set it again, in a terminal or a file that is UTF-8.".to_owned(),
            }),
            _ => {}
        }
    }
    (env, problems)
}

/// Returns the file that applies: the one in `ROCKET_CONFIG`, in the working folder, or next to the
/// binary.
pub(super) fn find_file(env: &[(String, String)]) -> Option<PathBuf> {
    if let Some((_, named)) = env.iter().find(|(key, _)| key == "ROCKET_CONFIG") {
        return Some(PathBuf::from(named));
    }
    let here = PathBuf::from("Rocket.toml");
    let beside = || Some(std::env::current_exe().ok()?.parent()?.join("Rocket.toml"));
    if here.is_file() { Some(here) } else { beside().filter(|file| file.is_file()) }
}

pub(super) fn gather(file: Option<&Path>, env: &[(String, String)]) -> Gathered {
    let mut gathered = Gathered { values: BTreeMap::new(), rocket: Figment::new(), problems: Vec::new() };
    gathered.read_file(file, env);
    gathered.read_environment(env);
    gathered
}

impl Gathered {
    fn read_file(&mut self, file: Option<&Path>, env: &[(String, String)]) {
        let profile = env
            .iter()
            .find(|(key, _)| key == "ROCKET_PROFILE")
            .map_or(rocket::Config::DEFAULT_PROFILE, |(_, name)| Profile::new(name));
        self.rocket = Figment::from(defaults(rocket::Config::default())).select(profile.clone());
        let Some(path) = file else { return };
        let name = path.display().to_string();
        let text = match std::fs::read_to_string(path) {
            Ok(text) => text,
            Err(error) => {
                return self.refuse(
                    &name,
                    &format!("it cannot be read ({error})"),
                    "Make it readable, or unset ROCKET_CONFIG.",
                );
            }
        };
        if !self.has_only_profiles(&text, &profile) {
            return;
        }
        let read = Figment::from(Toml::string(&text).nested()).select(profile);
        let contents = match read.extract::<BTreeMap<String, Value>>() {
            Ok(contents) => contents,
            Err(error) => {
                return self.refuse(
                    &name,
                    &format!("it is not valid TOML{}", place_of(&error.to_string())),
                    "Correct the file.",
                );
            }
        };
        for (key, value) in contents {
            if key == "gatepost" {
                self.read_own_table(&value);
            } else if self.is_for_rocket(&key) {
                self.rocket = self.rocket.clone().merge(Serialized::global(&key, &value));
            }
        }
    }

    /// Returns whether the top level of the file holds only profiles. Any other key would be
    /// ignored silently.
    fn has_only_profiles(&mut self, text: &str, selected: &Profile) -> bool {
        // The next check reports a file that is not TOML.
        let Ok(found) = Toml::string(text).data() else { return true };
        let before = self.problems.len();
        for (name, value) in found.into_values().flatten() {
            let profile = Profile::new(&name);
            let known = ["default", "debug", "release", "global"].into_iter().any(|known| profile == known);
            if value.as_dict().is_some() && (known || profile == *selected) {
                continue;
            }
            let remedy = if name == "gatepost" {
                "Did you mean [default.gatepost]?".to_owned()
            } else if ROCKET_KEYS.contains(&name.as_str()) {
                "Write it below [default].".to_owned()
            } else if keys::find(&name).is_some() {
                "Write it below [default.gatepost].".to_owned()
            } else {
                format!("Did you mean [default], or forget to set ROCKET_PROFILE={name}?")
            };
            self.refuse(&name, "it is at the top level of the file, where it has no effect", &remedy);
        }
        self.problems.len() == before
    }

    fn read_own_table(&mut self, table: &Value) {
        let Some(table) = table.as_dict() else {
            return self.refuse("gatepost", "it must be a table", "Write [default.gatepost] and the keys below it.");
        };
        for (key, value) in table {
            match as_text(value) {
                Some(text) => self.take(key, key, text),
                None => self.refuse(
                    key,
                    "it must be a text, a number or a list of texts",
                    "See the comments in Rocket.toml.",
                ),
            }
        }
    }

    fn read_environment(&mut self, env: &[(String, String)]) {
        self.refuse_both(env);
        for (variable, value) in env {
            if let Some(key) = variable.strip_prefix("GATEPOST_") {
                if is_from_kubernetes(key, value) {
                    continue;
                }
                self.read_own_variable(variable, &key.to_lowercase(), value);
            } else if let Some(key) = variable.strip_prefix("ROCKET_")
                && !matches!(key, "CONFIG" | "PROFILE")
                && self.is_for_rocket(&key.to_lowercase())
            {
                // Parsed as Rocket parses its variables: `4`, `true`, `{form="8KiB"}`, or a text.
                // Never fails.
                let Ok(value) = value.parse::<Value>();
                self.rocket = self.rocket.clone().merge(Serialized::global(&key.to_lowercase(), value));
            }
        }
    }

    /// Refuses a secret that is given twice. Which of both counts would depend on their order, and
    /// systemd and a shell may differ in that.
    fn refuse_both(&mut self, env: &[(String, String)]) {
        for (variable, _) in env {
            let Some(plain) = variable.strip_suffix("_FILE") else { continue };
            if is_secret_in_file(variable) && env.iter().any(|(other, _)| other == plain) {
                self.refuse(variable, &format!("{plain} is set, too"), "Remove one of the two.");
            }
        }
    }

    fn read_own_variable(&mut self, variable: &str, key: &str, value: &str) {
        let from_file = keys::of_file(key).map(|key| key.name);
        // A file of variables or a piped secret often ends with a line break.
        let Some(key) = from_file else {
            return self.take(key, variable, value.trim_end_matches(['\r', '\n']).to_owned());
        };
        match std::fs::read_to_string(value) {
            Ok(text) => self.take(key, variable, text.trim().to_owned()),
            Err(error) => {
                // The name is left out, because the operator may have put the URL itself there.
                self.refuse(
                    variable,
                    &format!("the file that it names cannot be read ({error})"),
                    "Name a file that holds the URL and nothing else.",
                );
            }
        }
    }

    fn take(&mut self, key: &str, shown: &str, value: String) {
        match keys::find(key) {
            Some(known) => {
                self.values.insert(known.name, Found { key: shown.to_owned(), value });
            }
            None => {
                self.refuse(shown, "there is no such key", &remedy_for_unknown(key, &KEYS.map(|known| known.name)));
            }
        }
    }

    fn is_for_rocket(&mut self, key: &str) -> bool {
        let (problem, remedy) = match key {
            "ip_header" | "proxy_proto_header" => (
                "it would trust a header from every client",
                "Name your proxies in GATEPOST_TRUSTED_PROXIES.".to_owned(),
            ),
            "tls" => (
                "this server does not do TLS itself",
                "Put a proxy in front, as the operator's guide shows.".to_owned(),
            ),
            "ident" => ("the server never names itself", "Remove it.".to_owned()),
            key if ROCKET_KEYS.contains(&key) => return true,
            key => ("there is no such key", remedy_for_unknown(key, &ROCKET_KEYS)),
        };
        self.refuse(&format!("{key} (ROCKET_{})", key.to_uppercase()), problem, &remedy);
        false
    }

    fn refuse(&mut self, key: &str, problem: &str, remedy: &str) {
        self.problems.push(Problem {
            key: key.to_owned(),
            value: None,
            problem: problem.to_owned(),
            remedy: remedy.to_owned(),
        });
    }
}

fn is_secret_in_file(variable: &str) -> bool {
    variable.strip_prefix("GATEPOST_").is_some_and(|key| keys::of_file(&key.to_lowercase()).is_some())
}

fn as_text(value: &Value) -> Option<String> {
    match value {
        Value::String(_, text) => Some(text.clone()),
        Value::Num(_, number) => number.to_i128().map(|n| n.to_string()),
        Value::Array(_, values) => values.iter().map(as_text).collect::<Option<Vec<_>>>().map(|all| all.join(",")),
        _ => None,
    }
}

/// Recognises the variables in which Kubernetes tells every container of a namespace where its
/// services are.
///
/// A service called `gatepost` becomes `GATEPOST_SERVICE_HOST`, `GATEPOST_PORT` and
/// `GATEPOST_PORT_80_TCP_ADDR`. One called `gatepost-postgresql` becomes
/// `GATEPOST_POSTGRESQL_SERVICE_HOST`, and so on. They are not configuration.
fn is_from_kubernetes(key: &str, value: &str) -> bool {
    let of_a_service = |ending: &str| key == ending || key.ends_with(&format!("_{ending}"));
    let protocol = ["TCP", "UDP", "SCTP"];
    let words: Vec<&str> = key.split('_').collect();
    let is_port_of = |words: &[&str]| match words {
        ["PORT", number, kind, ..] => number.bytes().all(|byte| byte.is_ascii_digit()) && protocol.contains(kind),
        _ => false,
    };
    of_a_service("SERVICE_HOST")
        || of_a_service("SERVICE_PORT")
        || key.starts_with("SERVICE_PORT_")
        || key.contains("_SERVICE_PORT_")
        || of_a_service("PORT") && protocol.iter().any(|kind| value.starts_with(&format!("{}://", kind.to_lowercase())))
        || (0..words.len()).any(|at| words.get(at..).is_some_and(is_port_of))
}

/// Returns where TOML cannot be parsed. The parser's own text quotes the line, which may hold a
/// password.
fn place_of(error: &str) -> String {
    let number_after = |word: &str| {
        let digits: String = error.split_once(word)?.1.chars().take_while(char::is_ascii_digit).collect();
        (!digits.is_empty()).then_some(digits)
    };
    match (number_after("at line "), number_after("column ")) {
        (Some(line), Some(column)) => format!(" (line {line}, column {column})"),
        _ => String::new(),
    }
}

/// Suggests the known key that is nearest to a mistyped one. Pairs of letters find a missing letter
/// as well as another order of the words.
fn remedy_for_unknown(key: &str, known: &[&str]) -> String {
    let nearness = known.iter().map(|known| (strsim::sorensen_dice(key, known), known));
    match nearness.max_by(|(one, _), (other, _)| one.total_cmp(other)).filter(|(nearness, _)| *nearness > NEAR) {
        Some((_, nearest)) => format!("Did you mean {nearest}? Remove it or correct its name."),
        None => "Remove it or correct its name.".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A file of variables or a piped secret often ends with a line break.
    #[test]
    fn a_line_break_at_the_end_of_a_variable_is_none_of_its_value() {
        for (key, value) in [
            ("database_url", "postgres://gatepost:secret@db/gatepost"),
            ("mail_url", "smtps://mail.example.com"),
            ("base_url", "https://login.example.com"),
        ] {
            for end in ["\n", "\r\n"] {
                let env = [(format!("GATEPOST_{}", key.to_uppercase()), format!("{value}{end}"))];
                let gathered = gather(None, &env);
                assert!(gathered.problems.is_empty());
                assert_eq!(gathered.values.get(key).map(|found| found.value.as_str()), Some(value));
            }
        }
    }

    #[test]
    fn a_release_logs_as_much_as_any_other_build() {
        let release = defaults(rocket::Config::release_default());
        assert_eq!(release.log_level, rocket::config::LogLevel::Normal);
    }
}
