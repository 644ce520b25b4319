// The calculator: the element does the work; this adds the choice, the examples, and links to estimates.
import "./carbon-report/element.js";

const card = document.getElementById("card");
const estimated = document.getElementById("estimated");
const tabs = [...document.querySelectorAll("[role=tab]")];

function choose(tab) {
  for (const one of tabs) {
    const isChosen = one === tab;
    one.setAttribute("aria-selected", String(isChosen));
    one.tabIndex = isChosen ? 0 : -1;
    document.getElementById(one.getAttribute("aria-controls")).hidden = !isChosen;
  }
}

for (const tab of tabs) {
  tab.addEventListener("click", () => {
    choose(tab);
    history.replaceState(null, "", tab.id === "tab-estimate" ? `#${estimated.query || "estimate"}` : location.pathname + location.search);
  });
  tab.addEventListener("keydown", ({ key }) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[key];
    if (step === undefined) return;
    const next = tabs[(tabs.indexOf(tab) + step + tabs.length) % tabs.length];
    next.focus();
    next.click();
  });
}

/** A fragment is an estimate: `#gpu=A100&count=8&hours=24&region=FR`. It never leaves the browser. */
function follow() {
  const fragment = location.hash.slice(1);
  if (fragment === "") return;
  choose(document.getElementById("tab-estimate"));
  if (fragment !== "estimate" && fragment !== estimated.query) estimated.setAttribute("estimate", fragment);
}
addEventListener("hashchange", follow);
follow();

estimated.addEventListener("carbon-report", () => history.replaceState(null, "", `#${estimated.query}`));

const share = document.getElementById("share");
share.addEventListener("click", async () => {
  const said = await navigator.clipboard.writeText(location.href).then(() => "Link copied", () => "The address of this page is the link");
  share.textContent = said;
  setTimeout(() => (share.textContent = "Copy a link"), 4000);
});

for (const button of document.querySelectorAll("[data-estimate]")) {
  button.addEventListener("click", () => {
    estimated.setAttribute("estimate", button.dataset.estimate);
    tabs[1].focus();
  });
}

const EXAMPLES = {
  "gpu-node": ["emissions.csv", "gpu.csv"],
  "digits-mlp": ["1164.15331_2026-11-24T045744Z_carbontracker.log", "1164.15331_2026-11-24T045744Z_carbontracker_output.log", "emissions.csv"],
};

for (const button of document.querySelectorAll("[data-example]")) {
  button.addEventListener("click", async () => {
    const name = button.dataset.example;
    const files = EXAMPLES[name].map(async (file) => {
      const response = await fetch(`examples/${name}/logs/${file}`);
      return { path: `logs/${file}`, data: await response.blob() };
    });
    await card.read(await Promise.all(files));
    card.scrollIntoView({ behavior: matchMedia("(prefers-reduced-motion: reduce)").matches ? "auto" : "smooth" });
  });
}

// A drop that misses must not leave the page for the file.
for (const name of ["dragover", "drop"]) addEventListener(name, (event) => event.preventDefault());
