//! The stylesheet, the scripts and the icon: built in, named by their content, compressed once.

use super::Failure;
use crate::{
    domain::{Settings, logo::LogoVersion},
    services::Services,
};
use flate2::{Compression, write::GzEncoder};
use rocket::{
    Request, Route, State, get,
    http::{Header, Status},
    response::{self, Responder, Response},
    routes,
};
use sha2::{Digest, Sha256};
use std::{
    io::{Cursor, Write},
    sync::Arc,
};

/// Name, type, text.
const FILES: [(&str, &str, &str); 9] = [
    ("gatepost.css", "text/css; charset=utf-8", include_str!("../../static/gatepost.css")),
    ("show-password.js", "text/javascript; charset=utf-8", include_str!("../../static/show-password.js")),
    ("waiting.js", "text/javascript; charset=utf-8", include_str!("../../static/waiting.js")),
    ("local-time.js", "text/javascript; charset=utf-8", include_str!("../../static/local-time.js")),
    ("recovery-codes.js", "text/javascript; charset=utf-8", include_str!("../../static/recovery-codes.js")),
    ("once.js", "text/javascript; charset=utf-8", include_str!("../../static/once.js")),
    ("passkey.js", "text/javascript; charset=utf-8", include_str!("../../static/passkey.js")),
    ("icon.svg", "image/svg+xml; charset=utf-8", include_str!("../../static/icon.svg")),
    ("robots.txt", "text/plain; charset=utf-8", "User-agent: *\nDisallow: /\n"),
];

/// The static files, ready to serve. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Assets(Arc<Vec<Asset>>);

#[derive(Debug)]
struct Asset {
    name: &'static str,
    content_type: &'static str,
    /// The name with a part of the content's hash, so that browsers may keep the file forever.
    hashed: String,
    plain: &'static str,
    gzip: Vec<u8>,
}

impl Default for Assets {
    fn default() -> Self {
        let asset = |(name, content_type, plain): (&'static str, &'static str, &'static str)| Asset {
            name,
            content_type,
            hashed: format!("{}-{name}", short_hash(plain.as_bytes())),
            plain,
            gzip: gzip(plain.as_bytes(), Compression::best()),
        };
        Self(Arc::new(FILES.map(asset).into_iter().collect()))
    }
}

impl Assets {
    /// Returns the address of a file.
    pub fn href(&self, name: &str) -> String {
        self.0
            .iter()
            .find(|asset| asset.name == name)
            .map_or_else(String::new, |asset| format!("/static/{}", asset.hashed))
    }

    /// Returns the address of the stylesheet that the settings make.
    pub fn theme_href(&self, settings: &Settings) -> String {
        format!("/theme.css?v={}", short_hash(theme(settings).as_bytes()))
    }
}

/// Writes the colour from the settings as custom properties. None of it is free text.
fn theme(settings: &Settings) -> String {
    let (accent, upon) = (settings.accent_colour, settings.accent_colour.text_upon());
    format!(":root{{--accent:{accent};--on-accent:{upon}}}\n")
}

fn short_hash(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().take(6).map(|byte| format!("{byte:02x}")).collect()
}

pub fn gzip(bytes: &[u8], level: Compression) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::with_capacity(bytes.len() / 3), level);
    // Writing to memory cannot fail. If it did, the empty answer would show at once.
    encoder.write_all(bytes).and_then(|()| encoder.finish()).unwrap_or_default()
}

/// Returns whether the browser accepts gzip.
pub fn takes_gzip(request: &Request<'_>) -> bool {
    request.headers().get("Accept-Encoding").flat_map(|header| header.split(',')).any(|coding| {
        let mut parts = coding.split(';');
        let name = parts.next().unwrap_or("").trim();
        let refused = parts.any(|part| matches!(part.trim(), "q=0" | "q=0.0" | "q=0.00" | "q=0.000"));
        (name.eq_ignore_ascii_case("gzip") || name == "*") && !refused
    })
}

/// A static answer that browsers may keep.
struct Lasting {
    content_type: &'static str,
    plain: Vec<u8>,
    gzip: Option<Vec<u8>>,
    cache: &'static str,
}

const FOR_EVER: &str = "public, max-age=31536000, immutable";

impl<'r> Responder<'r, 'static> for Lasting {
    fn respond_to(self, request: &'r Request<'_>) -> response::Result<'static> {
        let mut response = Response::build();
        response
            .raw_header("Content-Type", self.content_type)
            .raw_header("Cache-Control", self.cache)
            .raw_header("Vary", "Accept-Encoding");
        match self.gzip {
            Some(gzip) if takes_gzip(request) => {
                response.header(Header::new("Content-Encoding", "gzip")).sized_body(gzip.len(), Cursor::new(gzip));
            }
            _ => {
                response.sized_body(self.plain.len(), Cursor::new(self.plain));
            }
        }
        response.ok()
    }
}

/// Serves files by their exact hashed name. No folder is behind this.
#[get("/static/<name>")]
fn file(name: &str, assets: &State<Assets>) -> Option<Lasting> {
    assets.0.iter().find(|asset| asset.hashed == name).map(|asset| lasting(asset, FOR_EVER))
}

fn lasting(asset: &Asset, cache: &'static str) -> Lasting {
    Lasting {
        content_type: asset.content_type,
        plain: asset.plain.as_bytes().to_vec(),
        gzip: Some(asset.gzip.clone()),
        cache,
    }
}

#[get("/robots.txt")]
fn robots(assets: &State<Assets>) -> Option<Lasting> {
    assets.0.iter().find(|asset| asset.name == "robots.txt").map(|asset| lasting(asset, "public, max-age=86400"))
}

#[get("/favicon.ico")]
fn favicon(assets: &State<Assets>) -> Option<Lasting> {
    assets.0.iter().find(|asset| asset.name == "icon.svg").map(|asset| lasting(asset, "public, max-age=86400"))
}

#[get("/theme.css?<v>")]
async fn theme_css(v: Option<&str>, services: &State<Arc<Services>>) -> Result<Lasting, Status> {
    let settings = services.settings().await.unwrap_or_else(|_| services.settings.for_show());
    let plain = theme(&settings).into_bytes();
    // Browsers must not keep an answer from a node whose settings are a second old under the new
    // version's address.
    let current = v == Some(short_hash(&plain).as_str());
    let cache = if current { FOR_EVER } else { "no-cache" };
    Ok(Lasting { content_type: "text/css; charset=utf-8", plain, gzip: None, cache })
}

/// The logo that an admin uploaded.
#[get("/logo.png?<v>")]
async fn logo(v: Option<&str>, services: &State<Arc<Services>>) -> Result<Lasting, Failure> {
    let version = v.and_then(LogoVersion::parse).ok_or(Failure::NotFound)?;
    let logo = services.logo.get(&services.db, &version).await?.ok_or(Failure::NotFound)?;
    Ok(Lasting { content_type: "image/png", plain: logo.bytes().to_vec(), gzip: None, cache: FOR_EVER })
}

pub fn routes() -> Vec<Route> {
    routes![file, robots, favicon, theme_css, logo]
}
