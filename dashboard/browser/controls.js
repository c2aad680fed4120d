// @ts-check
// Written by `make docs` from dashboard/shell/controls.py; a change belongs there.

/**
 * The settings of a run that have a slider, by their keys in an address.
 *
 * @type {Record<string, { part: "data" | "train", name: string }>}
 */
export const CONTROLS = {
  n: { part: "data", name: "n" },
  noise: { part: "data", name: "noise" },
  lr: { part: "train", name: "lr" },
  bs: { part: "train", name: "batch_size" },
  ep: { part: "train", name: "epochs" },
}
