//! Pages as a language from right to left would show them: the real pages, turned round, with
//! Arabic words.

use super::Tour;
use crate::{browser::Browser, stage::Stage};
use serde_json::json;

const ANA: &str = "ana@example.com";
const BEN: &str = "maximilian.oberhuber@research.universitaetsklinikum.example";

/// Writes Arabic words of the same length in place of all text but addresses, codes and moments.
/// Each text begins elsewhere in them, so that no two headings are alike. Returns the page's
/// heading.
const TURN: &str = "
    const words = 'تسجيل الدخول إلى حسابك عن طريق رابط نرسله إليك بالبريد الإلكتروني '.repeat(40);
    document.documentElement.dir = 'rtl';
    document.documentElement.lang = 'ar';
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    let start = 0;
    const kept = 'code, .code, .codes, bdi, time, script, textarea';
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
        const length = node.data.trim().length;
        if (length === 0 || node.parentElement.closest(kept)) continue;
        start = (start + 5) % 67;
        node.data = words.slice(start, start + Math.max(length, 4)).trim();
    }
    // A label repeats the words that are shown, which are now others.
    document.querySelectorAll('button[aria-label]').forEach(button => button.removeAttribute('aria-label'));
    return document.querySelector('h1').innerText.trim();";

async fn turns(browser: &Browser) -> String {
    browser.run(TURN).await.as_str().unwrap().to_owned()
}

/// Returns whether the first of two elements is right of the second.
async fn is_right_of(browser: &Browser, first: &str, second: &str) -> bool {
    let left = |css: &str| format!("document.querySelector('{css}').getBoundingClientRect().left");
    browser.run(&format!("return {} > {}", left(first), left(second))).await == json!(true)
}

async fn style(browser: &Browser, css: &str, property: &str) -> String {
    let script = format!("return getComputedStyle(document.querySelector('{css}')).{property}");
    browser.run(&script).await.as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_language_from_right_to_left_mirrors_the_pages_and_leaves_addresses_and_codes_as_they_are() {
    let stage = Stage::new().await;
    stage.gatepost.add_admin(ANA);
    stage.gatepost.add_account(BEN);
    let mut tour = Tour::new("right-to-left", &stage);
    let ben = stage.browser().await;
    ben.open("/login").await;
    ben.types("Email address", BEN).await;
    assert!(is_right_of(&ben, ".check label", ".check input").await, "before it is turned");
    let heading = turns(&ben).await;
    assert!(is_right_of(&ben, ".check input", ".check label").await);
    assert_eq!(
        (style(&ben, "#email", "direction").await, style(&ben, "#email", "textAlign").await),
        ("ltr".into(), "right".into())
    );
    tour.stops(&ben, "sign-in", &heading).await;

    ben.asks_for_mail(BEN).await;
    let heading = turns(&ben).await;
    assert_eq!(style(&ben, "input.code", "direction").await, "ltr");
    tour.stops(&ben, "sent", &heading).await;

    let ana = stage.signed_in(ANA).await;
    assert!(is_right_of(&ana, ".top nav", ".top .name").await, "before it is turned");
    turns(&ana).await;
    assert!(is_right_of(&ana, ".top .name", ".top nav").await);
    assert_eq!(style(&ana, ".address", "direction").await, "ltr");
    for path in ["/account", "/account/security", "/admin/people", "/admin/settings", "/admin/audit"] {
        ana.open(path).await;
        let heading = turns(&ana).await;
        tour.stops(&ana, path.trim_start_matches('/').replace('/', " ").as_str(), &heading).await;
    }
    tour.ends(&[&ana, &ben]).await;
}
