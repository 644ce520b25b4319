export { default } from "./generated/planning/planning_bg.wasm";
