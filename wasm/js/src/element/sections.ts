/** The sections of a card, from a Report alone: they print its texts and compute nothing. */
import type { FactorUse, Report } from "../generated/report.js";
import { bar, colour, intervalBar, power } from "./charts.js";
import { h, link, prose, table, type Child } from "./dom.js";
import { context, manufacture, prediction, savings, totals } from "./meaning.js";

/** Head of a column of bars, for those who do not see them. */
const bars = (): Child => h("span", { class: "hidden" }, "Bar");

/** Everything of the card but the what-if, which needs the core. */
export function sections(report: Report, whatIf: Child): Child[] {
  return [
    head(report), facts(report), totals(report), components(report), overTime(report), context(report), elsewhere(report, whatIf), savings(report),
    prediction(report), manufacture(report), declared(report), quality(report), calculation(report), more(report), foot(report),
  ];
}

/** The number, what it is of, and where it comes from. */
export function shortSections(report: Report): Child[] {
  return [head(report), facts(report), components(report)];
}

function head(report: Report): Child[] {
  const total = report.emissions?.operational_kgco2e ?? report.energy?.it_kwh;
  return [
    h("h2", { class: "title" }, report.title === undefined ? "Carbon report" : `Carbon report: ${report.title}`),
    total !== undefined && h("p", { class: "figure" }, total.text, " ", h("small", {}, report.emissions === undefined ? "electricity" : "CO2eq")),
    total?.interval_text && h("div", { class: "interval" }, intervalBar(total), `95% interval ${total.interval_text}`),
    h("p", { class: "sentence" }, report.headline.sentence),
    h("p", { class: "scope" }, report.headline.scope),
  ];
}

function facts({ model_card: card }: Report): Child {
  if (card === undefined) return undefined;
  const rows: [string, string][] = [
    ["Hardware type", card.hardware_type], ["Hours used", card.hours_used], ["Cloud provider", card.cloud_provider],
    ["Compute region", card.compute_region], ["Carbon emitted", card.carbon_emitted],
  ];
  return h("dl", {}, rows.map(([name, value]) => h("div", {}, h("dt", {}, name), h("dd", {}, value))));
}

function components({ energy, headline }: Report): Child[] {
  if (energy === undefined) return [];
  const overhead = energy.overhead_kwh ?? 0;
  const longest = Math.max(headline.facility ? overhead : 0, ...energy.by_component.map((c) => c.energy_kwh.high));
  const rows: Child[][] = energy.by_component.map((c) => [
    c.label,
    bar(c.component, c.energy_kwh.value, longest, c.basis.includes("measured"), c.energy_kwh),
    c.energy_kwh.text,
    c.share_text,
    c.basis,
    c.method,
  ]);
  rows.push(["Computers", "", energy.it_kwh.text, "", "", `95% interval ${energy.it_kwh.interval_text}`]);
  if (headline.facility && overhead > 0) {
    rows.push(["Building", bar("building", overhead, longest, false), "", "", "", headline.building ?? ""]);
  }
  if (energy.facility_kwh !== undefined) {
    const how = headline.facility ? "" : `${headline.building ?? ""}; `;
    rows.push(["At the meter", "", energy.facility_kwh.text, "", "", `${how}95% interval ${energy.facility_kwh.interval_text}`]);
  }
  return [h("h3", {}, "Energy by component"), table("Energy by component", ["Component", bars(), "Energy", "Share of IT", "Basis", "How"], rows, { numbers: [2, 3], prose: true })];
}

function overTime(report: Report): Child[] {
  const chart = power(report);
  const { timeline } = report;
  if (chart === undefined || timeline === undefined) return [];
  const legend = timeline.series.map((one) => h("li", {}, h("i", { class: colour(one.component).replace("fill ", "") }), one.label));
  const watts = (power: number | null | undefined) => (typeof power === "number" ? power.toFixed(1) : "not measured");
  const steps = Math.max(...timeline.series.map((one) => one.mean_power_w.length));
  const values = h("details", {}, h("summary", {}, "The same as a table"));
  // A long table is made when it is looked at.
  values.addEventListener("toggle", () => values.childElementCount > 1 || values.append(
    table(`Mean power in W, steps of ${timeline.step_s} s from ${timeline.start}`, ["Step", ...timeline.series.map((one) => one.label)],
      Array.from({ length: steps }, (_, at) => [`${at + 1}`, ...timeline.series.map((one) => watts(one.mean_power_w[at]))]), { numbers: timeline.series.map((_, at) => at + 1) }),
  ));
  return [
    h("h3", {}, "Power over time"),
    h("figure", {}, h("ul", { class: "legend" }, legend), h("div", { class: "scroll", role: "region", tabindex: 0, "aria-label": "Chart of power over time" }, chart), values),
    !timeline.utc && h("p", { class: "note" }, "Times are on the logs' own local clock."),
  ];
}

function elsewhere(report: Report, whatIf: Child): Child[] {
  if (report.comparison.length === 0) return whatIf === undefined ? [] : [h("h3", {}, "What if"), whatIf];
  const longest = Math.max(...report.comparison.map((c) => c.kgco2e));
  const rows = report.comparison.map((c) => [c.name, bar(c.own ? "gpu" : "building", c.kgco2e, longest, true), c.text, c.relative_text]);
  const grid = table("The same electricity elsewhere", ["Grid", bars(), "CO2eq", "Relative"], rows, { numbers: [2, 3] });
  grid.querySelectorAll("tbody tr").forEach((row, at) => row.classList.toggle("own", report.comparison[at]?.own === true));
  return [h("h3", {}, "The same electricity elsewhere"), grid, report.comparison_caveat !== undefined && h("p", { class: "note" }, report.comparison_caveat), whatIf];
}

function declared({ declared: figures }: Report): Child[] {
  if (figures.length === 0) return [];
  const rows = figures.map((f) => [f.tool, f.run ?? "", f.kind, f.text, f.repairs.join("; ")]);
  return [
    h("h3", {}, "What the trackers themselves say"),
    h("p", { class: "note" }, "These figures stand beside this report's and are not added to it."),
    table("Trackers' own figures", ["Tracker", "Run", "Kind", "Its own figure", "Repaired here"], rows, { prose: true }),
  ];
}

function quality({ quality: notes }: Report): Child[] {
  if (notes.length === 0) return [];
  const order = ["error", "warning", "note", "good"];
  const sorted = [...notes].sort((a, b) => order.indexOf(a.severity) - order.indexOf(b.severity));
  const level = (severity: string) => h("span", { class: `level ${order.includes(severity) ? severity : "note"}` }, severity);
  const item = (note: (typeof notes)[number]) =>
    h("li", {}, level(note.severity), note.message, note.place !== undefined && ` (${note.place})`, note.hint !== undefined && h("span", { class: "hint" }, prose(note.hint)));
  return [h("h3", {}, "Data quality"), h("ul", { class: "notes" }, sorted.map(item))];
}

function calculation(report: Report): Child[] {
  if (report.factors.length === 0) return [];
  const source = (factor: FactorUse): Child => {
    const known = report.sources.find((s) => s.id === factor.source);
    return known === undefined ? factor.source : link(known.title, known.url);
  };
  const kind = (factor: FactorUse) => (factor.kind === "pue" ? "PUE" : factor.kind.replaceAll("_", " "));
  const rows = report.factors.map((f) => [`${kind(f)}, ${f.label}`, f.text, f.year ?? "", f.match_text, source(f)]);
  return [
    h("h3", {}, "Calculation"),
    report.calculation !== undefined && h("p", {}, report.calculation),
    table("Factors", ["Factor", "Value", "Year", "Match", "Source"], rows, { numbers: [1], prose: true }),
  ];
}

function more(report: Report): Child[] {
  const folded = (title: string, content: Child, count: number) => count > 0 && h("details", {}, h("summary", {}, `${title} (${count})`), content);
  const { assumptions, decisions, inputs, boundary } = report;
  const skipped = (input: (typeof inputs)[number]) => input.rows_skipped.map((s) => `${s.count} ${s.reason.replaceAll("_", " ")}`).join(", ");
  return [
    folded("Assumptions", table("Assumptions", ["Assumption", "Changed by"], assumptions.map((a) => [a.text, a.option === undefined ? "" : h("code", {}, a.option)]), { prose: true }), assumptions.length),
    folded("What is counted", table("What is counted", ["Item", "Counted", "How"], boundary.map((b) => [b.item, b.counted, b.how]), { prose: true }), boundary.length),
    folded("Decisions", table("Decisions", ["Counts", "Does not", "Energy left out", "Why"], decisions.map((d) => [d.kept, d.left_out, d.energy_text ?? "", d.reason]), { prose: true }), decisions.length),
    folded("Files", table("Files", ["File", "Format", "Rows", "Used", "Left out", "BLAKE3"], inputs.map((i) => [i.path, i.format ?? "", i.rows_read, i.rows_used, skipped(i), h("code", {}, i.blake3.slice(0, 16))]), { numbers: [2, 3], prose: true }), inputs.length),
  ];
}

function foot({ generator }: Report): Child {
  return h("p", { class: "foot" }, `Made by ${generator.name} ${generator.version}. Emissions are location-based; nothing is subtracted.`);
}
