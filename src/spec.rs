//! Which requirement of a specification does a test prove?

#![allow(unused_macros)]

/// Names the requirements that a test proves, by their ids in `tests/requirements`:
/// `spec!("RFC7591-3.2.2/redirect-uri");`
///
/// It does nothing when the test runs; `tests/it/requirements.rs` reads it in the sources.
macro_rules! spec {
    ($($id:literal),+ $(,)?) => {
        $(const _: &str = $id;)+
    };
}
