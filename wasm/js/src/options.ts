/** What an account is made with: the names of the command's flags. Everything may be left out, and the report says what stood in for it. */
export interface AccountOptions {
  /** Where the energy was used: FR, US-CA, EGRID-CAMX, gcp:europe-west1, aws:eu-north-1, WORLD, or a name such as France; without it: what the logs say, else the world's average. */
  region?: string;
  /** Power usage effectiveness of the building, 1.0 to 3.0. */
  pue?: number;
  /** Carbon intensity for all energy, gCO2e per kWh. A series comes as a file among the logs. */
  intensity_g_per_kwh?: number;
  /** What carbon intensities include; without it: lifecycle. */
  basis?: "lifecycle" | "direct";
  /** What the total is of: the whole computers, or the parts that logs hold, as trackers have it; without it: machine. */
  boundary?: "machine" | "logged";
  /** Your own tables of carbon intensities, as CSV: zone, gco2e_per_kwh, basis, year, source. */
  factors?: { name: string; csv: string }[];
  /** Year of the factors, instead of the year of the run. */
  year?: number;
  /** Carbon intensity of your electricity contract, gCO2e per kWh: a market-based figure stands beside the location-based one. */
  market_g_per_kwh?: number;
  /** Rated power of one device in watts: estimates GPUs whose nvidia-smi log holds their utilisation and no power. */
  tdp_w?: number;
  /** Add the share of the accelerators' manufacture, as a range over the published figures. */
  embodied?: boolean;
  /** Years that hardware is expected to be used for, with `embodied`; without it: 4, and 3 to 6 in the interval. */
  lifetime_years?: number;
  /** A carbon budget, kgCO2e: the report says which share of it this is. */
  carbon_budget_kg?: number;
  /** Epochs of the whole run: its consumption is predicted from those in the logs. */
  predict_epochs?: number;
  /** Zones or cloud regions to compare with in the card: `["SE", "gcp:europe-north1"]`. */
  compare?: string[];
  /** What kind of training it was, for the Hub. */
  training_type?: "pre-training" | "fine-tuning";
  /** Time between samples, for logs without a clock, seconds. */
  interval_s?: number;
  /** Zone of local stamps: Europe/Paris, UTC, +02:00. */
  tz?: string;
  /** Leave out what is earlier: 2025-06-12T14:00:00Z; without Z or offset, a time in `tz` or on the logs' own clock. */
  from?: string;
  /** Leave out what is later. */
  to?: string;
  /** What the columns of a table are, in order: `["time", "gpu0_w", "-"]`. */
  columns?: string[];
  /** Count these parts of the logs alone: `["gpu:2", "node07/gpu:0"]`, by index, place in the round, uuid, bus id or serial; `gpu` is all of them, `node07` a host; without it: all of them. */
  only?: string[];
  /** Memory that the job had, GB, where a tracker models that of the whole host. */
  memory_gb?: number;
  /** Leave trackers' known defects as they are. */
  as_logged?: boolean;
  /** Count gaps in the samples by the mean of their two ends. */
  fill_gaps?: boolean;
  /** When the training ran: what no log watched of it is estimated, at each device's mean power, and other pauses are none of it: `["2025-06-12T14:00:00Z..2025-06-12T17:00:00Z"]`. */
  running?: string[];
  /** What the report is about. */
  title?: string;
  /** The command or code that makes the report again. */
  reproduce?: string;
  /** What holds for single hosts, by name. */
  hosts?: Record<string, { region?: string; pue?: number; same_as?: string; files?: string[] }>;
}

/** How an account goes. */
export interface AccountHandlers {
  /** Ends it; what was read is forgotten, and the promise is rejected with the signal's reason. */
  signal?: AbortSignal;
  /** Told as files are read. */
  onProgress?: (progress: Progress) => void;
}

/** How far reading is. */
export interface Progress {
  /** The file in hand. */
  path: string;
  /** Files that are done. */
  files: number;
  /** Bytes read. */
  bytes: number;
  /** Bytes of all files, where all sizes are known. */
  total: number | undefined;
}

/** A training without logs: its phases, and the method that estimates it. */
export interface EstimateRequest {
  /** `carbon-report` where absent; `mlco2`, `green-algorithms`, `green-algorithms-v2`, `strubell`, `carbontracker`. */
  method?: string;
  /** What it is made of. */
  phase: Phase[];
}

/** A stretch of work on some hardware. What is left out is not known, and the report says what stands in for it. */
export interface Phase {
  /** What the user calls it. */
  name?: string;
  /** What it was for. */
  kind?: "evaluation" | "experiments" | "failed" | "final";
  /** Accelerators: `8x A100-SXM4-80GB`, `TPU v3-32`. */
  gpu?: string | string[];
  /** Processors by socket: `2x EPYC 7763`. */
  cpu?: string | string[];
  /** Processor cores in use. */
  cpu_cores?: number;
  /** Rated power of one core, W. */
  cpu_core_w?: number;
  /** Memory of all machines together, GB. */
  memory_gb?: number;
  /** Number of machines of this kind. */
  nodes?: number;
  /** Wall-clock hours. */
  hours?: number;
  /** Hours summed over all devices, instead of `hours`. */
  device_hours?: number;
  /** How many times it ran. */
  repeats?: number;
  /** Mean utilisation of the accelerators, 0 to 1. */
  utilisation?: number;
  /** Mean utilisation of the processors beside accelerators, 0 to 1. */
  cpu_utilisation?: number;
  /** Rated power of one device, W. */
  tdp_w?: number;
  /** Mean power of all that it ran on, W. */
  power_w?: number;
  /** Electricity of all that it ran on, without the building, kWh. */
  energy_kwh?: number;
  /** Zone or cloud region. */
  region?: string;
  /** Power usage effectiveness of the building. */
  pue?: number;
  /** Carbon intensity, gCO2e per kWh. */
  intensity_g_per_kwh?: number;
  /** Offsets that somebody bought for it, kg: told, never subtracted. */
  offsets_kg?: number;
  /** Year of the factors. */
  year?: number;
  /** First instant. */
  start?: string;
  /** Last instant. */
  end?: string;
}

/** What to change about a report; what is left out stays as it is. */
export interface Change {
  /** Zone or cloud region: `SE`, `gcp:europe-north1`. A cloud region brings its provider's PUE, where one is published. */
  region?: string;
  /** Year of the factors. */
  year?: number;
  /** PUE, instead of the report's or the cloud region's. */
  pue?: number;
  /** Carbon intensity in gCO2e per kWh, instead of that of a place. */
  intensity_g_per_kwh?: number;
}

/** A zone or a cloud region. */
export interface Region {
  /** `FR`, `US-CA`, `gcp:europe-west1`: what `region` takes. */
  code: string;
  /** Name for people. */
  name: string;
  /** Carbon intensity, gCO2e per kWh; absent where none is known. */
  gco2e_per_kwh?: number;
  /** Lower end of its 95 % interval. */
  low_gco2e_per_kwh?: number;
  /** Upper end of its 95 % interval. */
  high_gco2e_per_kwh?: number;
  /** What it includes. */
  basis?: "lifecycle" | "direct";
  /** Year of the figure. */
  year?: number;
  /** The provider, of a cloud region. */
  provider?: string;
  /** The zone whose carbon intensity counts. */
  zone: string;
  /** The region's PUE, where its provider publishes one. */
  pue?: number;
}

/** An accelerator or a processor. */
export interface KnownHardware {
  /** Which of the two. */
  kind: "accelerator" | "processor";
  /** Who makes it. */
  vendor: string;
  /** As samplers print it. */
  model: string;
  /** Power limit of one device, W; absent where none is published. */
  tdp_w?: number;
  /** kgCO2e of making one. */
  embodied_kgco2e?: number;
  /** Year of release. */
  release_year?: number;
}

/** A log format. */
export interface LogFormat {
  /** Stable id: `nvidia_smi_csv`. */
  id: string;
  /** Name for people. */
  name: string;
  /** A command that writes such a log, or where it comes from. */
  how_to_log: string;
}

/** What a file is. */
export interface Sniffed {
  /** Id of the format. */
  format: string;
  /** Its name for people. */
  name: string;
  /** What it was recognised by. */
  reason: string;
}

/** Charts as SVG text, without style and script: those that the report has the figures for. */
export interface Charts {
  /** The total and its interval. */
  interval?: string;
  /** Energy by component. */
  energy?: string;
  /** Power over time. */
  power?: string;
}

/** A kind of document, by its name or ending. */
export type DocumentFormat = "markdown" | "mdx" | "html" | "json" | "yaml" | "csv" | "latex" | "svg" | "front-matter";

/** What a document should be like. */
export interface DocumentOptions {
  /** How much it tells. */
  length?: "short" | "standard" | "full";
  /** HTML without head and style, to stand in a page. */
  fragment?: boolean;
  /** Title of the page, instead of the report's. */
  title?: string;
  /** Level of the section's heading, 1 to 4. */
  heading_level?: number;
  /** Name of the section, where a page holds several. */
  id?: string;
  /** Text of a template to use instead of the built-in one. */
  template?: string;
}
