#![forbid(unsafe_code)]
pub mod db;
pub mod domain;
