import { CarbonError, typed } from "./error.js";

/** Where a module comes from: its bytes, a compiled module, a URL, or a response. */
export type WasmSource = WebAssembly.Module | BufferSource | URL | string | Response | PromiseLike<WebAssembly.Module | BufferSource | Response>;

/** @internal What wasm-bindgen writes for a build. */
export interface Glue {
  default(options: { module_or_path: WebAssembly.Module }): Promise<unknown>;
  __wbg_reset_state(): void;
}

/** What wasm-bindgen says of an object that was lost with an instance that failed. */
const STALE = /stale object from previous wasm instance/i;

/** @internal One build of the core at work: started once, and anew after a trap, so that a page goes on. */
export class Instance<G extends Glue> {
  #module: Promise<WebAssembly.Module> | undefined;
  #ready: Promise<void> | undefined;
  /** How often it was started anew: what lived in an older one is gone. */
  generation = 0;

  constructor(
    private readonly glue: G,
    private readonly source: () => Promise<WasmSource>,
  ) {}

  /** Starts it, once; a later source is not looked at. */
  start(source?: WasmSource): Promise<void> {
    this.#ready ??= this.module(source)
      .then((module) => this.glue.default({ module_or_path: module }))
      .then(
        () => undefined,
        (cause: unknown) => {
          this.#ready = this.#module = undefined;
          throw unloadable(cause);
        },
      );
    return this.#ready;
  }

  /** The compiled module, for a worker. */
  module(source?: WasmSource): Promise<WebAssembly.Module> {
    this.#module ??= (async () => compile(source ?? (await this.source())))();
    return this.#module;
  }

  /** Calls into the module. Its errors become {@link CarbonError}; after a trap it is started anew. */
  call<T>(body: (glue: G) => T): T {
    try {
      return body(this.glue);
    } catch (error) {
      if (error instanceof Error && STALE.test(error.message)) {
        throw new CarbonError("trap", "the WebAssembly module failed on another input; it was started anew", { hint: "do this again", cause: error });
      }
      if (!(error instanceof WebAssembly.RuntimeError) && !(error instanceof RangeError)) throw typed(error);
      this.generation += 1;
      this.glue.__wbg_reset_state();
      throw new CarbonError("trap", "the WebAssembly module failed on this input; it was started anew", {
        hint: "please report the file that did it; other files and reports are not affected",
        cause: error,
      });
    }
  }
}

async function compile(given: WasmSource): Promise<WebAssembly.Module> {
  const source = typeof given === "string" || given instanceof URL ? await fetch(given) : await given;
  if (source instanceof Response) {
    if (source.ok) return WebAssembly.compile(await source.arrayBuffer());
    throw new CarbonError("load", `the WebAssembly module could not be fetched: ${source.status}`, { place: source.url });
  }
  return source instanceof ArrayBuffer || ArrayBuffer.isView(source) ? WebAssembly.compile(source as BufferSource) : source;
}

function unloadable(cause: unknown): CarbonError {
  if (cause instanceof CarbonError) return cause;
  const reason = cause instanceof Error ? cause.message : String(cause);
  const refused = /unsafe-eval|Content Security Policy|disallowed by embedder/i.test(reason);
  return new CarbonError("load", `the WebAssembly module could not be loaded: ${reason}`, {
    hint: refused ? "the page's Content-Security-Policy must have 'wasm-unsafe-eval' in script-src" : undefined,
    cause,
  });
}
