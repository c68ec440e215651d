//! Looks of the product: its logos and its colour.

pub mod colour;
pub mod logo;
mod logo_file;
mod logo_sizes;
