import { account } from "./account.js";
import { factorsIn, loadedOnce, type Tables } from "./factors.js";
import type { LogFiles } from "./files.js";
import * as glue from "./generated/carbon/carbon.js";
import type { Comparison, Report } from "./generated/report.js";
import { Instance, type WasmSource } from "./instance.js";
import type {
  AccountHandlers, AccountOptions, Change, Charts, DocumentFormat, DocumentOptions, EstimateRequest, KnownHardware, LogFormat, Region, Sniffed,
} from "./options.js";
import type { Planning } from "./planning.js";

/** The bytes of a file that decide its format. */
const HEAD_BYTES = 64 * 1024;

/** The core at work: made by `load()`. */
export class Carbon {
  readonly #core: Instance<typeof glue>;
  readonly #tables: () => Promise<Tables>;
  readonly #factors: () => Promise<glue.Factors>;

  /** @internal */
  constructor(core: Instance<typeof glue>, tables: () => Promise<Tables>) {
    this.#core = core;
    this.#tables = loadedOnce(tables);
    this.#factors = factorsIn<glue.Factors>(core, this.#tables);
  }

  /**
   * Reads logs and accounts for them. Nothing leaves the machine.
   *
   * A file that is no log, or that is broken, is no error: it is listed in the report's `inputs` and `quality`. Where nothing says
   * anything about energy, the report has no `energy`.
   */
  async account(files: LogFiles, options: AccountOptions = {}, handlers: AccountHandlers = {}): Promise<Report> {
    return account(this.#core, await this.#factors(), files, options, handlers);
  }

  /** A report of a training without logs, from its hardware, hours and place: every activity is *estimated*, every default listed. */
  async estimate(request: EstimateRequest, options: AccountOptions = {}): Promise<Report> {
    return (await this.#planning()).estimate(request, options);
  }

  /** The energy of a report at another place, in another year or with another PUE. */
  async whatIf(report: Report, change: Change): Promise<Comparison> {
    return (await this.#planning()).whatIf(report, change);
  }

  /** The report itself and each change, lowest emissions first. */
  async compare(report: Report, changes: Change[]): Promise<Comparison[]> {
    return (await this.#planning()).compare(report, changes);
  }

  /** Charts of a report. */
  async charts(report: Report): Promise<Charts> {
    return (await this.#planning()).charts(report);
  }

  /** Every log format, with how such a log is made. */
  formats(): LogFormat[] {
    return this.#core.call((c) => c.formats()) as LogFormat[];
  }

  /** The format of a file by its first 64 KiB; `undefined` where no reader knows it. */
  sniff(head: Uint8Array): Sniffed | undefined {
    const complete = head.length < HEAD_BYTES;
    return this.#core.call((c) => c.sniff(head.subarray(0, HEAD_BYTES), complete)) as Sniffed | undefined;
  }

  /** Zones and cloud regions with their carbon intensity, of a year or the latest. */
  async regions(year?: number): Promise<Region[]> {
    return (await this.#planning()).regions(year);
  }

  /** Accelerators and processors that the tables know. */
  async hardware(): Promise<KnownHardware[]> {
    return (await this.#planning()).hardware();
  }

  /** Makes a document of a report: the same bytes as the command. Loads the part that writes documents when it is first asked for. */
  async render(report: Report, format: DocumentFormat, options: DocumentOptions = {}): Promise<string> {
    const { render } = await import("./render.js");
    return render(report, format, options);
  }

  /** Loads the factor tables now; otherwise they are loaded when something needs them. */
  async ready(): Promise<this> {
    await this.#factors();
    return this;
  }

  /** @internal What a worker is started with. */
  async parts(): Promise<{ module: WebAssembly.Module; tables: Tables }> {
    const [module, tables] = await Promise.all([this.#core.module(), this.#tables()]);
    return { module, tables };
  }

  /** The part that needs no logs, loaded when it is first asked for. */
  async #planning(): Promise<Planning> {
    const { load } = await import("./planning.js");
    return load(undefined, this.#tables);
  }
}

/** The one instance that every entry of the package shares. */
let carbon: Promise<Carbon> | undefined;

/** @internal Starts the core, once for all entries of the package. */
export function start(source: () => Promise<WasmSource>, tables: () => Promise<Tables>): Promise<Carbon> {
  carbon ??= (async () => {
    const core = new Instance(glue, source);
    await core.start();
    return new Carbon(core, tables);
  })().catch((error: unknown) => {
    carbon = undefined;
    throw error;
  });
  return carbon;
}
