//! The mail templates in the binary.

/// Name and text: a folder of three for each kind, and the frame that they share.
pub const EMBEDDED: [(&str, &str); 42] = [
    ("layout/html", include_str!("../../templates/mail/layout/html.html.j2")),
    ("layout/parts", include_str!("../../templates/mail/layout/parts.html.j2")),
    ("layout/address", include_str!("../../templates/mail/layout/address.html.j2")),
    ("layout/where", include_str!("../../templates/mail/layout/where.html.j2")),
    ("layout/where_text", include_str!("../../templates/mail/layout/where_text.txt.j2")),
    ("layout/text", include_str!("../../templates/mail/layout/text.txt.j2")),
    ("sign_in/subject", include_str!("../../templates/mail/sign_in/subject.txt.j2")),
    ("sign_in/text", include_str!("../../templates/mail/sign_in/text.txt.j2")),
    ("sign_in/html", include_str!("../../templates/mail/sign_in/html.html.j2")),
    ("step_up/subject", include_str!("../../templates/mail/step_up/subject.txt.j2")),
    ("step_up/text", include_str!("../../templates/mail/step_up/text.txt.j2")),
    ("step_up/html", include_str!("../../templates/mail/step_up/html.html.j2")),
    ("confirm_address/subject", include_str!("../../templates/mail/confirm_address/subject.txt.j2")),
    ("confirm_address/text", include_str!("../../templates/mail/confirm_address/text.txt.j2")),
    ("confirm_address/html", include_str!("../../templates/mail/confirm_address/html.html.j2")),
    ("address_changed/subject", include_str!("../../templates/mail/address_changed/subject.txt.j2")),
    ("address_changed/text", include_str!("../../templates/mail/address_changed/text.txt.j2")),
    ("address_changed/html", include_str!("../../templates/mail/address_changed/html.html.j2")),
    ("reset_password/subject", include_str!("../../templates/mail/reset_password/subject.txt.j2")),
    ("reset_password/text", include_str!("../../templates/mail/reset_password/text.txt.j2")),
    ("reset_password/html", include_str!("../../templates/mail/reset_password/html.html.j2")),
    ("password_changed/subject", include_str!("../../templates/mail/password_changed/subject.txt.j2")),
    ("password_changed/text", include_str!("../../templates/mail/password_changed/text.txt.j2")),
    ("password_changed/html", include_str!("../../templates/mail/password_changed/html.html.j2")),
    ("security_changed/subject", include_str!("../../templates/mail/security_changed/subject.txt.j2")),
    ("security_changed/text", include_str!("../../templates/mail/security_changed/text.txt.j2")),
    ("security_changed/html", include_str!("../../templates/mail/security_changed/html.html.j2")),
    ("new_browser/subject", include_str!("../../templates/mail/new_browser/subject.txt.j2")),
    ("new_browser/text", include_str!("../../templates/mail/new_browser/text.txt.j2")),
    ("new_browser/html", include_str!("../../templates/mail/new_browser/html.html.j2")),
    ("recovery_begun/subject", include_str!("../../templates/mail/recovery_begun/subject.txt.j2")),
    ("recovery_begun/text", include_str!("../../templates/mail/recovery_begun/text.txt.j2")),
    ("recovery_begun/html", include_str!("../../templates/mail/recovery_begun/html.html.j2")),
    ("invitation/subject", include_str!("../../templates/mail/invitation/subject.txt.j2")),
    ("invitation/text", include_str!("../../templates/mail/invitation/text.txt.j2")),
    ("invitation/html", include_str!("../../templates/mail/invitation/html.html.j2")),
    ("account_closed/subject", include_str!("../../templates/mail/account_closed/subject.txt.j2")),
    ("account_closed/text", include_str!("../../templates/mail/account_closed/text.txt.j2")),
    ("account_closed/html", include_str!("../../templates/mail/account_closed/html.html.j2")),
    ("test/subject", include_str!("../../templates/mail/test/subject.txt.j2")),
    ("test/text", include_str!("../../templates/mail/test/text.txt.j2")),
    ("test/html", include_str!("../../templates/mail/test/html.html.j2")),
];

/// Returns whether a template is HTML. The name decides, because templates added from here have no
/// file name.
pub fn is_html(name: &str) -> bool {
    name.ends_with("/html") || matches!(name, "layout/parts" | "layout/address" | "layout/where")
}
