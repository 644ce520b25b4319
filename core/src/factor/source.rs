//! Where figures come from.

use alloc::string::String;

use super::FactorSet;
use super::grid::{SOURCE, YEAR};
use super::table::{Column, Kind, Shape, Table};

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
            self.user.iter().flat_map(Table::rows).find(|row| row.text(SOURCE) == id).map(|row| Source {
                id: row.string(SOURCE),
                title: row.string(SOURCE),
                publisher: String::new(),
                year: row.year(YEAR),
                licence: String::new(),
                url: String::new(),
            })
        })
    }
}
