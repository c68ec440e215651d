//! The pages of apps as clients of OpenID Connect, for admins and for the users who let them know
//! something.

use super::Tour;
use crate::stage::Stage;

const ANA: &str = "ana@example.com";

#[tokio::test]
async fn the_pages_of_openid_connect_suit_everybody() {
    let stage = Stage::new().await;
    stage.gatepost.add_admin(ANA);
    let mut tour = Tour::new("clients", &stage);
    let ana = stage.signed_in(ANA).await;
    ana.open("/account/apps").await;
    tour.stops(&ana, "no access", "Apps with access to your account").await;

    ana.open("/admin/new-app").await;
    ana.types("Name", "Grafana").await;
    ana.types("Address", "grafana.example.com").await;
    ana.opens("For apps with OpenID Connect").await;
    ana.chooses("OpenID Connect", "grafana").await;
    ana.presses("Add app").await;
    ana.reads("It’s shown only until you leave this page.").await;
    ana.opens("Endpoints").await;
    tour.stops(&ana, "client added", "OpenID Connect for Grafana").await;
    ana.presses("The app has a client ID and a secret built in").await;
    tour.stops(&ana, "built-in secret", "Built-in client ID and secret").await;
    ana.types("Client secret", "guessed").await;
    ana.presses("Save").await;
    ana.reads("It needs 32 to 256 random characters").await;
    tour.stops(&ana, "built-in secret with a problem", "Built-in client ID and secret").await;
    ana.open("/admin/apps/grafana/openid").await;
    ana.presses("Change redirect URIs and options").await;
    tour.stops(&ana, "client to change", "Change redirect URIs and options").await;
    ana.types("Redirect URIs", "http://grafana.example.com/x").await;
    ana.presses("Save").await;
    ana.reads("isn’t encrypted").await;
    tour.stops(&ana, "client to change with a problem", "Change redirect URIs and options").await;
    ana.open("/admin/apps/grafana/openid").await;
    ana.presses("Create a new secret").await;
    tour.stops(&ana, "another secret", "Create a new secret?").await;
    ana.presses("Create a new secret").await;
    ana.presses("End the previous secret now").await;
    tour.stops(&ana, "previous secret to end", "End the previous secret?").await;

    ana.open("/admin/apps/grafana/openid/change").await;
    ana.types("Address for sign-outs", "grafana.example.com").await;
    ana.presses("Save").await;
    ana.reads("Enter an address that begins with https://").await;
    tour.stops(&ana, "client with a wrong address for sign-outs", "Change redirect URIs and options").await;
    ana.open("/admin/apps/grafana/openid").await;
    ana.presses("Use the app’s own keys").await;
    tour.stops(&ana, "own keys of a client", "The app’s own keys").await;
    ana.presses("Save").await;
    ana.open("/admin/apps/grafana/openid/keys").await;
    ana.types("Address of the keys", "https://grafana.example.com/keys").await;
    ana.presses("Save").await;
    tour.stops(&ana, "own keys to use", "Use the app’s own keys?").await;
    ana.presses("Use keys").await;
    ana.reads("This app signs its requests with its own keys and has no secret.").await;
    tour.stops(&ana, "client with own keys", "OpenID Connect for Grafana").await;

    let stranger = stage.browser().await;
    for uri in ["https%3A%2F%2Fgrafana.example.com%2Flogin%2Fgeneric_oauth%2F", "https%3A%2F%2Felsewhere.example%2Fcb"]
    {
        stranger.open(&format!("/oidc/authorize?client_id=grafana&response_type=code&redirect_uri={uri}")).await;
        stranger.reads_heading("This sign-in can’t continue").await;
    }
    ana.open("/admin/apps/grafana/openid").await;
    tour.stops(&ana, "client with refused requests", "OpenID Connect for Grafana").await;
    ana.presses("Add this redirect URI: https://grafana.example.com/login/generic_oauth/").await;
    ana.reads("The redirect URI is added.").await;
    tour.stops(&ana, "redirect URI added", "OpenID Connect for Grafana").await;

    ana.open("/admin/new-app").await;
    ana.types("Name", "Wiki").await;
    ana.types("Address", "wiki.example.com").await;
    ana.presses("Add app").await;
    ana.presses("Set up OpenID Connect").await;
    ana.presses("Set up OpenID Connect").await;
    ana.reads("Enter at least one redirect URI.").await;
    tour.stops(&ana, "client without an address", "Set up OpenID Connect").await;

    stage.gatepost.has_given_access(ANA, "grafana");
    ana.open("/account/apps").await;
    tour.stops(&ana, "access", "Apps with access to your account").await;
    ana.presses("End access: Grafana").await;
    tour.stops(&ana, "access to end", "End this app’s access?").await;
    ana.presses("End access").await;
    ana.reads("The app no longer has access.").await;
    let _there = stage.signed_in(ANA).await;
    ana.open("/account/sessions/revoke-others").await;
    ana.presses("Sign out everywhere else").await;
    tour.stops(&ana, "apps after signing out", "Your apps in the other browsers").await;
    tour.ends(&[&ana, &stranger]).await;
}
