//! What does an application look like? A small picture, kept as a `data:` URL, whose content says what it is.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use entity::id::ApplicationId;

use super::find_any;
use crate::app::App;
use crate::oidc::tenant::Tenant;
use crate::portal::{Actor, Error, Rule, Wrong};

/// Bytes of a picture, at most: with base64 around it it fits every body that may carry one.
pub const PICTURE_BYTES_MAX: usize = 256 * 1024;

/// A picture.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Picture {
    /// Its media type, e.g. `image/png`.
    pub media_type: &'static str,
    /// It.
    pub bytes: Vec<u8>,
}

/// How the content of each kind begins: media type, where, and with which bytes.
const KINDS: [(&str, usize, &[u8]); 5] = [
    ("image/png", 0, b"\x89PNG\r\n\x1a\n"),
    ("image/jpeg", 0, b"\xff\xd8\xff"),
    ("image/gif", 0, b"GIF87a"),
    ("image/gif", 0, b"GIF89a"),
    ("image/webp", 8, b"WEBP"),
];

impl Picture {
    /// Reads a `data:` URL (RFC 2397).
    ///
    /// # Errors
    /// A clause that follows the field's name.
    pub fn read(url: &str) -> Result<Self, Wrong> {
        let wrong = |rule, complaint: String| Wrong::new("picture", rule, complaint);
        let form = || wrong(Rule::Form, "must be data:image/png;base64,… (or jpeg, gif, webp)".to_owned());
        let (head, data) = url.strip_prefix("data:").and_then(|rest| rest.split_once(',')).ok_or_else(form)?;
        let said = head.strip_suffix(";base64").ok_or_else(form)?;
        // Four characters are three bytes: what is longer is not even decoded.
        if data.len() > PICTURE_BYTES_MAX.div_ceil(3) * 4 {
            return Err(wrong(Rule::Length, format!("must have at most {PICTURE_BYTES_MAX} bytes")));
        }
        let bytes = STANDARD.decode(data).map_err(|_| form())?;
        if bytes.len() > PICTURE_BYTES_MAX {
            return Err(wrong(Rule::Length, format!("must have at most {PICTURE_BYTES_MAX} bytes")));
        }
        let begins = |at: usize, with: &[u8]| bytes.get(at..at + with.len()) == Some(with);
        let kind = KINDS.iter().find(|(_, at, with)| begins(*at, with));
        let is_riff = |media_type: &str| media_type != "image/webp" || begins(0, b"RIFF");
        match kind.map(|(media_type, ..)| *media_type).filter(|media_type| is_riff(media_type)) {
            Some(media_type) if media_type.eq_ignore_ascii_case(said) => Ok(Self { media_type, bytes }),
            // Some browsers say so.
            Some("image/jpeg") if said.eq_ignore_ascii_case("image/jpg") => {
                Ok(Self { media_type: "image/jpeg", bytes })
            }
            Some(found) => Err(wrong(Rule::Contradiction, format!("is said to be {said}, but its content is {found}"))),
            None => Err(wrong(Rule::Form, "must be a PNG, JPEG, GIF or WebP".to_owned())),
        }
    }

    /// As it is stored.
    pub fn to_url(&self) -> String {
        format!("data:{};base64,{}", self.media_type, STANDARD.encode(&self.bytes))
    }
}

/// The picture of an application; `None`: it has none. Lists carry no pictures.
///
/// # Errors
/// As [`super::find_any`].
pub async fn picture(app: &App, tenant: &Tenant, actor: &Actor, id: ApplicationId) -> Result<Option<Picture>, Error> {
    let row = find_any(app, tenant, actor, id).await?.row;
    Ok(row.picture.as_deref().and_then(|url| Picture::read(url).ok()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url(media_type: &str, bytes: &[u8]) -> String {
        format!("data:{media_type};base64,{}", STANDARD.encode(bytes))
    }

    #[test]
    fn a_picture_is_what_its_content_says() {
        let webp = b"RIFF\x04\0\0\0WEBPVP8 ";
        for (said, bytes) in [
            ("image/png", b"\x89PNG\r\n\x1a\nx".as_slice()),
            ("image/jpeg", b"\xff\xd8\xff\xe0"),
            ("image/gif", b"GIF89a"),
            ("image/webp", webp),
        ] {
            let read = Picture::read(&url(said, bytes));
            assert_eq!(read.as_ref().map(Picture::to_url), Ok(url(said, bytes)));
        }
        assert_eq!(Picture::read(&url("image/jpg", b"\xff\xd8\xff")).map(|read| read.media_type), Ok("image/jpeg"));
    }

    #[test]
    fn what_is_no_picture_is_refused() {
        let rule = |url: &str| Picture::read(url).map(|_| ()).map_err(|wrong| wrong.rule);
        for odd in [
            "https://elsewhere.example/a.png",
            "data:image/png,abc",
            "data:image/png;base64,!",
            &url("image/svg+xml", b"<svg onload='alert(1)'/>"),
            &url("text/html", b"<html>"),
            &url("image/webp", b"12345678WEBP"),
            &url("image/png", b""),
        ] {
            assert_eq!(rule(odd), Err(Rule::Form), "{odd}");
        }
        assert_eq!(rule(&url("image/gif", b"\x89PNG\r\n\x1a\n")), Err(Rule::Contradiction));
        let mut long = b"GIF89a".to_vec();
        long.resize(PICTURE_BYTES_MAX, 0);
        assert_eq!(rule(&url("image/gif", &long)), Ok(()));
        long.push(0);
        assert_eq!(rule(&url("image/gif", &long)), Err(Rule::Length));
    }
}
