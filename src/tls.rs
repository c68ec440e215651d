//! TLS for connections that this server opens.

use std::{error::Error, fs, path::Path, sync::Arc};
use tokio_rustls::{TlsConnector, rustls};

/// Returns what encrypts connections. It trusts the usual authorities, and those in the operator's
/// file.
pub(crate) fn connector(ca_file: Option<&Path>) -> Result<TlsConnector, String> {
    use rustls::pki_types::{CertificateDer, pem::PemObject};
    let mut roots = rustls::RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
    let unreadable = |file: &Path, error: &dyn Error| {
        format!("cannot read the certificates in {}: {}", file.display(), in_words(error))
    };
    if let Some(file) = ca_file {
        let pem = fs::read(file).map_err(|error| unreadable(file, &error))?;
        for certificate in CertificateDer::pem_slice_iter(&pem) {
            let certificate = certificate.map_err(|error| unreadable(file, &error))?;
            roots.add(certificate).map_err(|error| unreadable(file, &error))?;
        }
    }
    // Named, so that no other crate's choice of a default provider can change or break ours.
    let config = rustls::ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(|error| in_words(&error))?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(TlsConnector::from(Arc::new(config)))
}

/// Puts an error and its causes on one line, for admins.
pub(crate) fn in_words(error: &dyn Error) -> String {
    let mut words = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let more = error.to_string();
        if !words.contains(&more) {
            words = format!("{words}: {more}");
        }
        cause = error.source();
    }
    words
}
