//! The suite, in one binary; each module names what it proves.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used)]

mod corpus_rules;
