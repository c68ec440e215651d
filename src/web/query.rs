//! Values in queries of our own addresses.

/// As a value in a query, whatever is in it.
pub fn encode(text: &str) -> String {
    url::form_urlencoded::byte_serialize(text.as_bytes()).collect()
}
