/** What went wrong, in words, with a way out. */
import { h, prose } from "./dom.js";

/** An error as one line. */
export function told(error: unknown): string {
  const { message, hint } = error as { message?: string; hint?: string };
  return [message ?? String(error), hint].filter((part) => part !== undefined).join("; ");
}

/** An error as a box that is read out. */
export function alertOf(title: string, error: unknown): HTMLElement {
  return h("div", { class: "alert", role: "alert" }, h("strong", {}, title), h("p", {}, prose(told(error))));
}
