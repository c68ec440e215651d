//! Passwords in URLs, judged before a library sees them, because libraries quote in errors what
//! they cannot read.

/// Returns what is wrong with how a URL is written, in a sentence that repeats nothing of it.
/// `after` is the text after `://`.
pub(super) fn fault(after: &str) -> Option<&'static str> {
    if after.chars().any(|c| c.is_whitespace() || c.is_control()) {
        return Some("it has a space or a line break; in a name or password, write a space as %20");
    }
    if !percent_is_encoded(after) {
        return Some("it has a % that begins no encoded character; in a name or password, write % as %25");
    }
    let end = after.find(['/', '?', '#']).unwrap_or(after.len());
    let (authority, rest) = after.split_at(end);
    if authority.matches('@').count() > 1 {
        return Some("it has more than one @; in a name or password, write @ as %40");
    }
    if rest.contains(['@', '#']) {
        return Some(
            "it has a @ or # after its host; in a name or password, write / as %2F, ? as %3F, # as %23 and @ as %40",
        );
    }
    let hosts = authority.rsplit_once('@').map_or(authority, |(_, hosts)| hosts);
    if !hosts.split(',').all(|host| is_port(port_of(host))) {
        return Some("its port is not a number; in a name or password, write : as %3A and @ as %40");
    }
    None
}

/// Returns whether each `%` precedes two hexadecimal digits, and none encodes a NUL.
fn percent_is_encoded(text: &str) -> bool {
    text.split('%').skip(1).all(|rest| {
        let digits = rest.as_bytes().get(..2).unwrap_or_default();
        digits.len() == 2 && digits.iter().all(u8::is_ascii_hexdigit) && digits != b"00"
    })
}

/// Returns what follows the colon after a host.
fn port_of(host: &str) -> &str {
    let behind_brackets = host.rsplit_once(']').map_or(host, |(_, behind)| behind);
    behind_brackets.split_once(':').map_or("", |(_, port)| port)
}

fn is_port(port: &str) -> bool {
    port.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_that_is_written_well_has_no_slip() {
        for after in [
            "gatepost:p%40ss%2Fw%25rd@db.example.com:5432/gatepost?sslmode=verify-full",
            "gatepost@db/gatepost",
            "db/gatepost",
            "u:p@one:5432,two:5433/gatepost?target_session_attrs=read-write",
            "u:p@[::1]:5432/d",
            "/gatepost?host=/run/postgresql",
            "u:a:b@h",
        ] {
            assert_eq!(fault(after), None, "{after}");
        }
    }

    #[test]
    fn a_password_that_is_not_encoded_is_told_by_what_is_wrong() {
        for (password, what) in [
            ("S3cr%t!x", "% as %25"),
            ("two words", "space as %20"),
            ("p@ss", "@ as %40"),
            ("pa/ss", "/ as %2F"),
            ("pa?ss", "? as %3F"),
            ("pa#ss", "# as %23"),
            ("12/34", "/ as %2F"),
            ("x%00y", "% as %25"),
            ("line\nbreak", "line break"),
        ] {
            let fault = fault(&format!("gatepost:{password}@db:5432/gatepost")).unwrap();
            assert!(fault.contains(what), "{password}: {fault}");
        }
    }
}
