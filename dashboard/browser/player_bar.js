// @ts-check
// The controls of the player, its row of numbers and its words: built here, obeyed in player.js.

import { element } from "./elements.js"
import { NORMAL_SPEED, SPEEDS } from "./speed.js"
import { writeLabel } from "./terms.js"
import { whole } from "./words.js"

/** @import { Entry } from "./steps.js" */
/** @import { Colours, View } from "./wire.js" */

const ICONS = {
  first: "M4 4h2.5v12H4zM16 4v12L7.5 10z",
  back: "M5 4h3v12H5zM15.5 4v12L9 10z",
  play: "M6 3.5v13L16.5 10z",
  pause: "M5.5 4h3v12h-3zM11.5 4h3v12h-3z",
  next: "M12 4h3v12h-3zM4.5 4v12L11 10z",
  last: "M13.5 4H16v12h-2.5zM4 4v12l8.5-6z",
  future: "M10 5C5.5 5 2.5 8.5 1.5 10 2.5 11.5 5.5 15 10 15s7.5-3.5 8.5-5C17.5 8.5 14.5 5 10 5zM10 6.8a3.2 3.2 0 1 1 0 6.4 3.2 3.2 0 0 1 0-6.4zM10 8.5a1.5 1.5 0 1 0 0 3 1.5 1.5 0 0 0 0-3z",
  keys: "M1.5 4.5h17v11h-17zM3 6h14v8H3zM4.5 7.5H6V9H4.5zM7.7 7.5h1.5V9H7.7zM10.8 7.5h1.5V9h-1.5zM14 7.5h1.5V9H14zM6 11h8v1.5H6z",
}

/**
 * What the controls ask for.
 *
 * @typedef {object} Acts
 * @property {() => void} first
 * @property {() => void} back
 * @property {() => void} toggle
 * @property {() => void} next
 * @property {() => void} last
 * @property {(step: number) => void} goTo
 * @property {(text: string) => void} goToEpoch
 * @property {(speed: number) => void} setSpeed
 * @property {() => void} toggleFuture
 * @property {() => void} showKeys
 * @property {(event: KeyboardEvent, isOfControl: boolean) => void} pressKey
 */

export class PlayerBar {
  /** @param {Acts} acts */
  constructor(acts) {
    this.playButton = button("play", "Play (space)", acts.toggle)
    this.futureButton = button("future", "Hide what comes after this step (H)", acts.toggleFuture)
    this.scrubber = element("input", { type: "range", min: 0, step: 1, "aria-label": "Step" })
    this.epochBox = element("input", { type: "number", min: 1, step: 1 })
    this.row = element("dl", { class: "live-chart-metrics player-row" })
    this.notice = element("p", { class: "player-notice", role: "status" })
    this.notice.hidden = true
    this.key = element("p", { class: "player-key" })
    this.announcement = element("p", { class: "player-announcement", "aria-live": "polite" })
    this.section = element(
      "section",
      { class: "player", role: "group", "aria-label": "Player" },
      this.build(acts),
      this.notice,
      this.row,
      this.key,
      this.announcement,
    )
    this.listen(acts)
  }

  /** @param {Acts} acts */
  build(acts) {
    const speed = element("select", {}, ...SPEEDS.map((n) => element("option", { value: n }, whole(n))))
    speed.value = String(NORMAL_SPEED)
    speed.addEventListener("change", () => acts.setSpeed(Number(speed.value)))
    const buttons = [
      button("first", "To the start (Home)", acts.first),
      button("back", "One step back (left arrow)", acts.back),
      this.playButton,
      button("next", "One step forward (right arrow)", acts.next),
      button("last", "To the end (End)", acts.last),
    ]
    return element(
      "div",
      { class: "player-bar" },
      element("div", { class: "player-buttons" }, ...buttons),
      this.scrubber,
      element("label", {}, "Epoch", this.epochBox),
      element("label", { class: "player-speed" }, element("span", {}, "Steps per second"), speed),
      element("div", { class: "player-buttons player-more" }, this.futureButton, button("keys", "Keys (?)", acts.showKeys)),
    )
  }

  /** @param {Acts} acts */
  listen(acts) {
    this.scrubber.addEventListener("input", () => acts.goTo(Number(this.scrubber.value)))
    this.epochBox.addEventListener("change", () => acts.goToEpoch(this.epochBox.value))
    this.section.addEventListener("keydown", (event) => {
      acts.pressKey(event, isOn(event, "select, input[type=number]"))
    })
    this.section.addEventListener("keyup", (event) => {
      if (event.key === " " && isOn(event, "button")) event.preventDefault() // no click
    })
  }

  /** @param {{ last: number, epochs: number }} run */
  setEnds({ last, epochs }) {
    this.scrubber.max = String(last)
    this.epochBox.max = String(epochs)
  }

  /** @param {string} sentence */
  say(sentence) {
    this.notice.textContent = sentence
    this.notice.hidden = false
  }

  /** @param {boolean} isPlaying */
  showPlaying(isPlaying) {
    const label = isPlaying ? "Pause (space)" : "Play (space)"
    this.playButton.setAttribute("aria-label", label)
    this.playButton.title = label
    this.playButton.querySelector("path")?.setAttribute("d", isPlaying ? ICONS.pause : ICONS.play)
  }

  /**
   * @param {boolean} isHidden
   * @param {boolean} canBe
   */
  showFuture(isHidden, canBe) {
    this.futureButton.hidden = !canBe
    this.futureButton.setAttribute("aria-pressed", String(isHidden))
  }

  /**
   * @param {{ step: number, epoch: number }} state
   * @param {string} sentence
   */
  showStep({ step, epoch }, sentence) {
    this.section.dataset.step = String(step)
    this.scrubber.value = String(step)
    this.scrubber.setAttribute("aria-valuetext", sentence)
    if (document.activeElement !== this.epochBox) this.epochBox.value = String(epoch + 1)
  }

  /**
   * @param {Entry[]} entries
   * @param {Colours} colours
   * @param {View["labels"]} labels
   */
  showEntries(entries, colours, labels) {
    entries.forEach(([label, value, more, colour], number) => {
      if (number === this.row.children.length) this.row.append(element("div", {}, element("dt"), element("dd")))
      const [term, description] = /** @type {HTMLCollectionOf<HTMLElement>} */ (this.row.children[number].children)
      writeLabel(term, label, labels[label])
      description.replaceChildren(value, element("small", {}, more))
      description.style.color = colour ? colours[colour] : ""
    })
    while (this.row.children.length > entries.length) this.row.lastElementChild?.remove()
  }
}

/**
 * @param {keyof typeof ICONS} icon
 * @param {string} label
 * @param {() => void} press
 */
function button(icon, label, press) {
  const made = element("button", { type: "button", title: label, "aria-label": label })
  made.innerHTML = `<svg viewBox="0 0 20 20" aria-hidden="true"><path d="${ICONS[icon]}"/></svg>`
  made.addEventListener("click", press)
  return made
}

/**
 * @param {Event} event
 * @param {string} selector
 */
function isOn({ target }, selector) {
  return target instanceof Element && target.matches(selector)
}
