// What the kernel sends to the page with every card, so it is packed: the web build with the element, the core and the tables. Fetches nothing.
const packed = PACKED_CARD;

async function unpack() {
  const bytes = Uint8Array.from(atob(packed), (c) => c.charCodeAt(0));
  const script = await new Response(new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"))).blob();
  const url = URL.createObjectURL(new Blob([script], { type: "text/javascript" }));
  try {
    return await import(url);
  } finally {
    URL.revokeObjectURL(url);
  }
}

let loaded;

export default {
  async render({ model, el }) {
    try {
      return (await (loaded ??= unpack())).show(model, el);
    } catch (error) {
      // The section that the kernel made needs no script; the command escaped all that came from a log.
      loaded = undefined;
      console.error("carbon-report: the live card could not be loaded", error);
      el.innerHTML = model.get("section");
    }
  },
};
