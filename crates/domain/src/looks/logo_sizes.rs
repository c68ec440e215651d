//! Other sizes of a logo: one that a page itself can hold, and a square one for a home screen.

use crate::logo::Logo;
use png::{BitDepth, ColorType, Compression, Decoder, Encoder, Limits, Transformations};
use std::{io::Cursor, ops::Range};

/// The most memory that decoding may take, in bytes: the largest logo, twice.
const MAX_MEMORY: usize = 2 * 4 * 1024 * 1024;

/// Half of the box in which pages show a logo, in the units of CSS. `img.logo` in the stylesheet
/// has the same numbers.
const HALF_A_BOX: (u32, u32) = (96, 24);

/// Ways for a page to show a logo, best first: multiples of half the box, and bits of each colour.
/// Screens show two pixels for a unit of CSS, and hardly less for one and a half. The last one fits
/// in 6 KiB even if all its pixels are noise.
const FOR_PAGES: [(u32, u32); 7] = [(4, 8), (3, 8), (4, 5), (3, 5), (2, 8), (2, 4), (1, 4)];

/// Phones show a transparent ground in black. The logo is made for a light one.
const WHITE: [u8; 4] = [255; 4];

type Pixel = [u8; 4];

/// A decoded logo. Each pixel has red, green, blue and opacity.
struct Picture {
    width: u32,
    height: u32,
    pixels: Vec<Pixel>,
}

impl Logo {
    /// Returns the PNG that pages hold: the best of at most `most` bytes. A page that asks for the
    /// file would take a request more, so that a photograph loses shades, then sharpness.
    pub fn for_pages(&self, most: usize) -> Option<Vec<u8>> {
        if self.bytes().len() <= most {
            return Some(self.bytes().to_vec());
        }
        let picture = Picture::of(self)?;
        let (width, height) = HALF_A_BOX;
        let ways = FOR_PAGES.iter().map(|(sharp, bits)| ((width * sharp, height * sharp), *bits));
        ways.filter_map(|(size, bits)| picture.within(size).in_shades(bits).encoded()).find(|png| png.len() <= most)
    }

    /// Returns a square PNG with the logo in its middle.
    pub fn on_a_square(&self, side: u32) -> Option<Vec<u8>> {
        Picture::of(self)?.within((side, side)).centred_on(side).encoded()
    }
}

impl Picture {
    fn of(logo: &Logo) -> Option<Self> {
        let mut decoder = Decoder::new_with_limits(Cursor::new(logo.bytes()), Limits { bytes: MAX_MEMORY });
        decoder.set_transformations(Transformations::normalize_to_color8());
        let mut reader = decoder.read_info().ok()?;
        let mut bytes = vec![0; reader.output_buffer_size().filter(|size| *size <= MAX_MEMORY)?];
        let frame = reader.next_frame(&mut bytes).ok()?;
        bytes.truncate(frame.buffer_size());
        let pixel = |samples: &[u8]| match *samples {
            [grey] => Some([grey, grey, grey, 255]),
            [grey, opacity] => Some([grey, grey, grey, opacity]),
            [red, green, blue] => Some([red, green, blue, 255]),
            [red, green, blue, opacity] => Some([red, green, blue, opacity]),
            _ => None,
        };
        let pixels = bytes.chunks_exact(frame.color_type.samples()).filter_map(pixel).collect();
        Some(Self { width: frame.width, height: frame.height, pixels })
    }

    fn at(&self, x: u32, y: u32) -> Pixel {
        let at = u64::from(y) * u64::from(self.width) + u64::from(x);
        usize::try_from(at).ok().and_then(|at| self.pixels.get(at)).copied().unwrap_or_default()
    }

    /// Returns the picture as large as fits, never larger than it is.
    fn within(&self, (width, height): (u32, u32)) -> Self {
        let (own_width, own_height) = (self.width.max(1), self.height.max(1));
        let is_wider = u64::from(own_width) * u64::from(height) > u64::from(own_height) * u64::from(width);
        let size = if is_wider {
            (width, part(own_height, width, own_width))
        } else {
            (part(own_width, height, own_height), height)
        };
        self.scaled(size.0.clamp(1, own_width), size.1.clamp(1, own_height))
    }

    /// Returns the picture in this size, which is no larger than its own.
    fn scaled(&self, width: u32, height: u32) -> Self {
        let span = |at: u32, of: u32, own: u32| {
            let start = part(at, own, of);
            start..part(at + 1, own, of).max(start + 1)
        };
        let pixels = (0..height).flat_map(|y| (0..width).map(move |x| (x, y)));
        let pixels = pixels.map(|(x, y)| self.mean((span(x, width, self.width), span(y, height, self.height))));
        Self { width, height, pixels: pixels.collect() }
    }

    /// Returns the mean of some pixels. The colour of a transparent one does not count.
    fn mean(&self, (across, down): (Range<u32>, Range<u32>)) -> Pixel {
        let (mut colours, mut opacity, mut count) = ([0_u64; 3], 0_u64, 0_u64);
        for (x, y) in down.flat_map(|y| across.clone().map(move |x| (x, y))) {
            let [red, green, blue, own] = self.at(x, y).map(u64::from);
            for (sum, colour) in colours.iter_mut().zip([red, green, blue]) {
                *sum += colour * own;
            }
            opacity += own;
            count += 1;
        }
        let byte = |sum: u64, of: u64| u8::try_from(sum.checked_div(of).unwrap_or_default()).unwrap_or(u8::MAX);
        let [red, green, blue] = colours.map(|sum| byte(sum, opacity));
        [red, green, blue, byte(opacity, count)]
    }

    /// Returns a white square with the picture in its middle.
    fn centred_on(&self, side: u32) -> Self {
        let (left, top) = (side.saturating_sub(self.width) / 2, side.saturating_sub(self.height) / 2);
        let pixel = |x: u32, y: u32| {
            let inside = (x.checked_sub(left)?, y.checked_sub(top)?);
            (inside.0 < self.width && inside.1 < self.height).then(|| over_white(self.at(inside.0, inside.1)))
        };
        let places = (0..side).flat_map(|y| (0..side).map(move |x| (x, y)));
        Self { width: side, height: side, pixels: places.map(|(x, y)| pixel(x, y).unwrap_or(WHITE)).collect() }
    }

    /// Returns the picture with so many bits of each colour and of the opacity.
    fn in_shades(&self, bits: u32) -> Self {
        let most = (1_u32 << bits.clamp(1, 8)) - 1;
        let shade = |value: u8| {
            let step = (u32::from(value) * most + 127) / 255;
            u8::try_from((step * 255 + most / 2) / most).unwrap_or(u8::MAX)
        };
        let pixels = self.pixels.iter().map(|pixel| pixel.map(shade)).collect();
        Self { width: self.width, height: self.height, pixels }
    }

    fn encoded(&self) -> Option<Vec<u8>> {
        let mut png = Vec::new();
        let mut encoder = Encoder::new(&mut png, self.width, self.height);
        encoder.set_color(ColorType::Rgba);
        encoder.set_depth(BitDepth::Eight);
        encoder.set_compression(Compression::High);
        let mut writer = encoder.write_header().ok()?;
        writer.write_image_data(self.pixels.as_flattened()).ok()?;
        writer.finish().ok()?;
        Some(png)
    }
}

/// Returns `number * of / whole`.
fn part(number: u32, of: u32, whole: u32) -> u32 {
    let part = (u64::from(number) * u64::from(of)).checked_div(u64::from(whole)).unwrap_or_default();
    u32::try_from(part).unwrap_or(u32::MAX)
}

fn over_white([red, green, blue, opacity]: Pixel) -> Pixel {
    let over = |colour: u8| {
        let sum = u32::from(colour) * u32::from(opacity) + 255 * (255 - u32::from(opacity));
        u8::try_from(sum / 255).unwrap_or(u8::MAX)
    };
    [over(red), over(green), over(blue), 255]
}

#[cfg(test)]
mod tests {
    use super::*;

    const RED: Pixel = [200, 0, 0, 255];
    const CLEAR: Pixel = [9, 9, 9, 0];

    fn logo(width: u32, height: u32, pixel: impl Fn(u32, u32) -> Pixel) -> Logo {
        let places = (0..height).flat_map(|y| (0..width).map(move |x| (x, y)));
        let pixels = places.map(|(x, y)| pixel(x, y)).collect();
        Logo::parse(Picture { width, height, pixels }.encoded().unwrap()).unwrap()
    }

    fn picture(png: Option<Vec<u8>>) -> Picture {
        Picture::of(&Logo::parse(png.unwrap()).unwrap()).unwrap()
    }

    #[test]
    fn a_wide_logo_is_in_the_middle_of_a_white_square() {
        let icon = picture(logo(2, 1, |_, _| RED).on_a_square(4));
        assert_eq!((icon.width, icon.height), (4, 4));
        let rows: Vec<_> = icon.pixels.chunks(4).collect();
        assert_eq!(rows[0], [WHITE; 4]);
        assert_eq!(rows[1], [WHITE, RED, RED, WHITE]);
        assert_eq!(rows[2], [WHITE; 4]);
        // A large one is made smaller, and nothing of it is cut off.
        let icon = picture(logo(400, 100, |_, _| RED).on_a_square(192));
        assert_eq!((icon.width, icon.at(0, 96), icon.at(191, 96), icon.at(96, 0)), (192, RED, RED, WHITE));
        let clear = picture(logo(2, 1, |_, _| CLEAR).on_a_square(2));
        assert_eq!(clear.pixels, [WHITE; 4]);
    }

    #[test]
    fn a_logo_for_pages_is_as_small_as_they_show_it() {
        let small = logo(300, 300, |_, _| RED);
        assert_eq!(small.for_pages(6 * 1024).unwrap(), small.bytes());
        // Noise of two colours, which no filter of PNG makes small.
        let noise = |x: u32, y: u32| {
            let mixed = x.wrapping_mul(2_654_435_761) ^ y.wrapping_mul(2_246_822_519).rotate_left(7);
            (mixed ^ (mixed >> 15)).wrapping_mul(2_246_822_519) >> 31
        };
        let speckled = logo(600, 300, |x, y| if noise(x, y) == 0 { RED } else { CLEAR });
        let most = speckled.bytes().len() - 1;
        let shown = picture(speckled.for_pages(most));
        assert_eq!((shown.width, shown.height), (192, 96));
    }

    #[test]
    fn even_a_logo_of_noise_fits_into_a_page() {
        let noise = |x: u32, y: u32, of: u32| {
            let mixed = (x ^ (y << 12) ^ (of << 24)).wrapping_mul(2_654_435_761);
            let mixed = (mixed ^ (mixed >> 15)).wrapping_mul(2_246_822_519);
            (mixed ^ (mixed >> 13)).to_be_bytes()[0]
        };
        for (width, height) in [(50, 50), (120, 120), (240, 60)] {
            let noisy = logo(width, height, |x, y| [0, 1, 2, 3].map(|of| noise(x, y, of)));
            let shown = noisy.for_pages(6 * 1024).unwrap();
            assert!(shown.len() <= 6 * 1024, "{width} by {height}: {}", shown.len());
        }
    }

    #[test]
    fn fewer_shades_keep_black_white_and_clear() {
        let drawn = logo(2, 2, |x, y| [[0, 0, 0, 255], WHITE, CLEAR, [100, 0, 0, 128]][(x + 2 * y) as usize]);
        let pixels = Picture::of(&drawn).unwrap().in_shades(4).pixels;
        assert_eq!(pixels[..2], [[0, 0, 0, 255], WHITE]);
        assert_eq!((pixels[2][3], pixels[3]), (0, [102, 0, 0, 136]));
    }

    #[test]
    fn a_transparent_pixel_lends_its_neighbours_no_colour() {
        let halves = logo(2, 1, |x, _| if x == 0 { RED } else { CLEAR });
        let one = Picture::of(&halves).unwrap().within((1, 1));
        assert_eq!(one.pixels, [[200, 0, 0, 127]]);
    }
}
