//! How the mails look in a mail program that is a browser, which most are.

use super::{SCHEMES, SCREENS, Tour, shows};
use crate::stage::Stage;
use serde_json::json;

#[tokio::test]
async fn no_mail_is_wider_than_a_phone() {
    let stage = Stage::new().await;
    stage.gatepost.add_admin("ana@example.com");
    let mut tour = Tour::new("mails", &stage);
    let ana = stage.signed_in("ana@example.com").await;
    let kinds = [
        "sign_in",
        "step_up",
        "confirm_address",
        "address_changed",
        "reset_password",
        "password_changed",
        "security_changed",
        "recovery_begun",
        "invitation",
        "account_closed",
        "test",
    ];
    for kind in kinds {
        ana.open(&format!("/admin/mail/preview/{kind}")).await;
        tour.stops += 1;
        for (screen, width, height) in SCREENS {
            for scheme in SCHEMES {
                shows(&ana, (screen, width, height), scheme).await;
                // No script runs in a mail, not even a measuring one.
                let layout = ana.devtools("Page.getLayoutMetrics", json!({})).await;
                let content = layout["cssContentSize"]["width"].as_f64().unwrap();
                if content > f64::from(width) {
                    tour.problems.push(format!("{kind}, {screen}: {content} wide"));
                }
                tour.takes_picture(&ana, kind, screen, scheme).await;
            }
        }
    }
    tour.ends(&[&ana]).await;
}
