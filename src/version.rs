//! Version of this Gatepost.

pub const VERSION: &str = env!("CARGO_PKG_VERSION");
/// The first digits of the commit, or `unknown`. With a `+` behind them, later changes may be built
/// in; see build.rs.
pub const COMMIT: &str = env!("BUILT_FROM");
/// Features that change what it can do, or `none`.
pub const FEATURES: &str = env!("BUILT_WITH");
/// All of it, as `gatepost --version` prints it.
pub const LONG: &str =
    concat!(env!("CARGO_PKG_VERSION"), " (commit ", env!("BUILT_FROM"), ", features: ", env!("BUILT_WITH"), ")");
