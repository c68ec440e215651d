//! The sealed values that browsers carry between Gatepost and an app.

use crate::{
    domain::{
        Entropy,
        apps::{
            AppId,
            carried::{Pass, Purpose, WayIn, bound_to},
        },
    },
    sealing::{KeyRing, SealFault},
    services::Services,
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};

/// No value of ours is longer. Others are not even decoded.
const MAX: usize = 4096;

/// An app at one of its hosts: what a value is sealed for.
#[derive(Clone, Copy)]
pub(super) struct For<'a> {
    pub app: AppId,
    pub origin: &'a str,
}

impl For<'_> {
    pub(super) fn seal_pass(self, services: &Services, pass: Pass) -> Result<String, SealFault> {
        self.seal((&services.keys, &*services.entropy), Purpose::Pass, &pass.write())
    }

    pub(super) fn seal_way_in(self, services: &Services, way_in: &WayIn) -> Result<String, SealFault> {
        self.seal((&services.keys, &*services.entropy), Purpose::WayIn, &way_in.write())
    }

    pub(super) fn open_pass(self, services: &Services, text: &str) -> Result<Option<Pass>, SealFault> {
        Ok(self.open(services, Purpose::Pass, text)?.and_then(|bytes| Pass::read(&bytes)))
    }

    pub(super) fn open_way_in(self, services: &Services, text: &str) -> Result<Option<WayIn>, SealFault> {
        Ok(self.open(services, Purpose::WayIn, text)?.and_then(|bytes| WayIn::read(&bytes)))
    }

    fn seal(
        self,
        (keys, entropy): (&KeyRing, &dyn Entropy),
        purpose: Purpose,
        plain: &[u8],
    ) -> Result<String, SealFault> {
        let sealed = keys.seal_for_app(entropy, plain, &bound_to(purpose, self.app, self.origin))?;
        Ok(URL_SAFE_NO_PAD.encode(sealed))
    }

    fn open(self, services: &Services, purpose: Purpose, text: &str) -> Result<Option<Vec<u8>>, SealFault> {
        let Some(sealed) = (text.len() <= MAX).then(|| URL_SAFE_NO_PAD.decode(text).ok()).flatten() else {
            return Ok(None);
        };
        let opened = services.keys.open_for_app(&sealed, &bound_to(purpose, self.app, self.origin), services.now())?;
        Ok(opened.map(|opened| opened.as_bytes().to_vec()))
    }
}
