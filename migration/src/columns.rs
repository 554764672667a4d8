//! How is a column spelled so that SQLite, PostgreSQL and MySQL/MariaDB mean the same by it?
//!
//! Text compares byte by byte: MySQL's own default would take `A` for `a` in a token's hash. Times are 64-bit seconds.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema;
use sea_orm_migration::sea_orm::DbBackend;
use sea_orm_migration::sea_query::{ColumnDef, Index, IndexCreateStatement, Table, TableCreateStatement};

/// Longest text that all three databases can index.
pub const INDEXED_TEXT: u32 = 512;

/// A new table whose text compares byte by byte.
pub fn table(manager: &SchemaManager<'_>, name: &'static str) -> TableCreateStatement {
    let mut table = Table::create();
    table.table(name);
    if manager.get_database_backend() == DbBackend::MySql {
        table.character_set("utf8mb4").collate("utf8mb4_bin").engine("InnoDB");
    }
    table
}

/// The primary key: a UUID.
pub fn id() -> ColumnDef {
    schema::pk_uuid("id")
}

/// The tenant every row but a tenant belongs to.
pub fn tenant_id() -> ColumnDef {
    schema::uuid("tenant_id")
}

/// Short text: at most `length` characters, may be indexed up to [`INDEXED_TEXT`].
pub fn short(name: &'static str, length: u32) -> ColumnDef {
    schema::string_len(name, length)
}

/// Short text that may be absent.
pub fn short_or_none(name: &'static str, length: u32) -> ColumnDef {
    schema::string_len_null(name, length)
}

/// A SHA-256 digest in base64url: 43 characters.
pub fn digest(name: &'static str) -> ColumnDef {
    schema::string_len(name, 43)
}

/// Seconds since 1970.
pub fn moment(name: &'static str) -> ColumnDef {
    schema::big_integer(name)
}

/// Seconds since 1970, or never.
pub fn moment_or_none(name: &'static str) -> ColumnDef {
    schema::big_integer_null(name)
}

/// An index to be made, with what it is found by.
pub struct NewIndex {
    table: &'static str,
    name: &'static str,
    statement: IndexCreateStatement,
}

/// A unique index over `columns`.
pub fn unique(table: &'static str, name: &'static str, columns: &[&'static str]) -> NewIndex {
    let mut index = index(table, name, columns);
    index.statement.unique();
    index
}

/// An index over `columns`.
pub fn index(table: &'static str, name: &'static str, columns: &[&'static str]) -> NewIndex {
    let mut statement = Index::create();
    statement.table(table).name(name);
    for column in columns {
        statement.col(*column);
    }
    NewIndex { table, name, statement }
}

/// Creates `table`, then its indexes. What is there already stays: MariaDB commits each step by itself, so a migration
/// that was cut off is run again from the start.
///
/// # Errors
/// Whatever the database says.
pub async fn create(
    manager: &SchemaManager<'_>,
    table: &mut TableCreateStatement,
    indexes: Vec<NewIndex>,
) -> Result<(), DbErr> {
    manager.create_table(table.if_not_exists().to_owned()).await?;
    for index in indexes {
        if !manager.has_index(index.table, index.name).await? {
            manager.create_index(index.statement).await?;
        }
    }
    Ok(())
}

/// Drops `tables` in order.
///
/// # Errors
/// Whatever the database says.
pub async fn drop(manager: &SchemaManager<'_>, tables: &[&'static str]) -> Result<(), DbErr> {
    for name in tables {
        manager.drop_table(Table::drop().table(*name).to_owned()).await?;
    }
    Ok(())
}
