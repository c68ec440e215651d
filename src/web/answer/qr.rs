//! A QR code as one path of an inline SVG. The page loads nothing for it and escapes all text.

use qrcode::{Color, EcLevel, QrCode};

/// Light modules around the code, as the standard asks for (ISO/IEC 18004, 9.1).
const QUIET: usize = 4;

pub struct Qr {
    /// Modules of one side, with the quiet zone.
    pub size: usize,
    /// The dark modules, in SVG's path language.
    pub path: String,
}

impl Qr {
    /// Makes the code. `None` if the text is too long for any code.
    pub fn of(text: &str) -> Option<Self> {
        let code = QrCode::with_error_correction_level(text, EcLevel::M).ok()?;
        let width = code.width();
        let dark = code.to_colors().into_iter().enumerate().filter(|(_, color)| *color == Color::Dark);
        let path =
            dark.map(|(at, _)| format!("M{} {}h1v1h-1z", at % width + QUIET, at / width + QUIET)).collect::<String>();
        Some(Self { size: width + 2 * QUIET, path })
    }
}
