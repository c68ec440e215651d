//! Pages of admins that change by themselves.

use crate::{browser::Browser, stage::Stage};
use serde_json::json;

const ANA: &str = "ana@example.com";

async fn admin(stage: &Stage) -> Browser {
    stage.gatepost.add_admin(ANA);
    stage.signed_in(ANA).await
}

#[tokio::test]
async fn the_preview_follows_what_is_typed_and_nothing_is_saved() {
    let stage = Stage::new().await;
    let ana = admin(&stage).await;
    ana.open("/admin/settings").await;
    ana.opens("Preview").await;
    ana.enters_frame().await;
    ana.reads("Gatepost").await;
    ana.leaves_frame().await;
    ana.types("Name", "Meadow").await;
    ana.enters_frame().await;
    ana.reads("Meadow").await;
    // The frame shows the sign-in page, and no form of it can be sent.
    ana.reads("Email address").await;
    ana.leaves_frame().await;
    let colour = "#7a1fa2";
    ana.run(&format!(
        "const picker = document.querySelector('[data-picks]');
         picker.value = '{colour}';
         picker.dispatchEvent(new Event('input', {{ bubbles: true }}));"
    ))
    .await;
    let code = "return document.getElementById(document.querySelector('[data-picks]').dataset.picks).value";
    assert_eq!(ana.run(code).await, json!(colour), "the code follows the picker");
    ana.enters_frame().await;
    let has_colour = format!("return document.documentElement.outerHTML.includes('{colour}')");
    crate::patience::until("the colour in the preview", async || {
        (ana.run(&has_colour).await == json!(true)).then_some(())
    })
    .await;
    ana.leaves_frame().await;
    let saved = stage.gatepost.get("/login").await;
    assert!(!saved.contains("Meadow") && !saved.contains(colour), "{saved}");
}

#[tokio::test]
async fn each_answer_to_a_test_email_appears_by_itself() {
    let stage = Stage::new().await;
    let ana = admin(&stage).await;
    ana.open("/admin/mail").await;
    ana.presses("Send me a test email").await;
    stage.gatepost.mail_to(ANA, 1).await;
    ana.reads("It’s in the test mailbox (").await;
    stage.gatepost.hold_mails_back(0, "");
    ana.open("/admin/mail").await;
    ana.reads("The email server hasn’t answered yet.").await;
    // After this, only the script opens the page.
    stage.gatepost.hold_mails_back(1, "450 4.2.0 Greylisted");
    ana.reads("Gatepost tries again. The reason: 450 4.2.0 Greylisted").await;
    stage.gatepost.refuse_mails();
    ana.reads("Gatepost couldn’t deliver it and gave up on").await;
    ana.does_not_read("Check again").await;
}
