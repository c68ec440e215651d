//! An app that signs its users in by a client that its authors did not write: the crate
//! openidconnect.
//!
//! Usage: openidconnect-client ISSUER CLIENT_ID SECRET PORT

use openidconnect::{
    AccessTokenHash, AuthorizationCode, ClientId, ClientSecret, CsrfToken, EndpointMaybeSet, EndpointNotSet, EndpointSet,
    HttpRequest, HttpResponse, IssuerUrl, Nonce, OAuth2TokenResponse, PkceCodeChallenge, PkceCodeVerifier, RedirectUrl, Scope,
    TokenResponse,
    core::{CoreAuthenticationFlow, CoreClient, CoreProviderMetadata, CoreUserInfoClaims},
    http::{HeaderName, HeaderValue, Response},
    url::Url,
};
use std::{
    collections::HashMap,
    error::Error,
    io::{self, BufRead, BufReader, Read, Write},
    net::{TcpListener, TcpStream},
};

type Client = CoreClient<EndpointSet, EndpointNotSet, EndpointNotSet, EndpointNotSet, EndpointMaybeSet, EndpointMaybeSet>;
type Failed = Box<dyn Error>;

/// Facts that the app keeps of a browser that it has sent away.
struct Waiting {
    verifier: PkceCodeVerifier,
    nonce: Nonce,
}

fn main() -> Result<(), Failed> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [issuer, id, secret, port] = arguments.as_slice() else { return Err("ISSUER CLIENT_ID SECRET PORT".into()) };
    let origin = format!("http://127.0.0.1:{port}");
    let metadata = CoreProviderMetadata::discover(&IssuerUrl::new(issuer.clone())?, &ask)?;
    let (id, secret) = (ClientId::new(id.clone()), ClientSecret::new(secret.clone()));
    let client = CoreClient::from_provider_metadata(metadata, id, Some(secret))
        .set_redirect_uri(RedirectUrl::new(format!("{origin}/callback"))?);
    let listener = TcpListener::bind(("127.0.0.1", port.parse::<u16>()?))?;
    println!("listening on {origin}");
    let mut waiting = HashMap::new();
    for stream in listener.incoming() {
        let mut stream = stream?;
        let mut line = String::new();
        BufReader::new(&stream).read_line(&mut line)?;
        let path = line.split(' ').nth(1).unwrap_or_default();
        let (status, head, body) = answer(&client, &Url::parse(&format!("{origin}{path}"))?, &mut waiting)
            .unwrap_or_else(|failed| ("500 Failed", String::new(), format!("<h1>The app failed</h1><p>{failed}: {:?}", failed.source())));
        let page = format!("<title>App</title>{body}");
        write!(
            stream,
            "HTTP/1.1 {status}\r\nContent-Type: text/html\r\n{head}Connection: close\r\nContent-Length: {}\r\n\r\n{page}",
            page.len()
        )?;
    }
    Ok(())
}

fn answer(
    client: &Client,
    url: &Url,
    waiting: &mut HashMap<String, Waiting>,
) -> Result<(&'static str, String, String), Failed> {
    match url.path() {
        "/login" => {
            let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
            let flow = CoreAuthenticationFlow::AuthorizationCode;
            let asks = client.authorize_url(flow, CsrfToken::new_random, Nonce::new_random);
            let scopes = ["profile", "email"].map(|scope| Scope::new(scope.to_owned()));
            let (to, state, nonce) = asks.add_scopes(scopes).set_pkce_challenge(challenge).url();
            waiting.insert(state.secret().clone(), Waiting { verifier, nonce });
            Ok(("303 See Other", format!("Location: {to}\r\n"), String::new()))
        }
        "/callback" => {
            let pairs: HashMap<String, String> = url.query_pairs().into_owned().collect();
            let gone = pairs.get("state").and_then(|state| waiting.remove(state)).ok_or("the state is not ours")?;
            let code = pairs.get("code").ok_or_else(|| format!("no code: {pairs:?}"))?;
            let text = signed_in(client, code, gone)?;
            Ok(("200 OK", String::new(), format!("<h1>The app</h1><p>{text}</p>")))
        }
        _ => Ok(("404 Not Found", String::new(), "Nothing is here".to_owned())),
    }
}

/// Redeems the code, and has the crate judge the tokens.
fn signed_in(client: &Client, code: &str, Waiting { verifier, nonce }: Waiting) -> Result<String, Failed> {
    let redeem = client.exchange_code(AuthorizationCode::new(code.to_owned()))?;
    let tokens = redeem.set_pkce_verifier(verifier).request(&ask)?;
    let id_token = tokens.id_token().ok_or("no ID token")?;
    let judge = client.id_token_verifier();
    let claims = id_token.claims(&judge, &nonce)?;
    let hash = AccessTokenHash::from_token(tokens.access_token(), id_token.signing_alg()?, id_token.signing_key(&judge)?)?;
    let is_bound = claims.access_token_hash() == Some(&hash);
    let subject = claims.subject().clone();
    let info: CoreUserInfoClaims =
        client.user_info(tokens.access_token().clone(), Some(subject))?.request(&ask)?;
    let email = info.email().map(|email| email.as_str()).unwrap_or_default();
    let is_verified = info.email_verified() == Some(true);
    Ok(format!("{email} verified {is_verified}; signed by {:?}; token bound {is_bound}", id_token.signing_alg()?))
}

/// Sends a request on loopback.
fn ask(request: HttpRequest) -> Result<HttpResponse, io::Error> {
    let odd = |what: &str| io::Error::other(what.to_owned());
    let uri = request.uri();
    let authority = uri.authority().ok_or_else(|| odd("no host"))?;
    let mut stream = TcpStream::connect(authority.as_str())?;
    let path = uri.path_and_query().map_or("/", |path| path.as_str());
    write!(stream, "{} {path} HTTP/1.1\r\nHost: {authority}\r\nConnection: close\r\n", request.method())?;
    for (name, value) in request.headers() {
        write!(stream, "{name}: {}\r\n", value.to_str().map_err(io::Error::other)?)?;
    }
    write!(stream, "Content-Length: {}\r\n\r\n", request.body().len())?;
    stream.write_all(request.body())?;
    let mut reader = BufReader::new(stream);
    let mut line = String::new();
    reader.read_line(&mut line)?;
    let status: u16 = line.split(' ').nth(1).and_then(|status| status.parse().ok()).ok_or_else(|| odd(&line))?;
    let mut answer = Response::builder().status(status);
    loop {
        line.clear();
        reader.read_line(&mut line)?;
        let Some((name, value)) = line.trim_end().split_once(':') else { break };
        let name = HeaderName::from_bytes(name.as_bytes()).map_err(io::Error::other)?;
        answer = answer.header(name, HeaderValue::from_str(value.trim()).map_err(io::Error::other)?);
    }
    let mut body = Vec::new();
    reader.read_to_end(&mut body)?;
    answer.body(body).map_err(io::Error::other)
}
