//! Forms with a file, read as strictly as other forms.

use crate::{admin::PNG, harness::TestApp};

const ANA: &str = "ana@example.com";
const PATH: &str = "/admin/settings/logo";

#[rocket::async_test]
async fn a_form_with_a_second_file_or_a_field_twice_is_not_read() {
    let app = TestApp::new().await;
    app.add_admin(ANA).await;
    let mut ana = app.signed_in(ANA).await;
    let before = app.dump().await;
    // The browser puts the file between its boundaries, as it is.
    let next = "\r\n--XX\r\nContent-Disposition: form-data; name=\"logo\"; filename=\"y.png\"\r\nContent-Type: image/png\r\n\r\n";
    let two_files = [PNG, next.as_bytes(), PNG].concat();
    ana.upload(PATH, "logo", &two_files).await.assert_status(422);
    let held = [("held", "a"), ("held", "b")];
    ana.upload_with(PATH, &held, ("logo", PNG)).await.assert_status(422);
    assert_eq!(app.dump().await, before);
    ana.upload(PATH, "logo", PNG).await.assert_leads_to(PATH);
    assert!(app.stored_settings().await.logo.is_some());
}
