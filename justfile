# Short names for what one does every day. `just` without a name lists them.

default:
    @just --list

# Installs the Debian packages that the tests need
setup:
    scripts/setup

# Format, the length of functions, lints, documentation, dependencies
check:
    cargo fmt --check
    scripts/house
    cargo clippy --locked --all-targets -- -D warnings
    RUSTDOCFLAGS="-D warnings" cargo doc --locked --no-deps --document-private-items
    scripts/deny

# The rules and the application on SQLite; `just test NAME` runs the tests whose names hold NAME
test NAME="":
    RUST_BACKTRACE=0 cargo test --locked --lib --test it {{ NAME }}

# The application on a throw-away PostgreSQL
pg NAME="":
    RUST_BACKTRACE=0 scripts/postgres-for-tests cargo test --locked --test it {{ NAME }}

# Journeys in Chromium
browser NAME="":
    RUST_BACKTRACE=0 scripts/clients-for-tests cargo test --locked --test browser {{ NAME }}

# A benchmark on both databases, such as floods, enumeration, passwords or load
bench NAME:
    scripts/postgres-for-tests cargo bench --bench {{ NAME }}

# Every test, as CI runs them
all:
    scripts/test
