//! How is one setting read as a type, and its fault noted without stopping?

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::num::NonZeroU32;
use std::ops::RangeInclusive;
use std::path::PathBuf;
use std::time::Duration;

use ipnet::IpNet;

use super::fault::Fault;
use super::layer::Settings;
use super::source::Source;
use super::value::Value;
use crate::clock::Seconds;

/// Reads settings one after the other and collects what is wrong with them.
pub struct Reader<'s> {
    settings: &'s Settings,
    faults: Vec<Fault>,
    read: BTreeSet<String>,
}

impl<'s> Reader<'s> {
    /// Nothing read yet; `faults` are those of the layers.
    pub fn new(settings: &'s Settings, faults: Vec<Fault>) -> Self {
        Self { settings, faults, read: BTreeSet::new() }
    }

    /// What was wrong, and which keys were read.
    pub fn finish(self) -> (Vec<Fault>, BTreeSet<String>) {
        (self.faults, self.read)
    }

    /// Notes that the value of `key` is wrong.
    pub fn wrong(&mut self, key: &str, problem: impl Into<String>, allowed: impl Into<String>) {
        let source = self.settings.get(key).map_or(Source::Machine, |setting| setting.source.clone());
        let fault = Fault { key: key.to_owned(), source, problem: problem.into(), allowed: allowed.into() };
        self.faults.push(fault);
    }

    /// Notes that `key` cannot be as it is while the `others` are as they are; not if one of them is wrong by itself.
    pub fn contradicts(&mut self, key: &str, others: &[&str], problem: impl Into<String>, allowed: impl Into<String>) {
        let is_wrong = |fault: &Fault| fault.key == key || others.contains(&fault.key.as_str());
        if !self.faults.iter().any(is_wrong) {
            self.wrong(key, problem, allowed);
        }
    }

    /// Notes that `key` is less than `other`, which it may not be.
    pub fn at_least(&mut self, key: &str, other: &str) {
        self.contradicts(key, &[other], format!("is less than {other}"), format!("at least {other}"));
    }

    fn value(&mut self, key: &str) -> Option<&'s Value> {
        self.read.insert(key.to_owned());
        let value = self.settings.get(key).map(|setting| &setting.value);
        if value.is_none() {
            self.wrong(key, "has no default", "a line in config/default.toml");
        }
        value
    }

    /// A text; empty means not set.
    pub fn text(&mut self, key: &str) -> String {
        match self.value(key) {
            Some(Value::Text(text)) => text.trim().to_owned(),
            Some(Value::Hidden(secret)) => secret.expose().trim().to_owned(),
            _ => String::new(),
        }
    }

    /// A whole number within `range`.
    pub fn number(&mut self, key: &str, range: RangeInclusive<i64>) -> i64 {
        let Some(Value::Number(number)) = self.value(key) else { return *range.start() };
        if !range.contains(number) {
            let (least, most) = range.clone().into_inner();
            self.wrong(key, format!("{number} is out of range"), format!("{least} to {most}"));
        }
        (*number).clamp(*range.start(), *range.end())
    }

    /// A whole number within `range`, none of which is negative.
    pub fn count(&mut self, key: &str, range: RangeInclusive<u32>) -> u32 {
        let number = self.number(key, i64::from(*range.start())..=i64::from(*range.end()));
        u32::try_from(number).unwrap_or(*range.start())
    }

    /// The same, as what lengths are measured in.
    pub fn size(&mut self, key: &str, range: RangeInclusive<u32>) -> usize {
        self.count(key, range) as usize
    }

    /// A limit where 0 means none.
    pub fn limit(&mut self, key: &str) -> Option<NonZeroU32> {
        NonZeroU32::new(self.count(key, 0..=1_000_000_000))
    }

    /// Seconds to wait.
    pub fn wait(&mut self, key: &str, range: RangeInclusive<u32>) -> Duration {
        Duration::from_secs(u64::from(self.count(key, range)))
    }

    /// Seconds that something lives, from a key in units of `unit` seconds.
    pub fn life(&mut self, key: &str, unit: Seconds, range: RangeInclusive<i64>) -> Seconds {
        self.number(key, range) * unit
    }

    /// `true` or `false`.
    pub fn switch(&mut self, key: &str) -> bool {
        matches!(self.value(key), Some(Value::Switch(true)))
    }

    /// Several texts.
    pub fn list(&mut self, key: &str) -> Vec<String> {
        match self.value(key) {
            Some(Value::List(items)) => items.clone(),
            _ => Vec::new(),
        }
    }

    /// A path; `None` when empty.
    pub fn path(&mut self, key: &str) -> Option<PathBuf> {
        Some(self.text(key)).filter(|path| !path.is_empty()).map(PathBuf::from)
    }

    /// An address and port.
    pub fn address(&mut self, key: &str) -> Option<SocketAddr> {
        let text = self.text(key);
        let address = text.parse().ok();
        if address.is_none() {
            let allowed = "an IP address and a port, such as 127.0.0.1:8080 or [::]:8080";
            self.wrong(key, format!("{text:?} is not an address and port"), allowed);
        }
        address
    }

    /// Networks, or single addresses, none of which is the whole world.
    pub fn networks(&mut self, key: &str) -> Vec<IpNet> {
        let allowed = "networks such as 10.0.0.0/8, or addresses";
        let mut networks = Vec::new();
        for text in self.list(key) {
            let single = || text.parse().map(|address: std::net::IpAddr| IpNet::from(address));
            match text.parse::<IpNet>().or_else(|_| single()) {
                Err(_) => self.wrong(key, format!("{text:?} is not a network"), allowed),
                Ok(network) if network.trunc() != network => {
                    let problem = format!("{text:?} has bits beyond its prefix");
                    self.wrong(key, problem, format!("{} or {}", network.trunc(), network.addr()));
                }
                Ok(network) if network.prefix_len() == 0 => {
                    self.wrong(key, format!("{text:?} is every address there is"), allowed);
                }
                Ok(network) => networks.push(network),
            }
        }
        networks
    }

    /// One of a few words.
    pub fn one_of<T: Copy>(&mut self, key: &str, known: &[(&str, T)]) -> Option<T> {
        let text = self.text(key);
        self.pick(key, &text, known)
    }

    /// Some of a few words, each at most once.
    pub fn some_of<T: Copy + PartialEq>(&mut self, key: &str, known: &[(&str, T)]) -> Vec<T> {
        let mut picked = Vec::new();
        for text in self.list(key) {
            match self.pick(key, &text, known) {
                Some(one) if picked.contains(&one) => self.wrong(key, format!("names {text} twice"), "each name once"),
                Some(one) => picked.push(one),
                None => {}
            }
        }
        picked
    }

    fn pick<T: Copy>(&mut self, key: &str, text: &str, known: &[(&str, T)]) -> Option<T> {
        let found = known.iter().find(|(name, _)| *name == text).map(|(_, value)| *value);
        if found.is_none() {
            let names: Vec<&str> = known.iter().map(|(name, _)| *name).collect();
            let near = super::suggest::nearest(text, &names)
                .map_or_else(String::new, |near| format!(", did you mean {near}?"));
            self.wrong(key, format!("{text:?} is not known{near}"), names.join(", "));
        }
        found
    }
}
