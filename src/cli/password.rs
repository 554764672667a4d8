//! How does a password get in? By a prompt or a pipe, never by the command line.

use std::io::{self, BufRead, IsTerminal as _};

use zeroize::Zeroizing;

use crate::secret::Secret;

/// How a password is to be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    /// Asked for twice, without showing it.
    Prompt,
    /// The first line of standard input.
    Stdin,
}

/// Why no password was read.
#[derive(Debug, thiserror::Error)]
pub enum Unread {
    /// Nobody is there to be asked.
    #[error("standard input is not a terminal, so no password can be asked for; give it with --password-stdin")]
    NoTerminal,
    /// The two tries differ.
    #[error("the two passwords are not the same")]
    NotTheSame,
    /// Empty, or longer than anything that would be hashed (s.L13).
    #[error("the password has {0} bytes; allowed: 8 to 256")]
    Length(usize),
    /// The terminal or pipe failed.
    #[error("the password cannot be read: {0}")]
    Io(#[from] io::Error),
}

/// Reads a password.
///
/// # Errors
/// [`Unread`]; without a terminal nothing is asked.
pub fn read(way: Way) -> Result<Secret, Unread> {
    match way {
        Way::Stdin => first_line(io::stdin().lock()),
        Way::Prompt if !io::stdin().is_terminal() => Err(Unread::NoTerminal),
        Way::Prompt => {
            let first = Zeroizing::new(rpassword::prompt_password("Password: ")?);
            let second = Zeroizing::new(rpassword::prompt_password("Again: ")?);
            if first != second {
                return Err(Unread::NotTheSame);
            }
            sound(&first)
        }
    }
}

fn first_line(input: impl BufRead) -> Result<Secret, Unread> {
    let mut line = Zeroizing::new(String::new());
    // A line without end must not fill the memory.
    input.take(4096).read_line(&mut line)?;
    sound(line.trim_end_matches(['\r', '\n']))
}

fn sound(password: &str) -> Result<Secret, Unread> {
    match password.len() {
        8..=256 => Ok(Secret::new(password)),
        length => Err(Unread::Length(length)),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn a_piped_password_is_the_first_line_without_its_end() {
        assert_eq!(first_line(&b"correct horse\r\nbattery\n"[..]).unwrap().expose(), "correct horse");
        assert_eq!(first_line(&b"correct horse"[..]).unwrap().expose(), "correct horse");
        assert!(matches!(first_line(&b"\n"[..]), Err(Unread::Length(0))));
        assert!(matches!(first_line(&[b'x'; 9000][..]), Err(Unread::Length(4096))));
    }
}
