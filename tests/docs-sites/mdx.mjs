// Compiles an MDX file as Docusaurus does, runs it, and prints the HTML that its components make.
// usage: mdx.mjs PAGE.mdx CARD.mdx (the page may import ./card.mdx)
import { readFile } from "node:fs/promises";
import { evaluate } from "@mdx-js/mdx";
import { createElement } from "react";
import * as runtime from "react/jsx-runtime";
import { renderToStaticMarkup } from "react-dom/server";
import gfm from "remark-gfm";

const options = { ...runtime, remarkPlugins: [gfm] };
const [page, card] = await Promise.all(process.argv.slice(2, 4).map((path) => readFile(path, "utf8")));
const { default: Card } = await evaluate(card, options);
const withoutImport = page.replace(/^import Card from "\.\/card\.mdx";$/m, "");
if (withoutImport === page) throw new Error("the page imports no card");
const { default: Page } = await evaluate(withoutImport, options);
console.log(renderToStaticMarkup(createElement(Page, { components: { Card } })));
