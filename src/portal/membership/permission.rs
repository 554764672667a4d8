//! What may whom with an application? The table of portal.md §3.6 as data, for products that show it.
//!
//! The rules themselves ask for a [`Reach`]: this table says the same in letters.

use super::Reach;

/// What one may have rights about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Matter {
    /// The application itself.
    Definition,
    /// Who works on it.
    Member,
    /// Its contracts.
    Contract,
    /// Who is told of what.
    Notification,
    /// What raises an alarm.
    Alert,
    /// What else is known of it.
    Metadata,
    /// How it is used.
    Analytics,
    /// What it did.
    Log,
}

/// The rights of somebody who reaches so far, as letters: C to create, R to read, U to change, D to delete.
///
/// An owner changes everything but does not delete the application (portal.md D-8); a user reads, and asks for contracts.
pub fn permissions(reach: Reach) -> [(Matter, &'static str); 8] {
    let [definition, rest, contract, metadata] = match reach {
        Reach::See => ["R", "", "CR", "R"],
        Reach::Change => ["CRU", "CRUD", "CRUD", "CRUD"],
        Reach::Own | Reach::Administer => ["CRUD", "CRUD", "CRUD", "CRUD"],
    };
    let member = if reach == Reach::See { "R" } else { rest };
    [
        (Matter::Definition, definition),
        (Matter::Member, member),
        (Matter::Contract, contract),
        (Matter::Notification, rest),
        (Matter::Alert, rest),
        (Matter::Metadata, metadata),
        (Matter::Analytics, "R"),
        (Matter::Log, "R"),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_owner_does_all_but_delete_and_a_user_reads_and_asks() {
        // G30, D-8
        let letters = |reach| permissions(reach).map(|(_, letters)| letters);
        assert_eq!(letters(Reach::See), ["R", "R", "CR", "", "", "R", "R", "R"]);
        assert_eq!(letters(Reach::Change), ["CRU", "CRUD", "CRUD", "CRUD", "CRUD", "CRUD", "R", "R"]);
        for reach in [Reach::Own, Reach::Administer] {
            assert_eq!(letters(reach), ["CRUD", "CRUD", "CRUD", "CRUD", "CRUD", "CRUD", "R", "R"]);
        }
    }
}
