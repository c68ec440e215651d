//! One integration binary. It runs on SQLite, and again on PostgreSQL when `TEST_POSTGRES_URL`
//! names a server. The README's test command does both.

#![allow(unreachable_pub, reason = "nothing calls it from outside")]
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that cannot go on should stop loudly"
)]

mod account;
mod account_ends;
mod account_languages;
mod account_pages;
mod acting;
mod acting_dismissed;
mod acting_nodes;
mod acting_strangers;
mod addresses;
mod admin;
mod admin_languages;
mod alike;
mod app_access;
mod app_asks;
mod app_launcher;
mod apps_pages;
mod apps_stored;
mod architecture;
mod audit_pages;
mod audit_seals;
mod authenticator;
mod breach_list;
mod browser;
mod catalogue;
mod change_log;
mod circles;
mod client_own_keys;
mod client_uses;
mod clients_pages;
mod clocks;
mod codes;
mod database;
mod declared;
mod dkim;
#[path = "../shared/dns.rs"]
mod dns;
mod email_link;
mod ended_sessions;
mod enumeration;
mod exports;
#[path = "../shared/first_version.rs"]
mod first_version;
mod floods;
mod forms;
mod forward_auth;
mod forward_auth_attacks;
mod forward_auth_outage;
mod forward_auth_strength;
mod full_total;
mod fuzzing;
mod gate;
mod german;
mod german_sign_in;
mod harness;
mod inbox;
mod invitations;
mod kept_address;
mod leaving;
mod letters;
mod lifetimes;
mod limits;
mod limits_table;
mod long_lines;
mod long_texts;
mod mail_check;
mod mail_records;
mod new_browsers;
mod not_me;
mod odd_server;
mod odd_servers;
mod oidc;
mod oidc_app;
mod oidc_assertion;
mod oidc_consent;
mod oidc_device;
mod oidc_endings;
mod oidc_jwt;
mod oidc_keys;
mod oidc_left;
mod oidc_logout;
mod oidc_modes;
mod oidc_now;
mod oidc_pairs;
mod oidc_proof;
mod oidc_refused;
mod oidc_rows;
mod oidc_secrets;
mod oidc_select;
mod oidc_spoilt;
mod oidc_tables;
mod oidc_told;
mod openings;
mod outage;
mod outbox;
mod overview;
mod own_tries;
mod pages;
mod pages_tell;
mod passkey_offers;
mod passkey_pages;
mod passkeys;
mod passwords;
mod people_list;
mod phone;
mod postgres;
mod pre_hijacking;
mod presets;
mod promises;
mod questions;
mod queue;
mod races;
mod receiver;
mod recovery;
mod recovery_codes;
mod redirects;
mod review;
mod sealing;
mod second_factor;
mod security_page;
mod sessions;
mod set_up;
mod settings;
mod settings_page;
mod settings_sections;
#[path = "../shared/letters.rs"]
mod shared_letters;
mod slow_routes;
mod smtp_sink;
#[path = "../shared/source.rs"]
mod source;
mod standards;
mod standing;
mod step_up;
mod storage;
mod test_email;
mod time_zones;
mod token_lifetimes;
mod totp;
mod tours;
mod transactions;
mod transfer;
mod turned_off;
mod undo;
mod undo_addresses;
mod undo_ends;
mod undo_former;
mod undo_guesses;
mod undo_newcomers;
mod undo_rights;
mod upgrade;
mod upgrade_landings;
mod validation;
mod ways_in;
mod ways_on;
mod webauthn_vectors;
mod words;
