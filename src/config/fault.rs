//! What is wrong with a configuration, said so that it can be put right?

use std::fmt;

use serde::ser::{Serialize, SerializeStruct as _, Serializer};

use super::source::Source;

/// One thing that is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// `section.key`, or what stands in its place: a variable's or a file's name.
    pub key: String,
    /// Where the value came from.
    pub source: Source,
    /// What is wrong; never quotes a secret.
    pub problem: String,
    /// What would be right.
    pub allowed: String,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({}): {}", self.key, self.source, self.problem)?;
        if self.allowed.is_empty() { Ok(()) } else { write!(f, "; allowed: {}", self.allowed) }
    }
}

impl Serialize for Fault {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut fields = serializer.serialize_struct("Fault", 4)?;
        fields.serialize_field("key", &self.key)?;
        fields.serialize_field("source", &self.source.to_string())?;
        fields.serialize_field("problem", &self.problem)?;
        fields.serialize_field("allowed", &self.allowed)?;
        fields.end()
    }
}

/// Everything that is wrong with one configuration; never empty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Faults(pub Vec<Fault>);

impl fmt::Display for Faults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.len() {
            1 => f.write_str("the configuration has a fault:")?,
            count => write!(f, "the configuration has {count} faults:")?,
        }
        for fault in &self.0 {
            write!(f, "\n  {fault}")?;
        }
        Ok(())
    }
}

impl std::error::Error for Faults {}
