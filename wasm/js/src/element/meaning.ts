/** What the total means: its parts, a budget, more epochs, what would have saved most, what was made for it. Texts of the Report alone. */
import type { Quantity, Report } from "../generated/report.js";
import { h, table, type Child } from "./dom.js";

/** The totals, each with its interval and what it rests on. */
export function totals({ totals: rows = [], headline }: Report): Child[] {
  if (rows.length === 0) return [];
  const cells = rows.map((r) => [r.item, r.text, r.interval_text === "" ? "not assessed" : r.interval_text, r.basis]);
  return [
    h("h3", {}, "At a glance"),
    table("Totals", ["Quantity", "Central", "95% interval", "Basis"], cells, { numbers: [1], prose: true }),
    headline.masses !== undefined && h("p", { class: "note" }, headline.masses),
  ];
}

/** In everyday terms, against a budget, beside published figures. */
export function context({ equivalents = [], carbon_budget: budget, references = [] }: Report): Child[] {
  if (equivalents.length === 0 && budget === undefined && references.length === 0) return [];
  const texts = [...equivalents.map((e) => e.text), ...(budget === undefined ? [] : [budget.text])];
  return [
    h("h3", {}, "For scale"),
    texts.map((text) => h("p", {}, text)),
    references.length > 0 && table("Published figures", ["Published figure", "CO2eq", "This run over it"], references.map((r) => [r.name, r.text, r.relative_text]), { numbers: [1, 2] }),
  ];
}

/** What would have emitted less. */
export function savings({ savings: found = [] }: Report): Child[] {
  if (found.length === 0) return [];
  const rows = found.map((s) => [s.action, s.kgco2e.text, interval(s.kgco2e), s.share_text, `${s.assumption}. ${s.caveat}`]);
  return [
    h("h3", {}, "What would have saved most"),
    h("p", { class: "note" }, "Each stands alone: they overlap and do not add up."),
    table("What would have saved most", ["Would have", "Saved", "95% interval", "Share", "Rests on"], rows, { numbers: [1, 2, 3], prose: true }),
  ];
}

/** More epochs than were run. */
export function prediction({ prediction: p }: Report): Child[] {
  if (p === undefined) return [];
  const rows = [
    ...row(`Known: ${p.epochs_known} of ${p.epochs} epochs`, p.known_facility_kwh),
    ...row("Predicted: the rest", p.predicted_facility_kwh),
    ...row("Known and predicted", p.facility_kwh),
  ];
  return [
    h("h3", {}, "Prediction"),
    h("p", {}, p.text),
    table("Prediction", ["Part", "Electricity at the meter", "95% interval"], rows, { numbers: [1], prose: true }),
    h("p", { class: "note" }, `How: ${p.method}.`),
    p.trackers.length > 0 && h("p", { class: "note" }, `Trackers' own predictions, not part of this one: ${p.trackers.join("; ")}`),
  ];
}

/** The hardware's manufacture. */
export function manufacture({ embodied = [] }: Report): Child[] {
  if (embodied.length === 0) return [];
  const rows = embodied.map((e) => [e.model, e.count, e.factor.text, e.by_source.map((s) => s.about).join("; "), e.kgco2e.text, interval(e.kgco2e)]);
  return [
    h("h3", {}, "Hardware manufacture"),
    h("p", { class: "note" }, "The share of this use: emissions of making one device × device-hours ÷ hours of its expected life (ISO/IEC 21031)."),
    table("Hardware manufacture", ["Model", "Devices", "One device", "Sources", "Share of this use", "95% interval"], rows, { numbers: [1, 2, 4, 5], prose: true }),
  ];
}

/** A row of a quantity; none where it is not known. */
function row(name: string, quantity: Quantity | undefined): Child[][] {
  return quantity === undefined ? [] : [[name, quantity.text, interval(quantity)]];
}

function interval(quantity: Quantity): string {
  return quantity.interval_text === "" ? "not assessed" : quantity.interval_text;
}
