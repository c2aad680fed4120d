// @ts-check
// Terms that are explained where they stand: by a bubble on hover, tap and focus. The server marks those
// in texts (dashboard/shell/terms.py), this module those in captions and labels.

import { element } from "./elements.js"

/** @import { PlacedTerm, SentTerm } from "./wire.js" */

const GAP = 6 // pixels between a term and its bubble, ...
const MARGIN = 8 // ... and between the bubble and the edge of the window
const LINGER = 120 // milliseconds in which a pointer can move from the term to the bubble

/**
 * A text with its terms marked; `dropRepeated` takes the mark from those that are explained before.
 *
 * @param {string} text
 * @param {PlacedTerm[]} terms from left to right
 * @returns {(string | HTMLElement)[]}
 */
export function withTerms(text, terms) {
  const parts = []
  let at = 0
  for (const term of terms) {
    parts.push(text.slice(at, term.start), termOf(text.slice(term.start, term.end), term))
    at = term.end
  }
  return [...parts, text.slice(at)]
}

/**
 * The label of a number, marked if it names a term.
 *
 * @param {Element} place
 * @param {string} label
 * @param {SentTerm | undefined} term
 */
export function writeLabel(place, label, term) {
  if (place.textContent !== label) place.replaceChildren(term ? termOf(label, term) : label)
}

/**
 * @param {string} text
 * @param {SentTerm} term
 */
function termOf(text, { name, says }) {
  const made = element("span", { "data-own": "", "data-term": name, "data-says": says }, text)
  mark(made, true)
  return made
}

/**
 * @param {HTMLElement} term
 * @param {boolean} isFirst
 */
function mark(term, isFirst) {
  term.classList.toggle("term", isFirst)
  if (isFirst) {
    term.tabIndex = 0
    term.setAttribute("role", "button")
  } else {
    term.removeAttribute("tabindex")
    term.removeAttribute("role")
  }
}

/**
 * Only the first place of a term is marked. What stands above a caption may come after it: Streamlit
 * loads what it draws texts with when it needs it.
 */
function dropRepeated() {
  const explained = new Set()
  for (const term of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll("[data-term]"))) {
    const names = term.dataset.term?.split(";") ?? []
    if (term.dataset.own !== undefined) {
      const isFirst = !explained.has(names[0])
      if (isFirst !== term.classList.contains("term")) mark(term, isFirst)
    }
    for (const name of names) explained.add(name)
  }
}

// One bubble for all: it is moved to whatever term is looked at.
class Bubble {
  constructor() {
    this.box = element("div", { id: "term-bubble", class: "term-bubble", role: "tooltip", hidden: "" })
    /** @type {HTMLElement | null} */
    this.term = null
    /** @type {number | undefined} */
    this.leaving = undefined
    this.watcher = new MutationObserver(() => this.follow())
    document.body.append(this.box)
    this.box.addEventListener("pointerenter", () => clearTimeout(this.leaving))
    this.box.addEventListener("pointerleave", () => this.leave())
  }

  /** @param {HTMLElement} term */
  show(term) {
    clearTimeout(this.leaving)
    if (this.term === term) return
    this.hide()
    this.term = term
    this.box.textContent = term.dataset.says ?? ""
    this.box.hidden = false
    term.setAttribute("aria-describedby", this.box.id)
    this.dress()
    this.follow()
    this.watcher.observe(document.body, { childList: true, subtree: true, characterData: true })
  }

  hide() {
    clearTimeout(this.leaving)
    this.watcher.disconnect()
    this.term?.removeAttribute("aria-describedby")
    this.term = null
    this.box.hidden = true
  }

  // The page's colours the other way round, whichever theme it has.
  dress() {
    const page = getComputedStyle(document.querySelector(".stApp") ?? document.body)
    this.box.style.color = page.backgroundColor
    this.box.style.background = page.color
    this.box.style.fontFamily = page.fontFamily
  }

  // Below its term, or above where there is no room, and never beyond the edge of the window.
  follow() {
    if (!this.term) return
    const { left, top, bottom, width } = this.term.getBoundingClientRect()
    const { clientWidth, clientHeight } = document.documentElement
    if (!this.term.isConnected || width === 0 || bottom < 0 || top > clientHeight) {
      this.hide()
      return
    }
    const { offsetWidth, offsetHeight, style } = this.box
    const isRoom = bottom + GAP + offsetHeight + MARGIN <= clientHeight
    const x = Math.max(MARGIN, Math.min(left, clientWidth - MARGIN - offsetWidth))
    const y = isRoom ? bottom + GAP : Math.max(MARGIN, top - GAP - offsetHeight)
    style.left = `${x}px`
    style.top = `${y}px`
  }

  // A pointer has left the term or the bubble; it may be on its way to the other.
  leave() {
    clearTimeout(this.leaving)
    if (this.term !== document.activeElement) this.leaving = setTimeout(() => this.hide(), LINGER)
  }
}

/** @param {Event} event */
function termUnder({ target }) {
  const found = target instanceof Element ? target.closest(".term") : null
  return found instanceof HTMLElement ? found : null
}

function explainOnDemand() {
  const bubble = new Bubble()
  // In the same moment, before anybody sees the second place marked.
  const changed = new MutationObserver(dropRepeated)
  changed.observe(document.body, { childList: true, subtree: true })
  /** @param {Event} event */
  const show = (event) => {
    const term = termUnder(event)
    if (term) bubble.show(term)
  }
  document.addEventListener("pointerover", (event) => {
    if (event.pointerType === "mouse") show(event)
  })
  document.addEventListener("pointerout", (event) => {
    if (event.pointerType === "mouse" && termUnder(event)) bubble.leave()
  })
  document.addEventListener("focusin", show)
  document.addEventListener("focusout", (event) => {
    if (termUnder(event)) bubble.hide()
  })
  document.addEventListener("click", show)
  document.addEventListener("pointerdown", ({ target }) => {
    const isOutside = target instanceof Node && !bubble.box.contains(target) && !bubble.term?.contains(target)
    if (isOutside) bubble.hide()
  }, true)
  // Before any other use of these keys: Escape would close a dialog, and space play the run.
  document.addEventListener("keydown", (event) => {
    const { key } = event
    if (key === "Escape" && bubble.term) bubble.hide()
    else if ((key === "Enter" || key === " ") && termUnder(event)) show(event)
    else return
    event.preventDefault()
    event.stopPropagation()
  }, true)
  addEventListener("scroll", () => bubble.follow(), { capture: true, passive: true })
  addEventListener("resize", () => bubble.follow())
}

// Once a page, whatever versions of this module it loads: a server that was started anew may bring another.
const BUBBLE = Symbol.for("minibatch.terms")
const page = /** @type {Record<symbol, boolean>} */ (/** @type {unknown} */ (globalThis))
if ("document" in globalThis && !page[BUBBLE]) {
  page[BUBBLE] = true
  explainOnDemand()
}
