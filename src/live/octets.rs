//! The parts of a packed session, one after the other. A part that does not fit is `None`.

use crate::domain::{
    AccountId, BrowserLabel, ClientAddress, RecoveryId, Timestamp,
    apps::{AppId, exit::Exit},
    group::GroupId,
    handle::Handle,
    recovery::{AskedBy, Recovery},
};

/// Moments are written in six bytes, which last for four thousand years.
const SIX_BYTES: std::ops::Range<i64> = -(1 << 47)..1 << 47;

/// In place of a handle's length: it is the part of the address before the `@`.
const AS_IN_ADDRESS: u8 = 255;
/// In place of a count: it follows in two octets.
const MANY: u8 = 255;

/// Bit of an octet of a distance: another octet follows.
const FOLLOWED: u8 = 1 << 7;
/// Bits of an octet that hold a part of the distance.
const LOW_BITS: u64 = 0x7f;

fn before_at(email: &str) -> &str {
    email.split('@').next().unwrap_or_default()
}

pub(super) struct Writer(pub Vec<u8>);

impl Writer {
    pub(super) fn time(&mut self, at: Timestamp) -> Option<()> {
        let millis = at.as_millis();
        if !SIX_BYTES.contains(&millis) {
            return None;
        }
        self.six_bytes(millis)
    }

    pub(super) fn six_bytes(&mut self, number: i64) -> Option<()> {
        self.0.extend(number.to_le_bytes().get(..6)?);
        Some(())
    }

    /// Writes a moment by its distance from another one: one octet for the same moment, three for a
    /// minute.
    pub(super) fn time_beside(&mut self, base: Timestamp, at: Timestamp) -> Option<()> {
        let distance = at.as_millis().checked_sub(base.as_millis())?;
        // The sign is the lowest bit, so that a moment just before takes as little as one just
        // after.
        let mut left = (distance.cast_unsigned() << 1) ^ (distance >> 63).cast_unsigned();
        while left > LOW_BITS {
            self.0.push(u8::try_from(left & LOW_BITS).ok()? | FOLLOWED);
            left >>= 7;
        }
        self.0.push(u8::try_from(left).ok()?);
        Some(())
    }

    pub(super) fn text(&mut self, text: &str) -> Option<()> {
        self.count(text.len())?;
        self.0.extend(text.as_bytes());
        Some(())
    }

    /// Writes a handle. The usual one is the part of the address before the `@`, and takes one
    /// octet.
    pub(super) fn handle(&mut self, handle: Option<&Handle>, email: &str) -> Option<()> {
        let text = handle.map_or("", Handle::as_str);
        if !text.is_empty() && text == before_at(email) {
            self.0.push(AS_IN_ADDRESS);
            return Some(());
        }
        self.0.push(u8::try_from(text.len()).ok().filter(|length| *length < AS_IN_ADDRESS)?);
        self.0.extend(text.as_bytes());
        Some(())
    }

    /// Writes a number in one octet, or in three from 255 on.
    pub(super) fn count(&mut self, count: usize) -> Option<()> {
        match u8::try_from(count).ok().filter(|count| *count < MANY) {
            Some(count) => self.0.push(count),
            None => {
                self.0.push(MANY);
                self.0.extend(u16::try_from(count).ok()?.to_le_bytes());
            }
        }
        Some(())
    }

    pub(super) fn groups(&mut self, groups: &[GroupId]) -> Option<()> {
        self.count(groups.len())?;
        self.0.extend(groups.iter().flat_map(|group| group.as_i64().to_le_bytes()));
        Some(())
    }

    /// Writes how many in one octet: none, usually.
    pub(super) fn exits(&mut self, exits: &[Exit]) -> Option<()> {
        self.0.push(u8::try_from(exits.len()).ok()?);
        exits.iter().try_for_each(|exit| {
            self.0.extend(exit.app.as_i64().to_le_bytes());
            self.0.push(u8::from(exit.is_out));
            self.time(exit.left_at)
        })
    }

    pub(super) fn optional_text(&mut self, text: Option<&str>) -> Option<()> {
        self.0.push(u8::from(text.is_some()));
        text.map_or(Some(()), |text| self.text(text))
    }

    pub(super) fn recovery(&mut self, recovery: &Recovery) -> Option<()> {
        self.0.extend(recovery.id.as_i64().to_le_bytes());
        self.text(recovery.asked_by.into_str())?;
        self.time(recovery.asked_at)?;
        self.time(recovery.due_at)?;
        self.optional_text(recovery.browser.as_ref().map(BrowserLabel::as_str))?;
        self.optional_text(recovery.client.map(|client| client.to_string()).as_deref())
    }
}

/// Reads what a [`Writer`] wrote.
pub(super) struct Reader<'a>(pub &'a [u8]);

impl<'a> Reader<'a> {
    pub(super) fn take<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (taken, rest) = self.0.split_first_chunk::<N>()?;
        self.0 = rest;
        Some(*taken)
    }

    pub(super) fn byte(&mut self) -> Option<u8> {
        self.take::<1>().map(|[byte]| byte)
    }

    pub(super) fn number(&mut self) -> Option<i64> {
        self.take().map(i64::from_le_bytes)
    }

    pub(super) fn six_bytes(&mut self) -> Option<i64> {
        let [a, b, c, d, e, f] = self.take()?;
        // Shifted up and down again, so that the sign fills the two bytes that are missing.
        Some(i64::from_le_bytes([0, 0, a, b, c, d, e, f]) >> 16)
    }

    pub(super) fn time_beside(&mut self, base: Timestamp) -> Option<Timestamp> {
        let mut distance = 0u64;
        for shift in (0..u64::BITS).step_by(7) {
            let octet = self.byte()?;
            distance |= (u64::from(octet) & LOW_BITS) << shift;
            if octet & FOLLOWED == 0 {
                let distance = (distance >> 1).cast_signed() ^ -(distance & 1).cast_signed();
                return Some(Timestamp::from_millis(base.as_millis().checked_add(distance)?));
            }
        }
        None
    }

    pub(super) fn time(&mut self) -> Option<Timestamp> {
        self.six_bytes().map(Timestamp::from_millis)
    }

    pub(super) fn text(&mut self) -> Option<&'a str> {
        let length = self.count()?;
        let (text, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        std::str::from_utf8(text).ok()
    }

    pub(super) fn handle(&mut self, email: &str) -> Option<Option<Handle>> {
        let text = match self.byte()? {
            0 => return Some(None),
            AS_IN_ADDRESS => before_at(email),
            length => {
                let (text, rest) = self.0.split_at_checked(usize::from(length))?;
                self.0 = rest;
                std::str::from_utf8(text).ok()?
            }
        };
        Handle::parse(text).ok().map(Some)
    }

    pub(super) fn count(&mut self) -> Option<usize> {
        match self.byte()? {
            MANY => self.take().map(u16::from_le_bytes).map(usize::from),
            count => Some(usize::from(count)),
        }
    }

    pub(super) fn groups(&mut self) -> Option<Vec<GroupId>> {
        let count = self.count()?;
        (0..count).map(|_| self.number().map(GroupId::from_i64)).collect()
    }

    pub(super) fn exits(&mut self) -> Option<Vec<Exit>> {
        let count = self.byte()?;
        let exit = |from: &mut Self| {
            let app = AppId::from_i64(from.number()?);
            let is_out = from.byte()? == 1;
            Some(Exit { app, is_out, left_at: from.time()? })
        };
        (0..count).map(|_| exit(self)).collect()
    }

    pub(super) fn optional_text(&mut self) -> Option<Option<&'a str>> {
        if self.byte()? == 1 { self.text().map(Some) } else { Some(None) }
    }

    /// Only a recovery that has not ended is kept.
    pub(super) fn recovery(&mut self, account_id: AccountId) -> Option<Recovery> {
        let id = RecoveryId::from_i64(self.number()?);
        let asked_by = self.text()?.parse::<AskedBy>().ok()?;
        let (asked_at, due_at) = (self.time()?, self.time()?);
        let browser = self.optional_text()?.map(|text| BrowserLabel::from_stored(text.to_owned()));
        let client = match self.optional_text()? {
            Some(text) => Some(ClientAddress::new(text.parse().ok()?)),
            None => None,
        };
        Some(Recovery { id, account_id, asked_by, asked_at, due_at, ended: None, browser, client })
    }
}
