// @ts-check
// The theme of the page, and the colours that figures name in it.

/** @import { Colours, Palette } from "./wire.js" */

const TOKEN = /^\$(\w+)$/

/**
 * @typedef {object} Theme
 * @property {string} text colour
 * @property {string} font
 * @property {string} background colour
 * @property {Colours} colours
 */

/**
 * @param {Element} root
 * @param {Palette} palette
 * @returns {Theme}
 */
export function readTheme(root, palette) {
  const style = getComputedStyle(root)
  const background = style.getPropertyValue("--st-background-color").trim()
  return {
    text: style.getPropertyValue("--st-text-color").trim(),
    font: style.getPropertyValue("--st-font").trim(),
    background,
    colours: luminance(background) < 0.5 ? palette.dark : palette.light,
  }
}

/** @param {string} colour */
function luminance(colour) {
  const context = new OffscreenCanvas(1, 1).getContext("2d")
  if (!context) return 1
  context.fillStyle = colour // any CSS colour comes back as #rrggbb
  const [red, green, blue] = (context.fillStyle.match(/[\da-f]{2}/gi) ?? []).map((part) => parseInt(part, 16))
  return (0.2126 * red + 0.7152 * green + 0.0722 * blue) / 255
}

/**
 * A value with the colour in place of each `$name` in it. Arrays of numbers stay the same arrays.
 *
 * @template Value
 * @param {Value} value
 * @param {Colours} colours
 * @returns {Value}
 */
export function coloured(value, colours) {
  /** @param {unknown} part @returns {unknown} */
  const change = (part) => {
    if (typeof part === "string") return colourOf(part, colours)
    if (part === null || typeof part !== "object" || ArrayBuffer.isView(part)) return part
    if (!Array.isArray(part)) return Object.fromEntries(Object.entries(part).map(([key, item]) => [key, change(item)]))
    return ArrayBuffer.isView(part[0]) ? part : part.map(change) // the rows of a surface
  }
  return /** @type {Value} */ (change(value))
}

/**
 * @param {string} text
 * @param {Colours} colours
 */
function colourOf(text, colours) {
  const name = TOKEN.exec(text)?.[1]
  return name !== undefined && Object.hasOwn(colours, name) ? colours[/** @type {keyof Colours} */ (name)] : text
}
