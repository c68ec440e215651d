#![forbid(unsafe_code)]
pub mod clock;
pub mod config;
pub mod db;
pub mod domain;
pub mod entropy;
