//! Can this text be shown to a person without misleading them? (R4, s.R31)

use unicode_normalization::{UnicodeNormalization, is_nfc};

use super::draft::{Draft, TEXT};
use super::profile::Remedy;
use crate::oidc::client::Localised;
use crate::oidc::client::localised;

/// Characters of one display string.
const LETTERS_MAX: usize = 200;
/// Bytes of an e-mail address (RFC 5321 §4.5.3.1.3, less the angle brackets).
const ADDRESS_BYTES_MAX: usize = 254;

impl Draft<'_> {
    /// `client_name`, the display URIs and all their variants per language.
    pub(super) fn display(&mut self) -> Localised {
        let mut out = Localised::default();
        let mut many = 0;
        for (member, value) in self.members() {
            let Some((name, _)) = localised::split(member) else { continue };
            if super::draft::is_nothing(value) {
                continue;
            }
            many += 1;
            if many > self.rules.policy.values_max {
                self.fault(
                    member,
                    TEXT,
                    format!("is one of more than {} display members", self.rules.policy.values_max),
                );
                break;
            }
            let text = match name {
                "client_name" => self.shown_text(member),
                _ => self.web_uri(member),
            };
            if let Some(text) = text {
                out.keep(member, text);
            }
        }
        out
    }

    /// A text that people read, in NFC. Misleading characters are taken out where the profile repairs.
    pub(super) fn shown_text(&mut self, member: &str) -> Option<String> {
        let sent = self.text(member)?;
        let clean = cleaned(sent);
        if clean.chars().count() > LETTERS_MAX {
            self.bad(member, TEXT, sent, &format!("is longer than {LETTERS_MAX} characters"));
            return None;
        }
        if self.rules.profile.misleading_text == Remedy::Refuse && sent.chars().any(misleads) {
            let complaint = "has control, bidirectional or invisible characters";
            self.bad(member, TEXT, sent, complaint);
            return None;
        }
        (!clean.is_empty()).then_some(clean)
    }

    /// R4: contacts look like e-mail addresses.
    pub(super) fn contacts(&mut self) -> Vec<String> {
        const MEMBER: &str = "contacts";
        let sent = self.list(MEMBER, self.rules.policy.values_max).unwrap_or_default();
        for contact in sent.iter().filter(|contact| !is_address(contact)) {
            self.bad(MEMBER, TEXT, contact, "is no e-mail address");
        }
        sent.into_iter().map(str::to_owned).collect()
    }
}

/// NFC; blanks in a row as one space; nothing invisible.
fn cleaned(text: &str) -> String {
    let plain = text.is_ascii() && !text.bytes().any(|byte| byte.is_ascii_control());
    if plain && !text.starts_with(' ') && !text.ends_with(' ') && !text.contains("  ") {
        return text.to_owned();
    }
    let visible: String = text
        .chars()
        .map(|letter| if letter.is_whitespace() { ' ' } else { letter })
        .filter(|letter| !misleads(*letter))
        .collect();
    let composed: String = if is_nfc(&visible) { visible } else { visible.nfc().collect() };
    composed.split(' ').filter(|word| !word.is_empty()).collect::<Vec<_>>().join(" ")
}

/// Control characters, and what changes or hides the text around it: format characters, bidirectional marks, zero-width
/// characters, blanks that are no spaces, private use and what is no character at all.
fn misleads(letter: char) -> bool {
    letter.is_control()
        || matches!(u32::from(letter),
            0x00ad | 0x034f | 0x0600..=0x0605 | 0x061c | 0x06dd | 0x070f | 0x0890..=0x0891 | 0x08e2 | 0x115f..=0x1160
            | 0x17b4..=0x17b5 | 0x180b..=0x180f | 0x200b..=0x200f | 0x2028..=0x202e | 0x2060..=0x206f | 0x2800 | 0x3164
            | 0xe000..=0xf8ff | 0xfdd0..=0xfdef | 0xfeff | 0xffa0 | 0xfff0..=0xffff | 0x110bd | 0x110cd
            | 0x13430..=0x1345f | 0x1bca0..=0x1bca3 | 0x1d173..=0x1d17a | 0xe0000..=0x10_ffff)
}

fn is_address(text: &str) -> bool {
    let Some((local, domain)) = text.rsplit_once('@') else { return false };
    let fit =
        |letter: char| !letter.is_whitespace() && !misleads(letter) && !matches!(letter, '<' | '>' | ',' | ';' | '"');
    text.len() <= ADDRESS_BYTES_MAX
        && (1..=64).contains(&local.len())
        && !domain.is_empty()
        && !domain.starts_with('.')
        && !domain.ends_with('.')
        && !local.contains('@')
        && text.chars().all(fit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cleaned_name_holds_nothing_that_cannot_be_seen() {
        // R4, s.R31
        for (sent, clean) in [
            ("Claude Code (rec8120)", "Claude Code (rec8120)"),
            ("Claude\u{202e}edualC <script>alert(1)</script>\u{0} \n\n", "ClaudeedualC <script>alert(1)</script>"),
            ("Pay\u{200b}Pal\u{feff}", "PayPal"),
            ("a\r\n  b\t c", "a b c"),
            ("Cafe\u{301}", "Café"),
            ("クライアント名", "クライアント名"),
            ("Laden \u{1f642}", "Laden \u{1f642}"),
            (" \u{3164}\u{2800} ", ""),
        ] {
            assert_eq!(cleaned(sent), clean, "{sent:?}");
        }
    }

    #[test]
    fn a_contact_looks_like_an_address() {
        for address in ["ve7jtb@example.org", "support@element.io", "ö@bücher.example", "root@localhost"] {
            assert!(is_address(address), "{address}");
        }
        for other in
            ["", "@", "a@", "@b", "a b@c.example", "a@b@c.example", "https://a.example", "a@b.", "x@y\u{200b}.example"]
        {
            assert!(!is_address(other), "{other}");
        }
    }
}
