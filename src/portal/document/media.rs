//! Is this text what it says it is? OpenAPI in YAML or JSON, Markdown, or plain text.
//!
//! YAML is not parsed, only looked at: whoever renders it does that, and shows the text where it cannot.

use serde_json::Value;

use crate::portal::{Rule, Wrong};

/// Bytes of a document, at most.
pub const BODY_MAX: usize = 1024 * 1024;

/// What a document is written in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Media {
    /// OpenAPI or Swagger in YAML.
    Yaml,
    /// OpenAPI or Swagger in JSON.
    Json,
    /// Markdown.
    Markdown,
    /// Text.
    Plain,
}

impl Media {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Yaml, Self::Json, Self::Markdown, Self::Plain];

    /// As it is stored and sent.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Yaml => "application/yaml",
            Self::Json => "application/json",
            Self::Markdown => "text/markdown",
            Self::Plain => "text/plain",
        }
    }

    /// How its files end.
    pub fn extension(self) -> &'static str {
        match self {
            Self::Yaml => "yaml",
            Self::Json => "json",
            Self::Markdown => "md",
            Self::Plain => "txt",
        }
    }

    /// Reads a media type; its parameters say nothing here.
    pub fn parse(text: &str) -> Option<Self> {
        let essence = text.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        match essence.as_str() {
            "application/yaml" | "application/x-yaml" | "text/yaml" | "text/x-yaml" => Some(Self::Yaml),
            "application/vnd.oai.openapi" | "application/openapi+yaml" | "application/vnd.oai.openapi+yaml" => {
                Some(Self::Yaml)
            }
            "application/json" | "application/openapi+json" | "application/vnd.oai.openapi+json" => Some(Self::Json),
            "text/markdown" | "text/x-markdown" => Some(Self::Markdown),
            "text/plain" => Some(Self::Plain),
            _ => None,
        }
    }

    /// What a text is that does not say so: by how its path ends, or else by how it begins.
    pub fn guess(path: Option<&str>, body: &str) -> Self {
        let extension =
            path.and_then(|path| path.rsplit_once('.')).map(|(_, extension)| extension.to_ascii_lowercase());
        match extension.as_deref() {
            Some("yaml" | "yml") => Self::Yaml,
            Some("json") => Self::Json,
            Some("md" | "markdown") => Self::Markdown,
            Some("txt") => Self::Plain,
            _ if body.trim_start().starts_with('{') => Self::Json,
            _ if is_openapi_yaml(body) => Self::Yaml,
            _ => Self::Markdown,
        }
    }
}

/// What is wrong with a text of this kind.
pub fn complaint(media: Media, body: &str) -> Option<Wrong> {
    if body.trim().is_empty() || body.len() > BODY_MAX {
        return Some(Wrong::new("body", Rule::Length, format!("must have 1 to {BODY_MAX} bytes")));
    }
    // PostgreSQL stores anything but that; browsers and people have no use for the others.
    if body.chars().any(|c| c.is_control() && !"\n\r\t\u{c}\u{85}".contains(c)) {
        return Some(Wrong::new("body", Rule::Form, "must not have control characters but line ends and tabs"));
    }
    match media {
        Media::Markdown | Media::Plain => None,
        Media::Yaml if is_openapi_yaml(body) => None,
        Media::Yaml => {
            Some(Wrong::new("body", Rule::Form, "must be an OpenAPI document with a line openapi: or swagger:"))
        }
        Media::Json => json_complaint(body),
    }
}

fn json_complaint(body: &str) -> Option<Wrong> {
    let document: Value = match serde_json::from_str(body) {
        Ok(document) => document,
        Err(error) => return Some(Wrong::new("body", Rule::Form, format!("must be JSON: {error}"))),
    };
    let is_openapi = ["openapi", "swagger"].iter().any(|member| document[*member].is_string());
    let complaint = "must be an OpenAPI document with a member openapi or swagger";
    (!is_openapi).then(|| Wrong::new("body", Rule::Form, complaint))
}

/// Whether a line at the left edge says the version. JSON is YAML, too.
fn is_openapi_yaml(body: &str) -> bool {
    let says = |line: &str| {
        let line = line.trim_start_matches('\u{feff}');
        let key = line.split_once(':').map(|(key, _)| key.trim_end().trim_matches(['"', '\'']));
        key.is_some_and(|key| key == "openapi" || key == "swagger")
    };
    body.lines().any(says) || (body.trim_start().starts_with('{') && json_complaint(body).is_none())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule(media: Media, body: &str) -> Option<Rule> {
        complaint(media, body).map(|wrong| wrong.rule)
    }

    #[test]
    fn a_media_type_has_one_spelling() {
        for media in Media::ALL {
            assert_eq!(Media::parse(media.as_str()), Some(media));
        }
        assert_eq!(Media::parse("Text/Markdown; charset=utf-8"), Some(Media::Markdown));
        for refused in ["", "text/html", "image/svg+xml", "application/octet-stream"] {
            assert_eq!(Media::parse(refused), None, "{refused}");
        }
    }

    #[test]
    fn a_document_is_what_it_says_it_is() {
        // K29
        assert_eq!(rule(Media::Yaml, "# Orders\nopenapi: 3.1.0\ninfo: {}\n"), None);
        assert_eq!(rule(Media::Yaml, "\u{feff}\"swagger\" : '2.0'\r\n"), None);
        assert_eq!(rule(Media::Yaml, "info:\n  openapi: no\n"), Some(Rule::Form));
        assert_eq!(rule(Media::Json, r#"{"openapi": "3.1.0"}"#), None);
        for refused in ["{", "[]", "{}", r#"{"openapi": 3}"#, "\"openapi\""] {
            assert_eq!(rule(Media::Json, refused), Some(Rule::Form), "{refused}");
        }
        assert_eq!(rule(Media::Markdown, "# Orders\n\ttext"), None);
        assert_eq!(rule(Media::Plain, "a\u{0}b"), Some(Rule::Form));
        assert_eq!(rule(Media::Plain, " \n"), Some(Rule::Length));
        assert_eq!(rule(Media::Plain, &"x".repeat(BODY_MAX)), None);
        assert_eq!(rule(Media::Plain, &"x".repeat(BODY_MAX + 1)), Some(Rule::Length));
    }

    #[test]
    fn a_text_that_does_not_say_what_it_is_is_looked_at() {
        assert_eq!(Media::guess(Some("specs/a.YML"), "x"), Media::Yaml);
        assert_eq!(Media::guess(Some("a.d/guide"), "# Guide"), Media::Markdown);
        assert_eq!(Media::guess(None, " {}"), Media::Json);
        assert_eq!(Media::guess(None, "openapi: 3.0.0"), Media::Yaml);
    }
}
