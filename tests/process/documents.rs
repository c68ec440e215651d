//! Commands that the documents tell operators to type.

use std::process::Command;

#[test]
fn every_command_of_the_documents_exists_and_runs_where_it_can() {
    let root = env!("CARGO_MANIFEST_DIR");
    let binary = env!("CARGO_BIN_EXE_gatepost");
    let tried = Command::new("scripts/documents").args(["commands", binary]).current_dir(root).output().unwrap();
    assert!(tried.status.success(), "{}", String::from_utf8_lossy(&tried.stderr));
}
