/** Charts of the card: geometry alone; every figure and every text is the report's own. */

import type { Quantity, Report, Timeline } from "../generated/report.js";
import { svg } from "./dom.js";

/** Class of a component's colour. */
export function colour(component: string): string {
  return `fill ${/^(gpu|cpu|memory|network|node|building)$/.test(component) ? component : "other"}`;
}

const isDrawable = (q: Quantity): boolean => [q.value, q.low, q.high].every(Number.isFinite) && q.low >= 0 && q.low <= q.high && q.high > 0;

/** A value within its interval, on a line from zero. */
export function intervalBar(quantity: Quantity): SVGElement | undefined {
  if (!isDrawable(quantity)) return undefined;
  const width = 416;
  const x = (value: number) => (value / (quantity.high * 1.08)) * width;
  return svg(
    "svg",
    { class: "interval-bar", viewBox: `0 0 ${width} 26`, role: "img", "aria-label": `${quantity.text}, interval ${quantity.interval_text}, on a line from zero` },
    svg("line", { class: "track", x1: 0, y1: 13, x2: width, y2: 13 }),
    svg("line", { class: "track", x1: 0.5, y1: 8, x2: 0.5, y2: 18 }),
    svg("rect", { class: "band", x: x(quantity.low), y: 6.5, width: Math.max(2, x(quantity.high) - x(quantity.low)), height: 13, rx: 6.5 }),
    svg("rect", { class: "mark", x: x(quantity.value) - 2, y: 2, width: 4, height: 22, rx: 2 }),
  );
}

/** A bar from zero to a share of the longest, 0 to 1, with its interval where there is one. */
export function bar(component: string, value: number, longest: number, isMeasured: boolean, interval?: Quantity): SVGElement {
  const width = 240;
  const x = (of: number) => (Number.isFinite(of) && longest > 0 ? Math.min(1, Math.max(0, of / longest)) * (width - 2) : 0);
  const whisker = interval !== undefined && isDrawable(interval) && interval.low < interval.high;
  return svg(
    "svg",
    { class: "bar", viewBox: `0 0 ${width} 18`, preserveAspectRatio: "none", "aria-hidden": "true" },
    svg("rect", { class: `${colour(component)}${isMeasured ? "" : " soft"}`, x: 0, y: 2, width: Math.max(1.5, x(value)), height: 14, rx: 2 }),
    whisker && svg("path", { class: "whisker", d: `M${x(interval.low)} 9H${x(interval.high)}M${x(interval.low)} 5.5v7M${x(interval.high)} 5.5v7` }),
  );
}

/** Mean power over time, stacked by component. */
export function power(report: Report): SVGElement | undefined {
  const { timeline } = report;
  if (timeline === undefined) return undefined;
  const { series } = timeline;
  const steps = Math.max(0, ...series.map((one) => one.mean_power_w.length));
  const sums = Array.from({ length: steps }, (_, at) => series.reduce((sum, one) => sum + (one.mean_power_w[at] ?? 0), 0));
  const highest = Math.max(...sums);
  if (!(highest > 0) || !Number.isFinite(highest)) return undefined;
  const [width, height, left, bottom, top] = [640, 220, 52, 192, 12];
  const tick = niceStep(highest / 4);
  const ceiling = Math.ceil(highest / tick) * tick;
  const x = (at: number) => left + (at / steps) * (width - left - 4);
  const y = (watts: number) => bottom - (watts / ceiling) * (bottom - top);
  const base = new Array<number>(steps).fill(0);
  const areas = series.map((one) => svg("path", { class: colour(one.component), d: area(one.mean_power_w, base, x, y) }));
  const lines = Array.from({ length: Math.round(ceiling / tick) + 1 }, (_, at) => at * tick);
  const [factor, unit] = ceiling >= 2000 ? [1e-3, "kW"] : [1, "W"];
  const label = (watts: number) => `${Number((watts * factor).toPrecision(4))} ${unit}`;
  const times = timeTicks(timeline, steps);
  return svg(
    "svg",
    { class: "power", viewBox: `0 0 ${width} ${height}`, role: "img", "aria-label": `Mean power over time by component, ${steps} steps from ${timeline.start}` },
    lines.map((watts) => [
      svg("line", { class: "grid", x1: left, y1: y(watts), x2: width - 4, y2: y(watts) }),
      svg("text", { class: "tick", x: left - 8, y: y(watts) + 4, "text-anchor": "end" }, label(watts)),
    ]),
    areas,
    svg("line", { class: "axis", x1: left, y1: bottom, x2: width - 4, y2: bottom }),
    times.map(({ at, text }) => svg("text", { class: "tick", x: x(at), y: bottom + 18, "text-anchor": at < steps * 0.06 ? "start" : at > steps * 0.94 ? "end" : "middle" }, text)),
  );
}

/** Closed shapes over stretches of known steps; what they reach is added to `base` for the next series. */
function area(powers: (number | null)[], base: number[], x: (at: number) => number, y: (watts: number) => number): string {
  const point = (value: number) => Number(value.toFixed(2));
  let path = "";
  for (let at = 0; at < powers.length; at += 1) {
    if (typeof powers[at] !== "number") continue;
    const first = at;
    while (typeof powers[at] === "number") at += 1;
    const lower = base.slice(first, at);
    for (let i = first; i < at; i += 1) base[i]! += powers[i]!;
    path += `M${point(x(first))} ${point(y(base[first]!))}`;
    for (let i = first; i < at; i += 1) path += `V${point(y(base[i]!))}H${point(x(i + 1))}`;
    for (let i = at - 1; i >= first; i -= 1) path += `V${point(y(lower[i - first]!))}H${point(x(i))}`;
    path += "Z";
  }
  return path;
}

/** 1, 2 or 5 times a power of ten, at least `rough`. */
function niceStep(rough: number): number {
  const magnitude = 10 ** Math.floor(Math.log10(rough));
  return ([1, 2, 5, 10].find((m) => m * magnitude >= rough * 0.999999) ?? 10) * magnitude;
}

/** A few times on the report's own clock. */
function timeTicks(timeline: Timeline, steps: number): { at: number; text: string }[] {
  const start = Date.parse(`${timeline.start.replace(/Z$/, "")}Z`);
  if (!Number.isFinite(start)) return [];
  const length = steps * timeline.step_s;
  return [0, 0.25, 0.5, 0.75, 1].map((share) => {
    const stamp = new Date(start + share * length * 1000).toISOString();
    const text = length > 3 * 86400 ? stamp.slice(5, 10) : length > 86400 || share === 0 ? stamp.slice(5, 16).replace("T", " ") : stamp.slice(11, length < 300 ? 19 : 16);
    return { at: share * steps, text };
  });
}
