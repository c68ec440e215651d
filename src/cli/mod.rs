//! The command line. Every command except `restore` and `copy` works beside a running server. Its
//! exit code says how it went.

mod account;
mod app;
mod apply;
mod audit;
mod backup;
mod check;
mod copy;
mod export;
mod group;
mod health;
mod link;
mod manual;
mod migrate;
mod oidc;
mod out;
mod restore;
mod rotate_key;
mod serve;
mod threads;

use crate::{
    app::StartError,
    clock::SystemClock,
    config::{Config, LogLevel, Problems},
    db::{self, Error},
    domain::{Clock, Entropy},
    entropy::SystemEntropy,
    logging, version,
};
use clap::{Parser, Subcommand};
use clap_complete::Shell;
use out::{Out, complain};
use std::{fmt, io, path::PathBuf, process::ExitCode, sync::Arc};
use threads::Threads;

const AFTER_HELP: &str = "\
Without a command, Gatepost serves. It reads Rocket.toml in the working folder or next to the binary. Environment variables
override that file. The most important are

  GATEPOST_ADDRESS       the address to listen on     (127.0.0.1)
  GATEPOST_PORT          the port to listen on        (8000)
  GATEPOST_BASE_URL      the address that users open  (http://localhost:8000)
  GATEPOST_DATABASE_URL  sqlite://FILE or postgres:// (sqlite://gatepost.db)
  GATEPOST_MAIL_URL      smtp://NAME:PASSWORD@HOST    (dev:, shown at /dev/mailbox)
  GATEPOST_MAIL_FROM     the sender of emails         (gatepost@localhost)

Exit codes
  0  done
  1  it failed
  2  wrong usage
  3  wrong configuration
  4  there is no such account, app or group
  5  refused, because no admin would be left";

/// A self-hosted sign-in server: users sign in by email link
#[derive(Parser)]
#[command(name = "gatepost", version = version::LONG, after_help = AFTER_HELP)]
struct Arguments {
    #[command(subcommand)]
    command: Option<Command>,
    /// Print the answer as JSON, for scripts
    #[arg(long, global = true)]
    json: bool,
}

#[derive(Subcommand)]
enum Command {
    /// Serve until told to stop (the default)
    Serve,
    /// Add, list, disable, enable and recover accounts
    #[command(subcommand)]
    Account(account::Command),
    /// Add, list, show and remove apps that users open through Gatepost
    #[command(subcommand)]
    App(Box<app::Command>),
    /// Add, list and remove groups; add and remove their members
    #[command(subcommand)]
    Group(group::Command),
    /// Print settings, groups and apps as a file for `apply`
    #[command(after_help = "No secret is in it, and no user.")]
    Export,
    /// Set settings, groups and apps as a file describes them
    #[command(
        after_help = "The file owns what it names: admins see it on their pages and cannot change it there. What the file does not name\nstays as it is. Applying the same file again changes nothing."
    )]
    Apply(apply::Options),
    /// Check the audit log
    #[command(subcommand)]
    Audit(audit::Command),
    /// Print a console link, which signs in once: the way in when email is broken
    #[command(
        after_help = "Anyone who opens the link is signed in, once, within the lifetime of email links. It works while email\nlinks are turned off. Open it in the browser that you want to sign in."
    )]
    Link {
        /// The account's address
        email: String,
    },
    /// Check configuration, database, key file, settings, email templates, email server, breach
    /// list and places
    #[command(
        after_help = "Sends no email and changes only a counter that tests writing. Exit code 0 only if everything can be used."
    )]
    Check(check::Options),
    /// Ask a running server whether it is alive; for containers and supervisors
    #[command(
        after_help = "Asks on this machine, at the configured address and port. The exit code is 0 if all is well, else 1."
    )]
    Health(health::Options),
    /// Write a copy of the database to a new file, while the server runs
    #[command(
        after_help = "For SQLite. PostgreSQL has pg_dump. The file holds addresses and hashes: protect it like the database. The\nkey file is not in it."
    )]
    Backup {
        /// A file that does not exist yet
        file: PathBuf,
    },
    /// Restore a copy made by `backup`; stop the server first
    #[command(
        after_help = "SQLite: the copy is checked first, and the database from before is kept beside it. PostgreSQL: use pg_restore, and then\n--finish before the first start. Everyone is signed out. What ends: links that sign in, codes,\ninvitations, recoveries, remembered browsers, and what apps were given. Links that undo a change work again."
    )]
    Restore(restore::Options),
    /// Copy everything to the other kind of database; stop the server first
    #[command(
        after_help = "From SQLite to PostgreSQL, or from PostgreSQL to SQLite. The target has to be empty. Afterwards Gatepost\ncompares every table, verifies the audit log and opens every sealed secret. If anything is wrong, the target stays empty."
    )]
    Copy(copy::Options),
    /// Seal the secrets in the database under a new key, while the server runs
    #[command(
        after_help = "Adds a key to the key file (GATEPOST_KEY_FILE) and seals every secret under it. Drops the keys that nothing has\nneeded for 7 days. Copy the key file to every other node afterwards, and back it up. If it is interrupted, run it\nagain."
    )]
    RotateKey {
        /// The key file is lost for good: make another. Users then set up their authenticator apps
        /// again, and sign in to their apps again
        #[arg(long)]
        lost: bool,
    },
    /// Keys that sign tokens for apps
    #[command(subcommand)]
    Oidc(oidc::Command),
    /// Bring the database's schema up to date; the server does that by itself
    Migrate(migrate::Options),
    /// Print the script by which a shell completes commands and options
    Completions { shell: Shell },
    /// Print the manual page, or write one for each command
    Man {
        /// A folder for the pages of all commands
        folder: Option<PathBuf>,
    },
}

/// Why a command did not succeed.
#[derive(Debug)]
pub enum Ending {
    Failed(String),
    Usage(String),
    Configuration(Problems),
    NoSuchAccount(String),
    NoSuchApp(String),
    NoSuchGroup(String),
    LastAdmin,
    LastWayIn,
}

impl Ending {
    fn code(&self) -> ExitCode {
        ExitCode::from(match self {
            Self::Failed(_) => 1,
            Self::Usage(_) => 2,
            Self::Configuration(_) => 3,
            Self::NoSuchAccount(_) | Self::NoSuchApp(_) | Self::NoSuchGroup(_) => 4,
            Self::LastAdmin | Self::LastWayIn => 5,
        })
    }
}

impl fmt::Display for Ending {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Failed(text) | Self::Usage(text) => f.write_str(text),
            Self::Configuration(problems) => problems.fmt(f),
            Self::NoSuchAccount(email) => {
                write!(f, "There is no account for {email}. `gatepost account list` shows them all.")
            }
            Self::NoSuchApp(slug) => write!(f, "There is no app {slug}. `gatepost app list` shows them all."),
            Self::NoSuchGroup(name) => write!(f, "There is no group {name}. `gatepost group list` shows them all."),
            Self::LastAdmin => {
                f.write_str("This is the last admin. Make another first: gatepost account add EMAIL --admin")
            }
            Self::LastWayIn => f.write_str(
                "This is the last admin who can sign in. First let another one in with `gatepost link EMAIL`, to turn on a way to sign in that they have.",
            ),
        }
    }
}

impl From<Problems> for Ending {
    fn from(problems: Problems) -> Self {
        Self::Configuration(problems)
    }
}

impl From<StartError> for Ending {
    fn from(error: StartError) -> Self {
        Self::Failed(error.to_string())
    }
}

impl From<Error> for Ending {
    fn from(error: Error) -> Self {
        Self::Failed(error.to_string())
    }
}

/// Runs the command that the arguments name.
pub fn run() -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(help) => return show(&help),
    };
    match perform(arguments.command.unwrap_or(Command::Serve), arguments.json) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            complain(&failure);
            failure.code()
        }
    }
}

/// Prints help, the version, or what is wrong with the arguments.
fn show(help: &clap::Error) -> ExitCode {
    match help.print() {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => ExitCode::FAILURE,
        _ => ExitCode::from(u8::try_from(help.exit_code()).unwrap_or(2)),
    }
}

fn perform(command: Command, json: bool) -> Result<(), Ending> {
    let out = Out::new(json);
    match &command {
        Command::Serve | Command::Completions { .. } | Command::Man { folder: None } if json => {
            return Err(Ending::Usage(
                "--json has no meaning here. For the log set GATEPOST_LOG_FORMAT=json.".to_owned(),
            ));
        }
        Command::Completions { shell } => return manual::completions(*shell),
        Command::Man { folder } => return manual::pages(folder.as_deref(), out),
        _ => {}
    }
    let mut config = Config::load()?;
    catch_file_size_signal();
    if !matches!(command, Command::Serve) && config.log_level == LogLevel::Normal {
        // A command answers by what it prints. The audit log has what it does.
        config.log_level = LogLevel::Critical;
    }
    let log = logging::start(&config);
    let done = match command {
        Command::Serve => serve::run(config, &log),
        command => run_command(command, config, out),
    };
    log.flush();
    done
}

fn run_command(command: Command, config: Config, out: Out) -> Result<(), Ending> {
    let threads = Threads::of(&config);
    match command {
        Command::Migrate(options) => threads.run(migrate::run(config, options, out)),
        Command::Backup { file } => backup::run(&config, &file, out),
        Command::Restore(options) => restore::run(&config, &options, out),
        Command::Copy(options) => threads.run(copy::run(config, options, out)),
        Command::Health(options) => health::run(&config, &options, out),
        Command::Account(command) => threads.run(account::run(config, command, out)),
        Command::App(command) => threads.run(app::run(config, *command, out)),
        Command::Export => threads.run(export::run(config, out)),
        Command::Apply(options) => threads.run(apply::run(config, options, out)),
        Command::Group(command) => threads.run(group::run(config, command, out)),
        Command::Audit(command) => threads.run(audit::run(config, command, out)),
        Command::Link { email } => threads.run(link::run(config, &email, out)),
        Command::Oidc(command) => threads.run(oidc::run(config, command, out)),
        Command::RotateKey { lost } => threads.run(rotate_key::run(config, lost, out)),
        Command::Check(options) => threads.run(check::run(config, options, out)),
        // Done before the configuration is read.
        Command::Serve | Command::Completions { .. } | Command::Man { .. } => Ok(()),
    }
}

/// Turns a write beyond the limit of file sizes into an error, like that of a full disk. Uncaught,
/// its signal would kill the process halfway.
fn catch_file_size_signal() {
    let kind = tokio::signal::unix::SignalKind::from_raw(libc::SIGXFSZ);
    // The handler stays when this runtime is gone.
    if let Ok(runtime) = tokio::runtime::Builder::new_current_thread().enable_io().build() {
        let _inside = runtime.enter();
        let _ = tokio::signal::unix::signal(kind);
    }
}

fn clock() -> Arc<dyn Clock> {
    Arc::new(SystemClock)
}

fn entropy() -> Arc<dyn Entropy> {
    Arc::new(SystemEntropy)
}

/// Refuses to run without a database, for commands that read one. The file may be missing only for
/// a moment. A new one would leave a running server with an empty database.
fn expect_database(config: &Config) -> Result<(), Ending> {
    match db::is_yet_to_be_made(&config.database_url) {
        Ok(false) => Ok(()),
        Ok(true) => Err(Ending::Failed(format!(
            "There is no database at {:?}. Start Gatepost once, or run `gatepost migrate`.",
            config.database_url
        ))),
        Err(error) => Err(Ending::Failed(error.to_string())),
    }
}
