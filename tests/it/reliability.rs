//! What holds when processes die, replicas race and the database is away.

mod crash;
mod outage;
mod process;
mod replicas;
