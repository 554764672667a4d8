//! What holds when processes die, replicas race and the database is away.
