//! Sends one email: writes it, hands it over, and notes the outcome.

use super::{
    draft::WritingContext,
    note::note,
    round::LEASE,
    round::Round,
    worker::{Ready, Worker},
    write::{common_facts, mail_facts},
};
use crate::{
    db::{self, DbConnection, Error},
    domain::{Lifetime, Settings, logo::Logos, mail::MailState},
    locale::Locale,
    mail::{Draft, MailFacts, MailRefusal, Outcome, Outgoing, Verb},
    metrics::kind,
    services::Services,
};
use std::{sync::Arc, time::Duration};

/// Characters of a mail server's answer that are kept.
const MAX_OF_A_REPLY: usize = 500;

impl Worker {
    /// Sends one email and notes the outcome. Returns `false` if the mail server cannot be used.
    pub(super) async fn deliver(&mut self, ready: Arc<Ready>, round: &Round) -> bool {
        let settings = &round.settings;
        let logos = self.services.logo.for_emails(&self.services.db, settings).await;
        let outcome = match self.compose(&ready, settings, logos) {
            Ok(outgoing) => self.send(&outgoing, &ready, round).await,
            // Waiting would not help. An admin sees it among the failed emails.
            Err(reply) => Outcome::Refused(MailRefusal { at: Verb::Data, lasting: true, reply }),
        };
        self.pool.note_connection(self.number, self.transport.is_open());
        if self.has_no_room(&outcome) {
            // Nothing is noted: the email goes to a worker with a connection.
            self.is_resting = true;
            return false;
        }
        // First remove secrets, then cut: half a secret is still a secret.
        let kept = |reply: String| ready.secrets.struck_from(&reply).chars().take(MAX_OF_A_REPLY).collect::<String>();
        let outcome = outcome.map_reply(kept);
        self.say(&ready, &outcome);
        let server_is_usable = !matches!(&outcome, Outcome::Refused(refused) if refused.is_about_server());
        self.failed_rounds = if server_is_usable { 0 } else { self.failed_rounds.saturating_add(1) };
        self.note(ready, outcome, round).await;
        server_is_usable
    }

    /// Returns whether the mail server takes no further connection while another worker holds one.
    fn has_no_room(&self, outcome: &Outcome) -> bool {
        let unconnected = matches!(outcome, Outcome::Refused(refused) if refused.at < Verb::Mail);
        let has_no_room = unconnected && self.pool.another_is_connected(self.number);
        if has_no_room && let Some(unsaid) = self.pool.may_log("room") {
            tracing::info!(unsaid, "the email server allows fewer connections than mail_connections; using fewer");
        }
        has_no_room
    }

    fn say(&self, ready: &Ready, outcome: &Outcome) {
        if ready.due.pretended.is_some() && !matches!(outcome, Outcome::Refused(refused) if refused.is_about_server()) {
            return;
        }
        let (mail, to) = (&ready.due.mail, &ready.due.recipient);
        let kind = mail.kind.as_str();
        match outcome {
            Outcome::Accepted(_) => tracing::info!(mail = %mail.id, kind, %to, "email sent"),
            Outcome::Unknown(reply) => {
                tracing::warn!(mail = %mail.id, kind, %to, reply, "email handed over, but the email server did not confirm it");
            }
            Outcome::Refused(refused) if refused.is_about_server() => {
                if let Some(unsaid) = self.pool.may_log("server") {
                    let reply = &refused.reply;
                    tracing::warn!(mail = %mail.id, kind, %to, reply, unsaid, "email not sent: cannot use the email server");
                }
            }
            Outcome::Refused(refused) => {
                tracing::warn!(mail = %mail.id, kind, %to, reply = %refused.reply, "email not sent");
            }
        }
    }

    /// Sends an email, and renews lease and link while the mail server takes its time.
    async fn send(&mut self, outgoing: &Outgoing, ready: &Ready, round: &Round) -> Outcome {
        let (services, pool) = (Arc::clone(&self.services), Arc::clone(&self.pool));
        let _busy = pool.begin(self.number);
        let domain = ready.due.recipient.domain();
        let pretence = ready.due.pretended.map(|_| pool.pretence(domain));
        let budget = ready.due.mail.give_up_at.since(services.now()).to_std().max(Duration::from_secs(1));
        let outcome = {
            let transport = &mut self.transport;
            let sending = async {
                match pretence {
                    Some(span) => transport.pretend(outgoing, span, budget).await,
                    None => transport.send(outgoing, budget).await,
                }
            };
            tokio::pin!(sending);
            loop {
                tokio::select! {
                    sent = &mut sending => break sent,
                    () = tokio::time::sleep(pool.renewal()) => {
                        if let Err(error) = keep(&services, ready, round).await
                            && let Some(unsaid) = pool.may_log("lease")
                        {
                            tracing::warn!(error = %error, unsaid, "cannot renew a lease; its emails may be sent twice");
                        }
                    }
                }
            }
        };
        let was_offered = !matches!(&outcome, Outcome::Refused(refused) if refused.is_about_server());
        if pretence.is_none() && was_offered {
            pool.note_time(domain, self.transport.took());
        }
        outcome
    }

    fn compose(&self, ready: &Ready, settings: &Settings, logos: Logos) -> Result<Outgoing, String> {
        let services = &*self.services;
        let base_url = &services.config.base_url;
        let now = services.now();
        let zone = ready.due.time_zone.as_ref().unwrap_or(&settings.time_zone);
        let locale = Locale::in_zone(&services.locale(ready.due.languages(), settings), zone);
        let context = WritingContext { settings, base_url, locale: &locale, now, places: services.places.get() };
        let mut mail = mail_facts(&ready.due, &ready.secrets, &context);
        let others: Vec<MailFacts> =
            ready.others.iter().map(|(due, secrets)| mail_facts(due, secrets, &context)).collect();
        mail.tell_also(&others, &locale);
        let wording = services
            .templates
            .render(&locale, &common_facts(settings, base_url, &logos), &mail)
            .map_err(|error| error.to_string())?;
        let draft = Draft {
            recipient: &ready.due.recipient,
            wording,
            logos,
            product_name: &settings.product_name,
            support_address: settings.support_address.as_ref(),
        };
        services.message_builder.write(draft, now).map_err(|error| error.to_string())
    }

    /// Notes the outcome of an email, and tries for a minute if need be. An email without a note is
    /// sent again.
    async fn note(&self, ready: Arc<Ready>, outcome: Outcome, round: &Round) {
        let round = round.at(self.services.now());
        // A copy with the same secrets may have arrived, now or before.
        let keeps = ready.due.pretended.is_none() && (ready.is_copy || matches!(&outcome, Outcome::Unknown(_)));
        let outcome = Arc::new(outcome);
        loop {
            let (noting, outcome, at) = (Arc::clone(&ready), Arc::clone(&outcome), round.clone());
            let write = move |connection: &mut DbConnection| note(connection, &noting, &outcome, &at);
            match self.services.db.write(write).await {
                Ok(state) => {
                    let label = if state == MailState::Waiting { "put_back" } else { state.into_str() };
                    self.services.metrics.mails.get_or_create(&kind(label)).inc();
                    if state == MailState::Sent {
                        let waited = round.now.since(ready.due.mail.created_at).as_millis();
                        let seconds = Duration::from_millis(u64::try_from(waited).unwrap_or(0)).as_secs_f64();
                        self.services.metrics.mail_delivery_seconds.observe(seconds);
                    }
                    if state == MailState::Waiting && keeps {
                        self.pool.keep(ready.due.mail.id, &ready.secrets);
                    }
                    return;
                }
                Err(error) if self.services.now().since(round.now) < Lifetime::minutes(1) => {
                    if let Some(unsaid) = self.pool.may_log("note") {
                        tracing::warn!(error = %error, unsaid, "cannot note the outcome of an email yet");
                    }
                    tokio::time::sleep(Duration::from_millis(300)).await;
                }
                Err(error) => {
                    tracing::error!(error = %error, "could not note the outcome of an email; it may be sent twice");
                    return;
                }
            }
        }
    }
}

/// Keeps the lease of an email and the validity of its link while it is being sent.
async fn keep(services: &Services, ready: &Ready, round: &Round) -> Result<(), Error> {
    let round = round.at(services.now());
    let (due, secrets) = (ready.due.clone(), Arc::clone(&ready.secrets));
    let write = move |connection: &mut DbConnection| {
        db::outbox::renew(connection, round.lease, round.now.plus(LEASE))?;
        secrets.keep(connection, &due, round.end_of_link())
    };
    services.db.write(write).await
}
