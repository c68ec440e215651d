//! TLS to PostgreSQL, by a binary that was built with `pg-tls`; `scripts/test-pg-tls` runs it. The
//! tests' server gets a certificate for `localhost`, from an authority made for this test.

use crate::server::{Home, eventually};
use diesel::{Connection, PgConnection, QueryableByName, RunQueryDsl, connection::SimpleConnection, sql_types::BigInt};
use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair};
use std::{env, fs, path::PathBuf, process::Output};

struct Authority(CertificateParams, KeyPair);

impl Authority {
    fn named(name: &str) -> Self {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        // OpenSSL takes a certificate whose issuer has its own name for self-signed.
        params.distinguished_name.push(DnType::CommonName, name);
        Self(params, KeyPair::generate().unwrap())
    }

    fn file(&self, home: &Home, name: &str) -> PathBuf {
        let path = home.folder.path().join(name);
        fs::write(&path, self.0.clone().self_signed(&self.1).unwrap().pem()).unwrap();
        path
    }

    /// A certificate for a name, and its key.
    fn certifies(&self, name: &str) -> (String, String) {
        let key = KeyPair::generate().unwrap();
        let issuer = Issuer::from_params(&self.0, &self.1);
        let certificate = CertificateParams::new(vec![name.to_owned()]).unwrap().signed_by(&key, &issuer).unwrap();
        (certificate.pem(), key.serialize_pem())
    }
}

/// Has the tests' server use TLS. The tests' role may do anything there.
fn give_certificate((certificate, key): &(String, String)) {
    let mut server = superuser();
    for (name, pem) in [("test.crt", certificate), ("test.key", key)] {
        // In octal, so that quoting and line endings do no harm. The key must be readable only by
        // its owner.
        let octal: String = pem.bytes().map(|byte| format!("\\{byte:03o}")).collect();
        // The program reads the row that it is given, or the server takes the closed pipe for a
        // fault.
        let write = format!("cat >/dev/null; umask 077; printf ''{octal}'' > {name}");
        server.batch_execute(&format!("COPY (SELECT 1) TO PROGRAM '{write}'")).unwrap();
    }
    for setting in ["ssl_cert_file = 'test.crt'", "ssl_key_file = 'test.key'", "ssl = on"] {
        server.batch_execute(&format!("ALTER SYSTEM SET {setting}")).unwrap();
    }
    server.batch_execute("SELECT pg_reload_conf()").unwrap();
}

fn superuser() -> PgConnection {
    PgConnection::establish(&format!("{}/postgres", env::var("TEST_POSTGRES_URL").unwrap())).unwrap()
}

#[derive(QueryableByName)]
struct Count {
    #[diesel(sql_type = BigInt)]
    count: i64,
}

/// Returns how many of the server's connections to the database at `url` are encrypted, or are not.
fn connections(url: &str, encrypted: bool) -> i64 {
    let name = url.split('?').next().unwrap().rsplit('/').next().unwrap();
    let count = format!(
        "SELECT count(*) FROM pg_stat_ssl JOIN pg_stat_activity USING (pid) WHERE datname = '{name}' AND ssl = {encrypted} \
         AND application_name = 'gatepost'"
    );
    diesel::sql_query(count).get_result::<Count>(&mut superuser()).unwrap().count
}

fn both(output: &Output) -> String {
    [&output.stdout[..], &output.stderr].concat().iter().map(|&byte| char::from(byte)).collect()
}

#[test]
fn the_database_is_used_over_tls_only_where_its_certificate_and_its_name_are_right() {
    let Some(mut home) = Home::on_postgres() else { return };
    let plain = home.database_url();
    let right = Authority::named("right");
    let right_file = right.file(&home, "right.pem");
    let wrong_file = Authority::named("wrong").file(&home, "wrong.pem");
    let impostor_file = Authority::named("right").file(&home, "impostor.pem");
    give_certificate(&right.certifies("localhost"));
    let by_name = plain.replace("127.0.0.1", "localhost");
    let with = |url: &str, mode: &str, file: &PathBuf| format!("{url}&sslmode={mode}&sslrootcert={}", file.display());

    let verified = with(&by_name, "verify-full", &right_file);
    home.set("GATEPOST_DATABASE_URL", &verified);
    // The server loads its certificate in a moment.
    eventually("the server speaks TLS", || home.run(&["migrate"]).status.success().then_some(()));
    let checked = home.run(&["check"]);
    assert!(checked.status.success() && both(&checked).contains("database       ok"), "{}", both(&checked));
    {
        let _server = home.start();
        assert_eq!(home.visitor().post("/login", &[("email", "ana@example.com")]).unwrap().status, 303);
        assert_eq!(home.visitor().get("/health/ready").unwrap().status, 200);
        assert!(connections(&verified, true) > 0);
        assert_eq!(connections(&verified, false), 0, "every one of its connections is encrypted");
    }

    for (what, url, says) in [
        ("another authority", with(&by_name, "verify-full", &wrong_file), "certificate verify failed"),
        ("another authority of this name", with(&by_name, "verify-full", &impostor_file), "SSL error"),
        ("another name", with(&plain, "verify-full", &right_file), "does not match host name"),
        ("no such file", with(&by_name, "verify-full", &home.folder.path().join("none.pem")), "none.pem"),
        ("another authority, with any name", with(&by_name, "verify-ca", &wrong_file), "certificate verify failed"),
    ] {
        home.set("GATEPOST_DATABASE_URL", &url);
        for arguments in [&["check"][..], &["account", "list"], &[]] {
            let refused = home.run(arguments);
            assert_eq!(refused.status.code(), Some(1), "{what}, {arguments:?}: {}", both(&refused));
            assert!(both(&refused).contains(says), "{what}, {arguments:?}: {}", both(&refused));
        }
    }

    // On this machine it may go without, and causes no warning.
    home.set("GATEPOST_DATABASE_URL", &format!("{plain}&sslmode=disable"));
    let checked = home.run(&["check"]);
    assert!(checked.status.success() && !both(&checked).contains("verify-full"), "{}", both(&checked));
    // A server without TLS is not accepted as one with it.
    superuser().batch_execute("ALTER SYSTEM SET ssl = off").unwrap();
    superuser().batch_execute("SELECT pg_reload_conf()").unwrap();
    home.set("GATEPOST_DATABASE_URL", &verified);
    let refused = eventually("the server speaks no TLS", || {
        let checked = home.run(&["check"]);
        (!checked.status.success()).then_some(checked)
    });
    assert!(both(&refused).contains("does not support SSL"), "{}", both(&refused));
}
