export { default } from "./generated/html/html_bg.wasm";
