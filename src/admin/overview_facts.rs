//! Facts on the overview, as one job reads them.

use super::audit_lines::Shown;
use crate::{
    db::{
        self, Error, Tx,
        audit_pages::Start,
        delivery::{self, Delivery},
        last_times::{self, Noted},
    },
    domain::{
        AuditFilter, AuditKind, Lifetime, Timestamp,
        mail::MailState,
        sign_ins::SignIns,
        upgrade::Upgrade,
        ways_in::{WaysIn, WaysOn},
    },
    services::Services,
};
use std::sync::Arc;

/// Days in the chart.
const DAYS: i64 = 30;

/// An upgrade is news for this long.
const NEWS: Lifetime = Lifetime::days(30);

/// Services that a reading job needs from outside the database.
pub(super) struct Outside(Arc<Services>);

pub(super) struct Facts {
    pub accounts: i64,
    pub admins: usize,
    pub sessions: i64,
    pub waiting: i64,
    pub dead: i64,
    pub delivery: Delivery,
    pub days: Vec<(Timestamp, SignIns)>,
    pub lets_an_admin_in: bool,
    /// Users who ask for access to an app.
    pub asks: i64,
    /// The newest change of a setting.
    pub changed: Shown,
    pub set_up: Option<Timestamp>,
    /// The newest backup that Gatepost made itself.
    pub backup: Option<Timestamp>,
    /// Time at which an admin last opened the link in a test email.
    pub test_opened: Option<Timestamp>,
    /// Percent of the disk that are free, if they are few.
    pub little_room: Option<u64>,
    pub is_key_file_open: bool,
    /// The database is a file on this machine.
    pub is_file: bool,
    pub upgrade: Option<Upgrade>,
}

impl Outside {
    pub(super) fn of(services: &Arc<Services>) -> Self {
        Self(Arc::clone(services))
    }
}

impl Facts {
    /// Returns whether the last day had no email.
    pub(super) const fn has_no_emails(&self) -> bool {
        self.delivery.accepted == 0 && self.delivery.failed == 0 && self.waiting == 0
    }

    pub(super) fn read(tx: &mut Tx<'_>, outside: &Outside) -> Result<Self, Error> {
        let Outside(services) = outside;
        let (now, url) = (tx.now, &services.config.database_url);
        let on = WaysOn::under(&*tx.settings()?);
        let ways = WaysIn { on, admins: db::ways_in::of_admins(tx.connection)? };
        let changes = AuditFilter { kind: Some(AuditKind::Settings), ..AuditFilter::default() };
        Ok(Self {
            accounts: db::accounts::count(tx.connection)?,
            admins: ways.admins.len(),
            sessions: db::sessions::count(tx.connection)?,
            waiting: db::outbox::count(tx.connection, MailState::Waiting)?,
            dead: db::outbox::count(tx.connection, MailState::Dead)?,
            delivery: delivery::since(tx.connection, now.minus(Lifetime::days(1)))?,
            days: db::sign_in_hours::of_days(tx.connection, now, DAYS)?,
            lets_an_admin_in: ways.lets_an_admin_in(),
            asks: db::app_asks::count_waiting(tx.connection)?.values().sum(),
            changed: Shown::read(tx, &changes, Start::Newest, 1)?,
            set_up: db::installation::set_up_at(tx.connection)?,
            backup: last_times::find(tx.connection, Noted::Backup)?,
            test_opened: last_times::find(tx.connection, Noted::TestEmailOpened)?,
            little_room: db::disk::little_room(url),
            is_key_file_open: services.keys.is_open_to_others(),
            is_file: db::disk::is_here(url),
            upgrade: db::starts::upgrade(tx.connection)?.filter(|upgrade| now.since(upgrade.at) < NEWS),
        })
    }
}
