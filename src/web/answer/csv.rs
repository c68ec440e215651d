//! Tables as CSV (RFC 4180), for spreadsheets.
//!
//! A spreadsheet runs a cell that begins like a formula, and users choose their names. An
//! apostrophe before such a cell keeps it a text.

/// A table, row by row.
pub struct Csv(String);

impl Csv {
    /// Begins with a byte order mark, by which spreadsheets know UTF-8, and the heads of the
    /// columns.
    pub fn new(heads: &[&str]) -> Self {
        let mut csv = Self("\u{feff}".to_owned());
        csv.row(heads);
        csv
    }

    pub fn row(&mut self, cells: &[&str]) {
        for (at, cell) in cells.iter().enumerate() {
            if at > 0 {
                self.0.push(',');
            }
            self.0.push('"');
            if is_formula(cell) {
                self.0.push('\'');
            }
            self.0.push_str(&cell.replace('"', "\"\""));
            self.0.push('"');
        }
        self.0.push_str("\r\n");
    }

    pub fn finish(self) -> String {
        self.0
    }
}

/// Returns whether a spreadsheet may run a cell: OWASP's list, also after blanks and in full width.
fn is_formula(cell: &str) -> bool {
    cell.starts_with(['\t', '\r', '\n'])
        || cell.trim_start().starts_with(['=', '+', '-', '@', '\u{ff1d}', '\u{ff0b}', '\u{ff0d}', '\u{ff20}'])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_that_begins_like_a_formula_stays_a_text() {
        for cell in ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", " =1", "\u{ff1d}1"] {
            let mut csv = Csv::new(&["name"]);
            csv.row(&[cell]);
            assert_eq!(csv.finish(), format!("\u{feff}\"name\"\r\n\"'{cell}\"\r\n"));
        }
        for cell in ["\tx", "\rx", "\nx", "\u{ff0b}1", "\u{ff0d}1", "\u{ff20}A", "\u{3000}=1"] {
            assert!(is_formula(cell), "{cell:?}");
        }
    }

    #[test]
    fn a_cell_that_is_no_formula_stays_as_it_is() {
        for cell in ["a=1", "1-1", "'=1", ""] {
            let mut csv = Csv::new(&["name"]);
            csv.row(&[cell]);
            assert_eq!(csv.finish(), format!("\u{feff}\"name\"\r\n\"{cell}\"\r\n"));
        }
    }

    #[test]
    fn quotes_commas_and_lines_stay_in_their_cell() {
        let mut csv = Csv::new(&["a", "b"]);
        csv.row(&["x, \"y\"", "1\n2"]);
        assert_eq!(csv.finish(), "\u{feff}\"a\",\"b\"\r\n\"x, \"\"y\"\"\",\"1\n2\"\r\n");
    }
}
