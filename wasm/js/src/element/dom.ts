/** Building blocks of the card: every node is made, none is parsed, so that no text from a log can become markup. */

/** What a node may hold. */
export type Child = Node | string | number | undefined | false | Child[];

const SVG = "http://www.w3.org/2000/svg";

/** More of one text than this is no name and no message. */
const LONGEST = 600;

/** Controls, and characters that hide or turn text: shown by their numbers, as the documents do. */
const HIDDEN = /[\p{Cc}\p{Cf}\p{Co}\p{Cs}\p{Zl}\p{Zp}]/gu;

/** Text from anywhere as it may be shown. */
function visible(text: string): string {
  return marked(text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text);
}

function marked(text: string): string {
  return text.replace(HIDDEN, (c) => (c === "\n" || c === "\t" ? " " : `<U+${c.codePointAt(0)!.toString(16).toUpperCase().padStart(4, "0")}>`));
}

type Attributes = Record<string, string | number | boolean | undefined | ((event: Event) => void)>;

/** An HTML element. Attributes of functions are listeners; `undefined` and `false` leave an attribute out. */
export function h(tag: string, attributes: Attributes = {}, ...children: Child[]): HTMLElement {
  return fill(document.createElement(tag), attributes, children);
}

/** An SVG element. */
export function svg(tag: string, attributes: Attributes = {}, ...children: Child[]): SVGElement {
  return fill(document.createElementNS(SVG, tag) as SVGElement, attributes, children);
}

function fill<E extends Element>(element: E, attributes: Attributes, children: Child[]): E {
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") element.addEventListener(name, value);
    else if (value !== undefined && value !== false) element.setAttribute(name, value === true ? "" : marked(String(value)));
  }
  append(element, children);
  return element;
}

function append(parent: Element, children: Child[]): void {
  for (const child of children) {
    if (Array.isArray(child)) append(parent, child);
    else if (child instanceof Node) parent.append(child);
    else if (typeof child === "string" || typeof child === "number") parent.append(visible(String(child)));
  }
}

/** A sentence of ours, in which backticks mark what is typed. */
export function prose(text: string): Child[] {
  return visible(text).split(/`([^`]+)`/).map((part, at) => (at % 2 === 1 ? h("code", {}, part) : part));
}

/** A link where the address is one of the web; else the text alone. */
export function link(text: string, url: unknown): Node {
  if (typeof url !== "string" || !/^https:\/\/[a-z0-9.-]+(\/|$)/i.test(url)) return document.createTextNode(visible(text));
  return h("a", { href: url, rel: "noopener noreferrer" }, text);
}

/** How a table is laid out. */
export interface Layout {
  /** Columns of numbers. */
  numbers?: number[];
  /** Some columns hold sentences: where the card is narrow, a row becomes a block, and nothing has to be scrolled to. */
  prose?: boolean;
}

/** A table in a region that scrolls by keyboard where it is wide. */
export function table(caption: string, head: Child[], rows: Child[][], { numbers = [], prose = false }: Layout = {}): HTMLElement {
  // A row that is laid out as a block is still a row to those who hear it.
  const role = (name: string) => (prose ? name : undefined);
  const cell = (tag: string, at: number, content: Child, more: Attributes = {}) =>
    h(tag, { ...more, class: numbers.includes(at) ? "number" : undefined }, content);
  const label = (at: number) => (prose && typeof head[at] === "string" ? head[at] : undefined);
  const body = rows.map((row) =>
    h("tr", { role: role("row") }, row.map((content, at) =>
      at === 0 ? cell("th", at, content, { scope: "row", role: role("rowheader") }) : cell("td", at, content, { role: role("cell"), "data-label": label(at) }))),
  );
  return h(
    "div",
    { class: prose ? "scroll prose" : "scroll", role: "region", tabindex: 0, "aria-label": caption },
    h(
      "table",
      { role: role("table") },
      h("caption", { class: "hidden" }, caption),
      h("thead", { role: role("rowgroup") }, h("tr", { role: role("row") }, head.map((text, at) => cell("th", at, text, { scope: "col", role: role("columnheader") })))),
      h("tbody", { role: role("rowgroup") }, body),
    ),
  );
}
