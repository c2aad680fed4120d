// @ts-check
// Elements of the page: made, found, dressed, drawn on.

/**
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {Record<string, string | number>} [attributes]
 * @param {(Node | string)[]} children
 * @returns {HTMLElementTagNameMap[Tag]}
 */
export function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag)
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, String(value))
  made.append(...children)
  return made
}

/**
 * What must be there.
 *
 * @param {ParentNode} root
 * @param {string} selector
 * @returns {HTMLElement}
 */
export function find(root, selector) {
  const found = root.querySelector(selector)
  if (!(found instanceof HTMLElement)) throw new Error(`There is no ${selector}.`)
  return found
}

/**
 * The canvas of a class in an element, made at first.
 *
 * @param {HTMLElement} parent
 * @param {string} className
 * @returns {HTMLCanvasElement}
 */
export function canvasIn(parent, className) {
  const found = parent.querySelector(`canvas.${className}`)
  if (found instanceof HTMLCanvasElement) return found
  const made = element("canvas", { class: className })
  parent.append(made)
  return made
}

/**
 * @template {HTMLCanvasElement | OffscreenCanvas} Canvas
 * @param {Canvas} canvas
 * @returns {Canvas extends OffscreenCanvas ? OffscreenCanvasRenderingContext2D : CanvasRenderingContext2D}
 */
export function contextOf(canvas) {
  const context = canvas.getContext("2d")
  if (!context) throw new Error("This browser draws on no canvas.")
  return /** @type {ReturnType<typeof contextOf<Canvas>>} */ (context)
}

/**
 * The styles of one of our files; resolves once they are there, or will not come.
 *
 * @param {string} file
 */
export function loadStyles(file) {
  const link = element("link", { rel: "stylesheet", href: new URL(file, import.meta.url).href })
  const settled = new Promise((resolve) => {
    link.addEventListener("load", resolve)
    link.addEventListener("error", resolve)
  })
  document.head.append(link)
  return settled
}
