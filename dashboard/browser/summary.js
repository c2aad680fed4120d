// @ts-check
// What was trained, in sentences, as dashboard/charts/summary.py has them.

import { NOTES } from "./notes.js"
import { said, written } from "./sentences.js"
import { whole } from "./words.js"

/** @import { Note } from "./notes.js" */
/** @import { Played } from "./plan.js" */
/** @import { SentTraining, Words } from "./wire.js" */

const NOTE = /** @type {Record<string, Note>} */ (NOTES)

/**
 * @param {Played} run
 * @returns {Words}
 */
export function summaryOf({ settings: { data, train }, per_epoch: perEpoch, kept, diverged, w }) {
  const steps = train.epochs * perEpoch
  if (diverged) {
    return written([said(NOTES.diverged, { step: whole(w.length - 1), steps: whole(steps) })], new Set())
  }
  const short = kept - (perEpoch - 1) * train.batch_size
  const numbers = {
    n: whole(data.n),
    size: whole(train.batch_size),
    short: whole(short),
    left: whole(data.n - kept),
    per_epoch: whole(perEpoch),
    epochs: whole(train.epochs),
    steps: whole(steps),
  }
  const names = [
    "task",
    useOf(data.n, kept, short, train),
    perEpoch > 1 ? "many_steps" : "one_step",
    `lasts_${train.epochs > 1 ? "epochs" : "epoch"}${perEpoch > 1 ? "_and_steps" : ""}`,
    ...(train.schedule === "constant" ? [] : [`schedule_${train.schedule}`]),
  ]
  return written(names.map((name) => said(NOTE[name], numbers)), new Set())
}

/**
 * Which note says what points a step uses.
 *
 * @param {number} n
 * @param {number} kept
 * @param {number} short points of an epoch's last minibatch
 * @param {Pick<SentTraining, "batch_size" | "shuffle">} train
 */
function useOf(n, kept, short, { batch_size: size, shuffle }) {
  if (shuffle === "replacement" && size === 1) return "draws_one"
  if (shuffle === "replacement") return short < size ? "draws_short" : "draws"
  if (size === n) return n === 2 ? "uses_both" : "uses_all"
  if (short < size) return "uses_short"
  return ["uses", "uses_but_one"][n - kept] ?? "uses_but"
}
