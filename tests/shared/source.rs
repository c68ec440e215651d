//! The source of an email, as far as links are concerned.

/// Returns the source with its quoted-printable parts as a reader sees them. Other parts stay as
/// they are: one token in 4,096 begins with "3D".
pub fn decoded(source: &str) -> String {
    let mut parts = source.split("Content-Transfer-Encoding: quoted-printable");
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |whole, part| {
        let end = part.find("\r\n--").unwrap_or(part.len());
        let (quoted, rest) = part.split_at(end);
        whole + &quoted.replace("=\r\n", "").replace("=3D", "=") + rest
    })
}

#[test]
fn a_link_comes_out_whole_whatever_its_part_is_encoded_as() {
    let quoted = "Content-Transfer-Encoding: quoted-printable\r\n\r\na?token=3D3Dx=\r\ny\r\n--b\r\n";
    let plain = "Content-Transfer-Encoding: 7bit\r\n\r\na?token=3Dxy\r\n--b--";
    let decoded = decoded(&format!("{quoted}{plain}"));
    assert!(decoded.contains("a?token=3Dxy\r\n--b\r\n") && decoded.ends_with("a?token=3Dxy\r\n--b--"), "{decoded:?}");
}
