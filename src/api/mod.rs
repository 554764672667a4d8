//! JSON, one folder per dialect: words, no rules.
