//! A mail server on loopback that can be told to misbehave at every step.

use crate::source;
use rcgen::{CertificateParams, Issuer, KeyPair};
use std::{
    net::SocketAddr,
    sync::{Arc, Mutex},
};
use tokio::{
    io::{AsyncBufReadExt, AsyncRead, AsyncWrite, AsyncWriteExt, BufReader},
    net::{TcpListener, TcpStream},
    sync::Notify,
};
use tokio_rustls::{
    TlsAcceptor,
    rustls::{self, pki_types::PrivateKeyDer},
};

/// An email as it arrived.
#[derive(Clone, Debug)]
pub struct Arrived {
    pub from: String,
    pub to: Vec<String>,
    pub data: String,
    pub encrypted: bool,
    pub signed_in_as: Option<String>,
}

impl Arrived {
    /// Makes an email of which only this is known.
    pub fn to(recipient: &str, data: String) -> Self {
        Self { from: String::new(), to: vec![recipient.to_owned()], data, encrypted: false, signed_in_as: None }
    }

    /// Returns the text part, as its reader sees it.
    fn text(&self) -> String {
        source::decoded(&self.data)
    }

    /// Returns the link without the origin.
    pub fn link(&self) -> String {
        self.link_to("/auth/verify").expect("a link")
    }

    /// Returns the link to a page, if there is one.
    pub fn link_to(&self, page: &str) -> Option<String> {
        let text = self.text();
        let start = text.find(&format!("http://localhost:8000{page}?token="))?;
        text[start..].split_whitespace().next()?.strip_prefix("http://localhost:8000").map(str::to_owned)
    }

    pub fn code(&self) -> String {
        let is_code = |word: &&str| word.len() == 7 && word.as_bytes()[3] == b'-';
        self.text().split_whitespace().find(is_code).expect("a code").to_owned()
    }
}

/// Steps at which the server can be told to say something else, or nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    Greeting,
    Ehlo,
    StartTls,
    Auth,
    Mail,
    Rcpt,
    Data,
    Message,
}

#[derive(Clone, Debug)]
pub enum Misbehaviour {
    /// `{mail}` is replaced by the link and the code of the email.
    Say(&'static str),
    HangUp,
    /// Takes the email and hangs up before saying so.
    TakeAndHangUp,
    /// Takes the email and says so only when it is told to.
    Hold(Hold),
}

/// An email that the server has and has not confirmed.
#[derive(Clone, Debug, Default)]
pub struct Hold {
    reached: Arc<Notify>,
    released: Arc<Notify>,
}

impl Hold {
    pub async fn reached(&self) {
        self.reached.notified().await;
    }

    pub fn release(&self) {
        self.released.notify_one();
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Security {
    Plain,
    StartTls,
    Implicit,
}

#[derive(Default)]
struct State {
    arrived: Vec<Arrived>,
    /// Taken or not.
    offered: Vec<Arrived>,
    misbehaviour: Option<(Step, Misbehaviour, String)>,
    connections: usize,
    senders: usize,
    recipients: usize,
    /// Notified of each email that arrives.
    more: Arc<Notify>,
}

#[derive(Clone)]
pub struct SmtpSink {
    pub address: SocketAddr,
    pub ca_pem: String,
    state: Arc<Mutex<State>>,
    more: Arc<Notify>,
}

impl SmtpSink {
    pub async fn start(security: Security) -> Self {
        Self::start_for(security, "localhost").await
    }

    /// Starts a server whose certificate is for another name than the one it is asked by.
    pub async fn start_for(security: Security, name: &str) -> Self {
        let (ca_pem, tls) = certificates(name);
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let sink =
            Self { address: listener.local_addr().unwrap(), ca_pem, state: Arc::default(), more: Arc::default() };
        sink.state.lock().unwrap().more = Arc::clone(&sink.more);
        let state = Arc::clone(&sink.state);
        tokio::spawn(async move {
            loop {
                let Ok((stream, _)) = listener.accept().await else { return };
                let (state, tls) = (Arc::clone(&state), tls.clone());
                tokio::spawn(async move {
                    state.lock().unwrap().connections += 1;
                    let _ = converse(stream, security, tls, &state).await;
                });
            }
        });
        sink
    }

    pub fn url(&self, query: &str) -> String {
        format!("smtp://localhost:{}{query}", self.address.port())
    }

    pub fn arrived(&self) -> Vec<Arrived> {
        self.state.lock().unwrap().arrived.clone()
    }

    /// Returns every email that came to its end, with any answer.
    pub fn offered(&self) -> Vec<Arrived> {
        self.state.lock().unwrap().offered.clone()
    }

    pub fn connections(&self) -> usize {
        self.state.lock().unwrap().connections
    }

    /// Returns how often a sender was named: of an email that is sent, or of a pretended one.
    pub fn conversations(&self) -> usize {
        self.state.lock().unwrap().senders
    }

    /// Returns how often a recipient was named.
    pub fn recipients(&self) -> usize {
        self.state.lock().unwrap().recipients
    }

    /// Waits until this many emails have arrived.
    pub async fn until(&self, count: usize) {
        while self.arrived().len() < count {
            self.more.notified().await;
        }
    }

    /// Makes the server misbehave at this step, for emails to addresses that contain `whom`.
    pub fn misbehave(&self, step: Step, how: Misbehaviour, whom: &str) {
        self.state.lock().unwrap().misbehaviour = Some((step, how, whom.to_owned()));
    }

    /// Holds the next email, and only that.
    pub fn hold(&self) -> Hold {
        let hold = Hold::default();
        self.misbehave(Step::Message, Misbehaviour::Hold(hold.clone()), "");
        hold
    }

    pub fn behave(&self) {
        self.state.lock().unwrap().misbehaviour = None;
    }
}

pub fn certificates(name: &str) -> (String, TlsAcceptor) {
    let ca_key = KeyPair::generate().unwrap();
    let mut ca_params = CertificateParams::new(Vec::new()).unwrap();
    ca_params.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
    let ca = ca_params.clone().self_signed(&ca_key).unwrap();
    let issuer = Issuer::new(ca_params, ca_key);
    let key = KeyPair::generate().unwrap();
    let certificate = CertificateParams::new(vec![name.to_owned()]).unwrap().signed_by(&key, &issuer).unwrap();
    let private = PrivateKeyDer::try_from(key.serialize_der()).unwrap();
    let config = rustls::ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate.der().clone()], private)
        .unwrap();
    (ca.pem(), TlsAcceptor::from(Arc::new(config)))
}

async fn converse(
    stream: TcpStream,
    security: Security,
    tls: TlsAcceptor,
    state: &Mutex<State>,
) -> std::io::Result<()> {
    match security {
        Security::Plain => talk(stream, false, None, state).await.map(drop),
        Security::Implicit => talk(tls.accept(stream).await?, true, None, state).await.map(drop),
        Security::StartTls => match talk(stream, false, Some(()), state).await? {
            Some(stream) => talk_again(tls.accept(stream).await?, state).await,
            None => Ok(()),
        },
    }
}

async fn talk_again<S: AsyncRead + AsyncWrite + Unpin>(stream: S, state: &Mutex<State>) -> std::io::Result<()> {
    let conversation = Conversation { stream: BufReader::new(stream), state };
    conversation.serve(true, false, false).await.map(drop)
}

async fn talk<S: AsyncRead + AsyncWrite + Unpin>(
    stream: S,
    encrypted: bool,
    starttls: Option<()>,
    state: &Mutex<State>,
) -> std::io::Result<Option<S>> {
    let conversation = Conversation { stream: BufReader::new(stream), state };
    conversation.serve(encrypted, starttls.is_some(), true).await
}

/// One connection of a client.
struct Conversation<'a, S> {
    stream: BufReader<S>,
    state: &'a Mutex<State>,
}

impl<S: AsyncRead + AsyncWrite + Unpin> Conversation<'_, S> {
    /// Serves one connection. Returns the stream when it has to be encrypted.
    async fn serve(mut self, encrypted: bool, starttls: bool, greet: bool) -> std::io::Result<Option<S>> {
        let state = self.state;
        let (mut from, mut to, mut user) = (String::new(), Vec::<String>::new(), None);
        if greet && !self.answer(Step::Greeting, "", "220 sink ready").await? {
            return Ok(None);
        }
        let mut line = String::new();
        loop {
            line.clear();
            if self.stream.read_line(&mut line).await? == 0 {
                return Ok(None);
            }
            let command = line.trim_end().to_owned();
            let verb = command.split([' ', ':']).next().unwrap_or("").to_uppercase();
            let whom = to.first().cloned().unwrap_or_default();
            let goes_on = match verb.as_str() {
                "EHLO" => {
                    let offer = if starttls { "250-STARTTLS\r\n" } else { "" };
                    let text = format!("250-sink\r\n{offer}250-AUTH PLAIN LOGIN\r\n250 8BITMIME");
                    self.answer(Step::Ehlo, "", &text).await?
                }
                "STARTTLS" => {
                    if !self.answer(Step::StartTls, "", "220 go ahead").await? {
                        return Ok(None);
                    }
                    return Ok(Some(self.stream.into_inner()));
                }
                "AUTH" => {
                    user = command.split(' ').nth(2).map(str::to_owned);
                    self.answer(Step::Auth, "", "235 welcome").await?
                }
                "MAIL" => {
                    from = between(&command);
                    to.clear();
                    state.lock().unwrap().senders += 1;
                    self.answer(Step::Mail, "", "250 ok").await?
                }
                "RCPT" => {
                    to.push(between(&command));
                    state.lock().unwrap().recipients += 1;
                    let whom = to.last().unwrap().clone();
                    self.answer(Step::Rcpt, &whom, "250 ok").await?
                }
                "DATA" => {
                    let wanted = misbehaviour(Step::Data, &whom, state);
                    if !self.answer(Step::Data, &whom, "354 go on").await? {
                        return Ok(None);
                    }
                    if wanted.is_none() {
                        let data = read_data(&mut self.stream).await?;
                        let takes = !matches!(
                            misbehaviour(Step::Message, &whom, state),
                            Some(Misbehaviour::Say(_) | Misbehaviour::HangUp)
                        );
                        let mail =
                            Arrived { from: from.clone(), to: to.clone(), data, encrypted, signed_in_as: user.clone() };
                        if takes {
                            let mut state = state.lock().unwrap();
                            state.arrived.push(mail.clone());
                            state.more.notify_one();
                        }
                        state.lock().unwrap().offered.push(mail);
                        if !self.answer(Step::Message, &whom, "250 2.0.0 taken as 42").await? {
                            return Ok(None);
                        }
                    }
                    true
                }
                "QUIT" => {
                    self.stream.get_mut().write_all(b"221 bye\r\n").await?;
                    return Ok(None);
                }
                _ => self.answer(Step::Greeting, "-", "250 ok").await?,
            };
            if !goes_on {
                return Ok(None);
            }
        }
    }

    /// Says what it should, or what it was told to. Returns `false` once the conversation is over.
    async fn answer(&mut self, step: Step, whom: &str, usual: &str) -> std::io::Result<bool> {
        let state = self.state;
        let text = match misbehaviour(step, whom, state) {
            None => usual.to_owned(),
            Some(Misbehaviour::Say(text)) if text.contains("{mail}") => {
                let state = state.lock().unwrap();
                let mail = state.offered.last().expect("a mail to quote");
                text.replace("{mail}", &format!("http://localhost:8000{} {}", mail.link(), mail.code()))
            }
            Some(Misbehaviour::Say(text)) => text.to_owned(),
            Some(Misbehaviour::HangUp | Misbehaviour::TakeAndHangUp) => return Ok(false),
            Some(Misbehaviour::Hold(hold)) => {
                state.lock().unwrap().misbehaviour = None;
                hold.reached.notify_one();
                hold.released.notified().await;
                usual.to_owned()
            }
        };
        self.stream.get_mut().write_all(format!("{text}\r\n").as_bytes()).await?;
        self.stream.get_mut().flush().await?;
        Ok(!text.starts_with("421"))
    }
}

fn between(command: &str) -> String {
    command.split('<').nth(1).and_then(|rest| rest.split('>').next()).unwrap_or("").to_owned()
}

async fn read_data<S: AsyncRead + Unpin>(stream: &mut BufReader<S>) -> std::io::Result<String> {
    let mut data = String::new();
    loop {
        let mut line = String::new();
        if stream.read_line(&mut line).await? == 0 || line == ".\r\n" {
            return Ok(data);
        }
        data.push_str(line.strip_prefix('.').filter(|_| line.starts_with("..")).unwrap_or(&line));
    }
}

fn misbehaviour(step: Step, whom: &str, state: &Mutex<State>) -> Option<Misbehaviour> {
    let state = state.lock().unwrap();
    let (wrong_step, how, wrong_whom) = state.misbehaviour.as_ref()?;
    (*wrong_step == step && (wrong_whom.is_empty() || whom.contains(wrong_whom.as_str())) && whom != "-")
        .then(|| how.clone())
}
