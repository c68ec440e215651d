//! Files that a page loads: one stylesheet, with the settings' colour in it, and one script. Both
//! have a hash of their content in their address, so that browsers keep them for ever.

use crate::{
    domain::{Settings, logo::LogoVersion},
    services::Services,
    web::{Failure, admission::Doors},
};
use base64::{Engine, engine::general_purpose::STANDARD};
use flate2::{Compression, write::GzEncoder};
use rocket::{
    Request, State, get,
    http::Header,
    response::{self, Responder, Response},
    routes,
};
use sha2::{Digest, Sha256};
use std::{
    io::{Cursor, Write},
    sync::Arc,
};

const STYLES: &str = include_str!("../../../static/gatepost.css");

/// The parts of the one script, in the order in which they run. Each is a block, so that no part
/// sees the names of another.
const SCRIPT: &str = concat!(
    "{\n",
    include_str!("../../../static/once.js"),
    "}\n{\n",
    include_str!("../../../static/local-time.js"),
    "}\n{\n",
    include_str!("../../../static/show-password.js"),
    "}\n{\n",
    include_str!("../../../static/recovery-codes.js"),
    "}\n{\n",
    include_str!("../../../static/waiting.js"),
    "}\n{\n",
    include_str!("../../../static/code.js"),
    "}\n{\n",
    include_str!("../../../static/mistakes.js"),
    "}\n{\n",
    include_str!("../../../static/ticks.js"),
    "}\n{\n",
    include_str!("../../../static/opened.js"),
    "}\n{\n",
    include_str!("../../../static/settings.js"),
    "}\n{\n",
    include_str!("../../../static/answer.js"),
    "}\n{\n",
    include_str!("../../../static/passkey.js"),
    "}\n"
);

/// The icon of an installation without a square logo.
const ICON: &str = include_str!("../../../static/icon.svg");

/// Name, type, text.
const FILES: [(&str, &str, &str); 3] = [
    ("gatepost.js", "text/javascript; charset=utf-8", SCRIPT),
    ("icon.svg", "image/svg+xml; charset=utf-8", ICON),
    ("robots.txt", "text/plain; charset=utf-8", "User-agent: *\nDisallow: /\n"),
];

/// The static files, ready to serve. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Assets(Arc<Files>);

#[derive(Debug)]
struct Files {
    files: Vec<Asset>,
    /// The stylesheet without the settings' colour.
    styles: String,
    /// Hash of it.
    styles_hash: String,
    /// The icon as an address that holds the whole picture.
    icon: String,
}

#[derive(Debug)]
struct Asset {
    name: &'static str,
    content_type: &'static str,
    /// The name with a part of the content's hash, so that browsers may keep the file forever.
    hashed: String,
    plain: String,
    gzip: Vec<u8>,
}

impl Default for Assets {
    fn default() -> Self {
        let asset = |(name, content_type, source): (&'static str, &'static str, &str)| {
            let plain = if name.ends_with(".js") { without_comments(source) } else { source.to_owned() };
            let hashed = format!("{}-{name}", short_hash(plain.as_bytes()));
            let gzip = gzip(plain.as_bytes(), Compression::best());
            Asset { name, content_type, hashed, plain, gzip }
        };
        let files = FILES.map(asset).into_iter().collect();
        let icon = format!("data:image/svg+xml;base64,{}", STANDARD.encode(ICON));
        let styles = without_comments(STYLES);
        let styles_hash = short_hash(styles.as_bytes());
        Self(Arc::new(Files { files, styles, styles_hash, icon }))
    }
}

impl Assets {
    /// Returns the address of a file.
    pub fn href(&self, name: &str) -> String {
        self.find(name).map_or_else(String::new, |asset| format!("/static/{}", asset.hashed))
    }

    /// Returns the icon as an address that holds the whole picture, so that no page requests it.
    pub fn icon_href(&self) -> &str {
        &self.0.icon
    }

    /// The address of the stylesheet under these settings.
    pub fn stylesheet_href(&self, settings: &Settings) -> String {
        format!("/gatepost.css?v={}", self.stylesheet_version(settings))
    }

    /// Returns the styles under these settings, for a page that may load nothing.
    pub fn styles(&self, settings: &Settings) -> String {
        [self.0.styles.as_str(), &theme(settings)].concat()
    }

    /// A hash of the styles and of the colour. Made for every page, so the styles are hashed only
    /// once.
    fn stylesheet_version(&self, settings: &Settings) -> String {
        short_hash(format!("{}{}", self.0.styles_hash, theme(settings)).as_bytes())
    }

    fn find(&self, name: &str) -> Option<&Asset> {
        self.0.files.iter().find(|asset| asset.name == name)
    }
}

/// Returns a script or stylesheet without the lines that are comments: a third of a script. A
/// comment behind code stays, and so does one of several lines.
fn without_comments(source: &str) -> String {
    let is_whole = |rest: &str| rest.split_once("*/").is_some_and(|(_, code)| code.is_empty());
    let is_comment = |line: &str| line.starts_with("//") || line.strip_prefix("/*").is_some_and(is_whole);
    source.lines().filter(|line| !is_comment(line.trim())).flat_map(|line| [line, "\n"]).collect()
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
pub struct Lasting {
    content_type: &'static str,
    plain: Vec<u8>,
    gzip: Option<Vec<u8>>,
    cache: &'static str,
}

impl Lasting {
    /// A picture, which is compressed already.
    pub const fn png(plain: Vec<u8>, cache: &'static str) -> Self {
        Self { content_type: "image/png", plain, gzip: None, cache }
    }

    /// A short text, not worth compressing.
    pub const fn text(content_type: &'static str, plain: Vec<u8>, cache: &'static str) -> Self {
        Self { content_type, plain, gzip: None, cache }
    }
}

pub const FOR_EVER: &str = "public, max-age=31536000, immutable";
pub const FOR_A_DAY: &str = "public, max-age=86400";

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
    assets.0.files.iter().find(|asset| asset.hashed == name).map(|asset| lasting(asset, FOR_EVER))
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
    assets.find("robots.txt").map(|asset| lasting(asset, FOR_A_DAY))
}

#[get("/gatepost.css?<v>")]
async fn stylesheet(v: Option<&str>, services: &State<Arc<Services>>, assets: &State<Assets>) -> Lasting {
    let settings = services.settings().await.unwrap_or_else(|_| services.settings.for_show());
    let plain = assets.styles(&settings).into_bytes();
    // Under another version's address, not for ever: a node that is a second behind must not be
    // remembered.
    let current = v == Some(assets.stylesheet_version(&settings).as_str());
    let cache = if current { FOR_EVER } else { "no-cache" };
    let gzip = Some(gzip(&plain, Compression::default()));
    Lasting { content_type: "text/css; charset=utf-8", plain, gzip, cache }
}

/// The logo that an admin uploaded.
#[get("/logo.png?<v>")]
async fn logo(v: Option<&str>, services: &State<Arc<Services>>) -> Result<Lasting, Failure> {
    let version = v.and_then(LogoVersion::parse).ok_or(Failure::NotFound)?;
    let logo = services.logo.get(&services.db, &version).await?.ok_or(Failure::NotFound)?;
    Ok(Lasting::png(logo.bytes().to_vec(), FOR_EVER))
}

pub fn doors() -> Doors {
    Doors::pages(routes![robots]).and(Doors::assets(routes![file, stylesheet, logo]))
}
