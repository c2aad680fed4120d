// @ts-check
// The update in numbers: a fold under the player, which computes only while it is open.

import { element } from "./elements.js"
import { Replay } from "./replay.js"
import { BOTH, isTheRuns, LAST, updateOf } from "./update.js"
import { whole } from "./words.js"

/** @import { Run, State } from "./steps.js" */
/** @import { ShownLine, Update } from "./update.js" */
/** @import { Colours } from "./wire.js" */

const AT_ONCE = 12 // milliseconds of going through a run before the page has its turn
const IS_OPEN = "minibatch.update" // in the session's storage

export class UpdateFold {
  constructor() {
    this.note = element("p")
    this.lines = element("ol")
    this.check = element("p")
    this.symbols = element("dl")
    this.body = element(
      "div",
      { class: "update-body", role: "region", "aria-label": "The update in numbers", tabindex: 0 },
      this.note, this.lines, this.check, this.symbols,
    )
    this.announcement = element("p", { class: "update-announcement", "aria-live": "polite" })
    this.element = element(
      "details", { class: "player-update" },
      element("summary", {}, "The update in numbers"), this.body, this.announcement,
    )
    this.element.open = typeof memory()?.getItem(IS_OPEN) === "string"
    this.element.addEventListener("toggle", () => this.toggled())
    /** @type {Replay | null} */
    this.replay = null
    /** @type {{ run: Run, state: State } | null} */
    this.moment = null
    /** @type {number | undefined} */
    this.waiting = undefined
    this.sentence = ""
    this.isToBeTold = false
  }

  toggled() {
    if (this.element.open) memory()?.setItem(IS_OPEN, "yes")
    else memory()?.removeItem(IS_OPEN)
    this.write()
  }

  /**
   * @param {Run} run
   * @param {State} state
   * @param {Colours} colours
   */
  show(run, state, colours) {
    if (this.moment?.run !== run) this.replay = null
    this.moment = { run, state }
    this.isToBeTold = false
    this.element.style.setProperty("--player-w", colours.w)
    this.element.style.setProperty("--player-b", colours.b)
    this.write()
  }

  // Standing still: a screen reader is told where the step leads, as soon as it is known.
  announce() {
    this.isToBeTold = true
    if (!this.body.hasAttribute("aria-busy")) this.tell()
  }

  tell() {
    if (this.element.open && this.isToBeTold) this.announcement.textContent = this.sentence
  }

  write() {
    clearTimeout(this.waiting)
    if (!this.element.open || !this.moment) return
    const { run, state } = this.moment
    if (state.atEnd) {
      this.writeEnd(run)
      return
    }
    this.replay ??= new Replay(run)
    if (this.replay.reach(state.step, performance.now() + AT_ONCE)) {
      this.writeUpdate(state, updateOf(run, state, this.replay.descent.now))
    } else {
      this.body.setAttribute("aria-busy", "true")
      this.note.textContent = `Going through the steps before this one: ${whole(this.replay.step)} of ${whole(state.step)} so far.`
      this.waiting = setTimeout(() => this.write(), 0)
    }
  }

  /** @param {Run} run */
  writeEnd(run) {
    const why = run.diverged
      ? "The run ends here, because the next loss, w or b would not be a finite number."
      : "This is the end of the run, so there is no next step."
    this.note.textContent = `${why} Go one step back to see the last update.`
    for (const part of [this.lines, this.check, this.symbols]) part.replaceChildren()
    this.sentence = this.note.textContent
    this.done()
  }

  /**
   * @param {State} state
   * @param {Update} update
   */
  writeUpdate({ step }, update) {
    this.note.textContent =
      `From step ${whole(step)} to step ${whole(step + 1)}. Numbers are rounded to ${update.digits} digits, and the results of ` +
      "the last line to fewer. Each line is calculated from the numbers shown, so you can check it with a calculator."
    this.lines.replaceChildren(...update.lines.map(lineElement))
    this.check.textContent = checked(update)
    this.symbols.replaceChildren(
      ...update.symbols.map(([name, words]) => element("div", {}, element("dt", {}, name), element("dd", {}, words))),
    )
    this.sentence = `The update of step ${whole(step)}: next w ${update.next.w}, next b ${update.next.b}.`
    this.done()
  }

  done() {
    this.body.removeAttribute("aria-busy")
    this.element.dataset.step = String(this.moment?.state.step)
    this.tell()
  }

  remove() {
    clearTimeout(this.waiting)
    this.element.remove()
  }
}

/** @param {ShownLine} line */
function lineElement({ formula, numbers }) {
  const isLast = formula.startsWith(LAST)
  const cells =
    typeof numbers === "string"
      ? [cell("both", "both", numbers)]
      : BOTH.map((name) => cell(name, isLast ? `${name}_next =` : name, numbers[name]))
  return element("li", {}, element("p", {}, formula), ...cells)
}

/**
 * @param {"w" | "b" | "both"} kind
 * @param {string} label
 * @param {string} numbers
 */
function cell(kind, label, numbers) {
  return element("p", { class: `update-${kind}` }, element("b", {}, label), " ", numbers)
}

/** @param {Update} update */
function checked(update) {
  const own = `w = ${update.own.w} and b = ${update.own.b}`
  if (isTheRuns(update)) return `The run itself goes on with ${own}: the same to the last digit shown.`
  return (
    `The run itself goes on with ${own}. That differs, because this step enlarges rounding: the run and these ` +
    "lines round the 16th digit of a number differently, and here this reaches the digits shown."
  )
}

// A frame that is allowed nothing but scripts has none.
function memory() {
  try {
    return sessionStorage
  } catch {
    return null
  }
}
