// Debian's Chromium on a page of a small server: nothing is downloaded, nothing leaves the machine.
import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import { extname, join, normalize } from "node:path";
import { root } from "./corpus.mjs";

const { chromium } = createRequire(join(root, "wasm/js/package.json"))("playwright-core");
const TYPES = { ".css": "text/css", ".html": "text/html", ".js": "text/javascript", ".json": "application/json", ".mjs": "text/javascript", ".wasm": "application/wasm" };

/** Opens a page whose root is `folder`; `pages` are texts by path, `csp` is the Content-Security-Policy of all, `args` are more of Chromium's. */
export async function open({ folder = join(root, "wasm/js"), pages = {}, csp = "default-src 'self'; img-src data:; script-src 'self' 'unsafe-inline' 'wasm-unsafe-eval'; worker-src blob:", args = [] } = {}) {
  const server = createServer(async (request, response) => {
    const path = normalize(decodeURIComponent(new URL(request.url, "http://page").pathname));
    const headers = { "content-security-policy": csp, "content-type": TYPES[extname(path)] ?? "text/html" };
    if (path in pages) return response.writeHead(200, headers).end(pages[path]);
    const file = join(folder, path);
    const found = await stat(file).catch(() => undefined);
    if (!found?.isFile()) return response.writeHead(path === "/" ? 200 : 404, headers).end(`<!doctype html><link rel="icon" href="data:,"><title>page</title>`);
    response.writeHead(200, headers);
    createReadStream(file).pipe(response);
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  const origin = `http://127.0.0.1:${server.address().port}`;
  const browser = await chromium.launch({
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    args: ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update", "--enable-precise-memory-info", ...args],
  });
  const page = await browser.newPage();
  const problems = [];
  page.on("pageerror", (error) => problems.push(String(error)));
  page.on("console", (message) => message.type() === "error" && problems.push(message.text()));
  const foreign = [];
  page.on("request", (request) => /^(blob:|data:)/.test(request.url()) || request.url().startsWith(origin) || foreign.push(request.url()));
  const close = async () => {
    await browser.close();
    server.closeAllConnections();
    server.close();
  };
  return { browser, page, origin, problems, foreign, close };
}
