//! A small SVG writer: numbers are short, text is escaped, nothing else gets in.

use crate::escape::{html, shorten};

/// An image under construction.
pub(super) struct Svg {
    body: String,
    width: f64,
    height: f64,
}

/// Where a text is anchored.
#[derive(Clone, Copy)]
pub(super) enum Anchor {
    Start,
    Middle,
    End,
}

impl Svg {
    pub fn new(width: f64, height: f64) -> Self {
        Self { body: String::new(), width, height }
    }

    /// A filled rectangle with `(class, colour)`.
    pub fn rect(&mut self, (x, y): (f64, f64), (w, h): (f64, f64), (class, fill): (&str, &str), more: &str) {
        let (x, y, w, h) = (short(x), short(y), short(w), short(h));
        self.body.push_str(&format!(r#"<rect class="{class}" fill="{fill}" x="{x}" y="{y}" width="{w}" height="{h}"{more}/>"#));
        self.body.push('\n');
    }

    /// A filled path.
    pub fn area(&mut self, path: &str, (class, fill): (&str, &str)) {
        self.body.push_str(&format!("<path class=\"{class}\" fill=\"{fill}\" d=\"{path}\"/>\n"));
    }

    /// A straight line.
    pub fn line(&mut self, (x1, y1): (f64, f64), (x2, y2): (f64, f64), (class, stroke): (&str, &str), width: f64) {
        let (x1, y1, x2, y2, width) = (short(x1), short(y1), short(x2), short(y2), short(width));
        self.body.push_str(&format!(
            "<line class=\"{class}\" stroke=\"{stroke}\" stroke-width=\"{width}\" x1=\"{x1}\" y1=\"{y1}\" x2=\"{x2}\" y2=\"{y2}\"/>\n"
        ));
    }

    /// A text in the colour of the text around the image.
    pub fn text(&mut self, (x, y): (f64, f64), anchor: Anchor, class: &str, text: &str) {
        let anchor = match anchor {
            Anchor::Start => "start",
            Anchor::Middle => "middle",
            Anchor::End => "end",
        };
        let (x, y, text) = (short(x), short(y), html(&shorten(text, 40)));
        self.body.push_str(&format!(
            "<text class=\"{class}\" fill=\"currentColor\" font-size=\"13\" x=\"{x}\" y=\"{y}\" text-anchor=\"{anchor}\">{text}</text>\n"
        ));
    }

    /// The image, with what it is and what it says for those who do not see it.
    pub fn finish(self, class: &str, title: &str, description: &str) -> String {
        let (width, height) = (short(self.width), short(self.height));
        format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"cr-chart {class}\" role=\"img\" viewBox=\"0 0 {width} {height}\" \
             width=\"{width}\" height=\"{height}\" font-family=\"system-ui, sans-serif\">\n\
             <title>{}</title>\n<desc>{}</desc>\n{}</svg>\n",
            html(title),
            html(description),
            self.body
        )
    }
}

/// Two decimals at most, no trailing zeros; 0 for what is no number.
pub(super) fn short(value: f64) -> String {
    if !value.is_finite() {
        return String::from("0");
    }
    let text = format!("{value:.2}");
    let text = text.trim_end_matches('0').trim_end_matches('.');
    String::from(if text == "-0" { "0" } else { text })
}

/// A step of 1, 2 or 5 times a power of ten that divides `span` into at most `most` parts.
pub(super) fn nice_step(span: f64, most: f64) -> f64 {
    let rough = span / most;
    let magnitude = 10f64.powi(rough.log10().floor() as i32);
    [1.0, 2.0, 5.0, 10.0].iter().map(|m| m * magnitude).find(|step| *step >= rough * 0.999_999).unwrap_or(10.0 * magnitude)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_short() {
        for (value, text) in [(1.0, "1"), (0.126, "0.13"), (-0.001, "0"), (f64::NAN, "0"), (120.5, "120.5"), (100.0, "100")] {
            assert_eq!(short(value), text);
        }
    }

    #[test]
    fn steps_are_round() {
        for (span, most, step) in [(27.4, 5.0, 10.0), (9.0, 5.0, 2.0), (0.43, 5.0, 0.1), (5.0, 5.0, 1.0)] {
            assert!((nice_step(span, most) - step).abs() < 1e-9, "{span}");
        }
    }
}
