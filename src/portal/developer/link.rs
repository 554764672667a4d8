//! What does a link in a mail prove? That its holder reads the mail of one person, for one purpose, once (s.L15, s.L16).
//!
//! The link is a sealed value that names the person, the purpose and what its use changes, so no row is needed to spend
//! it. Its address is built from the issuer alone.
