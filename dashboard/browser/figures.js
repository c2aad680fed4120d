// @ts-check
// The <figure>s of a board: a caption and a place to draw in for each chart.

import { element, find } from "./elements.js"
import { withTerms } from "./terms.js"

/** @import { Bar, PlacedTerm, SentChart, Words } from "./wire.js" */

/**
 * What a note says while another stands in its place.
 *
 * @type {WeakMap<HTMLElement, Node[]>}
 */
const covered = new WeakMap()

/**
 * A new figure; returns the place to draw in.
 *
 * @param {HTMLElement} root
 */
export function addFigure(root) {
  const bar = element("div", { class: "live-chart-bar" }, element("i"), element("i"), element("i"), element("i"))
  const caption = element("figcaption", {}, element("b"), element("span"), bar)
  const plot = element("div", { class: "live-chart-plot", role: "img" })
  root.append(element("figure", {}, caption, plot))
  return plot
}

/** @param {HTMLElement} plot */
export function figureOf(plot) {
  const figure = plot.closest("figure")
  if (!figure) throw new Error("A chart stands in a figure.")
  return figure
}

/**
 * All that stands around a chart.
 *
 * @param {HTMLElement} plot
 * @param {SentChart} chart
 */
export function label(plot, { name, title, note, terms, answer, bar }) {
  plot.dataset.chart = name
  writeCaption(plot, note, title, terms)
  writeAnswer(plot, answer)
  showBar(find(figureOf(plot), ".live-chart-bar"), bar)
}

/**
 * @param {HTMLElement} plot
 * @param {string} note
 * @param {string} [title] where it changes too
 * @param {PlacedTerm[]} [terms] of the note
 */
export function writeCaption(plot, note, title, terms = []) {
  const figure = figureOf(plot)
  const heading = find(figure, "figcaption b")
  const text = find(figure, "figcaption span")
  if (title !== undefined) heading.textContent = title
  text.replaceChildren(...withTerms(note, terms))
  covered.delete(text)
  plot.setAttribute("aria-label", `Chart: ${heading.textContent}. ${note}`)
}

/**
 * @param {HTMLElement} plot
 * @param {Words} answer
 */
function writeAnswer(plot, { text, terms }) {
  const caption = find(figureOf(plot), "figcaption")
  caption.querySelector(".live-chart-answer")?.remove()
  if (text) find(caption, "span").after(element("span", { class: "live-chart-answer" }, " ", ...withTerms(text, terms)))
}

/**
 * Another note, until `restoreNote`.
 *
 * @param {HTMLElement} plot
 * @param {string} note
 */
export function showNote(plot, note) {
  const text = find(figureOf(plot), "figcaption span")
  if (!covered.has(text)) covered.set(text, [...text.childNodes])
  text.textContent = note
}

/** @param {HTMLElement} plot */
export function restoreNote(plot) {
  const text = find(figureOf(plot), "figcaption span")
  const before = covered.get(text)
  if (before) text.replaceChildren(...before)
  covered.delete(text)
}

/**
 * low, the colours between, high, whose range: cheaper than Plotly's own bar, and one serves several charts.
 *
 * @param {HTMLElement} place
 * @param {Bar | null} bar
 */
function showBar(place, bar) {
  place.hidden = bar === null
  if (bar === null) return
  const [low, colours, high, words] = place.querySelectorAll("i")
  low.textContent = bar.low
  high.textContent = bar.high
  words.textContent = bar.words
  const stops = bar.stops.map(([position, colour]) => `${colour} ${position * 100}%`)
  colours.style.background = `linear-gradient(to right, ${stops.join(", ")})`
}
