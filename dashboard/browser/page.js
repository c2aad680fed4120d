// @ts-check
// A page to take away: a run of the dashboard with its player and controls, and no server.

import { find } from "./elements.js"
import { Hand } from "./hand.js"
import { begin } from "./live_board.js"
import { PageAddress } from "./page_address.js"
import { PageControls } from "./page_controls.js"
import { readTheme } from "./theme.js"
import { decode } from "./wire.js"
import { writeIn } from "./written_anew.js"

/** @import { SentPage, SentSettings } from "./wire.js" */

const DIGITS = 1000 // a start that is clicked has so many parts of 1, as in dashboard/shell/acts.py

/** @type {SentPage} */
const sent = JSON.parse(find(document, "#sent").textContent)
const { view, revision } = await decode(Uint8Array.from(atob(sent.board), (letter) => letter.charCodeAt(0)))
if (!view.player) throw new Error("A page to take away plays a run.")
const first = view.player.settings

const link = /** @type {HTMLAnchorElement} */ (find(document, "#dashboard"))
const address = new PageAddress(sent, first, (dashboard) => { link.href = dashboard })
const live = begin(find(document, "#board"), view, {
  handFor: ({ draw, sketch }) => new Hand({ sketch, draw: (drawing, of) => {
    document.querySelector("#early")?.remove()
    draw(drawing, of)
  } }),
  keepStep: () => ({
    unsaid: "end",
    read: (name) => address.kept.get(name) ?? null,
    write: (name, text) => address.keepOfPlayer(name, text),
    onLoss: () => {},
    remove: () => {},
  }),
  tellClick: ({ x: b, y: w }) => controls.give({ init_w: rounded(w), init_b: rounded(b) }),
})
const { settings: asked, problems } = address.read()
let shown = "" // the settings of the run that is drawn, or soon will be
const controls = new PageControls(sent, first, {
  hold: show,
  settle: (settings, words) => {
    show(settings)
    say(words)
    address.keepSettings(settings)
    find(document, "#first").hidden = JSON.stringify(settings) === JSON.stringify(first)
    find(document, "#start").hidden = settings.train.init_w === null && settings.train.init_b === null
  },
})
find(document, "#controls").append(controls.element)
writeIn(find(document, "#summary"), { text: "", terms: [] })

controls.load(asked)
if (problems.length > 0) say(problems)
live.hand.arrive(view, revision)
if (live.hand.isAhead) live.hand.want("sketch") // the address asks for another run than was sent

find(document, "#first").addEventListener("click", () => controls.load(first))
find(document, "#start").addEventListener("click", () => controls.give({ init_w: null, init_b: null }))
addEventListener("hashchange", () => {
  const { settings, problems: found } = address.read()
  controls.load(settings)
  if (found.length > 0) say(found)
})
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
  live.board.theme = readTheme(live.board.root, view.palette)
  live.hand.want("whole")
})
openOnDemand()

/** @param {SentSettings} settings */
function show(settings) {
  const now = JSON.stringify(settings)
  if (now === shown) return
  shown = now
  live.hand.hold(() => settings)
}

/** @param {string[]} sentences */
function say(sentences) {
  const place = find(document, "#words")
  place.textContent = sentences.join(" ")
  place.hidden = sentences.length === 0
}

/** @param {number} value */
function rounded(value) {
  return Math.round(value * DIGITS) / DIGITS
}

// On a phone the controls lie over the charts, when they are asked for.
function openOnDemand() {
  const [opener, panel] = ["#open", "#settings"].map((selector) => find(document, selector))
  /** @param {boolean} isOpen */
  const open = (isOpen) => {
    panel.classList.toggle("page-is-open", isOpen)
    opener.setAttribute("aria-expanded", String(isOpen))
    find(document, isOpen ? "#close" : "#open").focus()
  }
  opener.addEventListener("click", () => open(!panel.classList.contains("page-is-open")))
  find(document, "#close").addEventListener("click", () => open(false))
  addEventListener("keydown", ({ key }) => {
    if (key === "Escape" && panel.classList.contains("page-is-open")) open(false)
  })
  addEventListener("pointerdown", ({ target }) => {
    const isOutside = target instanceof Node && !panel.contains(target) && !opener.contains(target)
    if (isOutside) {
      panel.classList.remove("page-is-open")
      opener.setAttribute("aria-expanded", "false")
    }
  })
}
