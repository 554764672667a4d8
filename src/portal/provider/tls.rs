//! Whom do we believe at a provider, and who are we to it, on the level of TLS? Certificates and keys as PEM or PKCS #12.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use entity::provider::Model;
use openssl::pkcs12::Pkcs12;
use openssl::stack::Stack;
use openssl::x509::X509;
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::refusal::Refusal;
use crate::app::App;
use crate::outbound::Tls;
use crate::portal::Error;
use crate::secret::{Purpose, Secret};

/// Bytes of a store, at most.
const BYTES_MAX: usize = 128 * 1024;
const PASSWORD_MAX: usize = 256;

/// A file of certificates, and of a key.
#[derive(Clone, Debug)]
pub struct Store {
    /// `PEM` or `PKCS12`.
    pub kind: String,
    /// A PEM text, or a PKCS #12 file in base64.
    pub content: Secret,
    /// What a PKCS #12 file is opened with.
    pub password: Option<Secret>,
}

/// What is different about TLS at a provider; empty: nothing.
#[derive(Clone, Debug, Default)]
pub struct Stores {
    /// Who is believed, instead of those the system trusts.
    pub trust: Option<Store>,
    /// Who we are.
    pub key: Option<Store>,
}

/// As it is kept: sealed.
#[derive(Default, Serialize, Deserialize)]
struct Kept {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    trust: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    identity: Option<String>,
}

impl Stores {
    /// The certificates and the key in them.
    ///
    /// # Errors
    /// [`Refusal::Stores`] names the store and what is wrong with it.
    pub fn read(&self) -> Result<Tls, Refusal> {
        let trust = self.trust.as_ref().map(|store| trusted(store).map_err(named("trust_store"))).transpose()?;
        let identity = self.key.as_ref().map(|store| identity(store).map_err(named("key_store"))).transpose()?;
        let tls = Tls { trust, identity };
        tls.check()
            .map_err(|_| Refusal::Stores("trust_store or key_store holds nothing that can be used".to_owned()))?;
        Ok(tls)
    }
}

fn named(store: &'static str) -> impl Fn(String) -> Refusal {
    move |why| Refusal::Stores(format!("{store} {why}"))
}

fn trusted(store: &Store) -> Result<String, String> {
    if is_pem(store)? {
        return Ok(store.content.expose().to_owned());
    }
    let opened = open(store)?;
    let certificates = opened.cert.into_iter().chain(opened.ca.into_iter().flat_map(Stack::into_iter));
    let pem = pem(certificates)?;
    if pem.is_empty() { Err("holds no certificate".to_owned()) } else { Ok(pem) }
}

fn identity(store: &Store) -> Result<Zeroizing<String>, String> {
    if is_pem(store)? {
        let text = store.content.expose();
        return match text.contains("PRIVATE KEY-----") && text.contains("BEGIN CERTIFICATE-----") {
            true => Ok(Zeroizing::new(text.to_owned())),
            false => Err("must hold a private key and its certificate".to_owned()),
        };
    }
    let opened = open(store)?;
    let (Some(key), Some(certificate)) = (opened.pkey, opened.cert) else {
        return Err("holds no private key with a certificate".to_owned());
    };
    let key = key.private_key_to_pem_pkcs8().map_err(|_| "holds a private key that cannot be read".to_owned())?;
    let key = Zeroizing::new(String::from_utf8(key).map_err(|_| "holds a private key that cannot be read".to_owned())?);
    let chain = opened.ca.into_iter().flat_map(Stack::into_iter);
    Ok(Zeroizing::new(format!("{}{}", *key, pem(std::iter::once(certificate).chain(chain))?)))
}

fn is_pem(store: &Store) -> Result<bool, String> {
    if store.content.expose().len() > BYTES_MAX {
        return Err(format!("must have at most {BYTES_MAX} bytes"));
    }
    match store.kind.as_str() {
        "PEM" => Ok(true),
        "PKCS12" => Ok(false),
        "JKS" => {
            Err("is of the type JKS, which is not read here: convert it to PKCS12 with keytool, or send PEM".to_owned())
        }
        _ => Err("must be of the type PEM or PKCS12".to_owned()),
    }
}

fn open(store: &Store) -> Result<openssl::pkcs12::ParsedPkcs12_2, String> {
    let unreadable = "cannot be opened: it is no PKCS #12 file in base64, the password is wrong, or its encryption is older \
                      than is read here";
    let content: String = store.content.expose().split_whitespace().collect();
    let der = Zeroizing::new(STANDARD.decode(content).map_err(|_| unreadable.to_owned())?);
    let password = store.password.as_ref().map_or("", Secret::expose);
    if password.len() > PASSWORD_MAX || password.contains('\0') {
        return Err(unreadable.to_owned());
    }
    let file = Pkcs12::from_der(&der).map_err(|_| unreadable.to_owned())?;
    file.parse2(password).map_err(|_| unreadable.to_owned())
}

fn pem(certificates: impl Iterator<Item = X509>) -> Result<String, String> {
    let mut text = String::new();
    for certificate in certificates {
        let one = certificate.to_pem().ok().and_then(|pem| String::from_utf8(pem).ok());
        text.push_str(&one.ok_or_else(|| "holds a certificate that cannot be read".to_owned())?);
    }
    Ok(text)
}

/// As it is kept with a provider.
///
/// # Errors
/// Our own fault.
pub(super) fn seal(app: &App, id: entity::id::ProviderId, tls: &Tls) -> Result<Option<String>, Error> {
    if tls.is_usual() {
        return Ok(None);
    }
    let kept = Kept { trust: tls.trust.clone(), identity: tls.identity.as_ref().map(|pem| pem.to_string()) };
    let plain = Zeroizing::new(serde_json::to_vec(&kept).map_err(Error::internal)?);
    Ok(Some(app.sealer.seal_text(Purpose::Provider, &super::store::context(id, "tls"), &plain)))
}

/// What is kept with a provider.
///
/// # Errors
/// When it was sealed with another key.
pub(super) fn of(app: &App, provider: &Model) -> Result<Tls, Error> {
    let Some(sealed) = &provider.tls_sealed else { return Ok(Tls::default()) };
    let context = super::store::context(provider.id, "tls");
    let plain = app.sealer.open_text(Purpose::Provider, &context, sealed).map_err(Error::internal)?;
    let kept: Kept = serde_json::from_slice(&plain).map_err(Error::internal)?;
    Ok(Tls { trust: kept.trust, identity: kept.identity.map(Zeroizing::new) })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]
    use super::*;

    fn store(kind: &str, content: &str, password: Option<&str>) -> Store {
        Store { kind: kind.to_owned(), content: Secret::new(content), password: password.map(Secret::new) }
    }

    #[test]
    fn other_types_of_stores_are_named() {
        // s.N12, G37
        let trust = |kind: &str, content: &str| {
            Stores { trust: Some(store(kind, content, None)), key: None }.read().map(drop).map_err(|r| r.describe())
        };
        let jks = trust("JKS", "x").unwrap_err();
        assert!(jks.starts_with("trust_store is of the type JKS") && jks.contains("PKCS12") && jks.contains("PEM"));
        assert_eq!(trust("DER", "x"), Err("trust_store must be of the type PEM or PKCS12".to_owned()));
        assert!(trust("PEM", "no certificate").is_err());
        assert!(trust("PKCS12", "AAAA").unwrap_err().contains("cannot be opened"));
        assert_eq!(trust("PEM", include_str!("../../outbound/test_ca.pem")), Ok(()));
    }
}
