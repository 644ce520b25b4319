// A card as GitHub shows it: Markdown → HTML → GitHub's allow-list. Nothing that a reader needs may be lost.
// usage: node github.mjs CARD.md
import { readFileSync } from "node:fs";
import { toText } from "hast-util-to-text";
import prettier from "prettier";
import rehypeRaw from "rehype-raw";
import rehypeSanitize from "rehype-sanitize";
import remarkGfm from "remark-gfm";
import remarkParse from "remark-parse";
import remarkRehype from "remark-rehype";
import { unified } from "unified";
import { visit } from "unist-util-visit";

const text = readFileSync(process.argv[2], "utf8").replace(/^---\n[\s\S]*?\n---\n/, "");
const toTree = unified().use(remarkParse).use(remarkGfm).use(remarkRehype, { allowDangerousHtml: true }).use(rehypeRaw);
const full = await toTree.run(toTree.parse(text));
const clean = await unified().use(rehypeSanitize).run(structuredClone(full));

const counts = (tree) => {
  const found = { table: 0, td: 0, h2: 0, h3: 0, details: 0, a: 0, img: 0 };
  visit(tree, "element", (node) => {
    if (node.tagName in found) found[node.tagName] += 1;
  });
  return found;
};
const [before, after] = [counts(full), counts(clean)];
const fail = (message) => {
  console.error(message);
  process.exit(1);
};
if (JSON.stringify(before) !== JSON.stringify(after)) fail(`the allow-list changes the card: ${JSON.stringify(before)} → ${JSON.stringify(after)}`);
if (toText(full).replace(/\s+/g, " ") !== toText(clean).replace(/\s+/g, " ")) fail("the allow-list changes the text of the card");
if (after.table < 3 || after.h2 !== 1) fail(`expected one heading and several tables: ${JSON.stringify(after)}`);
if (!/\*\*.*CO2eq.*95% interval/.test(text)) fail("the headline with its interval is missing");
for (const label of ["Hardware Type", "Hours used", "Cloud Provider", "Compute Region", "Carbon Emitted"]) {
  if (!new RegExp(`^- \\*\\*${label}:\\*\\* \\S`, "m").test(text)) fail(`the Hub's bullet ${label} is missing`);
}
if ((await prettier.format(text, { parser: "markdown" })) !== text.replace(/^\n+/, "")) fail("prettier would change the card");
console.log(`GitHub shows all of it: ${JSON.stringify(after)}`);
