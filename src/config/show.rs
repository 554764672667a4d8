//! What is in force, and where does it come from? The answer of `registrar config check`.

use serde::Serialize;

use super::fault::{Fault, Faults};
use super::layer::{Setting, Settings};

const NO_MAIL: &str = "No mail is sent: mail.host is empty, so mails wait in the outbox.";

/// The answer, as JSON has it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Report {
    /// Whether the server would start with it.
    pub ok: bool,
    /// What is wrong; empty if `ok`.
    pub faults: Vec<Fault>,
    /// Every key, its value and its source; empty unless `ok`. Secrets are masked.
    pub settings: Vec<Setting>,
    /// What follows from a sound configuration and may surprise.
    pub notes: Vec<&'static str>,
}

impl Report {
    /// Of a configuration that is sound.
    pub fn sound(settings: &Settings) -> Self {
        let without_mail = settings.get("mail.host").is_some_and(|host| host.value.to_string().is_empty());
        let notes = without_mail.then_some(NO_MAIL).into_iter().collect();
        Self { ok: true, faults: Vec::new(), settings: settings.iter().cloned().collect(), notes }
    }

    /// Of one that is not.
    pub fn faulty(faults: &Faults) -> Self {
        Self { ok: false, faults: faults.0.clone(), settings: Vec::new(), notes: Vec::new() }
    }

    /// One line for each key, in columns, under its section; or the faults.
    pub fn text(&self) -> String {
        if !self.ok {
            return Faults(self.faults.clone()).to_string();
        }
        let widest = |length: fn(&Setting) -> usize| self.settings.iter().map(length).max().unwrap_or(0);
        let key_width = widest(|setting| setting.key.chars().count());
        // A long list must not push every source off the screen.
        let value_width = widest(|setting| shown(setting).chars().count()).min(48);
        let mut text = String::new();
        let mut section = "";
        for setting in &self.settings {
            let here = setting.key.split('.').next().unwrap_or_default();
            if here != section && !section.is_empty() {
                text.push('\n');
            }
            section = here;
            let line = format!("{:key_width$}  {:value_width$}  {}", setting.key, shown(setting), setting.source);
            text.push_str(line.trim_end());
            text.push('\n');
        }
        text.push_str("\nThe configuration is sound.");
        for note in &self.notes {
            text.push('\n');
            text.push_str(note);
        }
        text
    }
}

fn shown(setting: &Setting) -> String {
    let text = setting.value.to_string();
    if text.is_empty() { "-".to_owned() } else { text }
}
