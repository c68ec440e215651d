//! The two halves of every ceremony, as far as they are alike.

use crate::{
    db::{self, Error, Stop, Tx},
    domain::{
        Account, ClientAddress, Lifetime, SecurityEvent, Token, TokenHash, audit::Action, limit::Decision,
        passkey::Passkey,
    },
    limits,
    metrics::kind,
    passkeys::{CeremonyKey, CeremonyRefusal, Passkeys},
    people,
    services::Services,
    web::{
        Answer, Failure, Me, Need, Reply, Visit,
        acting::Stranger,
        cookies::{MAX_CEREMONIES, Name, OwnCeremony},
        json,
    },
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use rocket::http::Status;
use serde_json::Value;
use std::sync::Arc;

/// Why a ceremony proved no user.
#[derive(Debug)]
pub enum Unproven {
    /// An admin has turned passkeys off.
    Off,
    /// The sign-in that waited, or the session, has ended.
    Over,
    Refused(CeremonyRefusal),
}

impl From<CeremonyRefusal> for Unproven {
    fn from(refusal: CeremonyRefusal) -> Self {
        Self::Refused(refusal)
    }
}

impl Unproven {
    /// Answers the known owner of the passkey, who learns what they can repair.
    pub fn reply_to_owner(&self, visit: &Visit<'_>, way_back: &str) -> Reply {
        match self {
            Self::Refused(refusal) if refusal.is_of_changed_passkey() => {
                // Logged and counted like any other.
                drop(self.reply(visit, way_back));
                json::problem(Status::UnprocessableEntity, "changed")
            }
            Self::Off | Self::Over | Self::Refused(_) => self.reply(visit, way_back),
        }
    }

    /// Answers scripts with one word for everything that can be wrong with a passkey. `way_back` is
    /// where to begin again when something has ended.
    pub fn reply(&self, visit: &Visit<'_>, way_back: &str) -> Reply {
        let (why, reply) = match self {
            Self::Off => ("off", json::problem(Status::Forbidden, "off")),
            Self::Over => return json::go_to(way_back),
            Self::Refused(refusal) => {
                let word = match refusal {
                    CeremonyRefusal::NoCeremony => "late",
                    CeremonyRefusal::TooMany => "many",
                    CeremonyRefusal::Known => "known",
                    CeremonyRefusal::Unreadable
                    | CeremonyRefusal::Unknown
                    | CeremonyRefusal::Copied(_)
                    | CeremonyRefusal::Wrong(_) => "refused",
                };
                tracing::debug!(request = %visit.request_id, %refusal, "a passkey was refused");
                (refusal.as_str(), json::problem(Status::UnprocessableEntity, word))
            }
        };
        visit.services.metrics.wrong_passkeys.get_or_create(&kind(why)).inc();
        visit.trouble.wrong("wrong passkey", None);
        reply
    }
}

/// Context of the hash that makes decoys and recognises them, so that no other hash under the key
/// is one.
const DECOYS: &[u8] = b"passkey decoys";

pub fn keyed_hash(services: &Services) -> impl Fn(&[u8]) -> Result<[u8; 32], Error> {
    |bytes| services.keys.keyed_hash(DECOYS, bytes).map_err(Error::fault)
}

impl From<Unproven> for Stop<Unproven> {
    fn from(unproven: Unproven) -> Self {
        Self::Refused(unproven)
    }
}

impl From<Stop<CeremonyRefusal>> for Stop<Unproven> {
    fn from(stop: Stop<CeremonyRefusal>) -> Self {
        stop.map(Unproven::Refused)
    }
}

/// Why no challenge was made.
enum NotBegun {
    Unproven(Unproven),
    TooOften(Lifetime),
}

/// The browser that asks for a challenge, for use inside a transaction.
struct Asker {
    services: Arc<Services>,
    client: ClientAddress,
    device: Option<TokenHash>,
    /// Hashes of its oldest challenges, which give way.
    surplus: Vec<TokenHash>,
}

impl Asker {
    fn of(visit: &Visit<'_>) -> Self {
        Self {
            services: Arc::clone(visit.services),
            client: visit.client,
            device: visit.cookies.token(Name::Device).map(|device| device.hash()),
            surplus: visit.cookies.ceremonies().iter().skip(MAX_CEREMONIES - 1).map(|own| own.secret.hash()).collect(),
        }
    }

    /// Makes a challenge by `make`, beside the few that wait in this browser. `account` is the
    /// owner, if known.
    fn begin(
        &self,
        tx: &mut Tx<'_>,
        account: Option<&Account>,
        make: impl FnOnce(&mut Tx<'_>, &Passkeys, &TokenHash) -> Result<Value, Stop<Unproven>>,
    ) -> Result<(Value, Token), Stop<NotBegun>> {
        let account = match account {
            Some(account) => {
                let known = db::own_tries::are_of(tx.connection, self.device.as_ref(), &account.email)?;
                Some((account.id, known))
            }
            None => None,
        };
        let counted = limits::of_passkey_challenges(self.client, account);
        let taken = db::limits::take(tx.connection, &counted, tx.now)?;
        taken.allowed(tx.now).map_err(|pause| Stop::Refused(NotBegun::TooOften(pause)))?;
        let settings = tx.settings()?;
        let passkeys = self.services.passkeys(&settings).ok_or(Stop::Refused(NotBegun::Unproven(Unproven::Off)))?;
        for former in &self.surplus {
            db::ceremonies::forget(tx.connection, former)?;
        }
        let secret = Token::issue(tx.entropy);
        let options = make(tx, passkeys, &secret.hash()).map_err(|stop| stop.map(NotBegun::Unproven))?;
        Ok((options, secret))
    }
}

/// Makes a challenge for a browser without a signed-in user, and answers with the options.
/// `account` is the owner, if known.
pub async fn begin<F>(visit: &Visit<'_>, account: Option<Account>, way_back: &str, make: F) -> Answer
where
    F: Fn(&mut Tx<'_>, &Passkeys, &TokenHash) -> Result<Value, Stop<Unproven>> + Send + 'static,
{
    let asker = Asker::of(visit);
    let begin = move |tx: &mut Tx<'_>| Stop::commit(asker.begin(tx, account.as_ref(), &make));
    let begun = visit.as_stranger(Stranger::SignsIn, begin).await?;
    answer(visit, begun, way_back)
}

/// Does the same for a signed-in user, whom the same transaction reads again.
pub async fn begin_as<F>(visit: &Visit<'_>, need: Need, way_back: &str, make: F) -> Answer
where
    F: Fn(&mut Tx<'_>, &Me, &Passkeys, &TokenHash) -> Result<Value, Stop<Unproven>> + Send + 'static,
{
    let asker = Asker::of(visit);
    let begin = visit.as_account(need, move |tx, me| {
        Stop::commit(asker.begin(tx, Some(&me.account), |tx, passkeys, browser| make(tx, me, passkeys, browser)))
    });
    answer(visit, begin.await?, way_back)
}

fn answer(visit: &Visit<'_>, begun: Result<(Value, Token), NotBegun>, way_back: &str) -> Answer {
    match begun {
        Ok((options, secret)) => {
            let own = OwnCeremony { tag: tag_of(options.pointer("/publicKey/challenge")), secret };
            let waiting: Vec<_> = [own].into_iter().chain(visit.cookies.ceremonies()).take(MAX_CEREMONIES).collect();
            visit.cookies.set_ceremonies(&waiting);
            Ok(Reply::json(&options))
        }
        Err(NotBegun::Unproven(unproven)) => Ok(unproven.reply(visit, way_back)),
        Err(NotBegun::TooOften(wait)) => Err(Failure::TooMany(wait)),
    }
}

/// Names a challenge among the few of one browser.
fn tag_of(challenge: Option<&Value>) -> String {
    challenge.and_then(Value::as_str).unwrap_or_default().chars().filter(char::is_ascii_alphanumeric).take(12).collect()
}

/// Returns the hash of the ceremony that this browser answers. `None` if it began none. Challenges
/// of its other windows stay.
pub fn answering(visit: &Visit<'_>, answer: &Value) -> Option<TokenHash> {
    let mut waiting = visit.cookies.ceremonies();
    let tag = tag_of(challenge_of(answer).as_ref());
    let at = waiting.iter().position(|own| own.tag == tag);
    // A wrong answer still uses up the only challenge.
    let at = at.or((waiting.len() == 1).then_some(0));
    let answered = at.map(|at| waiting.remove(at));
    visit.cookies.set_ceremonies(&waiting);
    answered.map(|own| own.secret.hash())
}

/// Returns the challenge that an answer claims. The library verifies the claim.
fn challenge_of(answer: &Value) -> Option<Value> {
    let client_data = URL_SAFE_NO_PAD.decode(answer.pointer("/response/clientDataJSON")?.as_str()?).ok()?;
    let mut said: Value = serde_json::from_slice(&client_data).ok()?;
    said.get_mut("challenge").map(Value::take)
}

/// Returns the passkey if the answer is right, under the lock of its owner's mailbox. Tells the
/// owner about a passkey that may have been copied.
pub(super) fn prove(
    tx: &mut Tx<'_>,
    services: &Services,
    key: CeremonyKey<'_>,
    answer: &Value,
) -> Result<Passkey, Stop<Unproven>> {
    turned_on(tx, services)?.lock_owner(tx, key, answer)?;
    // Asked again, because an admin may have turned them off while this waited for the lock.
    let proved = turned_on(tx, services)?.finish_proof(tx, key, answer.clone());
    if let Err(Stop::Refused(CeremonyRefusal::Copied(passkey))) = &proved {
        tell_of_copy(tx, passkey)?;
    }
    Ok(proved?)
}

fn turned_on<'a>(tx: &mut Tx<'_>, services: &'a Services) -> Result<&'a Passkeys, Stop<Unproven>> {
    let settings = tx.settings()?;
    Ok(services.passkeys(&settings).ok_or(Unproven::Off)?)
}

fn tell_of_copy(tx: &mut Tx<'_>, passkey: &Passkey) -> Result<(), Error> {
    let Some(owner) = db::accounts::find(tx.connection, passkey.account_id)? else { return Ok(()) };
    let line = tx.line(Action::PasskeyCounterWentBack, owner.email.as_str());
    tx.log(&line.to(passkey.name.as_str()))?;
    let counted = limits::of_copied_passkeys(passkey.id);
    // Without the limit, an attacker with the copy could fill the owner's mailbox.
    if db::limits::take(tx.connection, &[counted], tx.now)? == Decision::Allowed {
        people::tell(tx, &owner, SecurityEvent::PasskeyCopied)?;
    }
    Ok(())
}
