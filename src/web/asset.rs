//! Which files do the pages need besides themselves? One stylesheet, under a name that changes with its content.

use std::fmt::Write as _;
use std::sync::LazyLock;

use crate::secret;

const STYLESHEET: &str = include_str!("assets/registrar.css");

/// A file that never changes under its name.
#[derive(Debug)]
pub struct Asset {
    /// The file's name, with a hash of its content: `registrar-<16 hex digits>.css`.
    pub name: String,
    /// Its `Content-Type`.
    pub media_type: &'static str,
    /// Its content.
    pub body: &'static str,
}

/// `Cache-Control` of every asset: a year, and no question whether it changed (RFC 8246).
pub const CACHE_CONTROL: &str = "public, max-age=31536000, immutable";

/// The folder of the assets below the server's root.
pub const FOLDER: &str = "/assets/";

static SHEET: LazyLock<Asset> = LazyLock::new(|| Asset {
    name: format!("registrar-{}.css", short_hash(STYLESHEET)),
    media_type: "text/css; charset=utf-8",
    body: STYLESHEET,
});

/// The stylesheet of all pages.
pub fn stylesheet() -> &'static Asset {
    &SHEET
}

/// The asset of this name, without its folder; none for a name of another release.
pub fn find(name: &str) -> Option<&'static Asset> {
    [stylesheet()].into_iter().find(|asset| asset.name == name)
}

fn short_hash(content: &str) -> String {
    secret::sha256(content.as_bytes())[..8].iter().fold(String::new(), |mut out, byte| {
        let _ = write!(out, "{byte:02x}");
        out
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used)]
    use super::*;

    #[test]
    fn the_stylesheet_is_found_under_its_hashed_name_only() {
        let name = &stylesheet().name;
        assert_eq!(name.len(), "registrar-.css".len() + 16);
        assert_eq!(find(name).map(|asset| asset.body), Some(STYLESHEET));
        assert!(find("registrar.css").is_none());
        assert!(find("").is_none());
    }

    #[test]
    fn the_stylesheet_loads_nothing() {
        for forbidden in ["@import", "url(", "http:", "https:"] {
            assert!(!STYLESHEET.contains(forbidden), "{forbidden}");
        }
    }

    /// The value of each custom property in the n-th block that sets them: the light one, then the dark one.
    fn colour(block: usize, name: &str) -> [f64; 3] {
        let block = STYLESHEET.split(":root {").nth(block + 1).unwrap().split('}').next().unwrap();
        let value = block.split(&format!("--{name}: #")).nth(1).unwrap_or_else(|| panic!("--{name}"));
        [0, 2, 4].map(|at| f64::from(u8::from_str_radix(&value[at..at + 2], 16).unwrap()) / 255.0)
    }

    fn luminance(colour: [f64; 3]) -> f64 {
        let [r, g, b] = colour.map(|c| if c <= 0.04045 { c / 12.92 } else { ((c + 0.055) / 1.055).powf(2.4) });
        0.2126 * r + 0.7152 * g + 0.0722 * b
    }

    fn contrast(left: [f64; 3], right: [f64; 3]) -> f64 {
        let (left, right) = (luminance(left) + 0.05, luminance(right) + 0.05);
        left.max(right) / left.min(right)
    }

    #[test]
    fn words_have_a_contrast_of_four_and_a_half_and_controls_of_three_in_light_and_in_dark() {
        let words = [
            ("ink", "ground"),
            ("ink", "card"),
            ("ink", "tint"),
            ("quiet", "ground"),
            ("quiet", "card"),
            ("quiet", "tint"),
            ("accent", "card"),
            ("accent", "tint"),
            ("accent", "ground"),
            ("on-accent", "accent"),
            ("on-accent", "accent-strong"),
            ("accent-strong", "card"),
            ("warn-ink", "warn-ground"),
            ("bad-ink", "bad-ground"),
            ("bad-ink", "card"),
            ("good-ink", "good-ground"),
        ];
        let controls =
            [("edge", "card"), ("focus", "card"), ("focus", "ground"), ("focus", "tint"), ("bad-ink", "card")];
        for (pairs, least) in [(&words[..], 4.5), (&controls[..], 3.0)] {
            for block in [0, 1] {
                for (front, back) in pairs {
                    let got = contrast(colour(block, front), colour(block, back));
                    assert!(got >= least, "block {block}: {front} on {back} is {got:.2}");
                }
            }
        }
    }
}
