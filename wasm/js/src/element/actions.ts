/** What can be done with a card: copy it for a README, save it. The part that writes documents is loaded at the first use. */
import type { DocumentFormat } from "../options.js";
import type { Report } from "../generated/report.js";
import { h } from "./dom.js";
import { told } from "./message.js";

/** Buttons to copy and save, and those that the page adds with `slot="actions"`. */
export function actions(report: Report): HTMLElement {
  const said = h("span", { role: "status", class: "note" });
  const button = (label: string, format: DocumentFormat, use: (text: string) => Promise<string> | string, role?: string) =>
    h("button", { type: "button", class: role, click: () => void (async () => {
      try {
        const { render } = await import("../render.js");
        said.textContent = await use(await render(report, format));
      } catch (error) {
        said.replaceChildren(h("span", {}, told(error)));
      }
    })() }, label);
  const copy = async (text: string) => {
    // Browsers hide the clipboard from pages that came without encryption.
    if (navigator.clipboard === undefined) throw new Error("this page may not use the clipboard: save the file instead");
    await navigator.clipboard.writeText(text);
    return "Copied. Paste it into the README.md of the model.";
  };
  const save = (name: string, type: string) => (text: string) => {
    const url = URL.createObjectURL(new Blob([text], { type }));
    const anchor = h("a", { href: url, download: name });
    anchor.click();
    setTimeout(() => URL.revokeObjectURL(url), 10_000);
    return `Saved ${name}.`;
  };
  return h(
    "div",
    { class: "actions", role: "group", "aria-label": "Copy or save" },
    button("Copy Markdown", "markdown", copy, "first"),
    button("Copy front matter", "front-matter", copy),
    button("Save .md", "markdown", save("carbon.md", "text/markdown")),
    button("Save .html", "html", save("carbon.html", "text/html")),
    button("Save .json", "json", save("report.json", "application/json")),
    h("slot", { name: "actions" }),
    said,
  );
}
