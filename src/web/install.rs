//! What a phone needs to put Gatepost on its home screen: a manifest and an icon. Also the icon of
//! a browser's tab.
//!
//! A page holds its own icon. Phones, feeds and older pages ask for these addresses by themselves.

use super::{
    Assets, Failure,
    assets::{FOR_A_DAY, Lasting},
};
use crate::{
    domain::{Settings, logo::Logo},
    services::Services,
};
use rocket::{Route, State, get, routes};
use serde_json::json;
use std::sync::Arc;

/// The icon of an installation without a square logo.
const ICON: &[u8] = include_bytes!("../../static/icon.png");
const ICON_PIXELS: u32 = 192;
/// The page's colour in `gatepost.css`, on which the app opens.
const PAGE_COLOUR: &str = "#f4f5f6";

/// The logo, where it makes an icon: a wide one would be squeezed.
async fn square_logo(services: &Services, settings: &Settings) -> Result<Option<Arc<Logo>>, Failure> {
    let Some(version) = &settings.logo else { return Ok(None) };
    let logo = services.logo.get(&services.db, version).await?;
    Ok(logo.filter(|logo| logo.is_square()))
}

#[get("/manifest.webmanifest")]
async fn manifest(services: &State<Arc<Services>>, assets: &State<Assets>) -> Result<Lasting, Failure> {
    let settings = services.settings().await?;
    let icons = match (square_logo(services, &settings).await?, &settings.logo) {
        (Some(logo), Some(version)) => {
            let (width, height) = logo.pixels();
            let src = format!("/logo.png?v={}", version.as_str());
            json!([{ "src": src, "type": "image/png", "sizes": format!("{width}x{height}") }])
        }
        _ => json!([
            { "src": assets.href("icon.svg"), "type": "image/svg+xml", "sizes": "any" },
            { "src": "/apple-touch-icon.png", "type": "image/png", "sizes": format!("{ICON_PIXELS}x{ICON_PIXELS}") },
        ]),
    };
    let manifest = json!({
        "name": settings.product_name,
        "short_name": settings.product_name,
        "id": "/",
        "start_url": "/account",
        "scope": "/",
        // With the browser's buttons, because a link in an email opens in the browser and not in
        // the app.
        "display": "minimal-ui",
        "theme_color": settings.accent_colour.to_string(),
        "background_color": PAGE_COLOUR,
        "icons": icons,
    });
    Ok(Lasting::text("application/manifest+json", manifest.to_string().into_bytes(), "no-cache"))
}

/// Where browsers and phones look for an icon.
#[get("/favicon.ico")]
async fn favicon(services: &State<Arc<Services>>) -> Result<Lasting, Failure> {
    icon(services).await
}

#[get("/apple-touch-icon.png")]
async fn touch_icon(services: &State<Arc<Services>>) -> Result<Lasting, Failure> {
    icon(services).await
}

async fn icon(services: &Services) -> Result<Lasting, Failure> {
    let settings = services.settings().await?;
    let logo = square_logo(services, &settings).await?;
    let bytes = logo.map_or_else(|| ICON.to_vec(), |logo| logo.bytes().to_vec());
    Ok(Lasting::png(bytes, FOR_A_DAY))
}

pub fn routes() -> Vec<Route> {
    routes![manifest, favicon, touch_icon]
}
