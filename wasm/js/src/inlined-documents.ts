export { default } from "./generated/documents/documents_bg.wasm";
