//! Which number has a refusal, by which name and with which HTTP status? (portal.md K45)

/// Kong's numbers for what went wrong (portal.md K45).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Code {
    /// 1: an id that is none.
    InvalidPrimaryKey = 1,
    /// 2: a body that does not follow its schema.
    SchemaViolation = 2,
    /// 3: an id that is taken.
    PrimaryKeyViolation = 3,
    /// 4: another entity that is not there, or that still needs this one.
    ForeignKeyViolation = 4,
    /// 5: a value that may exist once and does.
    UniqueViolation = 5,
    /// 6: no such entity.
    NotFound = 6,
    /// 7: an offset that was not handed out here.
    InvalidOffset = 7,
    /// 8: the database failed.
    DatabaseError = 8,
    /// 9: a page size out of bounds.
    InvalidSize = 9,
    /// 10: a value that cannot be the name of anything.
    InvalidUnique = 10,
    /// 11: a filter that cannot be understood.
    InvalidOptions = 11,
    /// 12: nothing that can be done here.
    OperationUnsupported = 12,
}

impl Code {
    /// Its name in the envelope.
    pub fn name(self) -> &'static str {
        match self {
            Self::InvalidPrimaryKey => "invalid primary key",
            Self::SchemaViolation => "schema violation",
            Self::PrimaryKeyViolation => "primary key violation",
            Self::ForeignKeyViolation => "foreign key violation",
            Self::UniqueViolation => "unique constraint violation",
            Self::NotFound => "not found",
            Self::InvalidOffset => "invalid offset",
            Self::DatabaseError => "database error",
            Self::InvalidSize => "invalid size",
            Self::InvalidUnique => "invalid unique",
            Self::InvalidOptions => "invalid options",
            Self::OperationUnsupported => "operation unsupported",
        }
    }

    /// Its HTTP status.
    pub fn status(self) -> u16 {
        match self {
            Self::UniqueViolation => 409,
            Self::NotFound => 404,
            Self::DatabaseError => 500,
            Self::OperationUnsupported => 405,
            _ => 400,
        }
    }
}
