//! Are these public keys that can be used, and nothing but public? (R11, s.R21, s.J16, RFC 7517, RFC 7518 §6, RFC 8037)

use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_ASN1, ECDSA_P256K1_SHA256_ASN1, ECDSA_P384_SHA384_ASN1, ECDSA_P521_SHA512_ASN1,
    EcdsaVerificationAlgorithm, ParsedPublicKey,
};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Map, Value};

use super::draft::{Draft, KEYS, is_nothing};
use crate::db::text::holds_nul;

/// Members that only private and symmetric keys have (RFC 7518 §6.2.2, §6.3.2, §6.4.1, RFC 8037 §2).
const PRIVATE_MEMBERS: [&str; 9] = ["d", "p", "q", "dp", "dq", "qi", "oth", "k", "priv"];

const RSA_BITS_MIN: usize = 2048;
/// Larger ones make every verification a burden.
const RSA_BITS_MAX: usize = 16_384;

impl Draft<'_> {
    /// The key set of the client, as it was sent but for members without a value (E5).
    pub(super) fn jwks(&mut self) -> Option<Map<String, Value>> {
        const MEMBER: &str = "jwks";
        let sent = self.sent(MEMBER)?;
        let keys = sent.as_object().and_then(|set| set.get("keys")).and_then(Value::as_array);
        let Some(keys) = keys else {
            self.fault(MEMBER, KEYS, "must be an object with an array of keys");
            return None;
        };
        let max = self.rules.policy.values_max;
        if keys.len() > max {
            self.fault(MEMBER, KEYS, format!("has {} keys: at most {max} are taken", keys.len()));
            return None;
        }
        // PostgreSQL keeps no text with it, and no key needs it.
        if holds_nul(sent) {
            self.fault(MEMBER, KEYS, "holds the character U+0000");
            return None;
        }
        for (at, key) in keys.iter().enumerate() {
            if let Err(complaint) = check_key(key) {
                self.fault(MEMBER, KEYS, format!("has a key (number {}) that {complaint}", at + 1));
            }
        }
        let keys = keys.iter().filter_map(Value::as_object).map(|key| Value::Object(filled(key))).collect();
        let mut set = sent.as_object().map(filled).unwrap_or_default();
        set.insert("keys".to_owned(), Value::Array(keys));
        Some(set)
    }

    /// RFC 7591 §2: one of the two (s.R20).
    pub(super) fn check_one_key_source(&mut self) {
        if self.sent("jwks").is_some() && self.sent("jwks_uri").is_some() {
            self.fault("jwks", KEYS, "and jwks_uri exclude each other");
        }
    }
}

/// The members that have a value: none is echoed as `null` or `""`.
fn filled(object: &Map<String, Value>) -> Map<String, Value> {
    let filled = object.iter().filter(|(_, value)| !is_nothing(value));
    filled.map(|(member, value)| (member.clone(), value.clone())).collect()
}

/// Judges one key. What is not known is kept and never used.
fn check_key(key: &Value) -> Result<(), String> {
    let key = key.as_object().ok_or("is no object")?;
    if let Some(private) = PRIVATE_MEMBERS.into_iter().find(|member| key.contains_key(*member)) {
        return Err(format!("has the private member {private}: publish the public key only"));
    }
    for member in ["kid", "use", "alg"] {
        if key.get(member).is_some_and(|value| !value.is_string() && !is_nothing(value)) {
            return Err(format!("has a {member} that is no string"));
        }
    }
    let kty = key.get("kty").and_then(Value::as_str).ok_or("has no kty")?;
    if kty == "oct" {
        return Err("is symmetric: only public keys are taken".to_owned());
    }
    let alg = key.get("alg").and_then(Value::as_str).unwrap_or_default();
    if alg == "none" || alg.starts_with("HS") {
        return Err("has an alg that public keys do not have".to_owned());
    }
    match kty {
        "RSA" => check_rsa(key),
        "EC" => check_ec(key),
        "OKP" => check_okp(key),
        _ => Ok(()),
    }
}

fn check_rsa(key: &Map<String, Value>) -> Result<(), String> {
    let modulus = number(key, "n")?;
    let bits = bits(&modulus);
    if !(RSA_BITS_MIN..=RSA_BITS_MAX).contains(&bits) || modulus.last().is_none_or(|last| last % 2 == 0) {
        return Err(format!("has a modulus that is no odd number of {RSA_BITS_MIN} to {RSA_BITS_MAX} bits"));
    }
    let exponent = number(key, "e")?;
    let value = exponent.iter().fold(0_u128, |value, byte| value.checked_mul(256).unwrap_or(0) | u128::from(*byte));
    if exponent.len() > 8 || value < 3 || value % 2 == 0 {
        return Err("has an exponent that is no odd number from 3 on".to_owned());
    }
    Ok(())
}

/// A whole number in big-endian bytes, without leading zeros (RFC 7518 §2 Base64urlUInt).
fn number(key: &Map<String, Value>, member: &str) -> Result<Vec<u8>, String> {
    let bytes = bytes(key, member)?;
    let zeros = bytes.iter().take_while(|byte| **byte == 0).count();
    Ok(bytes[zeros..].to_vec())
}

fn bits(number: &[u8]) -> usize {
    number.first().map_or(0, |first| number.len() * 8 - first.leading_zeros() as usize)
}

fn check_ec(key: &Map<String, Value>) -> Result<(), String> {
    let curve = key.get("crv").and_then(Value::as_str).ok_or("has no crv")?;
    let (algorithm, length): (&'static EcdsaVerificationAlgorithm, usize) = match curve {
        "P-256" => (&ECDSA_P256_SHA256_ASN1, 32),
        "P-384" => (&ECDSA_P384_SHA384_ASN1, 48),
        "P-521" => (&ECDSA_P521_SHA512_ASN1, 66),
        "secp256k1" => (&ECDSA_P256K1_SHA256_ASN1, 32),
        _ => return Ok(()),
    };
    let (x, y) = (bytes(key, "x")?, bytes(key, "y")?);
    if x.len() != length || y.len() != length {
        return Err(format!("has a point that is not two numbers of {length} bytes"));
    }
    // SEC 1 §2.3.3, uncompressed; reading it checks that the point is on the curve.
    let point = [&[4], x.as_slice(), y.as_slice()].concat();
    match ParsedPublicKey::new(algorithm, point) {
        Ok(_) => Ok(()),
        Err(_) => Err(format!("has a point that is not on the curve {curve}")),
    }
}

fn check_okp(key: &Map<String, Value>) -> Result<(), String> {
    let curve = key.get("crv").and_then(Value::as_str).ok_or("has no crv")?;
    let length = match curve {
        "Ed25519" | "X25519" => 32,
        "X448" => 56,
        "Ed448" => 57,
        _ => return Ok(()),
    };
    let x = bytes(key, "x")?;
    if x.len() != length {
        return Err(format!("has an x that is not {length} bytes"));
    }
    // The small-order points a careless reader meets: everything signed by anybody would verify.
    if x.iter().all(|byte| *byte == 0) || (x[0] == 1 && x[1..].iter().all(|byte| *byte == 0)) {
        return Err(format!("has a point that is no key of {curve}"));
    }
    Ok(())
}

fn bytes(key: &Map<String, Value>, member: &str) -> Result<Vec<u8>, String> {
    let text = key.get(member).and_then(Value::as_str).filter(|text| !text.is_empty());
    let text = text.ok_or_else(|| format!("has no {member}"))?;
    URL_SAFE_NO_PAD.decode(text).map_err(|_| format!("has a {member} that is no base64url"))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]
    use serde_json::json;

    use super::*;

    const X: &str = "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU";
    const Y: &str = "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0";

    fn rsa(bytes: usize, last: u8, exponent: &[u8]) -> Value {
        let mut modulus = vec![0xc1_u8; bytes];
        modulus[bytes - 1] = last;
        json!({"kty": "RSA", "n": URL_SAFE_NO_PAD.encode(modulus), "e": URL_SAFE_NO_PAD.encode(exponent)})
    }

    #[test]
    fn public_keys_that_can_be_used_are_taken_and_unknown_kinds_kept() {
        // R11
        for key in [
            json!({"kty": "EC", "crv": "P-256", "kid": "k1", "use": "sig", "alg": "ES256", "x": X, "y": Y}),
            rsa(256, 1, &[1, 0, 1]),
            rsa(512, 1, &[3]),
            json!({"kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}),
            json!({"kty": "EC", "crv": "brainpool", "x": "?"}),
            json!({"kty": "AKP", "alg": "ML-DSA-44", "pub": "AAAA"}),
        ] {
            assert_eq!(check_key(&key), Ok(()), "{key}");
        }
    }

    #[test]
    fn keys_that_weaken_or_betray_the_client_are_refused() {
        // s.R21, s.J16
        let mut zero_point = json!({"kty": "EC", "crv": "P-256", "y": Y});
        zero_point["x"] = Value::from(URL_SAFE_NO_PAD.encode([0; 32]));
        for (key, complaint) in [
            (json!("key"), "is no object"),
            (json!({}), "has no kty"),
            (json!({"kty": 1}), "has no kty"),
            (json!({"kty": "oct", "k": "AAAA"}), "has the private member k: publish the public key only"),
            (json!({"kty": "oct"}), "is symmetric: only public keys are taken"),
            (
                json!({"kty": "EC", "crv": "P-256", "x": X, "y": Y, "d": "AA"}),
                "has the private member d: publish the public key only",
            ),
            (
                json!({"kty": "EC", "crv": "P-256", "x": X, "y": Y, "d": null}),
                "has the private member d: publish the public key only",
            ),
            (json!({"kty": "EC", "crv": "P-256", "x": X}), "has no y"),
            (json!({"kty": "EC", "crv": "P-256", "x": Y, "y": X}), "has a point that is not on the curve P-256"),
            (zero_point, "has a point that is not on the curve P-256"),
            (json!({"kty": "EC", "crv": "P-384", "x": X, "y": Y}), "has a point that is not two numbers of 48 bytes"),
            (json!({"kty": "EC", "crv": "P-256", "x": "*", "y": Y}), "has a x that is no base64url"),
            (rsa(128, 1, &[1, 0, 1]), "has a modulus that is no odd number of 2048 to 16384 bits"),
            (rsa(255, 1, &[1, 0, 1]), "has a modulus that is no odd number of 2048 to 16384 bits"),
            (rsa(256, 2, &[1, 0, 1]), "has a modulus that is no odd number of 2048 to 16384 bits"),
            (rsa(4096, 1, &[1, 0, 1]), "has a modulus that is no odd number of 2048 to 16384 bits"),
            (rsa(256, 1, &[1]), "has an exponent that is no odd number from 3 on"),
            (rsa(256, 1, &[2]), "has an exponent that is no odd number from 3 on"),
            (rsa(256, 1, &[0xff; 40]), "has an exponent that is no odd number from 3 on"),
            (json!({"kty": "RSA", "n": "AQAB"}), "has a modulus that is no odd number of 2048 to 16384 bits"),
            (json!({"kty": "OKP", "crv": "Ed25519", "x": "AAAA"}), "has an x that is not 32 bytes"),
            (json!({"kty": "OKP", "x": "AAAA"}), "has no crv"),
            (
                json!({"kty": "EC", "crv": "P-256", "x": X, "y": Y, "alg": "HS256"}),
                "has an alg that public keys do not have",
            ),
            (json!({"kty": "EC", "crv": "P-256", "x": X, "y": Y, "kid": 7}), "has a kid that is no string"),
        ] {
            assert_eq!(check_key(&key), Err(complaint.to_owned()), "{key}");
        }
    }
}
