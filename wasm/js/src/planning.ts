/**
 * What needs no logs: estimates, reports at another place, in another year or with another PUE, charts, listings.
 *
 * @packageDocumentation
 */
import { factorsIn, loadedOnce, type Tables } from "./factors.js";
import * as glue from "./generated/planning/planning.js";
import type { Comparison, Report } from "./generated/report.js";
import { Instance, type WasmSource } from "./instance.js";
import type { AccountOptions, Change, Charts, EstimateRequest, KnownHardware, Region } from "./options.js";

export { CarbonError, type CarbonErrorCode } from "./error.js";
export type { Tables } from "./factors.js";
export type { Comparison, Report } from "./generated/report.js";
export type { WasmSource } from "./instance.js";
export type { AccountOptions, Change, Charts, EstimateRequest, KnownHardware, Region } from "./options.js";

const core = new Instance(glue, async () => (await import("./inlined-planning.js")).default);

/** The part that needs no logs, at work: made by `load()`. */
export class Planning {
  readonly #factors: () => Promise<glue.Factors>;

  /** @internal */
  constructor(tables: () => Promise<Tables>) {
    this.#factors = factorsIn<glue.Factors>(core, tables);
  }

  /** A report of a training without logs, from its hardware, hours and place: every activity is *estimated*, every default listed. */
  async estimate(request: EstimateRequest, options: AccountOptions = {}): Promise<Report> {
    const factors = await this.#factors();
    return core.call(() => factors.estimate(request, options)) as Report;
  }

  /** The energy of a report at another place, in another year or with another PUE. */
  async whatIf(report: Report, change: Change): Promise<Comparison> {
    const factors = await this.#factors();
    return core.call(() => factors.what_if(report, change)) as Comparison;
  }

  /** The report itself and each change, lowest emissions first. */
  async compare(report: Report, changes: Change[]): Promise<Comparison[]> {
    const factors = await this.#factors();
    return core.call(() => factors.compare(report, changes)) as Comparison[];
  }

  /** Charts of a report. */
  charts(report: Report): Charts {
    return core.call((c) => c.charts(report)) as Charts;
  }

  /** Zones and cloud regions with their carbon intensity, of a year or the latest. */
  async regions(year?: number): Promise<Region[]> {
    const factors = await this.#factors();
    return core.call(() => factors.regions(year)) as Region[];
  }

  /** Accelerators and processors that the tables know. */
  async hardware(): Promise<KnownHardware[]> {
    const factors = await this.#factors();
    return core.call(() => factors.hardware()) as KnownHardware[];
  }
}

/** The one that every entry of the package shares. */
let planning: Planning | undefined;

/** Starts it, once; from the package itself, or from `carbon-report/planning.wasm` as given. `tables` may be your own way to load `carbon-report/tables`. */
export async function load(wasm?: WasmSource, tables?: () => Promise<Tables>): Promise<Planning> {
  await core.start(wasm);
  planning ??= new Planning(loadedOnce(tables ?? (async () => (await import("./tables.js")).tables)));
  return planning;
}
