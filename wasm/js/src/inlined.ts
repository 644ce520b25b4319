export { default } from "./generated/carbon/carbon_bg.wasm";
