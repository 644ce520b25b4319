// The card in a notebook: <carbon-card> with the report that the kernel made, and buttons to take its documents elsewhere. Fetches nothing.
import "carbon-report/element";

const STYLE = `
:host { display: block; color: inherit; font: inherit; }
.take { display: flex; flex-wrap: wrap; gap: 0.5rem; align-items: center; margin-top: 0.75rem; }
button { font: inherit; color: inherit; background: transparent; border: 1px solid currentColor; border-radius: 7px; padding: 0.3rem 0.8rem; cursor: pointer; }
button:focus-visible { outline: 2px solid currentColor; outline-offset: 2px; }
textarea { position: absolute; width: 1px; height: 1px; clip-path: inset(50%); }
`;

async function copy(text, root) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    // Where the page may not use the clipboard, a selection still may be copied.
    const area = Object.assign(document.createElement("textarea"), { value: text });
    root.append(area);
    area.select();
    const done = document.execCommand("copy");
    area.remove();
    return done;
  }
}

/** Notebooks say what theme they have in ways of their own; the colour of their text tells it everywhere. */
function theme(el) {
  const [red, green, blue] = (getComputedStyle(el).color.match(/[\d.]+/g) ?? [0, 0, 0]).map(Number);
  return red * 0.299 + green * 0.587 + blue * 0.114 > 128 ? "dark" : "light";
}

/** Shows the card in `el`; gives what ends it. */
export function show(model, el) {
  const root = el.shadowRoot ?? el.attachShadow({ mode: "open" });
  const style = Object.assign(document.createElement("style"), { textContent: STYLE });
  const card = document.createElement("carbon-card");
  const take = Object.assign(document.createElement("div"), { className: "take" });
  const told = document.createElement("span");
  told.setAttribute("role", "status");
  const button = (label, trait) => {
    const made = Object.assign(document.createElement("button"), { type: "button", textContent: `Copy ${label}` });
    made.addEventListener("click", async () => {
      told.textContent = (await copy(model.get(trait), root)) ? `${label} copied` : "the browser refused to copy";
    });
    return made;
  };
  take.append(button("Markdown", "markdown"), ...(model.get("front_matter") ? [button("front matter", "front_matter")] : []), told);
  root.replaceChildren(style, card, take);

  const paint = () => (card.report = model.get("report"));
  const follow = () => card.setAttribute("theme", theme(el));
  const themes = new MutationObserver(() => requestAnimationFrame(follow));
  for (const node of [document.documentElement, document.body]) themes.observe(node, { attributes: true, attributeFilter: ["class", "style", "data-jp-theme-name", "data-theme", "data-vscode-theme-kind"] });
  follow();
  paint();
  model.on("change:report", paint);
  return () => {
    model.off("change:report", paint);
    themes.disconnect();
  };
}
