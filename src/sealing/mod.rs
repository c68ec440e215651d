//! Seals secrets that must come back in plain, such as that of an authenticator app. The key is in
//! the operator's key file and not in the database. A reader of the database therefore learns
//! nothing.

mod carried;
mod fault;
mod file;
mod key;
mod sealed;
mod text;

pub use fault::{FileFault, SealFault};
pub use key::{Keys, Role, Secret};
pub use sealed::{HEADER, Unsealed, is_first_version, key_of};

use crate::domain::{
    AccountId, AuthenticatorId, Entropy, KeyId, Lifetime, SealedPlace, Timestamp, TokenHash, code::CodeSalt,
};
use file::KeyFile;
use ring::hmac;
use std::{
    path::Path,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicI64, Ordering},
    },
};

/// Returns the row of an authenticator app, as the place of its secret.
pub const fn place_of(account: AccountId, authenticator: AuthenticatorId) -> SealedPlace {
    SealedPlace::Totp { account, authenticator }
}

/// Interval at which an unknown key may have the file read again.
const AGAIN: Lifetime = Lifetime::seconds(1);

/// The keys of the operator's key file. It reads the file when first needed. It reads it again when
/// it may have changed, because `gatepost rotate-key` works beside a running server. Each read
/// blocks briefly.
pub struct KeyRing {
    file: KeyFile,
    known: Mutex<Option<Arc<Keys>>>,
    /// Time at which a stranger's unknown key had it read again, in milliseconds.
    asked_at: AtomicI64,
}

/// Seals under the key that was the newest of the file a moment ago.
pub struct Sealer(Arc<Keys>);

impl Sealer {
    pub fn seal(&self, entropy: &dyn Entropy, plain: &[u8], place: SealedPlace) -> Result<Vec<u8>, SealFault> {
        sealed::seal(&self.0, entropy, plain, place.words().as_bytes())
    }
}

/// Opens secrets in a transaction, which must not wait for a disk. It knows the keys that
/// [`KeyRing::opener`] found.
pub struct Opener(Arc<Keys>);

impl Opener {
    /// Opens what [`KeyRing::seal`] sealed for the same place.
    pub fn open(&self, sealed: &[u8], place: SealedPlace) -> Result<Unsealed, SealFault> {
        let words = if is_first_version(sealed) { place.first_words() } else { place.words() };
        match (sealed::open(&self.0, sealed, words.as_bytes())?, key_of(sealed)) {
            (Some(plain), _) => Ok(plain),
            (None, Some(id)) => Err(SealFault::UnknownKey(id)),
            (None, None) => Err(SealFault::NotGenuine),
        }
    }
}

impl KeyRing {
    /// Names the file, and reads nothing yet.
    pub fn at(path: &Path) -> Self {
        Self { file: KeyFile::at(path), known: Mutex::default(), asked_at: AtomicI64::new(i64::MIN) }
    }

    pub fn path(&self) -> &Path {
        self.file.path()
    }

    /// Seals a secret for one place. It opens only there, so that a row's secret is useless in
    /// another row or account.
    ///
    /// Reads the file again, because it may have a newer key or be gone. A secret under a key that
    /// is in no file would be lost with this process.
    pub fn seal(&self, entropy: &dyn Entropy, plain: &[u8], place: SealedPlace) -> Result<Vec<u8>, SealFault> {
        self.sealer()?.seal(entropy, plain, place)
    }

    /// Reads the file now for a secret that is sealed later, because a transaction must not wait
    /// for a disk. A key that is replaced in between stays in the file for days.
    pub fn sealer(&self) -> Result<Sealer, SealFault> {
        Ok(Sealer(self.reread()?))
    }

    /// Returns what opens these later. Reads the file again if one of their keys is unknown: it may
    /// be new in the file. If that fails, the others still open.
    pub fn opener<'a>(&self, sealed: impl IntoIterator<Item = &'a [u8]>) -> Result<Opener, SealFault> {
        let keys = self.keys()?;
        let is_unknown = |sealed: &[u8]| key_of(sealed).is_some_and(|id| keys.find(id).is_none());
        if !sealed.into_iter().any(is_unknown) {
            return Ok(Opener(keys));
        }
        Ok(Opener(self.reread().unwrap_or_else(|fault| {
            tracing::error!(error = %fault, "cannot read the key file again");
            keys
        })))
    }

    /// Opens what [`KeyRing::seal`] sealed for the same place.
    pub fn open(&self, sealed: &[u8], place: SealedPlace) -> Result<Unsealed, SealFault> {
        match Opener(self.keys()?).open(sealed, place) {
            // Its key may have come into the file since the last read.
            Err(SealFault::UnknownKey(_)) => Opener(self.reread()?).open(sealed, place),
            opened => opened,
        }
    }

    /// Seals the same secret under the newest key and in the newest version.
    pub fn seal_anew(&self, entropy: &dyn Entropy, sealed: &[u8], place: SealedPlace) -> Result<Vec<u8>, SealFault> {
        let plain = self.open(sealed, place)?;
        self.seal(entropy, plain.as_bytes(), place)
    }

    /// Returns a hash that only this installation can compute. It is the same after restarts and
    /// rotations and on every node, so that values made from it look stored.
    pub fn keyed_hash(&self, context: &[u8], data: &[u8]) -> Result<[u8; 32], SealFault> {
        let keys = self.keys()?;
        let mut hmac = hmac::Context::with_key(keys.stable.deriving());
        // The length comes first, so that no two pairs give the same input.
        hmac.update(&(context.len() as u64).to_be_bytes());
        hmac.update(context);
        hmac.update(data);
        let mut hash = [0; 32];
        hash.iter_mut().zip(hmac.sign().as_ref()).for_each(|(to, from)| *to = *from);
        Ok(hash)
    }

    /// Returns the salt of an attempt's code: a keyed hash of the attempt's verifier.
    pub fn code_salt(&self, verifier: &TokenHash) -> Result<CodeSalt, SealFault> {
        self.keyed_hash(b"emailed code", verifier.as_bytes()).map(CodeSalt::from_keyed_hash)
    }

    /// Reads the file and returns the names of its keys, newest first.
    pub fn load(&self) -> Result<Vec<KeyId>, FileFault> {
        Ok(self.reread()?.ids())
    }

    /// Does the same. If there is no file, makes one from these keys.
    pub fn load_or_make(&self, fresh: &Keys) -> Result<Vec<KeyId>, FileFault> {
        match self.load() {
            Err(FileFault::Missing(_)) => {
                self.file.make(fresh)?;
                // Read it back, because another node may have made its own first.
                self.load()
            }
            loaded => loaded,
        }
    }

    /// Puts a new key before the others, unless it is there already. The caller prevents other
    /// changes of the file at the same time.
    pub fn add(&self, newest: &Secret) -> Result<Vec<KeyId>, FileFault> {
        let keys = self.reread()?;
        if keys.find(newest.id()).is_none() {
            self.file.replace(&Keys::clone(&keys).with(newest.clone()))?;
        }
        self.load()
    }

    /// Drops all keys except these and the newest two. A server that runs beside may just have
    /// sealed under the second newest. The caller prevents other changes of the file at the same
    /// time.
    pub fn drop_but(&self, kept: &[KeyId]) -> Result<Vec<KeyId>, FileFault> {
        let keys = self.reread()?;
        let (older, dropped): (Vec<_>, Vec<_>) =
            keys.older.iter().enumerate().partition(|(n, key)| *n == 0 || kept.contains(&key.id()));
        let own = |some: Vec<(usize, &Secret)>| some.into_iter().map(|(_, key)| key.clone()).collect::<Vec<_>>();
        let (older, dropped) = (own(older), own(dropped));
        if !dropped.is_empty() {
            self.file.replace(&Keys { older, ..Keys::clone(&keys) })?;
            self.load()?;
        }
        Ok(dropped.iter().map(Secret::id).collect())
    }

    /// Returns whether other users of the machine may read it.
    pub fn is_open_to_others(&self) -> bool {
        self.file.is_open_to_others()
    }

    /// Checks that the file could be made. Makes nothing.
    pub fn could_be_made(&self) -> Result<(), FileFault> {
        self.file.could_be_made()
    }

    fn keys(&self) -> Result<Arc<Keys>, FileFault> {
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner).clone();
        known.map_or_else(|| self.reread(), Ok)
    }

    /// Returns whether an unknown key may have the file read. Each read may wait for a disk.
    fn may_read_again(&self, now: Timestamp) -> bool {
        let (now, last) = (now.as_millis(), self.asked_at.load(Ordering::Relaxed));
        let is_due = now.abs_diff(last) >= AGAIN.as_millis().unsigned_abs();
        is_due && self.asked_at.compare_exchange(last, now, Ordering::Relaxed, Ordering::Relaxed).is_ok()
    }

    fn reread(&self) -> Result<Arc<Keys>, FileFault> {
        let read = Arc::new(self.file.read()?);
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        // A secret under a foreign key would be useless on other nodes, and once the right file is
        // back.
        if known.as_ref().is_some_and(|known| known.stable.id() != read.stable.id()) {
            return Err(FileFault::Strange(self.file.path().to_owned()));
        }
        *known = Some(Arc::clone(&read));
        Ok(read)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        domain::{Code, HashMemory},
        entropy::SystemEntropy,
    };
    use std::fs;

    fn made() -> (tempfile::TempDir, KeyRing) {
        let folder = tempfile::tempdir().unwrap();
        let ring = KeyRing::at(&folder.path().join("gatepost.key"));
        ring.load_or_make(&Keys::make(&SystemEntropy)).unwrap();
        (folder, ring)
    }

    fn place() -> SealedPlace {
        place_of(AccountId::from_i64(1), AuthenticatorId::from_i64(1))
    }

    fn another_key() -> Secret {
        Secret::make(&SystemEntropy, Role::Sealing)
    }

    fn opens(ring: &KeyRing, sealed: &[u8]) -> bool {
        ring.open(sealed, place()).is_ok_and(|plain| plain.as_bytes() == b"secret")
    }

    #[test]
    fn an_opener_reads_no_file_and_knows_the_keys_of_its_moment() {
        let (_folder, server) = made();
        let before = server.seal(&SystemEntropy, b"secret", place()).unwrap();
        let command = KeyRing::at(server.path());
        command.add(&another_key()).unwrap();
        let newer = command.seal(&SystemEntropy, b"secret", place()).unwrap();
        let opens = |opener: &Opener, sealed: &[u8]| opener.open(sealed, place()).is_ok();

        let early = server.opener([before.as_slice()]).unwrap();
        let late = server.opener([before.as_slice(), newer.as_slice()]).unwrap();
        fs::remove_file(server.path()).unwrap();
        assert!(opens(&early, &before) && opens(&late, &before) && opens(&late, &newer));
        assert!(matches!(early.open(&newer, place()), Err(SealFault::UnknownKey(_))));
        // Without the file, what is known still opens.
        let lost = Secret::make(&SystemEntropy, Role::Sealing);
        let strange = [&newer[..1], lost.id().as_bytes(), &newer[HEADER..]].concat();
        let opener = server.opener([newer.as_slice(), strange.as_slice()]).unwrap();
        assert!(opens(&opener, &newer) && !opens(&opener, &strange));
    }

    #[test]
    fn nothing_is_read_or_made_before_it_is_needed() {
        let folder = tempfile::tempdir().unwrap();
        let ring = KeyRing::at(&folder.path().join("gatepost.key"));
        for fault in [
            ring.seal(&SystemEntropy, b"x", place()).map(drop),
            ring.open(&[1; 60], place()).map(drop),
            ring.keyed_hash(b"", b"").map(drop),
        ] {
            assert!(matches!(fault, Err(SealFault::File(FileFault::Missing(_)))), "{fault:?}");
        }
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
    }

    #[test]
    fn a_running_server_goes_on_while_keys_are_rotated_beside_it() {
        let (_folder, server) = made();
        let command = KeyRing::at(server.path());
        let before = server.seal(&SystemEntropy, b"secret", place()).unwrap();
        let newest = another_key();
        command.add(&newest).unwrap();
        command.add(&newest).unwrap();
        assert_eq!(command.load().unwrap().len(), 2, "a job that runs twice adds it once");
        let by_the_command = command.seal(&SystemEntropy, b"secret", place()).unwrap();
        assert!(opens(&server, &before) && opens(&server, &by_the_command));
        let by_the_server = server.seal(&SystemEntropy, b"secret", place()).unwrap();
        assert_eq!(key_of(&by_the_server), Some(newest.id()), "it took up the new key by itself");
        assert!(opens(&command, &by_the_server));
    }

    #[test]
    fn only_keys_that_nothing_needs_are_dropped_and_never_the_one_before_the_newest() {
        let (_folder, ring) = made();
        let first = ring.load().unwrap()[0];
        let sealed = ring.seal(&SystemEntropy, b"secret", place()).unwrap();
        let (second, third) = (another_key(), another_key());
        ring.add(&second).unwrap();
        assert!(ring.drop_but(&[]).unwrap().is_empty());
        ring.add(&third).unwrap();
        assert!(ring.drop_but(&[first]).unwrap().is_empty());
        assert!(opens(&ring, &sealed));
        assert_eq!(ring.drop_but(&[]).unwrap(), [first]);
        assert_eq!(ring.load().unwrap(), [third.id(), second.id()]);
        assert!(matches!(ring.open(&sealed, place()), Err(SealFault::UnknownKey(id)) if id == first));
    }

    #[test]
    fn without_its_file_a_running_server_opens_and_seals_nothing_more() {
        let (_folder, ring) = made();
        let sealed = ring.seal(&SystemEntropy, b"secret", place()).unwrap();
        fs::remove_file(ring.path()).unwrap();
        assert!(opens(&ring, &sealed));
        let fault = ring.seal(&SystemEntropy, b"secret", place());
        assert!(matches!(fault, Err(SealFault::File(FileFault::Missing(_)))));
        // The file of another installation replaces it.
        KeyRing::at(ring.path()).load_or_make(&Keys::make(&SystemEntropy)).unwrap();
        let fault = ring.seal(&SystemEntropy, b"secret", place());
        assert!(matches!(fault, Err(SealFault::File(FileFault::Strange(_)))));
        assert!(opens(&ring, &sealed), "and what it has stays");
    }

    #[test]
    fn a_keyed_hash_stays_the_same_after_a_restart_and_a_rotation_and_is_nobody_else_s() {
        let (_folder, ring) = made();
        let hash = ring.keyed_hash(b"passkey", b"ana@example.com").unwrap();
        ring.add(&another_key()).unwrap();
        ring.add(&another_key()).unwrap();
        ring.drop_but(&[]).unwrap();
        assert_eq!(KeyRing::at(ring.path()).keyed_hash(b"passkey", b"ana@example.com").unwrap(), hash);
        for (context, data) in
            [(&b"passkeya"[..], &b"na@example.com"[..]), (b"", b"passkeyana@example.com"), (b"passkey", b"ben")]
        {
            assert_ne!(ring.keyed_hash(context, data).unwrap(), hash);
        }
        assert_ne!(made().1.keyed_hash(b"passkey", b"ana@example.com").unwrap(), hash);
    }

    /// Nodes of two versions run beside each other during an upgrade.
    #[test]
    fn a_keyed_hash_is_the_same_in_every_version() {
        const KNOWN: &str = "91df4e0c6f1914cc24a947a7b6d2adbc76cbcacb16e3a7d803562e92cbe43f9d";
        let folder = tempfile::tempdir().unwrap();
        let ring = KeyRing::at(&folder.path().join("gatepost.key"));
        let stable = Secret::read("AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE", Role::Stable).unwrap();
        ring.load_or_make(&Keys { stable, newest: another_key(), older: Vec::new() }).unwrap();
        let hash = ring.keyed_hash(b"passkey", b"ana@example.com").unwrap();
        assert_eq!(hash.iter().map(|octet| format!("{octet:02x}")).collect::<String>(), KNOWN);
        // A salt shows itself only by what it makes of a code.
        let salt = ring.code_salt(&TokenHash::from_slice(&[7; 32]).unwrap()).unwrap();
        let known = CodeSalt::from_keyed_hash(ring.keyed_hash(b"emailed code", &[7; 32]).unwrap());
        let (code, memory) = (Code::read("K7M-2QX").unwrap(), HashMemory::default());
        assert_eq!(code.hash(&salt, &memory).unwrap(), code.hash(&known, &memory).unwrap());
    }
}
