#![forbid(unsafe_code)]
pub mod attempts;
pub mod clock;
pub mod config;
pub mod db;
pub mod domain;
pub mod entropy;
pub mod live;
pub mod mail;
pub mod metrics;
pub mod outbox;
pub mod services;
