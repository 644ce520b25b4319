/** A training without logs: a form whose fields make a card as they are filled in. */
import { CarbonError } from "../error.js";
import type { Report } from "../generated/report.js";
import type { AccountOptions, EstimateRequest, Phase } from "../options.js";
import { h, prose } from "./dom.js";
import { alertOf, told } from "./message.js";
import { fillHardware, fillRegions } from "./what-if.js";

interface Field {
  name: string;
  label: string;
  /** Flag of the command. */
  flag?: string;
  attributes?: Record<string, string | number>;
}

const number = (min: number, max: number | undefined, placeholder: string) => ({ type: "number", inputmode: "decimal", step: "any", min, ...(max !== undefined && { max }), placeholder });

const FIRST: Field[] = [
  { name: "gpu", label: "GPU, TPU or accelerator", flag: "gpu", attributes: { list: "accelerators", placeholder: "A100-SXM4-80GB" } },
  { name: "count", label: "How many", attributes: { type: "number", inputmode: "numeric", step: 1, min: 1, placeholder: "1" } },
  { name: "hours", label: "Hours it ran", flag: "hours", attributes: number(0, undefined, "24") },
  { name: "region", label: "Where it ran", flag: "region", attributes: { list: "estimate-zones", placeholder: "FR, gcp:europe-west4, …" } },
  { name: "year", label: "Year", flag: "year", attributes: { type: "number", inputmode: "numeric", step: 1, min: 2015, max: 2100, placeholder: "latest" } },
  { name: "pue", label: "Building’s PUE", flag: "pue", attributes: number(1, 3, "not known") },
];

const MORE: Field[] = [
  { name: "utilisation", label: "Utilisation, 0 to 1", flag: "utilisation", attributes: number(0, 1, "not known") },
  { name: "tdp", label: "Rated power of one, W", flag: "tdp", attributes: number(1, 3000, "from the tables") },
  { name: "cpu", label: "Processors", flag: "cpu", attributes: { list: "processors", placeholder: "2x EPYC 7763" } },
  { name: "memory", label: "Memory, GB", flag: "memory", attributes: number(0, undefined, "not known") },
  { name: "title", label: "Title", flag: "title", attributes: { placeholder: "what was trained" } },
];

const FIELDS = [...FIRST, ...MORE];

/** Flags as the command writes them into the line that makes its report again. */
const WRITTEN = ["gpu", "cpu", "memory", "hours", "utilisation", "region", "pue", "year", "tdp", "title"];

/** Typing goes on for less than this between two keys, ms. */
const PAUSE = 300;

/** The form. `done` is given each report; `undefined` where there is none to show; a message where something failed that no field is to blame for. */
export class EstimateForm {
  readonly element: HTMLElement;
  readonly #form: HTMLFormElement;
  readonly #status: HTMLElement;
  #asked = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly done: (result: Report | HTMLElement | undefined) => void) {
    const [zones, accelerators, processors] = ["estimate-zones", "accelerators", "processors"].map((id) => h("datalist", { id }));
    const more = h("details", {}, h("summary", {}, "More: utilisation, hosts, title"), h("div", { class: "fields" }, MORE.map(row)));
    this.#status = h("p", { role: "status", class: "note" });
    this.#form = h("form", { "aria-label": "What was used" }, h("div", { class: "fields wide" }, FIRST.map(row)), more, zones, accelerators, processors) as HTMLFormElement;
    this.#form.noValidate = true;
    this.#form.addEventListener("focusin", () => void Promise.all([fillRegions(zones!), fillHardware(accelerators!, processors!)]).catch(() => undefined), { once: true });
    this.#form.addEventListener("input", () => {
      clearTimeout(this.#timer);
      this.#timer = setTimeout(() => void this.#estimate(), PAUSE);
    });
    this.#form.addEventListener("submit", (event) => {
      event.preventDefault();
      clearTimeout(this.#timer);
      void this.#estimate();
    });
    this.element = h("section", { class: "drop estimate", "aria-label": "Hardware and hours to a card" }, this.#form, this.#status);
    this.#say("Name the hardware and the hours: a card is made as you type. What you leave open is assumed, listed, and widens the interval.");
  }

  /** What is filled in, as a query: `gpu=A100&count=8&hours=24`. */
  get query(): string {
    return new URLSearchParams(FIELDS.flatMap(({ name }) => (this.#value(name) === undefined ? [] : [[name, this.#value(name)!]]))).toString();
  }

  set query(query: string) {
    const asked = new URLSearchParams(query);
    for (const { name } of FIELDS) this.#input(name).value = (asked.get(name) ?? "").slice(0, 200);
    if (MORE.some(({ name }) => asked.get(name))) this.#form.querySelector("details")!.open = true;
    if (this.query !== "") void this.#estimate();
  }

  async #estimate(): Promise<void> {
    const own = (this.#asked += 1);
    this.#blame(undefined);
    if (this.#value("gpu") === undefined && this.#value("cpu") === undefined) return this.#wait("Name a GPU or another accelerator, or a processor under “More”.");
    if (this.#value("hours") === undefined) return this.#wait("Give the hours that it ran.");
    try {
      const { request, options } = this.#request();
      const { load } = await import("../planning.js");
      const report = await (await load()).estimate(request, options);
      if (own !== this.#asked) return;
      this.done(report);
      this.#say(`Estimated: ${report.headline.number ?? report.headline.sentence}`);
    } catch (error) {
      if (own !== this.#asked) return;
      if (!this.#blame(error)) this.done(alertOf("No card could be made", error));
      else this.#wait("The field that is marked can't be used yet.");
    }
  }

  #request(): { request: EstimateRequest; options: AccountOptions } {
    const [gpu, cpu, region, title] = ["gpu", "cpu", "region", "title"].map((name) => this.#value(name));
    const [count, hours, utilisation, tdp_w, memory_gb, pue, year] = ["count", "hours", "utilisation", "tdp", "memory", "pue", "year"].map((name) => this.#number(name));
    // Who writes `8x A100` has counted.
    const isCounted = gpu === undefined || /^\d+ ?[x×*]/i.test(gpu);
    const devices = isCounted || count === undefined ? gpu : `${count}x ${gpu}`;
    const phase: Phase = {
      ...(devices !== undefined && { gpu: devices }), ...(cpu !== undefined && { cpu }), ...(hours !== undefined && { hours }),
      ...(utilisation !== undefined && { utilisation }), ...(tdp_w !== undefined && { tdp_w }), ...(memory_gb !== undefined && { memory_gb }),
    };
    const options: AccountOptions = { ...(region !== undefined && { region }), ...(pue !== undefined && { pue }), ...(year !== undefined && { year }), ...(title !== undefined && { title }) };
    const words = WRITTEN.flatMap((flag) => {
      const value = flag === "gpu" ? devices : this.#value(flag);
      return value === undefined ? [] : [`--${flag}`, quoted(value)];
    });
    return { request: { phase: [phase] }, options: { ...options, reproduce: ["carbon-report", "estimate", ...words].join(" ") } };
  }

  /** Says beside the field what is wrong with it; `false` where no field is to blame. */
  #blame(error: unknown): boolean {
    const place = error instanceof CarbonError && error.code === "setting" ? error.place : undefined;
    for (const { name } of FIELDS) {
      const isWrong = name === place;
      const input = this.#input(name);
      const problem = this.#form.querySelector(`#${name}-problem`)!;
      if (isWrong) input.setAttribute("aria-invalid", "true");
      else input.removeAttribute("aria-invalid");
      problem.replaceChildren(...(isWrong ? [h("span", {}, prose(inWordsOfTheForm(told(error))))] : []));
      if (isWrong) input.closest("details")?.setAttribute("open", "");
    }
    return FIELDS.some(({ name }) => name === place);
  }

  #wait(message: string): void {
    this.#say(message);
    this.done(undefined);
  }

  #say(message: string): void {
    this.#status.replaceChildren(h("span", {}, message));
  }

  #input(name: string): HTMLInputElement {
    return this.#form.elements.namedItem(name) as HTMLInputElement;
  }

  #value(name: string): string | undefined {
    const value = this.#input(name).value.trim();
    return value === "" ? undefined : value;
  }

  #number(name: string): number | undefined {
    const value = this.#value(name);
    return value === undefined ? undefined : Number(value);
  }
}

function row({ name, label, attributes }: Field): HTMLElement {
  return h("div", {}, h("label", { for: name }, label), h("input", { id: name, name, autocomplete: "off", spellcheck: "false", "aria-describedby": `${name}-problem`, ...attributes }), h("p", { id: `${name}-problem`, class: "problem" }));
}

/** Options of the command in a message, as the fields that they are here. */
function inWordsOfTheForm(message: string): string {
  return message.replace(/`--([a-z-]+)[^`]*`/g, (option, flag) => {
    const field = FIELDS.find((one) => one.flag === flag);
    return field === undefined ? option : `“${field.label}”`;
  });
}

/** A word for a shell, as the command quotes it. */
function quoted(word: string): string {
  return /^[A-Za-z0-9_\-./:,+@%=]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
