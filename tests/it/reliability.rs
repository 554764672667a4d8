//! What holds when processes die, replicas race and the database is away.

mod crash;
mod outage;
pub mod process;
mod replicas;
