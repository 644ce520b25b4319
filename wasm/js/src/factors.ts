import type { Glue, Instance } from "./instance.js";

/** Tables of factors: name, and CSV text. */
export type Tables = readonly (readonly [name: string, csv: string])[];

/** @internal The tables, loaded when first asked for; asked for again after a failure. */
export function loadedOnce(load: () => Promise<Tables>): () => Promise<Tables> {
  let tables: Promise<Tables> | undefined;
  return () =>
    (tables ??= load().catch((error: unknown) => {
      tables = undefined;
      throw error;
    }));
}

/** @internal The tables inside an instance: handed in once, and anew after a trap. */
export function factorsIn<F>(core: Instance<Glue & { Factors: new (tables: Tables) => F }>, tables: () => Promise<Tables>): () => Promise<F> {
  let held: { set: F; generation: number } | undefined;
  return async () => {
    const texts = await tables();
    if (held?.generation !== core.generation) held = { set: core.call((c) => new c.Factors(texts)), generation: core.generation };
    return held.set;
  };
}
