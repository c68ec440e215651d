//! Manifest and icon that a phone needs to put Gatepost on its home screen. Also the icon of a
//! browser's tab.
//!
//! A page holds its own icon. Phones, feeds and older pages ask for these addresses by themselves.

use crate::{
    domain::{Settings, logo::Logo},
    live::ICON_PIXELS,
    services::Services,
    web::{
        Assets, Failure,
        assets::{FOR_A_DAY, Lasting},
    },
};
use rocket::{Route, State, get, routes};
use serde_json::json;
use std::sync::Arc;

/// The icon of an installation without a logo.
const ICON: &[u8] = include_bytes!("../../../static/icon.png");
/// The page's colour in `gatepost.css`, on which the app opens.
const PAGE_COLOUR: &str = "#f4f5f6";

/// Source of the icon.
enum Icon {
    Gatepost,
    /// The logo as it is, because it is square.
    Logo(Arc<Logo>),
    /// The logo in the middle of a square.
    Squared(Arc<[u8]>),
}

impl Icon {
    async fn of(services: &Services, settings: &Settings) -> Result<Self, Failure> {
        let Some(version) = &settings.logo else { return Ok(Self::Gatepost) };
        Ok(match services.logo.get(&services.db, version).await? {
            Some(logo) if logo.is_square() => Self::Logo(logo),
            _ => services.logo.icon(version).map_or(Self::Gatepost, Self::Squared),
        })
    }
}

#[get("/manifest.webmanifest")]
async fn manifest(services: &State<Arc<Services>>, assets: &State<Assets>) -> Result<Lasting, Failure> {
    let settings = services.settings().await?;
    let touch_icon =
        json!({ "src": "/apple-touch-icon.png", "type": "image/png", "sizes": format!("{ICON_PIXELS}x{ICON_PIXELS}") });
    let icons = match (Icon::of(services, &settings).await?, &settings.logo) {
        (Icon::Logo(logo), Some(version)) => {
            let (width, height) = logo.pixels();
            let src = format!("/logo.png?v={}", version.as_str());
            json!([{ "src": src, "type": "image/png", "sizes": format!("{width}x{height}") }])
        }
        (Icon::Squared(_), _) => json!([touch_icon]),
        _ => json!([{ "src": assets.href("icon.svg"), "type": "image/svg+xml", "sizes": "any" }, touch_icon]),
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

/// Returns the icon at the address where browsers and phones look for one.
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
    let bytes = match Icon::of(services, &settings).await? {
        Icon::Gatepost => ICON.to_vec(),
        Icon::Logo(logo) => logo.bytes().to_vec(),
        Icon::Squared(png) => png.to_vec(),
    };
    Ok(Lasting::png(bytes, FOR_A_DAY))
}

pub fn routes() -> Vec<Route> {
    routes![manifest, favicon, touch_icon]
}
