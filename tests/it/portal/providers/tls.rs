//! Providers whose certificates nobody else knows, and who want to see ours.

use std::io::{Read as _, Write as _};
use std::net::TcpListener;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use entity::provider::TicketFrom;
use openssl::asn1::Asn1Time;
use openssl::bn::{BigNum, MsbOption};
use openssl::ec::{EcGroup, EcKey};
use openssl::hash::MessageDigest;
use openssl::nid::Nid;
use openssl::pkcs12::Pkcs12;
use openssl::pkey::{PKey, Private};
use openssl::ssl::{SslAcceptor, SslMethod, SslVerifyMode};
use openssl::stack::Stack;
use openssl::x509::extension::{BasicConstraints, ExtendedKeyUsage, SubjectAlternativeName};
use openssl::x509::store::X509StoreBuilder;
use openssl::x509::{X509, X509NameBuilder};
use registrar::portal::provider::{Refusal, Store, Stores, Why};
use registrar::secret::Secret;
use serde_json::json;

use super::{New, new, portal, refusal, set_up};

struct Identity {
    key: PKey<Private>,
    certificate: X509,
}

/// An identity that `by` vouches for; `None`: an authority.
fn identity(name: &str, by: Option<&Identity>) -> Identity {
    let curve = EcGroup::from_curve_name(Nid::X9_62_PRIME256V1).unwrap();
    let key = PKey::from_ec_key(EcKey::generate(&curve).unwrap()).unwrap();
    let mut subject = X509NameBuilder::new().unwrap();
    subject.append_entry_by_text("CN", name).unwrap();
    let subject = subject.build();
    let mut builder = X509::builder().unwrap();
    builder.set_version(2).unwrap();
    let mut serial = BigNum::new().unwrap();
    serial.rand(120, MsbOption::MAYBE_ZERO, false).unwrap();
    builder.set_serial_number(&serial.to_asn1_integer().unwrap()).unwrap();
    builder.set_not_before(&Asn1Time::days_from_now(0).unwrap()).unwrap();
    builder.set_not_after(&Asn1Time::days_from_now(2).unwrap()).unwrap();
    builder.set_subject_name(&subject).unwrap();
    builder.set_issuer_name(by.map_or(&*subject, |by| by.certificate.subject_name())).unwrap();
    builder.set_pubkey(&key).unwrap();
    match by {
        None => builder.append_extension(BasicConstraints::new().critical().ca().build().unwrap()).unwrap(),
        Some(by) => {
            let context = builder.x509v3_context(Some(&by.certificate), None);
            let names = SubjectAlternativeName::new().ip("127.0.0.1").build(&context).unwrap();
            builder.append_extension(names).unwrap();
            let uses = ExtendedKeyUsage::new().server_auth().client_auth().build().unwrap();
            builder.append_extension(uses).unwrap();
        }
    }
    builder.sign(by.map_or(&key, |by| &by.key), MessageDigest::sha256()).unwrap();
    Identity { certificate: builder.build(), key }
}

/// A provider that shows `own`, and wants to see somebody whom `wants` vouches for.
fn provider(own: &Identity, wants: Option<&Identity>) -> String {
    let mut acceptor = SslAcceptor::mozilla_intermediate_v5(SslMethod::tls()).unwrap();
    acceptor.set_private_key(&own.key).unwrap();
    acceptor.set_certificate(&own.certificate).unwrap();
    if let Some(wants) = wants {
        let mut store = X509StoreBuilder::new().unwrap();
        store.add_cert(wants.certificate.clone()).unwrap();
        acceptor.set_cert_store(store.build());
        acceptor.set_verify(SslVerifyMode::PEER | SslVerifyMode::FAIL_IF_NO_PEER_CERT);
    }
    let acceptor = acceptor.build();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let issuer = format!("https://{}", listener.local_addr().unwrap());
    let metadata = json!({"issuer": issuer, "registration_endpoint": format!("{issuer}/register")}).to_string();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let Ok(mut stream) = acceptor.accept(stream.unwrap()) else { continue };
            let _ = stream.read(&mut [0; 4096]);
            let head = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close";
            let _ = write!(stream, "{head}\r\nContent-Length: {}\r\n\r\n{metadata}", metadata.len());
            let _ = stream.shutdown();
        }
    });
    issuer
}

fn entered(name: &str, issuer: &str, tls: Stores) -> New {
    New {
        name: name.to_owned(),
        ticket_from: TicketFrom::InitialAccessToken,
        initial_access_token: Some(Secret::new("iat")),
        renew_secret: false,
        tls,
        ..new(&format!("{issuer}/.well-known/openid-configuration"))
    }
}

fn pem(certificate: &X509) -> Store {
    let content = Secret::new(String::from_utf8(certificate.to_pem().unwrap()).unwrap());
    Store { kind: "PEM".to_owned(), content, password: None }
}

#[tokio::test]
async fn only_certificates_that_are_vouched_for_are_believed() {
    spec!("security/s.N12", "portal/G37");
    let site = portal().await;
    let (authority, other) = (identity("authority", None), identity("other", None));
    let own = identity("provider", Some(&authority));
    let issuer = provider(&own, None);
    let no_connection = Refusal::Discovery(Why::NoAnswer(registrar::outbound::Failure::NoConnection));
    let unknown = set_up(&site, entered("Unknown", &issuer, Stores::default())).await;
    assert_eq!(refusal(unknown), no_connection);
    let wrong = Stores { trust: Some(pem(&other.certificate)), key: None };
    assert_eq!(refusal(set_up(&site, entered("Wrong", &issuer, wrong)).await), no_connection);
    let right = Stores { trust: Some(pem(&authority.certificate)), key: None };
    let row = set_up(&site, entered("Right", &issuer, right)).await.unwrap();
    assert!(row.tls_sealed.is_some_and(|sealed| !sealed.contains("CERTIFICATE")));
}

#[tokio::test]
async fn a_provider_may_want_to_see_our_certificate() {
    spec!("portal/G37");
    let site = portal().await;
    let authority = identity("authority", None);
    let (own, ours) = (identity("provider", Some(&authority)), identity("portal", Some(&authority)));
    let issuer = provider(&own, Some(&authority));
    let trust = || Some(pem(&authority.certificate));
    let nobody = set_up(&site, entered("Nobody", &issuer, Stores { trust: trust(), key: None })).await;
    assert!(matches!(refusal(nobody), Refusal::Discovery(Why::NoAnswer(_))));
    let key = String::from_utf8(ours.key.private_key_to_pem_pkcs8().unwrap()).unwrap();
    let both = format!("{key}{}", String::from_utf8(ours.certificate.to_pem().unwrap()).unwrap());
    let as_pem = Store { kind: "PEM".to_owned(), content: Secret::new(both), password: None };
    set_up(&site, entered("By PEM", &issuer, Stores { trust: trust(), key: Some(as_pem) })).await.unwrap();
    let mut chain = Stack::new().unwrap();
    chain.push(authority.certificate.clone()).unwrap();
    let mut file = Pkcs12::builder();
    let file = file.name("portal").pkey(&ours.key).cert(&ours.certificate).ca(chain).build2("pass").unwrap();
    let content = STANDARD.encode(file.to_der().unwrap());
    let store = |password: &str| Store {
        kind: "PKCS12".to_owned(),
        content: Secret::new(content.clone()),
        password: Some(Secret::new(password)),
    };
    let wrong = Stores { trust: trust(), key: Some(store("wrong")) };
    assert!(matches!(refusal(set_up(&site, entered("Wrong", &issuer, wrong)).await), Refusal::Stores(_)));
    let stores = Stores { trust: Some(store("pass")), key: Some(store("pass")) };
    set_up(&site, entered("By PKCS12", &issuer, stores)).await.unwrap();
}
