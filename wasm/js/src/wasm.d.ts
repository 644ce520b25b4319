/** esbuild inlines the bytes. */
declare module "*.wasm" {
  const bytes: Uint8Array<ArrayBuffer>;
  export default bytes;
}
/** esbuild inlines the text of a script that was bundled before. */
declare module "*.worker.txt" {
  const script: string;
  export default script;
}
/** esbuild inlines the text of a style sheet. */
declare module "*.css" {
  const style: string;
  export default style;
}
