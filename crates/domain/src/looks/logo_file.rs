//! A logo from a file that an admin uploads. It is decoded and encoded again, so that only the
//! picture is left.

use crate::logo::{Logo, MAX_BYTES, MAX_PIXELS, NotALogo};
use image_webp::WebPDecoder;
use png::{BitDepth, ColorType, Compression, Decoder, Encoder, Limits, Transformations};
use std::io::Cursor;

/// The most memory that decoding may take, in bytes: the largest picture in its widest form, twice.
const MAX_MEMORY: usize = 2 * 8 * 1024 * 1024;

/// A decoded picture.
struct Picture {
    width: u32,
    height: u32,
    colour: ColorType,
    depth: BitDepth,
    palette: Option<Vec<u8>>,
    transparency: Option<Vec<u8>>,
    pixels: Vec<u8>,
}

impl Logo {
    /// Makes a logo from a PNG or a WebP. Of an animation, the first picture counts.
    pub fn from_file(bytes: Vec<u8>) -> Result<Self, NotALogo> {
        if bytes.len() > MAX_BYTES {
            return Err(NotALogo::TooLarge);
        }
        let picture = match from_webp(&bytes) {
            Some(picture) => picture?,
            // First as strict as the stored form: nothing before it, nothing after it.
            None => from_png(Self::parse(bytes)?.bytes())?,
        };
        let png = picture.encoded().ok_or(NotALogo::NotAPicture)?;
        Self::parse(png).map_err(|why| if why == NotALogo::TooLarge { NotALogo::TooLargeAsPng } else { why })
    }
}

fn from_png(bytes: &[u8]) -> Result<Picture, NotALogo> {
    decoded_png(bytes).ok_or(NotALogo::NotAPicture)
}

fn decoded_png(bytes: &[u8]) -> Option<Picture> {
    let mut decoder = Decoder::new_with_limits(Cursor::new(bytes), Limits { bytes: MAX_MEMORY });
    decoder.set_transformations(Transformations::IDENTITY);
    let mut reader = decoder.read_info().ok()?;
    let mut pixels = vec![0; reader.output_buffer_size().filter(|size| *size <= MAX_MEMORY)?];
    let frame = reader.next_frame(&mut pixels).ok()?;
    pixels.truncate(frame.buffer_size());
    let info = reader.info();
    Some(Picture {
        width: info.width,
        height: info.height,
        colour: info.color_type,
        depth: info.bit_depth,
        palette: info.palette.as_ref().map(|palette| palette.to_vec()),
        transparency: info.trns.as_ref().map(|transparency| transparency.to_vec()),
        pixels,
    })
}

/// Returns the picture in a WebP. `None` if the file does not begin as one.
fn from_webp(bytes: &[u8]) -> Option<Result<Picture, NotALogo>> {
    (bytes.starts_with(b"RIFF") && bytes.get(8..12) == Some(b"WEBP")).then(|| decoded_webp(bytes))
}

fn decoded_webp(bytes: &[u8]) -> Result<Picture, NotALogo> {
    let mut decoder = WebPDecoder::new(Cursor::new(bytes)).map_err(|_| NotALogo::NotAPicture)?;
    decoder.set_memory_limit(MAX_MEMORY);
    let (width, height) = decoder.dimensions();
    if !(1..=MAX_PIXELS).contains(&width) || !(1..=MAX_PIXELS).contains(&height) {
        return Err(NotALogo::TooManyPixels);
    }
    let size = decoder.output_buffer_size().filter(|size| *size <= MAX_MEMORY).ok_or(NotALogo::NotAPicture)?;
    let mut pixels = vec![0; size];
    decoder.read_image(&mut pixels).map_err(|_| NotALogo::NotAPicture)?;
    let colour = if decoder.has_alpha() { ColorType::Rgba } else { ColorType::Rgb };
    let depth = BitDepth::Eight;
    Ok(Picture { width, height, colour, depth, palette: None, transparency: None, pixels })
}

impl Picture {
    /// Returns the picture as a PNG with nothing beside it.
    fn encoded(self) -> Option<Vec<u8>> {
        let mut png = Vec::new();
        let mut encoder = Encoder::new(&mut png, self.width, self.height);
        encoder.set_color(self.colour);
        encoder.set_depth(self.depth);
        encoder.set_compression(Compression::High);
        if let Some(palette) = self.palette {
            encoder.set_palette(palette);
        }
        if let Some(transparency) = self.transparency {
            encoder.set_trns(transparency);
        }
        let mut writer = encoder.write_header().ok()?;
        writer.write_image_data(&self.pixels).ok()?;
        writer.finish().ok()?;
        Some(png)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use image_webp::{ColorType as WebPColour, WebPEncoder};
    use proptest::prelude::*;

    fn picture(width: u32, height: u32, pixel: impl Fn(u32) -> [u8; 4]) -> Picture {
        Picture {
            width,
            height,
            colour: ColorType::Rgba,
            depth: BitDepth::Eight,
            palette: None,
            transparency: None,
            pixels: (0..width * height).flat_map(pixel).collect(),
        }
    }

    fn webp(picture: &Picture) -> Vec<u8> {
        let mut bytes = Vec::new();
        let encoder = WebPEncoder::new(&mut bytes);
        encoder.encode(&picture.pixels, picture.width, picture.height, WebPColour::Rgba8).unwrap();
        bytes
    }

    /// Returns a picture that no encoder makes small.
    fn noise(width: u32, height: u32) -> Picture {
        picture(width, height, |at| (at.wrapping_mul(2_654_435_761) ^ (at >> 3).wrapping_mul(40_503)).to_be_bytes())
    }

    #[test]
    fn of_a_file_only_the_picture_is_kept() {
        let one = picture(8, 4, |at| [at as u8, 0, 200, 255]);
        let pixels = one.pixels.clone();
        let as_webp = webp(&one);
        let plain = one.encoded().unwrap();
        // A comment, as cameras and programs write them.
        let comment = [&b"tEXt"[..], b"Author\0Ana"].concat();
        let mut checksum = flate2::Crc::new();
        checksum.update(&comment);
        let chunk = [&10_u32.to_be_bytes()[..], &comment, &checksum.sum().to_be_bytes()].concat();
        let (before, end) = plain.split_at(plain.len() - 12);
        let with_comment = [before, &chunk, end].concat();
        for file in [plain.clone(), with_comment, as_webp] {
            let logo = Logo::from_file(file).unwrap();
            assert!(!logo.bytes().windows(3).any(|bytes| bytes == b"Ana"));
            let decoded = decoded_png(logo.bytes()).unwrap();
            assert_eq!((decoded.width, decoded.height, decoded.pixels), (8, 4, pixels.clone()));
        }
    }

    #[test]
    fn a_palette_and_its_transparency_stay() {
        let drawn = Picture {
            colour: ColorType::Indexed,
            palette: Some(vec![255, 0, 0, 0, 0, 255]),
            transparency: Some(vec![0, 255]),
            pixels: vec![0, 1, 1, 0],
            ..picture(2, 2, |_| [0; 4])
        };
        let logo = Logo::from_file(drawn.encoded().unwrap()).unwrap();
        let kept = decoded_png(logo.bytes()).unwrap();
        assert_eq!((kept.palette, kept.transparency), (Some(vec![255, 0, 0, 0, 0, 255]), Some(vec![0, 255])));
        assert_eq!(kept.pixels, [0, 1, 1, 0]);
    }

    #[test]
    fn what_is_broken_or_too_large_is_refused() {
        let whole = webp(&noise(16, 16));
        assert_eq!(Logo::from_file(whole[..whole.len() / 2].to_vec()), Err(NotALogo::NotAPicture));
        assert_eq!(Logo::from_file(webp(&picture(1025, 1, |_| [0; 4]))), Err(NotALogo::TooManyPixels));
        assert_eq!(Logo::from_file(vec![0; MAX_BYTES + 1]), Err(NotALogo::TooLarge));
        // Right by its chunks, but its pixels are none.
        let chunk = |kind: &[u8; 4], content: &[u8]| {
            let mut checksum = flate2::Crc::new();
            checksum.update(kind);
            checksum.update(content);
            let length = u32::try_from(content.len()).unwrap().to_be_bytes();
            [&length[..], kind, content, &checksum.sum().to_be_bytes()].concat()
        };
        let header = [&8_u32.to_be_bytes()[..], &8_u32.to_be_bytes(), &[8, 6, 0, 0, 0]].concat();
        let parts = [chunk(b"IHDR", &header), chunk(b"IDAT", &[1, 2, 3]), chunk(b"IEND", &[])];
        let hollow = [&b"\x89PNG\r\n\x1a\n"[..], &parts.concat()].concat();
        assert!(Logo::parse(hollow.clone()).is_ok());
        assert_eq!(Logo::from_file(hollow), Err(NotALogo::NotAPicture));
    }

    proptest! {
        #[test]
        fn no_file_at_all_makes_it_panic(mut bytes in prop::collection::vec(any::<u8>(), 0..200), is_webp: bool) {
            if is_webp && bytes.len() >= 12 {
                bytes[..4].copy_from_slice(b"RIFF");
                bytes[8..12].copy_from_slice(b"WEBP");
            }
            let _ = Logo::from_file(bytes);
        }
    }
}
