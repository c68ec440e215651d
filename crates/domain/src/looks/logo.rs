//! The logo: a small PNG, and no file that only looks like one.
//!
//! Every page shows it and every email carries it. So it is checked more closely than other things
//! that an admin enters. The chunks are walked from the signature to the end, and nothing may
//! follow. PNG is the only format that is kept, because SVG can hold scripts and some email
//! programs show no WebP. `Logo::from_file` makes one from an admin's file.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::{fmt, sync::Arc};
use strum::VariantArray;

/// The largest file, in bytes.
pub const MAX_BYTES: usize = 64 * 1024;
/// The longest side, in pixels.
pub const MAX_PIXELS: u32 = 1024;

const SIGNATURE: &[u8; 8] = b"\x89PNG\r\n\x1a\n";

/// A PNG of a reasonable size.
#[derive(Clone, PartialEq, Eq)]
pub struct Logo(Vec<u8>);

/// The grounds that a logo is made for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, VariantArray)]
pub enum Ground {
    Light,
    Dark,
}

/// The logos that an email carries.
#[derive(Clone, Debug, Default)]
pub struct Logos {
    pub light: Option<Arc<Logo>>,
    /// Only beside a light one.
    pub dark: Option<Arc<Logo>>,
}

impl Ground {
    /// Returns the name of its setting.
    pub const fn setting(self) -> &'static str {
        match self {
            Self::Light => "logo",
            Self::Dark => "logo_dark",
        }
    }
}

/// Part of the hash of a logo. It names the logo in addresses, and changes with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogoVersion(String);

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum NotALogo {
    TooLarge,
    /// The file is small, but not the PNG made from it.
    TooLargeAsPng,
    /// Neither a PNG nor a WebP, or a broken one.
    NotAPicture,
    TooManyPixels,
}

impl Logo {
    pub fn parse(bytes: Vec<u8>) -> Result<Self, NotALogo> {
        if bytes.len() > MAX_BYTES {
            return Err(NotALogo::TooLarge);
        }
        let (width, height) = size_of_whole_png(&bytes).ok_or(NotALogo::NotAPicture)?;
        if !(1..=MAX_PIXELS).contains(&width) || !(1..=MAX_PIXELS).contains(&height) {
            return Err(NotALogo::TooManyPixels);
        }
        Ok(Self(bytes))
    }

    pub fn bytes(&self) -> &[u8] {
        &self.0
    }

    /// Returns width and height.
    pub fn pixels(&self) -> (u32, u32) {
        size_of_whole_png(&self.0).unwrap_or_default()
    }

    /// Returns whether it fits an icon: square within a tenth.
    pub fn is_square(&self) -> bool {
        let (width, height) = self.pixels();
        width.abs_diff(height) * 10 <= width.max(height)
    }

    pub fn version(&self) -> LogoVersion {
        LogoVersion(Sha256::digest(&self.0).iter().take(6).map(|byte| format!("{byte:02x}")).collect())
    }
}

impl fmt::Debug for Logo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Logo({} bytes)", self.0.len())
    }
}

impl LogoVersion {
    /// Reads the stored form.
    pub fn parse(text: &str) -> Option<Self> {
        let fine = text.len() == 12 && text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
        fine.then(|| Self(text.to_owned()))
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Returns width and height if this is one PNG from its first byte to its last. It needs signature,
/// IHDR, chunks with right lengths and checksums, at least one with pixels (IDAT), IEND, end.
fn size_of_whole_png(bytes: &[u8]) -> Option<(u32, u32)> {
    let mut rest = bytes.strip_prefix(SIGNATURE)?;
    let (mut size, mut has_pixels) = (None, false);
    loop {
        let (length, after) = rest.split_first_chunk::<4>()?;
        let (kind, after) = after.split_first_chunk::<4>()?;
        let length = usize::try_from(u32::from_be_bytes(*length)).ok()?;
        let content = after.get(..length)?;
        let (checksum, next) = after.get(length..)?.split_first_chunk::<4>()?;
        if u32::from_be_bytes(*checksum) != checksum_of(kind, content) {
            return None;
        }
        rest = next;
        match (kind, size) {
            (b"IHDR", None) if length == 13 => {
                let (width, content) = content.split_first_chunk::<4>()?;
                let (height, _) = content.split_first_chunk::<4>()?;
                size = Some((u32::from_be_bytes(*width), u32::from_be_bytes(*height)));
            }
            (b"IHDR", _) | (_, None) => return None,
            (b"IDAT", Some(_)) => has_pixels = true,
            (b"IEND", Some(size)) => return (length == 0 && rest.is_empty() && has_pixels).then_some(size),
            _ => {}
        }
    }
}

/// Returns the CRC-32 of a chunk's type and content (PNG specification, section 5.3).
fn checksum_of(kind: &[u8; 4], content: &[u8]) -> u32 {
    let mut crc = flate2::Crc::new();
    crc.update(kind);
    crc.update(content);
    crc.sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn chunk(kind: &[u8; 4], content: &[u8]) -> Vec<u8> {
        let length = u32::try_from(content.len()).unwrap().to_be_bytes();
        [&length[..], kind, content, &checksum_of(kind, content).to_be_bytes()].concat()
    }

    fn png(width: u32, height: u32) -> Vec<u8> {
        let header = [&width.to_be_bytes()[..], &height.to_be_bytes(), &[8, 6, 0, 0, 0]].concat();
        [&SIGNATURE[..], &chunk(b"IHDR", &header), &chunk(b"IDAT", &[1, 2, 3]), &chunk(b"IEND", &[])].concat()
    }

    #[test]
    fn a_whole_png_is_taken() {
        let logo = Logo::parse(png(64, 32)).unwrap();
        assert_eq!(LogoVersion::parse(logo.version().as_str()), Some(logo.version()));
    }

    #[test]
    fn a_square_logo_is_told_from_a_wide_one() {
        for (width, height, is_square) in [(64, 64, true), (100, 90, true), (100, 89, false), (32, 64, false)] {
            let logo = Logo::parse(png(width, height)).unwrap();
            assert_eq!((logo.pixels(), logo.is_square()), ((width, height), is_square));
        }
    }

    #[test]
    fn anything_else_is_not() {
        let whole = png(64, 32);
        assert_eq!(Logo::parse(png(1025, 1)), Err(NotALogo::TooManyPixels));
        assert_eq!(Logo::parse(png(0, 1)), Err(NotALogo::TooManyPixels));
        assert_eq!(Logo::parse(vec![0; MAX_BYTES + 1]), Err(NotALogo::TooLarge));
        for wrong in [
            Vec::new(),
            b"<svg xmlns='http://www.w3.org/2000/svg'><script/></svg>".to_vec(),
            b"GIF89a".to_vec(),
            whole[..whole.len() - 1].to_vec(),
            [&whole[..], b"<script>"].concat(),
            [&SIGNATURE[..], &chunk(b"IEND", &[])].concat(),
            [&SIGNATURE[..], &[0xff; 40]].concat(),
            // A second header, a long one, a short one, and content at the end.
            [&whole[..33], &whole[8..]].concat(),
            [&SIGNATURE[..], &chunk(b"IHDR", &[&whole[16..29], &[0]].concat()), &whole[33..]].concat(),
            [&SIGNATURE[..], &chunk(b"IHDR", &whole[16..28]), &whole[33..]].concat(),
            [&whole[..48], &chunk(b"IEND", &[0])].concat(),
            // No pixels, and one bit of them changed.
            [&whole[..33], &whole[48..]].concat(),
            whole.iter().enumerate().map(|(at, &byte)| if at == 42 { byte ^ 1 } else { byte }).collect(),
        ] {
            assert_eq!(Logo::parse(wrong), Err(NotALogo::NotAPicture));
        }
    }

    #[test]
    fn the_largest_logo_has_64_kib_and_1024_pixels() {
        assert!(Logo::parse(png(1024, 1)).is_ok() && Logo::parse(png(1, 1024)).is_ok());
        assert_eq!(Logo::parse(png(1, 1025)), Err(NotALogo::TooManyPixels));
        let whole = png(64, 32);
        let filled = |bytes: usize| {
            let pixels = vec![0; bytes - 33 - 12 - 12];
            [&whole[..33], &chunk(b"IDAT", &pixels), &chunk(b"IEND", &[])].concat()
        };
        assert_eq!(filled(65_536).len(), 65_536);
        assert!(Logo::parse(filled(65_536)).is_ok());
        assert_eq!(Logo::parse(filled(65_537)), Err(NotALogo::TooLarge));
    }

    proptest! {
        #[test]
        fn parsing_anything_at_all_never_panics(mut bytes in prop::collection::vec(any::<u8>(), 0..100), signed: bool) {
            if signed { bytes.splice(0..0, *SIGNATURE); }
            let _ = Logo::parse(bytes);
        }
    }
}
