//! The memory of a process.

/// Returns how many bytes of memory a process has.
pub fn resident(process: u32) -> usize {
    field(process, "VmRSS:")
}

/// Returns how many of them are its own. Pages of the binary are not, because the system reads them
/// again at need and shares them.
pub fn own(process: u32) -> usize {
    field(process, "RssAnon:")
}

fn field(process: u32, name: &str) -> usize {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).expect("a process");
    let line = status.lines().find_map(|line| line.strip_prefix(name)).expect("its memory");
    line.trim().trim_end_matches(" kB").parse::<usize>().expect("kilobytes") * 1024
}
