//! The URLs and the sender of the configuration.

#[path = "../../src/config/back_channel_url.rs"]
mod back_channel_url;
#[path = "../../src/config/base_url.rs"]
mod base_url;
#[path = "../../src/config/database_url.rs"]
mod database_url;
#[path = "../../src/config/mail.rs"]
mod mail;
#[path = "../../src/config/userinfo.rs"]
mod userinfo;

pub use back_channel_url::BackChannelUrl;
pub use base_url::BaseUrl;
pub use database_url::{DatabaseUrl, without_passwords};
pub use mail::{Dkim, Encryption, MailUrl, Sender};
