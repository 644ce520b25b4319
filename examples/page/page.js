// The calculator: the element does the work; this adds the examples, and takes logs that are dropped beside it.
import "./carbon-report/element.js";

const card = document.getElementById("card");

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
