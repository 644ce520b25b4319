/** The element itself. */
import type { LogFile } from "../files.js";
import type { Report } from "../generated/report.js";
import { actions } from "./actions.js";
import { h } from "./dom.js";
import { DropZone } from "./drop.js";
import { EstimateForm } from "./estimate.js";
import { alertOf } from "./message.js";
import { sections, shortSections } from "./sections.js";
import style from "./style.css";
import { whatIf } from "./what-if.js";

/** On a server there are no elements, and importing this must not fail. */
const Base = globalThis.HTMLElement ?? (class {} as typeof HTMLElement);

let sheet: CSSStyleSheet | undefined;

/** A report of more bytes than this is none. */
const MOST_BYTES = 64 << 20;

/**
 * `<carbon-card>` shows a report, and makes one of logs that are dropped on it.
 *
 * - `src`: address of a report.json; or the report in a `<script type="application/json">` inside; or the property `report`.
 * - `drop`: logs can be dropped or chosen.
 * - `estimate`: a form for a training without logs; its value may fill it in, `gpu=A100&count=8&hours=24&region=FR`.
 * - `length`: `short` for the number and its breakdown alone.
 * - `theme`: `auto`, `light` or `dark`; without it the card follows the page's `color-scheme`.
 *
 * What stands inside is shown until there is a report, and again where there is none. Fires `carbon-report` with `detail.report`.
 */
export class CarbonCard extends Base {
  static readonly observedAttributes = ["src", "drop", "estimate", "length"];
  #report: Report | undefined;
  #zone: DropZone | undefined;
  #form: EstimateForm | undefined;
  #fetching: AbortController | undefined;
  #root: ShadowRoot | undefined;

  /** The report that is shown. */
  get report(): Report | undefined {
    return this.#report;
  }

  set report(report: Report | undefined) {
    this.#fetching?.abort();
    this.#show(report);
  }

  connectedCallback(): void {
    if (this.#root === undefined) {
      sheet ??= new CSSStyleSheet();
      if (sheet.cssRules.length === 0) sheet.replaceSync(ownSizes(style));
      this.#root = this.attachShadow({ mode: "open" });
      this.#root.adoptedStyleSheets = [sheet];
      // A property that was set before the element was defined hides the accessor.
      const early = Object.getOwnPropertyDescriptor(this, "report");
      if (early !== undefined) {
        delete (this as { report?: Report }).report;
        this.#report = early.value as Report;
      }
    }
    if (this.#report !== undefined) this.#show(this.#report);
    else if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", () => this.#start(), { once: true });
    else this.#start();
  }

  disconnectedCallback(): void {
    this.#fetching?.abort();
    this.#zone?.cancel();
  }

  attributeChangedCallback(name: string, before: string | null, value: string | null): void {
    if (this.#root === undefined || before === value) return;
    this.#start();
    if (name === "estimate" && this.#form !== undefined) this.#form.query = value ?? "";
  }

  /** What the form of `estimate` is filled in with, as a query; "" without a form. */
  get query(): string {
    return this.#form?.query ?? "";
  }

  /** Reads logs as if they had been dropped. */
  async read(files: LogFile[]): Promise<void> {
    this.#zone ??= new DropZone((result) => this.#result(result));
    this.#paint(this.#report);
    await this.#zone.read(files);
  }

  #start(): void {
    if (!this.hasAttribute("drop")) this.#zone = undefined;
    else this.#zone ??= new DropZone((result) => this.#result(result));
    const query = this.getAttribute("estimate");
    if (query === null) this.#form = undefined;
    else if (this.#form === undefined) {
      this.#form = new EstimateForm((result) => (result === undefined ? this.#outdated() : this.#result(result)));
      this.#form.query = query;
    }
    const src = this.getAttribute("src");
    const inside = this.querySelector(':scope > script[type="application/json"]');
    if (src !== null) void this.#fetch(src);
    else if (inside !== null && this.#report === undefined) this.#parse(inside.textContent ?? "");
    else this.#paint(this.#report);
  }

  async #fetch(src: string): Promise<void> {
    this.#fetching?.abort();
    const { signal } = (this.#fetching = new AbortController());
    try {
      const response = await fetch(src, { signal });
      if (!response.ok) throw new Error(`${src} answered ${response.status}`);
      if (Number(response.headers.get("content-length")) > MOST_BYTES) throw new Error(`${src} is larger than any report`);
      this.#parse(await response.text());
    } catch (error) {
      if (!signal.aborted) this.#result(alertOf("The report could not be loaded", error));
    }
  }

  #parse(text: string): void {
    try {
      this.#show(JSON.parse(text) as Report);
    } catch (error) {
      this.#result(alertOf("The report could not be read", error));
    }
  }

  #result(result: Report | HTMLElement): void {
    if (result instanceof HTMLElement) this.#paint(undefined, result);
    else this.#show(result);
  }

  /** The card that is shown is not of what the form says now. */
  #outdated(): void {
    this.#root?.querySelector<HTMLElement>(".card")?.toggleAttribute("inert", true);
  }

  #show(report: Report | undefined): void {
    this.#report = report;
    if (this.#root === undefined) return;
    this.#paint(report);
    if (report !== undefined) this.dispatchEvent(new CustomEvent("carbon-report", { detail: { report }, bubbles: true, composed: true }));
  }

  /** Puts everything in place: the drop zone or the form, a message, the card; what stands inside the element where there is no card. */
  #paint(report: Report | undefined, message?: HTMLElement): void {
    let card: Node = h("slot");
    if (report !== undefined) {
      try {
        check(report);
        const isShort = this.getAttribute("length") === "short";
        const made = this.#zone !== undefined || this.#form !== undefined;
        card = h("article", { class: "card", part: "card" }, made && actions(report), isShort ? shortSections(report) : sections(report, whatIf(report)));
      } catch (error) {
        message = alertOf("The report could not be shown", error);
      }
    }
    const root = this.#root;
    if (root === undefined) return;
    // What is filled in stays where it is: a field that is taken out and put back loses the focus.
    const kept = [this.#zone?.element, this.#form?.element].filter((part) => part !== undefined);
    for (const old of [...root.childNodes]) if (!(kept as Node[]).includes(old)) old.remove();
    for (const part of kept) if (part.parentNode !== root) root.append(part);
    root.append(...[message, card].filter((part) => part !== undefined));
  }
}

/** Sizes of the style as shares of the reader's own size of text: pages change what a `rem` is, mkdocs-material and mdBook among them. */
function ownSizes(css: string): string {
  try {
    CSS.registerProperty({ name: "--carbon-rem", syntax: "<length>", inherits: true, initialValue: "16px" });
  } catch {
    // Another copy of this script was here before.
  }
  return css.replace(/([\d.]+)rem\b/g, "calc($1 * var(--carbon-rem))");
}

function check(report: Report): void {
  const { schema } = report as { schema?: unknown };
  if (schema === "carbon-report/2") return;
  const found = typeof schema === "string" ? JSON.stringify(schema.slice(0, 60)) : "no schema";
  throw new Error(`found ${found}, expected a report of schema "carbon-report/2", as \`carbon-report -o report.json\` writes it`);
}
