//! Where does a document stand among the portal's documents? A relative path that every system reads the same way.

use crate::portal::{Rule, Wrong};

/// Bytes of a path, at most: what all databases can index.
pub const PATH_MAX: usize = 512;
/// Where documents stand that were uploaded without a path (portal.md K75).
const FOLDER: &str = "specs";

/// What is wrong with a path, e.g. `specs/orders.yaml`.
pub fn complaint(path: &str) -> Option<Wrong> {
    if path.is_empty() || path.len() > PATH_MAX {
        return Some(Wrong::new("path", Rule::Length, format!("must have 1 to {PATH_MAX} bytes")));
    }
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.~/".contains(&byte);
    let segment = |segment: &str| !segment.is_empty() && !segment.bytes().all(|byte| byte == b'.');
    let fits = path.bytes().all(allowed) && path.split('/').all(segment);
    let complaint = "must be relative: segments of letters, digits, -, _, . and ~ with / between them, none of them empty \
                     or dots alone";
    (!fits).then(|| Wrong::new("path", Rule::Form, complaint))
}

/// The path of a document that was given none.
pub fn of_title(title: &str, extension: &str) -> String {
    let letter = |c: char| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '-' };
    let spelled: String = title.chars().map(letter).collect();
    let words: Vec<&str> = spelled.split('-').filter(|word| !word.is_empty()).collect();
    let name: String = words.join("-").chars().take(100).collect();
    let name = if name.is_empty() { "document" } else { name.trim_end_matches('-') };
    format!("{FOLDER}/{name}.{extension}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_relative_and_goes_nowhere_else() {
        // K29, s.B13, s.K7
        for fine in ["specs/orders.yaml", "a", "a/b/c.d-e_f~1.json", ".well-known/x", "a..b"] {
            assert_eq!(complaint(fine), None, "{fine}");
        }
        let refused =
            ["/a", "a/", "a//b", ".", "..", "a/../b", "a/./b", "a/...", "a b", "a\\b", "a%2e", "ä", "a?b", "a\0"];
        for refused in refused {
            assert_eq!(complaint(refused).map(|wrong| wrong.rule), Some(Rule::Form), "{refused:?}");
        }
        assert_eq!(complaint("").map(|wrong| wrong.rule), Some(Rule::Length));
        assert_eq!(complaint(&"x".repeat(513)).map(|wrong| wrong.rule), Some(Rule::Length));
    }

    #[test]
    fn a_document_without_a_path_gets_one_of_its_title() {
        assert_eq!(of_title("Orders API (v2)", "yaml"), "specs/orders-api-v2.yaml");
        assert_eq!(of_title("Ä", "md"), "specs/document.md");
        assert!(complaint(&of_title(&"x-".repeat(200), "json")).is_none());
    }
}
