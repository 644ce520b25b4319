/**
 * `<carbon-card>`: a report on a page, and logs to a report. Importing this defines the element; on a server it does nothing.
 *
 * @packageDocumentation
 */
import { CarbonCard } from "./card.js";

export { CarbonCard };
export type { LogFile } from "../files.js";
export type { Report } from "../generated/report.js";

if (typeof customElements !== "undefined" && customElements.get("carbon-card") === undefined) customElements.define("carbon-card", CarbonCard);

declare global {
  interface HTMLElementTagNameMap {
    "carbon-card": CarbonCard;
  }
}
