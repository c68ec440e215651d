//! `gatepost completions` and `gatepost man`: what packages install beside the binary.

use super::{
    Arguments, Ending,
    out::{Out, print_bytes},
};
use clap::CommandFactory;
use clap_complete::Shell;
use serde_json::json;
use std::path::Path;

const NAME: &str = "gatepost";

/// Prints the script by which a shell completes our commands and options.
pub(super) fn completions(shell: Shell) -> Result<(), Ending> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Arguments::command(), NAME, &mut script);
    print_bytes(&script)
}

/// Prints the manual page, or writes one for each command into a folder, which it makes.
pub(super) fn pages(folder: Option<&Path>, out: Out) -> Result<(), Ending> {
    let Some(folder) = folder else {
        let mut page = Vec::new();
        let rendered = clap_mangen::Man::new(Arguments::command()).render(&mut page);
        return rendered.map_err(|error| Ending::Failed(error.to_string())).and_then(|()| print_bytes(&page));
    };
    std::fs::create_dir_all(folder)
        .and_then(|()| clap_mangen::generate_to(Arguments::command(), folder))
        .map_err(|error| Ending::Failed(format!("Cannot write to {}: {error}.", folder.display())))?;
    out.tell(&json!({ "folder": folder.display().to_string() }))?;
    out.say(format!("Written to {}.", folder.display()))
}
