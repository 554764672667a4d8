//! What stands in a service's `url`? `protocol`, `host`, `port` and `path` in one (portal.md K53).

use serde_json::{Value, json};

use super::fields::{PORT, PROTOCOL};
use crate::api::kong::body::Tree;

/// Puts what `url` says in the place of the four fields it stands for, whatever they said. The complaint about a `url`
/// that is no string is returned; what is wrong with its parts is found when they are checked.
pub fn expand(tree: &mut Tree) -> Option<&'static str> {
    let url = match tree.members.remove("url")? {
        Value::Null => return None,
        Value::String(url) => url,
        _ => return Some("expected a string"),
    };
    if url.is_empty() {
        return None;
    }
    for (name, value) in split(&url) {
        tree.members.insert(name.to_owned(), value);
    }
    None
}

fn split(url: &str) -> [(&'static str, Value); 4] {
    let (protocol, rest) = url.split_once("://").map_or((None, None), |(protocol, rest)| (Some(protocol), Some(rest)));
    // Without `//` there is no host, only a path (RFC 3986 §3).
    let (authority, path) = match rest {
        None => ("", url),
        Some(rest) => rest.split_at(rest.find(['/', '?', '#']).unwrap_or(rest.len())),
    };
    let path = path.split(['?', '#']).next().unwrap_or_default();
    let authority = authority.rsplit_once('@').map_or(authority, |(_, behind)| behind);
    // The colons within brackets are an address's own.
    let behind_address = authority.rfind(']').map_or(0, |at| at + 1);
    let colon = authority[behind_address..].find(':').map(|at| at + behind_address);
    let (host, port) = colon.map_or((authority, None), |at| (&authority[..at], Some(&authority[at + 1..])));
    let port = port.filter(|port| !port.is_empty());
    let number = port.and_then(|port| port.parse::<u32>().ok());
    let protocol = protocol.unwrap_or(if number == Some(443) { "https" } else { PROTOCOL });
    let usual = if protocol == "https" { 443 } else { PORT };
    let text = |text: &str| if text.is_empty() { Value::Null } else { json!(text) };
    [
        ("protocol", json!(protocol.to_ascii_lowercase())),
        ("host", text(host)),
        ("port", number.map(Value::from).or(port.map(Value::from)).unwrap_or(json!(usual))),
        ("path", text(path)),
    ]
}
