/** The what-if: the report's energy at another place, in another year, with another PUE. What works it out is loaded at the first touch. */
import type { Region } from "../options.js";
import type { Report } from "../generated/report.js";
import { h } from "./dom.js";
import { told } from "./message.js";

let catalogue: Promise<Region[]> | undefined;

/** Zones and cloud regions as choices of an input; loaded once a page. */
export async function fillRegions(list: HTMLElement): Promise<void> {
  catalogue ??= import("../planning.js").then(({ load }) => load()).then((planning) => planning.regions());
  const regions = await catalogue.catch((error: unknown) => {
    catalogue = undefined;
    throw error;
  });
  if (list.childElementCount === 0) list.append(...regions.map((region) => h("option", { value: region.code }, region.name)));
}

/** Accelerators and processors as choices of inputs. */
export async function fillHardware(accelerators: HTMLElement, processors: HTMLElement): Promise<void> {
  const { load } = await import("../planning.js");
  const known = await (await load()).hardware();
  for (const [list, kind] of [[accelerators, "accelerator"], [processors, "processor"]] as const) {
    const models = known.filter((one) => one.kind === kind);
    if (list.childElementCount === 0) list.append(...models.map(({ model, vendor, tdp_w }) => h("option", { value: model }, tdp_w === undefined ? vendor : `${vendor}, ${tdp_w} W`)));
  }
}

/** A labelled input. */
export function field(label: string, name: string, attributes: Record<string, string | number>): HTMLElement {
  return h("label", {}, label, h("input", { name, autocomplete: "off", spellcheck: "false", ...attributes }));
}

/** The value of an input of a form; `undefined` where it is empty. */
export function valueOf(form: HTMLFormElement, name: string): string | undefined {
  const value = new FormData(form).get(name);
  return typeof value === "string" && value.trim() !== "" ? value.trim() : undefined;
}

/** A number of an input; `undefined` where it is empty. */
export function numberOf(form: HTMLFormElement, name: string): number | undefined {
  const text = valueOf(form, name);
  return text === undefined ? undefined : Number(text);
}

/** The form, for reports that have an energy. */
export function whatIf(report: Report): HTMLElement | undefined {
  if (report.energy === undefined || report.emissions === undefined) return undefined;
  const list = h("datalist", { id: "zones" });
  const answer = h("output", { class: "answer", "aria-live": "polite" });
  const form = h(
    "form",
    { class: "what-if", "aria-label": "What if" },
    h(
      "div",
      { class: "fields" },
      field("What if it ran in", "region", { list: "zones", placeholder: "FR, gcp:europe-north1, …" }),
      field("Year", "year", { type: "number", min: 2015, max: 2100, step: 1, placeholder: "as it is" }),
      field("PUE", "pue", { type: "number", min: 1, max: 3, step: "any", placeholder: "as it is" }),
      h("button", { class: "first" }, "Compare"),
    ),
    list,
    answer,
  ) as HTMLFormElement;
  form.noValidate = true;
  let asked = 0;
  const ask = async () => {
    const own = (asked += 1);
    const region = valueOf(form, "region");
    const year = numberOf(form, "year");
    const pue = numberOf(form, "pue");
    if (region === undefined && year === undefined && pue === undefined) return answer.replaceChildren();
    try {
      const { load } = await import("../planning.js");
      const change = { ...(region !== undefined && { region }), ...(year !== undefined && { year }), ...(pue !== undefined && { pue }) };
      const result = await (await load()).whatIf(report, change);
      if (own !== asked) return;
      const { emissions_kgco2e: kg, name, relative_text, reason } = result;
      answer.replaceChildren(h("strong", {}, kg?.text ?? result.text), h("span", {}, ` CO2eq in ${name}, ${relative_text} times this report's`),
        h("span", { class: "hint" }, kg !== undefined && `95% interval ${kg.interval_text}. `, reason, ". Same hardware, same efficiency, mean intensity of the grid."));
    } catch (error) {
      if (own === asked) answer.replaceChildren(h("span", {}, told(error)));
    }
  };
  form.addEventListener("focusin", () => void fillRegions(list).catch(() => undefined), { once: true });
  form.addEventListener("change", () => void ask());
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    void ask();
  });
  return form;
}
