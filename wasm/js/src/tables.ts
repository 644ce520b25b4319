/**
 * The factor tables, loaded when something needs them.
 *
 * @packageDocumentation
 */
export { attribution, tables } from "./generated/tables.js";
