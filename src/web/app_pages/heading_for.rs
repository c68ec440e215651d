//! Finds the app that waits for a sign-in, so that the page can name it. A user who is asked for a
//! password should know what for.

use crate::{
    db::{self, DbConnection, Error},
    domain::{
        ReturnTo,
        apps::{App, AppSlug},
        oidc::ClientId,
    },
    web::{Visit, resume},
};

/// Returns the name of the app to which the way back leads. Anyone can write that way into a link.
/// So only an app that an admin added is named, by the name that the admin gave it.
pub async fn app(visit: &Visit<'_>, return_to: &ReturnTo) -> Option<String> {
    let (path, query) = return_to.as_str().split_once('?')?;
    match path {
        "/apps/enter" => by_slug(visit, query).await,
        "/oidc/authorize" => by_client(visit, query).await,
        _ => None,
    }
}

async fn by_slug(visit: &Visit<'_>, query: &str) -> Option<String> {
    let (_, slug) = url::form_urlencoded::parse(query.as_bytes()).find(|(name, _)| name == "app")?;
    let slug = AppSlug::parse(&slug).ok()?;
    // Without the database, the page shows all the same, and names none.
    let directory = visit.services.apps().await.ok()?;
    name(&directory.named(&slug)?.app)
}

async fn by_client(visit: &Visit<'_>, query: &str) -> Option<String> {
    let client = ClientId::parse(resume::read(query)?.get("client_id")?).ok()?;
    let find = move |connection: &mut DbConnection| -> Result<_, Error> {
        let Some(client) = db::oidc_clients::find(connection, &client)? else { return Ok(None) };
        db::apps::find(connection, client.app)
    };
    name(&visit.read(find).await.ok()??.app)
}

fn name(app: &App) -> Option<String> {
    (!app.is_disabled).then(|| app.name.to_string())
}
