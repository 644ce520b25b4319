//! Where figures come from.

use alloc::format;
use alloc::string::String;

use super::FactorSet;
use super::grid::{SOURCE, YEAR};
use super::table::{Column, Kind, Row, Shape, Table};

pub(super) const SHAPE: Shape = Shape {
    name: "sources",
    columns: &[
        Column::filled("id", Kind::Text),
        Column::filled("title", Kind::Text),
        Column::filled("publisher", Kind::Text),
        Column::filled("year", Kind::Year),
        Column::filled("licence", Kind::Text),
        Column::filled("url", Kind::Text),
    ],
};
const ID: usize = 0;
const TITLE: usize = 1;
const PUBLISHER: usize = 2;
const PUBLISHED: usize = 3;
const LICENCE: usize = 4;
const URL: usize = 5;

/// A publication behind a figure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// What [`Factor::source`](super::Factor::source) says.
    pub id: String,
    /// Its title; for a user's factor, the user's own words.
    pub title: String,
    /// Who published it; empty for a user's factor.
    pub publisher: String,
    /// When.
    pub year: Option<i32>,
    /// Under which licence; empty where not known.
    pub licence: String,
    /// Public address; empty where there is none.
    pub url: String,
}

impl FactorSet {
    /// The publication of that id; for what a user's table gives as a source, the user's words.
    ///
    /// `None` for anything else, and so for [`SOURCE_USER`](super::SOURCE_USER) and [`SOURCE_LOG`](super::SOURCE_LOG), which are no publications.
    pub fn source(&self, id: &str) -> Option<Source> {
        let published = self.rows(&SHAPE).find(|row| row.text(ID) == id).map(|row| Source {
            id: row.string(ID),
            title: row.string(TITLE),
            publisher: row.string(PUBLISHER),
            year: row.year(PUBLISHED),
            licence: row.string(LICENCE),
            url: row.string(URL),
        });
        published.or_else(|| {
            let rows = self.user.iter().flat_map(|table| table.rows().map(move |row| (cited(table, &row), row)));
            rows.into_iter().find(|(cited, _)| *cited == id).map(|(cited, row)| Source {
                id: cited.clone(),
                title: cited,
                publisher: String::new(),
                year: row.year(YEAR),
                licence: String::new(),
                url: String::new(),
            })
        })
    }
}

/// No more of what a table that was found names as its source is quoted.
const MOST_QUOTED: usize = 80;

/// What a row of a table of intensities cites. A table that was found beside logs could name any publication: it cites itself.
pub(super) fn cited(table: &Table, row: &Row<'_>) -> String {
    match table.found {
        false => row.string(SOURCE),
        true => format!(
            "{}, found beside the logs, which names as its source: {:?}",
            table.name,
            row.text(SOURCE).chars().take(MOST_QUOTED).collect::<String>()
        ),
    }
}
