//! What stands in a query or a form? Decoded strictly: what a lenient reader would repair is refused (s.A44).

use crate::oidc::{Code, Error};

/// The most parameters of one request.
const PARAMETERS_MAX: usize = 100;

/// Names and values, as they were received.
pub type Pairs = Vec<(String, String)>;

/// Reads `application/x-www-form-urlencoded` (WHATWG URL §5.1, strict).
///
/// # Errors
/// `invalid_request` for more than 100 parameters, a `%` without two hexadecimal digits, and text that is not UTF-8.
pub fn pairs(encoded: &[u8]) -> Result<Pairs, Error> {
    let invalid = |text: &'static str| Error::new(Code::InvalidRequest, text);
    let parts = encoded.split(|byte| *byte == b'&').filter(|part| !part.is_empty());
    let mut out = Vec::new();
    for part in parts {
        if out.len() >= PARAMETERS_MAX {
            return Err(invalid("there are more than 100 parameters"));
        }
        let cut = part.iter().position(|byte| *byte == b'=').unwrap_or(part.len());
        let value = part.get(cut + 1..).unwrap_or_default();
        let decoded = decoded(&part[..cut]).zip(decoded(value));
        out.push(decoded.ok_or_else(|| invalid("a parameter is not valid UTF-8 in percent-encoding"))?);
    }
    Ok(out)
}

fn decoded(text: &[u8]) -> Option<String> {
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text.iter();
    while let Some(byte) = rest.next() {
        out.push(match byte {
            b'+' => b' ',
            b'%' => {
                let high = char::from(*rest.next()?).to_digit(16)?;
                let low = char::from(*rest.next()?).to_digit(16)?;
                u8::try_from(high * 16 + low).ok()?
            }
            other => *other,
        });
    }
    String::from_utf8(out).ok()
}

/// The one value of a field of our own forms: `None` if it is missing or there twice.
pub fn field<'p>(pairs: &'p Pairs, name: &str) -> Option<&'p str> {
    let mut values = pairs.iter().filter(|(sent, _)| sent == name).map(|(_, value)| value.as_str());
    let value = values.next()?;
    values.next().is_none().then_some(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_is_read_as_it_was_meant() {
        let read = pairs(b"a=1&b=%C3%A9+x&&c&=d&a=2&e=f=g").unwrap_or_default();
        let wanted = [("a", "1"), ("b", "é x"), ("c", ""), ("", "d"), ("a", "2"), ("e", "f=g")];
        let read: Vec<_> = read.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        assert_eq!(read, wanted);
    }

    #[test]
    fn what_would_have_to_be_repaired_is_refused() {
        // s.A44
        for wrong in [&b"a=%"[..], b"a=%1", b"a=%zz", b"%=1", b"a=%ff", b"a=%C0%AF", b"a=\xff", b"a=%+1"] {
            assert!(pairs(wrong).is_err(), "{wrong:?}");
        }
        assert!(pairs("a=1&".repeat(101).as_bytes()).is_err());
        assert!(pairs("&".repeat(3000).as_bytes()).is_ok());
    }

    #[test]
    fn a_field_that_is_there_twice_is_not_there() {
        let pairs = pairs(b"a=1&b=2&b=3").unwrap_or_default();
        assert_eq!((field(&pairs, "a"), field(&pairs, "b"), field(&pairs, "c")), (Some("1"), None, None));
    }
}
