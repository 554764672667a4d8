//! The documents the product is made from, followed to the letter: what they tell a reader to type is what runs.
//!
//! The commands are given to a real `curl`. Where there is none, nothing can be typed.

mod auth0;
mod gravitee;
mod kong_plugin;

use serde_json::Value;
use tokio::process::Command;

/// What a command printed.
struct Printed {
    status: u16,
    body: Value,
}

impl Printed {
    fn expect(self, status: u16) -> Value {
        assert_eq!(self.status, status, "{}", self.body);
        self.body
    }
}

/// Whether there is a `curl` to type commands for.
async fn curl_is_here() -> bool {
    let here = Command::new("curl").arg("--version").output().await.is_ok();
    if !here {
        println!("there is no curl: the documents cannot be followed");
    }
    here
}

/// Types a command as the document has it, with the reader's values in the places that are theirs.
///
/// One command of the documents lost the backslash at the end of a line: it is read as if it were there.
async fn typed(command: &str, places: &[(&str, &str)]) -> Printed {
    let mut line = command.replace("\\\n", " ").replace('\n', " ");
    for (place, value) in places {
        line = line.replace(place, value);
    }
    let line = format!("{line} --silent --write-out '\\n%{{http_code}}'");
    let output = Command::new("sh").arg("-c").arg(&line).output().await.unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let (body, status) = text.rsplit_once('\n').unwrap_or_else(|| panic!("{line} printed {text:?}"));
    let body = if body.is_empty() { Value::Null } else { serde_json::from_str(body).unwrap() };
    Printed { status: status.parse().unwrap(), body }
}
