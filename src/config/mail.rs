//! Can mails be sent with these settings?

use super::read::Reader;
use super::section::{Mail, MailTls};
use super::source::Files;
use crate::secret::Secret;

/// `[mail]`; `None` without a host, and where something is wrong.
pub(super) fn mail(reader: &mut Reader<'_>, files: &Files) -> Option<Mail> {
    let host = host(reader);
    let port = reader.count("mail.port", 0..=65_535);
    let kinds = [("none", MailTls::None), ("starttls", MailTls::StartTls), ("tls", MailTls::Tls)];
    let tls = reader.one_of("mail.tls", &kinds);
    let login = login(reader, files);
    let from_address = from_address(reader, host.is_some());
    let from_name = from_name(reader);
    let timeout = reader.wait("mail.timeout_seconds", 1..=300);
    let tls = tls?;
    let usual = match tls {
        MailTls::None => 25,
        MailTls::StartTls => 587,
        MailTls::Tls => 465,
    };
    let port = u16::try_from(port).ok().filter(|port| *port > 0).unwrap_or(usual);
    Some(Mail { host: host?, port, tls, login, from_address: from_address?, from_name, timeout })
}

fn host(reader: &mut Reader<'_>) -> Option<String> {
    let host = reader.text("mail.host");
    let letter = |c: char| c.is_ascii_alphanumeric() || ".-_:".contains(c);
    if !host.chars().all(letter) || host.len() > 253 {
        let allowed = "a host name or an address, such as mail.example.org; the port is mail.port";
        reader.wrong("mail.host", format!("{host:?} is not a host"), allowed);
    }
    Some(host).filter(|host| !host.is_empty())
}

fn login(reader: &mut Reader<'_>, files: &Files) -> Option<(String, Secret)> {
    let username = reader.text("mail.username");
    let given = Secret::new(reader.text("mail.password"));
    let named = reader.path("mail.password_file");
    let key = if named.is_some() { "mail.password_file" } else { "mail.password" };
    let password = match (given.expose(), named) {
        ("", None) => None,
        (_, None) => Some(given),
        ("", Some(path)) => match files.read(&path) {
            Ok(text) if !text.trim_end_matches(['\r', '\n']).is_empty() => {
                Some(Secret::new(text.trim_end_matches(['\r', '\n'])))
            }
            // The path is not repeated: people put the password itself where its file belongs.
            Ok(_) => {
                reader.wrong("mail.password_file", "the file is empty", "a file with the password");
                return None;
            }
            Err(error) => {
                let problem = format!("the file cannot be read: {error}");
                reader.wrong("mail.password_file", problem, "a file with the password");
                return None;
            }
        },
        (_, Some(_)) => {
            reader.wrong("mail.password_file", "mail.password is set as well", "one of the two");
            return None;
        }
    };
    match (username.is_empty(), password) {
        (true, None) => None,
        (false, Some(password)) => Some((username, password)),
        (true, Some(_)) => {
            reader.wrong(key, "mail.username is empty", "a password together with the name it belongs to");
            None
        }
        (false, None) => {
            reader.wrong("mail.username", "there is no password", "a name together with mail.password or its file");
            None
        }
    }
}

fn from_address(reader: &mut Reader<'_>, is_needed: bool) -> Option<String> {
    let address = reader.text("mail.from_address");
    if address.is_empty() {
        if is_needed {
            reader.wrong("mail.host", "mail.from_address is empty", "an address that mails come from, or no host");
        }
        return None;
    }
    if address.parse::<lettre::Address>().is_err() {
        let problem = format!("{address:?} is not an e-mail address");
        reader.wrong("mail.from_address", problem, "an address such as registrar@example.org");
        return None;
    }
    Some(address)
}

fn from_name(reader: &mut Reader<'_>) -> Option<String> {
    let name = reader.text("mail.from_name");
    if name.chars().count() > 100 || name.chars().any(char::is_control) {
        reader.wrong("mail.from_name", "is no name", "at most 100 characters, none of them a control character");
    }
    Some(name).filter(|name| !name.is_empty())
}
