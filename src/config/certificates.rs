//! Are the further certificate authorities readable?

use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::read::Reader;
use super::section::CaFile;
use super::source::Files;

/// Certificates must be there and readable: a trust that is silently empty would be found out in production.
pub(super) fn ca(reader: &mut Reader<'_>, files: &Files, path: &Path) -> Option<CaFile> {
    let allowed = "a PEM file with at least one CERTIFICATE";
    let problem = match files.read(path) {
        Err(error) => format!("{} cannot be read: {error}", path.display()),
        Ok(pem) => match certificates(&pem) {
            Ok(0) => format!("{} holds no certificate", path.display()),
            Ok(_) => return Some(CaFile { path: path.to_owned(), pem }),
            Err(number) => format!("certificate {number} of {} is not readable", path.display()),
        },
    };
    reader.wrong("outbound.ca_file", problem, allowed);
    None
}

/// How many certificates a PEM text holds, or which one is broken.
fn certificates(pem: &str) -> Result<usize, usize> {
    let mut count = 0;
    for block in pem.split("-----BEGIN CERTIFICATE-----").skip(1) {
        count += 1;
        let (body, _) = block.split_once("-----END CERTIFICATE-----").ok_or(count)?;
        let base64: String = body.split_whitespace().collect();
        let der = STANDARD.decode(base64).map_err(|_| count)?;
        // A certificate is one DER SEQUENCE (RFC 5280 §4.1).
        if der.first() != Some(&0x30) || der.len() < 64 {
            return Err(count);
        }
    }
    Ok(count)
}
