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

/// Makes further indexes of tables that are there already.
///
/// # Errors
/// Whatever the database says.
pub async fn also(manager: &SchemaManager<'_>, indexes: Vec<NewIndex>) -> Result<(), DbErr> {
    for index in indexes {
        if !manager.has_index(index.table, index.name).await? {
            manager.create_index(index.statement).await?;
        }
    }
    Ok(())
}

/// Adds a column to a table that has rows: it may be absent, or has a default. What is there already stays.
///
/// # Errors
/// Whatever the database says.
pub async fn add(manager: &SchemaManager<'_>, table: &'static str, mut column: ColumnDef) -> Result<(), DbErr> {
    if manager.has_column(table, column.get_column_name()).await? {
        return Ok(());
    }
    manager.alter_table(Table::alter().table(table).add_column(&mut column).to_owned()).await
}

/// Takes columns away, one statement each: SQLite knows no other way.
///
/// # Errors
/// Whatever the database says.
pub async fn remove(manager: &SchemaManager<'_>, table: &'static str, columns: &[&'static str]) -> Result<(), DbErr> {
    for column in columns {
        manager.alter_table(Table::alter().table(table).drop_column(*column).to_owned()).await?;
    }
    Ok(())
}

/// Takes an index away.
///
/// # Errors
/// Whatever the database says.
pub async fn forget(manager: &SchemaManager<'_>, table: &'static str, name: &'static str) -> Result<(), DbErr> {
    manager.drop_index(Index::drop().table(table).name(name).to_owned()).await
}

/// The rows go with what they belong to.
pub fn belongs_to(
    name: &str,
    table: &'static str,
    column: &'static str,
    parent: &'static str,
) -> ForeignKeyCreateStatement {
    ForeignKey::create().name(name).from(table, column).to(parent, "id").on_delete(ForeignKeyAction::Cascade).to_owned()
}

/// Text of any length: what MySQL calls TEXT ends at 64 KiB.
pub fn long_text(manager: &SchemaManager<'_>, name: &'static str) -> ColumnDef {
    long(manager, name).not_null().take()
}

/// Text of any length that may be absent.
pub fn long_text_or_none(manager: &SchemaManager<'_>, name: &'static str) -> ColumnDef {
    long(manager, name).null().take()
}

fn long(manager: &SchemaManager<'_>, name: &'static str) -> ColumnDef {
    let mut column = ColumnDef::new(name);
    if manager.get_database_backend() == DbBackend::MySql {
        column.custom("longtext")
    } else {
        column.text()
    };
    column
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
