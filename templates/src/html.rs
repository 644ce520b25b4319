//! Markdown to HTML, sanitised.

use std::collections::{HashMap, HashSet};

use pulldown_cmark::{Alignment, CowStr, Event, HeadingLevel, Options as Extensions, Parser, Tag, TagEnd, html};

/// Markdown to HTML that holds nothing but text, tables, lists, links to `https` and details.
pub fn markdown_to_html(markdown: &str) -> String {
    let mut out = String::with_capacity(markdown.len() * 2);
    html::push_html(&mut out, Tables::new(Parser::new_ext(markdown, Extensions::ENABLE_TABLES)));
    sanitiser().clean(&out).to_string()
}

fn sanitiser() -> ammonia::Builder<'static> {
    let tags = [
        "a", "br", "caption", "code", "details", "div", "em", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "li", "ol", "p", "pre", "strong",
        "summary", "table", "tbody", "td", "th", "thead", "tr", "ul",
    ];
    let attributes = [("a", ["href"].into()), ("th", ["scope"].into()), ("div", ["role", "tabindex", "aria-label"].into())];
    let classes: [(&str, HashSet<&str>); 4] =
        [("div", ["scroll"].into()), ("td", ["number"].into()), ("th", ["number"].into()), ("caption", ["hidden"].into())];
    let mut builder = ammonia::Builder::empty();
    builder
        .tags(tags.into())
        .clean_content_tags(["script", "style", "svg", "math", "iframe", "form", "template"].into())
        .tag_attributes(HashMap::from(attributes))
        .allowed_classes(HashMap::from(classes))
        .url_schemes(["https"].into())
        .link_rel(Some("noopener noreferrer nofollow"));
    builder
}

/// Writes tables with what pulldown-cmark leaves out or writes as a style: scopes, a caption, classes, a scrolling region.
struct Tables<I> {
    events: I,
    alignments: Vec<Alignment>,
    heading: Option<String>,
    last_heading: String,
    in_head: bool,
    column: usize,
}

impl<I> Tables<I> {
    fn new(events: I) -> Self {
        let last_heading = String::from("Table");
        Self { events, alignments: Vec::new(), heading: None, last_heading, in_head: false, column: 0 }
    }

    fn cell(&self, closing: bool) -> String {
        let head = self.in_head || self.column == 0;
        let name = if head { "th" } else { "td" };
        if closing {
            return format!("</{name}>");
        }
        let scope = match (self.in_head, self.column) {
            (true, _) => " scope=\"col\"",
            (false, 0) => " scope=\"row\"",
            _ => "",
        };
        let number = if self.alignments.get(self.column) == Some(&Alignment::Right) { " class=\"number\"" } else { "" };
        format!("<{name}{scope}{number}>")
    }
}

impl<'m, I: Iterator<Item = Event<'m>>> Iterator for Tables<I> {
    type Item = Event<'m>;

    fn next(&mut self) -> Option<Event<'m>> {
        let markup = |text: String| Event::Html(CowStr::from(text));
        let event = self.events.next()?;
        Some(match event {
            Event::Start(Tag::Heading { level, .. }) => {
                self.heading = Some(String::new());
                markup(format!("<{}>", heading_name(level)))
            }
            Event::End(TagEnd::Heading(level)) => {
                self.last_heading = self.heading.take().unwrap_or_default();
                markup(format!("</{}>\n", heading_name(level)))
            }
            Event::Text(text) => {
                if let Some(heading) = &mut self.heading {
                    heading.push_str(&text);
                }
                Event::Text(text)
            }
            Event::Start(Tag::Table(alignments)) => {
                self.alignments = alignments;
                let caption = crate::escape::html(&self.last_heading);
                markup(format!(
                    "<div class=\"scroll\" role=\"region\" tabindex=\"0\" aria-label=\"{caption}\"><table>\n\
                     <caption class=\"hidden\">{caption}</caption>\n"
                ))
            }
            Event::End(TagEnd::Table) => markup(String::from("</tbody></table></div>\n")),
            Event::Start(Tag::TableHead) => {
                (self.in_head, self.column) = (true, 0);
                markup(String::from("<thead><tr>"))
            }
            Event::End(TagEnd::TableHead) => {
                self.in_head = false;
                markup(String::from("</tr></thead>\n<tbody>\n"))
            }
            Event::Start(Tag::TableRow) => {
                self.column = 0;
                markup(String::from("<tr>"))
            }
            Event::End(TagEnd::TableRow) => markup(String::from("</tr>\n")),
            Event::Start(Tag::TableCell) => markup(self.cell(false)),
            Event::End(TagEnd::TableCell) => {
                let text = self.cell(true);
                self.column += 1;
                markup(text)
            }
            other => other,
        })
    }
}

fn heading_name(level: HeadingLevel) -> &'static str {
    match level {
        HeadingLevel::H1 => "h1",
        HeadingLevel::H2 => "h2",
        HeadingLevel::H3 => "h3",
        HeadingLevel::H4 => "h4",
        HeadingLevel::H5 => "h5",
        HeadingLevel::H6 => "h6",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_have_scopes_captions_and_no_style() {
        let html = markdown_to_html("# Energy\n\n| a | n |\n| :-- | --: |\n| x | 1 |\n");
        assert_eq!(
            html,
            "<h1>Energy</h1>\n<div class=\"scroll\" role=\"region\" tabindex=\"0\" aria-label=\"Energy\"><table>\n\
             <caption class=\"hidden\">Energy</caption>\n\
             <thead><tr><th scope=\"col\">a</th><th scope=\"col\" class=\"number\">n</th></tr></thead>\n<tbody>\n\
             <tr><th scope=\"row\">x</th><td class=\"number\">1</td></tr>\n</tbody></table></div>\n"
        );
    }

    #[test]
    fn nothing_active_passes() {
        for text in [
            "<script>alert(1)</script>",
            "<img src=x onerror=alert(1)>",
            "[a](javascript:alert%281%29)",
            "[a](http://x.org)",
            "![a](https://x.org/p.png)",
            "<svg onload=alert(1)></svg><math></math><style>*{}</style><iframe src=https://x></iframe>",
            "<form id=f name=attributes action=https://x><input></form>",
            "<p style=\"color:red\" id=x class=y onclick=z>t</p>",
        ] {
            let html = markdown_to_html(text);
            for bad in ["<script", "<img", "href", "src", "<svg", "<style", "<iframe", "<form", "style=", "id=", "class=", "on"] {
                assert!(!html.contains(bad), "{text} → {html}");
            }
        }
    }
}
