// The card in a notebook: the section that the kernel rendered, with buttons to take it elsewhere. Fetches nothing, computes nothing.

const STYLE = `
:host { display: block; color: inherit; font: inherit; }
.card { max-width: 60rem; padding: 0.25rem 1rem 1rem; border: 1px solid color-mix(in srgb, currentColor 25%, transparent); border-radius: 6px; line-height: 1.5; }
.take { display: flex; flex-wrap: wrap; gap: 0.5rem; align-items: center; margin-top: 1rem; }
button { font: inherit; color: inherit; background: transparent; border: 1px solid currentColor; border-radius: 4px; padding: 0.2rem 0.7rem; cursor: pointer; }
button:focus-visible { outline: 2px solid currentColor; outline-offset: 2px; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
th, td { text-align: left; padding: 0.2rem 0.8rem 0.2rem 0; border-bottom: 1px solid color-mix(in srgb, currentColor 15%, transparent); vertical-align: top; font-weight: normal; }
thead th { font-weight: 600; }
.number { text-align: right; }
.scroll { overflow-x: auto; }
.hidden { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
svg { max-width: 100%; height: auto; }
pre { overflow-x: auto; }
`;

async function copy(text, root) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    // Where the page may not use the clipboard, a selection still may be copied.
    const area = Object.assign(document.createElement("textarea"), { value: text, className: "hidden" });
    root.append(area);
    area.select();
    const done = document.execCommand("copy");
    area.remove();
    return done;
  }
}

function render({ model, el }) {
  const root = el.shadowRoot ?? el.attachShadow({ mode: "open" });
  const style = Object.assign(document.createElement("style"), { textContent: STYLE });
  const card = Object.assign(document.createElement("div"), { className: "card" });
  const section = document.createElement("div");
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
  card.append(section, take);
  root.replaceChildren(style, card);
  // The command escaped all that came from a log.
  const paint = () => (section.innerHTML = model.get("section"));
  paint();
  model.on("change:section", paint);
  return () => model.off("change:section", paint);
}

export default { render };
