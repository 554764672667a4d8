//! How does a mail leave the house?
//!
//! Over SMTP (RFC 5321), to the one server the operator names. That server is not judged like the addresses that clients
//! and tenants name (`outbound`): nobody but the operator chooses it, and it mostly stands on a private network.

pub mod content;

use std::time::{Duration, SystemTime};

use lettre::message::header::{HeaderName, HeaderValue};
use lettre::message::{Mailbox, MultiPart};
use lettre::transport::smtp::authentication::{Credentials, DEFAULT_MECHANISMS};
use lettre::transport::smtp::client::{AsyncSmtpConnection, Certificate, TlsParameters};
use lettre::transport::smtp::extension::ClientId;
use lettre::{Address, Message};
use tokio::sync::OnceCell;

use crate::clock::Seconds;
use crate::config::{self, MailTls};
use crate::shown::Shown;
use content::Content;

/// Whatever a server says about a failure, no more of it is kept.
const ANSWER_CHARACTERS_MAX: usize = 300;
/// Replies that refuse the house, not the mail (RFC 4954 §6, RFC 3207 §4).
const SIGN_IN_REPLIES: [&str; 4] = ["530", "534", "535", "538"];
/// What nobody answers to (RFC 3834 §5).
const AUTO_SUBMITTED: HeaderName = HeaderName::new_from_ascii_str("Auto-Submitted");

/// The way to the mail server.
pub struct Mailer {
    settings: config::Mail,
    hello: ClientId,
    /// Trusted besides the system's (PEM).
    ca: Option<String>,
    /// Made for the first mail: reading the system's certificates would slow every start.
    tls: OnceCell<TlsParameters>,
}

impl std::fmt::Debug for Mailer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Mailer").field("settings", &self.settings).finish_non_exhaustive()
    }
}

/// One mail.
#[derive(Clone, Debug)]
pub struct Mail<'m> {
    /// Which; the same one sent again has the same `Message-ID`, so that a second copy can be known as one.
    pub id: &'m str,
    /// The address of the one it goes to.
    pub to: &'m str,
    /// Who sends it, where the configuration names nobody.
    pub from_name: &'m str,
    /// What it says.
    pub content: &'m Content,
    /// Seconds since 1970.
    pub at: Seconds,
}

/// A mail was not taken. The text holds no secret.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotSent {
    /// It never will be (RFC 5321 §4.2.1, 5yz).
    #[error("{0}")]
    Refused(String),
    /// It may be later.
    #[error("{0}")]
    NotNow(String),
}

impl Mailer {
    /// Sends as `settings` say and presents itself as `host` (RFC 5321 §4.1.1.1), if that is a name. `ca`: authorities
    /// trusted besides the system's, as PEM.
    pub fn new(settings: config::Mail, host: &str, ca: Option<String>) -> Self {
        let is_name = host.contains('.') && host.parse::<std::net::IpAddr>().is_err() && !host.starts_with('[');
        let hello = if is_name { ClientId::Domain(host.to_owned()) } else { ClientId::default() };
        Self { settings, hello, ca, tls: OnceCell::new() }
    }

    /// Hands a mail over. When this returns `Ok` the server has taken it.
    ///
    /// # Errors
    /// [`NotSent`] says whether another try makes sense.
    pub async fn send(&self, mail: &Mail<'_>) -> Result<(), NotSent> {
        let message = self.message(mail)?;
        let sent = tokio::time::timeout(self.settings.timeout, self.hand_over(&message)).await;
        sent.unwrap_or_else(|_| Err(NotSent::NotNow("the mail server took too long".to_owned())))
    }

    fn message(&self, mail: &Mail<'_>) -> Result<Message, NotSent> {
        let refused = |what: &str| NotSent::Refused(what.to_owned());
        let address = |text: &str| text.parse::<Address>().map_err(|_| refused("the address is none"));
        let from = address(&self.settings.from_address)?;
        let domain = from.domain().to_owned();
        // A line break in a name or a subject would begin another header.
        let name = Shown::name(self.settings.from_name.as_deref().unwrap_or(mail.from_name)).plain().to_owned();
        let name = Some(name).filter(|name| !name.is_empty());
        let at = SystemTime::UNIX_EPOCH + Duration::from_secs(mail.at.unsigned_abs());
        Message::builder()
            .from(Mailbox::new(name, from))
            .to(Mailbox::new(None, address(mail.to)?))
            .subject(Shown::text(&mail.content.subject).plain())
            .message_id(Some(format!("<{}@{domain}>", mail.id)))
            .date(at)
            .raw_header(HeaderValue::new(AUTO_SUBMITTED, "auto-generated".to_owned()))
            .multipart(MultiPart::alternative_plain_html(mail.content.text.clone(), mail.content.html.clone()))
            .map_err(|_| refused("the mail cannot be put together"))
    }

    async fn hand_over(&self, message: &Message) -> Result<(), NotSent> {
        let mut connection = self.connect().await?;
        if let Some((username, password)) = &self.settings.login {
            let credentials = Credentials::new(username.clone(), password.expose().to_owned());
            let signed_in = connection.auth(DEFAULT_MECHANISMS, &credentials).await;
            if let Err(error) = signed_in {
                connection.abort().await;
                let reply = error.status().map_or_else(String::new, |code| format!(" ({code})"));
                return Err(NotSent::NotNow(format!("the mail server refuses the sign-in{reply}")));
            }
        }
        let sent = connection.send(message.envelope(), &message.formatted()).await;
        // The mail is taken or it is not: what the server says to the farewell changes nothing.
        if sent.is_ok() {
            let _ = connection.quit().await;
        } else {
            connection.abort().await;
        }
        sent.map(drop).map_err(|error| refusal(&error))
    }

    async fn connect(&self) -> Result<AsyncSmtpConnection, NotSent> {
        let later = |error: lettre::transport::smtp::Error| NotSent::NotNow(describe(&error));
        let server = (self.settings.host.as_str(), self.settings.port);
        let timeout = Some(self.settings.timeout);
        let wrapped = match self.settings.tls {
            MailTls::Tls => Some(self.tls().await?),
            MailTls::StartTls | MailTls::None => None,
        };
        let connection = AsyncSmtpConnection::connect_tokio1(server, timeout, &self.hello, wrapped, None).await;
        let mut connection = connection.map_err(later)?;
        if self.settings.tls == MailTls::StartTls {
            if !connection.can_starttls() {
                connection.abort().await;
                return Err(NotSent::NotNow("the mail server does not offer STARTTLS".to_owned()));
            }
            connection.starttls(self.tls().await?, &self.hello).await.map_err(later)?;
        }
        Ok(connection)
    }

    /// On a thread that may block: the system's certificates are read from disk.
    async fn tls(&self) -> Result<TlsParameters, NotSent> {
        let (host, ca) = (self.settings.host.clone(), self.ca.clone());
        let make = async || {
            let made = tokio::task::spawn_blocking(move || {
                let mut builder = TlsParameters::builder(host);
                if let Some(pem) = ca {
                    builder = builder.add_root_certificate(Certificate::from_pem(pem.as_bytes())?);
                }
                builder.build_rustls()
            });
            let broken = || NotSent::NotNow("TLS cannot be set up".to_owned());
            made.await.map_err(|_| broken())?.map_err(|error| NotSent::NotNow(describe(&error)))
        };
        self.tls.get_or_try_init(make).await.cloned()
    }
}

fn refusal(error: &lettre::transport::smtp::Error) -> NotSent {
    let code = error.status().map(|code| code.to_string()).unwrap_or_default();
    if error.is_permanent() && !SIGN_IN_REPLIES.contains(&code.as_str()) {
        return NotSent::Refused(describe(error));
    }
    NotSent::NotNow(describe(error))
}

/// What went wrong, in one short line.
fn describe(error: &lettre::transport::smtp::Error) -> String {
    let text = Shown::text(&error.to_string());
    text.plain().chars().take(ANSWER_CHARACTERS_MAX).collect()
}

#[cfg(test)]
mod tests;
