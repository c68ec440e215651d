//! Pages on which admins see and change settings, users, emails and the audit log. For other users
//! these pages do not exist.
//!
//! Every change needs a fresh proof and leaves a line in the audit log, with before and after.

mod app_end;
mod app_form;
mod app_icon;
mod app_new;
mod app_people;
mod app_proxies;
mod apps;
mod asks;
mod audit;
mod audit_asked;
mod audit_files;
mod audit_lines;
mod chart;
mod client;
mod client_built_in;
mod client_form;
mod client_own_keys;
mod client_page;
mod declared;
mod end;
mod form_version;
mod groups;
mod handle;
mod invitations;
mod logo;
mod mail;
mod mail_check;
mod mail_domains;
mod mail_reply;
mod overview;
mod overview_facts;
mod people;
mod people_list;
mod people_several;
mod person;
mod recovery;
mod setting_fields;
mod setting_parts;
mod settings;
mod uploaded;
mod user;

use rocket::Route;

/// Rows of one page of a long list.
const ROWS: usize = 25;

pub fn routes() -> Vec<Route> {
    [
        overview::routes(),
        settings::routes(),
        logo::routes(),
        people::routes(),
        people_several::routes(),
        invitations::routes(),
        end::routes(),
        handle::routes(),
        groups::routes(),
        apps::routes(),
        app_new::routes(),
        app_end::routes(),
        app_icon::routes(),
        client::routes(),
        client_built_in::routes(),
        client_own_keys::routes(),
        app_people::routes(),
        asks::routes(),
        recovery::routes(),
        mail::routes(),
        mail_check::routes(),
        mail_domains::routes(),
        audit::routes(),
    ]
    .concat()
}
