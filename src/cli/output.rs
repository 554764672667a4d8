//! How is the result of a command printed? For people on standard output, or as JSON; the only place that prints.

use std::io::{self, Write};

use serde::Serialize;
use serde_json::json;

/// For whom.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Output {
    /// For people: text and columns.
    Text,
    /// For programs: one JSON value.
    Json,
}

/// How a command ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// 0: it did what was asked.
    Done,
    /// 1: it was refused, or failed.
    Failed,
    /// 2: the command line cannot be understood.
    Misused,
}

impl From<Exit> for std::process::ExitCode {
    fn from(exit: Exit) -> Self {
        match exit {
            Exit::Done => Self::SUCCESS,
            Exit::Failed => Self::from(1),
            Exit::Misused => Self::from(2),
        }
    }
}

/// Rows under headings, for lists.
#[derive(Clone, Debug, Default)]
pub struct Table {
    headings: Vec<&'static str>,
    rows: Vec<Vec<String>>,
}

impl Table {
    /// No rows yet.
    pub fn new(headings: impl Into<Vec<&'static str>>) -> Self {
        Self { headings: headings.into(), rows: Vec::new() }
    }

    /// One row more, with a cell for each heading.
    pub fn row(&mut self, cells: impl IntoIterator<Item = impl Into<String>>) {
        self.rows.push(cells.into_iter().map(|cell| printable(&cell.into())).collect());
    }

    /// In columns; an empty cell is a dash.
    pub fn text(&self) -> String {
        if self.rows.is_empty() {
            return "none".into();
        }
        let headings: Vec<String> = self.headings.iter().map(|heading| heading.to_uppercase()).collect();
        let lines: Vec<&Vec<String>> = std::iter::once(&headings).chain(&self.rows).collect();
        let width = |column: usize| {
            lines.iter().filter_map(|line| line.get(column)).map(|cell| cell.chars().count()).max().unwrap_or(1)
        };
        let widths: Vec<usize> = (0..self.headings.len()).map(width).collect();
        let line = |cells: &&Vec<String>| {
            let cells = cells.iter().zip(&widths).map(|(cell, width)| {
                let cell = if cell.is_empty() { "-" } else { cell };
                format!("{cell:width$}")
            });
            cells.collect::<Vec<_>>().join("  ").trim_end().to_owned()
        };
        lines.iter().map(line).collect::<Vec<_>>().join("\n")
    }
}

/// Names come from registrations: control characters could rewrite the terminal they are shown on.
pub fn printable(text: &str) -> String {
    text.chars().map(|letter| if letter.is_control() { '\u{fffd}' } else { letter }).collect()
}

impl Output {
    /// As `--json` was given or not.
    pub fn chosen(global: &super::args::Global) -> Self {
        if global.json { Self::Json } else { Self::Text }
    }

    /// Prints a result: `value` for programs, `text` for people.
    pub fn result(self, value: &impl Serialize, text: impl FnOnce() -> String) -> Exit {
        let line = match self {
            Self::Text => text(),
            Self::Json => match serde_json::to_string_pretty(value) {
                Ok(json) => json,
                Err(error) => return self.failure(&format!("the result cannot be written as JSON: {error}")),
            },
        };
        print(&mut io::stdout().lock(), &line)
    }

    /// Prints text as it is, whatever the output is: for documents and keys that are piped onwards.
    pub fn plain(self, text: &str) -> Exit {
        print(&mut io::stdout().lock(), text)
    }

    /// Tells people something that is not the result, on standard error; programs do not want to know.
    pub fn note(self, text: &str) {
        if self == Self::Text {
            print(&mut io::stderr().lock(), text);
        }
    }

    /// Says why a command failed: on standard error, or as `{"error": …}` on standard output.
    pub fn failure(self, reason: &str) -> Exit {
        match self {
            Self::Text => print(&mut io::stderr().lock(), &format!("registrar: {reason}")),
            Self::Json => print(&mut io::stdout().lock(), &json!({ "error": reason }).to_string()),
        };
        Exit::Failed
    }
}

/// A reader that has gone away, such as `head`, is no failure of the command.
fn print(to: &mut impl Write, text: &str) -> Exit {
    match writeln!(to, "{text}").and_then(|()| to.flush()) {
        Ok(()) => Exit::Done,
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Exit::Done,
        Err(_) => Exit::Failed,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_is_as_wide_as_its_cells_and_shows_no_control_characters() {
        let mut table = Table::new(["client_id", "name"]);
        assert_eq!(table.text(), "none");
        table.row(["a1", "Ada\u{1b}[2J"]);
        table.row(["b22222222222", ""]);
        assert_eq!(table.text(), "CLIENT_ID     NAME\na1            Ada\u{fffd}[2J\nb22222222222  -");
    }

    #[test]
    fn a_pipe_that_was_closed_is_no_failure() {
        struct Closed;
        impl Write for Closed {
            fn write(&mut self, _: &[u8]) -> io::Result<usize> {
                Err(io::ErrorKind::BrokenPipe.into())
            }
            fn flush(&mut self) -> io::Result<()> {
                Ok(())
            }
        }
        assert_eq!(print(&mut Closed, "x"), Exit::Done);
    }
}
