/** Logs dropped on a card or chosen: read in the browser, with progress, to a report. Nothing is sent anywhere. */
import type { LogFile } from "../files.js";
import type { Report } from "../generated/report.js";
import type { AccountOptions, Progress } from "../options.js";
import { h } from "./dom.js";
import { field, fillRegions, numberOf, valueOf } from "./what-if.js";
import { alertOf } from "./message.js";

/** More files than this are no folder of logs. */
const MOST_FILES = 20_000;

/** Plain logs of so many bytes are read on the page's own thread: starting a worker takes longer than they do. */
const SMALL_BYTES = 2 << 20;

/** A log of two seconds. */
const FIRST = "timestamp, index, name, power.draw [W]\n2025/01/01 00:00:00.000, 0, NVIDIA A100-SXM4-40GB, 100.00 W\n2025/01/01 00:00:01.000, 0, NVIDIA A100-SXM4-40GB, 100.00 W\n2025/01/01 00:00:02.000, 0, NVIDIA A100-SXM4-40GB, 100.00 W\n";

/** Loads what reads logs, and has it read one: engines compile what is called. */
const prepare = async () => (await import("../index.js")).account([{ path: "first.csv", data: new Blob([FIRST]) }]);

/** The drop zone. `done` is given each report, or an error. */
export class DropZone {
  readonly element: HTMLElement;
  readonly #form: HTMLFormElement;
  /** What is shown while files are read; not read out, it changes too often. */
  readonly #reading: HTMLElement;
  /** What is read out: that reading began, how it ended. */
  readonly #status: HTMLElement;
  #hidden = 0;
  #files: LogFile[] = [];
  #running: AbortController | undefined;

  constructor(private readonly done: (result: Report | HTMLElement) => void) {
    const list = h("datalist", { id: "drop-zones" });
    this.#reading = h("div");
    this.#status = h("p", { role: "status", class: "note" });
    const choose = (label: string, more: Record<string, string | boolean>) =>
      h("label", { class: "choose" }, label, h("input", { type: "file", class: "hidden", multiple: true, ...more, change: (event) => this.#chosen(event.target as HTMLInputElement) }));
    const area = h(
      "div",
      { class: "area" },
      h("p", {}, h("strong", {}, "Drop logs or a folder of logs here"), "nvidia-smi, CodeCarbon, carbontracker, Slurm, RAPL and more, packed or not. The files stay in this browser."),
      h("div", { class: "actions" }, choose("Choose files", {}), choose("Choose a folder", { webkitdirectory: true })),
    );
    this.#form = h(
      "form",
      { "aria-label": "How to account" },
      area,
      h(
        "div",
        { class: "fields", part: "options" },
        field("Where it ran", "region", { list: "drop-zones", placeholder: "FR, aws:eu-north-1, …" }),
        field("PUE of the building", "pue", { type: "number", min: 1, max: 3, step: "any", placeholder: "not known" }),
        field("Zone of local times", "tz", { placeholder: Intl.DateTimeFormat().resolvedOptions().timeZone }),
        field("Title", "title", { placeholder: "what was trained" }),
      ),
      list,
    ) as HTMLFormElement;
    this.#form.noValidate = true;
    this.#form.addEventListener("submit", (event) => event.preventDefault());
    this.#form.addEventListener("focusin", () => void fillRegions(list).catch(() => undefined), { once: true });
    this.#form.addEventListener("change", (event) => (event.target as HTMLInputElement).type !== "file" && this.#files.length > 0 && void this.#account());
    this.element = h("section", { class: "drop", "aria-label": "Logs to a card" }, this.#form, this.#status, this.#reading);
    // Whoever reaches for it will have files in a moment.
    for (const name of ["pointerenter", "focusin", "dragenter"]) this.element.addEventListener(name, () => void prepare().catch(() => undefined), { once: true });
    for (const name of ["dragenter", "dragover"]) {
      this.element.addEventListener(name, (event) => {
        event.preventDefault();
        area.classList.add("over");
      });
    }
    for (const name of ["dragleave", "drop"]) this.element.addEventListener(name, () => area.classList.remove("over"));
    this.element.addEventListener("drop", (event) => {
      event.preventDefault();
      if (event.dataTransfer !== null) void dropped(event.dataTransfer).then(({ files, hidden }) => this.read(files, hidden), (error: unknown) => this.done(alertOf("The files could not be read", error)));
    });
  }

  /** Reads these files in place of those before; `hidden` entries beside them were not looked at. */
  read(files: LogFile[], hidden = 0): Promise<void> {
    this.#files = files;
    this.#hidden = hidden;
    return this.#account();
  }

  /** Ends what is being read. */
  cancel(): void {
    this.#running?.abort();
  }

  #chosen(input: HTMLInputElement): void {
    const all = [...(input.files ?? [])].map((data) => ({ path: data.webkitRelativePath || data.name, data }));
    input.value = "";
    // As the command: in a folder, what begins with a dot is no log; a file that was named is read.
    const files = all.filter(({ path }) => !/\/\./.test(path));
    if (all.length > 0) void this.read(files, all.length - files.length);
  }

  async #account(): Promise<void> {
    this.cancel();
    const running = (this.#running = new AbortController());
    if (this.#files.length > MOST_FILES) {
      this.done(alertOf("Too many files", new Error(`found ${this.#files.length} files, at most ${MOST_FILES} are read; choose the folder of the logs alone`)));
      return;
    }
    const bar = h("progress", { max: 1, "aria-label": "Reading" }) as HTMLProgressElement;
    const words = h("p", { class: "note", "aria-hidden": "true" });
    this.#status.replaceChildren("Reading…");
    this.#reading.replaceChildren(bar, words, h("button", { type: "button", click: () => this.#cancelled(running) }, "Cancel"));
    const onProgress = ({ path, files, bytes, total }: Progress) => {
      if (total !== undefined && total > 0) bar.value = Math.min(1, bytes / total);
      words.replaceChildren(h("span", {}, `${path}: ${files} of ${this.#files.length} files, ${(bytes / 1e6).toFixed(1)} MB`));
    };
    const unseen = this.#hidden === 0 ? "" : ` ${this.#hidden} entries with a leading dot were not looked at.`;
    try {
      const isSmall = this.#files.reduce((sum, { path, data }) => sum + (data instanceof Blob && !/\.(gz|zst)$/i.test(path) ? data.size : Infinity), 0) <= SMALL_BYTES;
      const { account } = isSmall ? await import("../index.js") : await import("../worker.js");
      const report = await account(this.#files, this.#options(), { signal: running.signal, onProgress });
      if (running.signal.aborted) return;
      this.done(report);
      const isPlaced = !report.quality.some(({ code }) => code === "zone-unknown");
      const place = isPlaced ? "" : " No log says where it ran, so the world average stands in: fill in “Where it ran” above.";
      this.#status.replaceChildren(h("span", {}, `Card made: ${report.headline.number ?? report.headline.sentence}.${place}${unseen}`));
    } catch (error) {
      if (running.signal.aborted) return;
      this.#status.replaceChildren(unseen);
      this.done(alertOf("No card could be made", error));
    } finally {
      if (this.#running === running) this.#reading.replaceChildren();
    }
  }

  #cancelled(running: AbortController): void {
    running.abort();
    this.#status.replaceChildren("Cancelled.");
    // The button that had the focus is gone.
    this.#form.querySelector("input")?.focus();
  }

  #options(): AccountOptions {
    const [region, tz, title] = ["region", "tz", "title"].map((name) => valueOf(this.#form, name));
    const pue = numberOf(this.#form, "pue");
    return { ...(region !== undefined && { region }), ...(tz !== undefined && { tz }), ...(title !== undefined && { title }), ...(pue !== undefined && { pue }) };
  }
}

/** The files of a drop, folders walked; `hidden` counts what begins with a dot in them, which the command passes over, too. */
async function dropped(transfer: DataTransfer): Promise<{ files: LogFile[]; hidden: number }> {
  const entries = [...transfer.items].map((item) => (item.kind === "file" ? item.webkitGetAsEntry() : null));
  if (entries.every((entry) => entry === null)) return { files: [...transfer.files].map((data) => ({ path: data.name, data })), hidden: 0 };
  const files: LogFile[] = [];
  let hidden = 0;
  const walk = async (entry: FileSystemEntry): Promise<void> => {
    if (files.length > MOST_FILES) return;
    if (entry.isFile) {
      const data = await new Promise<File>((resolve, reject) => (entry as FileSystemFileEntry).file(resolve, reject));
      files.push({ path: entry.fullPath.replace(/^\//, ""), data });
      return;
    }
    const reader = (entry as FileSystemDirectoryEntry).createReader();
    for (;;) {
      // A reader gives some entries at a time, and none at the end.
      const some = await new Promise<FileSystemEntry[]>((resolve, reject) => reader.readEntries(resolve, reject));
      if (some.length === 0) return;
      for (const one of some) {
        if (one.name.startsWith(".")) hidden += 1;
        else await walk(one);
      }
    }
  };
  for (const entry of entries) if (entry !== null) await walk(entry);
  return { files, hidden };
}
