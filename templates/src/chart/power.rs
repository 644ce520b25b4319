//! Mean power over time, stacked by component.

use carbon_core::report::{Report, Timeline};
use carbon_core::text::{POWER_FROM_W, scaled, significant};
use carbon_core::units::Span;
use carbon_core::units::calendar::{parse_stamp, rfc3339};

use super::colour;
use super::svg::{Anchor, Svg, nice_step, short};

const WIDTH: f64 = 640.0;
const HEIGHT: f64 = 260.0;
const LEFT: f64 = 64.0;
const RIGHT: f64 = 632.0;
const TOP: f64 = 36.0;
const BOTTOM: f64 = 228.0;

/// One step a pixel is all that the image can show.
const MOST_STEPS: usize = 568;

/// Stacked areas of the timeline's steps, open where nothing was measured; `None` without a timeline.
pub fn power_over_time(report: &Report) -> Option<String> {
    let timeline = report.timeline.as_ref()?.coarser(MOST_STEPS);
    let steps = timeline.series.iter().map(|s| s.mean_power_w.len()).max().filter(|n| *n > 0)?;
    let known = |at: usize| timeline.series.iter().filter_map(move |s| s.mean_power_w.get(at).copied().flatten());
    let highest = (0..steps).map(|at| known(at).sum::<f64>()).fold(0.0, f64::max);
    if !highest.is_finite() || highest <= 0.0 {
        return None;
    }
    let step = nice_step(highest, 4.0);
    let top = (highest / step).ceil() * step;
    let plane = Plane { steps, top };

    let mut svg = Svg::new(WIDTH, HEIGHT);
    power_axis(&mut svg, &plane, step);
    time_axis(&mut svg, &plane, &timeline);
    let mut base = vec![0.0; steps];
    for series in &timeline.series {
        svg.area(&plane.area(&series.mean_power_w, &mut base), colour(&series.component));
    }
    svg.line((LEFT, BOTTOM), (RIGHT, BOTTOM), ("cr-axis", "currentColor"), 1.0);
    legend(&mut svg, &timeline);
    let (factor, unit) = scaled(top, POWER_FROM_W);
    let description = format!(
        "{} steps of {} from {}; highest step {} {unit}.",
        steps,
        carbon_core::text::duration(f64::from(timeline.step_s)),
        timeline.start,
        significant(highest * factor, 3)
    );
    Some(svg.finish("cr-power", "Mean power over time by component", &description))
}

/// From steps and watts to the image.
struct Plane {
    steps: usize,
    top: f64,
}

impl Plane {
    fn x(&self, step: f64) -> f64 {
        LEFT + step / self.steps as f64 * (RIGHT - LEFT)
    }

    fn y(&self, watts: f64) -> f64 {
        BOTTOM - watts / self.top * (BOTTOM - TOP)
    }

    /// One closed shape for every stretch of known steps; adds the series to what the next one stands on.
    fn area(&self, powers: &[Option<f64>], base: &mut [f64]) -> String {
        let mut path = String::new();
        let mut at = 0;
        while at < powers.len() {
            let run = powers[at..].iter().take_while(|power| power.is_some()).count();
            if run > 0 {
                self.stretch(&mut path, at, &powers[at..at + run], base);
            }
            at += run.max(1);
        }
        path
    }

    fn stretch(&self, path: &mut String, first: usize, powers: &[Option<f64>], base: &mut [f64]) {
        let lower: Vec<f64> = base[first..first + powers.len()].to_vec();
        for (floor, power) in base[first..].iter_mut().zip(powers) {
            *floor += power.unwrap_or(0.0);
        }
        let upper = &base[first..first + powers.len()];
        path.push_str(&format!("M{} {}", short(self.x(first as f64)), short(self.y(upper[0]))));
        for (at, watts) in upper.iter().enumerate() {
            path.push_str(&format!("V{}H{}", short(self.y(*watts)), short(self.x((first + at + 1) as f64))));
        }
        for (at, watts) in lower.iter().enumerate().rev() {
            path.push_str(&format!("V{}H{}", short(self.y(*watts)), short(self.x((first + at) as f64))));
        }
        path.push('Z');
    }
}

fn power_axis(svg: &mut Svg, plane: &Plane, step: f64) {
    let (factor, unit) = scaled(plane.top, POWER_FROM_W);
    let lines = (plane.top / step).round() as usize;
    for at in 0..=lines {
        let watts = step * at as f64;
        if at > 0 {
            svg.line((LEFT, plane.y(watts)), (RIGHT, plane.y(watts)), ("cr-grid", "#8a949e"), 0.5);
        }
        let number = if at == 0 { String::from("0") } else { significant(watts * factor, 3) };
        let number = if number.contains('.') { number.trim_end_matches('0').trim_end_matches('.').to_string() } else { number };
        svg.text((LEFT - 8.0, plane.y(watts) + 4.5), Anchor::End, "cr-tick", &format!("{number} {unit}"));
    }
}

/// Marks at round times of the report's clock; the date stands where it changes.
fn time_axis(svg: &mut Svg, plane: &Plane, timeline: &Timeline) {
    const STEPS_S: [i64; 16] = [1, 5, 10, 30, 60, 300, 600, 1800, 3600, 7200, 10_800, 21_600, 43_200, 86_400, 172_800, 604_800];
    let Some(start) = parse_stamp(timeline.start.as_bytes()) else { return };
    let length_s = i64::from(timeline.step_s) * plane.steps as i64;
    let step = STEPS_S.into_iter().find(|s| length_s / s <= 7).unwrap_or_else(|| (length_s / 604_800 / 7 + 1) * 604_800);
    let start_s = start.at.as_micros().div_euclid(1_000_000);
    let mut tick = start_s.div_euclid(step) * step;
    let mut last_date = String::new();
    while tick <= start_s + length_s {
        if tick >= start_s {
            let x = plane.x((tick - start_s) as f64 / f64::from(timeline.step_s));
            let stamp = rfc3339(start.at.plus(Span::from_seconds(tick - start_s)), true);
            let (date, time) = (stamp.get(5..10).unwrap_or(""), stamp.get(11..if step < 60 { 19 } else { 16 }).unwrap_or(""));
            let label = match (step >= 86_400, date == last_date) {
                (true, _) => String::from(date),
                (false, true) => String::from(time),
                (false, false) => format!("{date} {time}"),
            };
            last_date = String::from(date);
            svg.line((x, BOTTOM), (x, BOTTOM + 4.0), ("cr-axis", "currentColor"), 1.0);
            let anchor = if x > RIGHT - 30.0 {
                Anchor::End
            } else if x < LEFT + 30.0 {
                Anchor::Start
            } else {
                Anchor::Middle
            };
            svg.text((x, BOTTOM + 20.0), anchor, "cr-tick", &label);
        }
        tick += step;
    }
}

fn legend(svg: &mut Svg, timeline: &Timeline) {
    let mut x = LEFT;
    for series in &timeline.series {
        let label = crate::escape::shorten(&series.label, 20);
        svg.rect((x, 8.0), (12.0, 12.0), colour(&series.component), " rx=\"2\"");
        svg.text((x + 18.0, 18.5), Anchor::Start, "cr-label", &label);
        x += 18.0 + 7.2 * label.chars().count() as f64 + 18.0;
    }
}
