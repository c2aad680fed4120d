// What several modules ask of a Plotly chart: its theme, its clicks, its caption.

const DOUBLE_CLICK = 300 // milliseconds in which Plotly takes two clicks for one double click

// A click that no second one follows: two are Plotly's way to zoom out.
export function onSingleClick(plot, act) {
  let waiting = null
  plot.removeAllListeners("plotly_click")
  plot.on("plotly_click", ({ points, event }) => {
    if (waiting !== null) {
      clearTimeout(waiting)
      waiting = null
      return
    }
    waiting = setTimeout(() => {
      waiting = null
      act(points[0], event)
    }, DOUBLE_CLICK)
  })
}

export function nearest(values, at) {
  if (!values) return Math.round(at)
  return values.reduce((best, value) => (Math.abs(value - at) < Math.abs(best - at) ? value : best))
}

export function readTheme(root) {
  const style = getComputedStyle(root)
  const background = style.getPropertyValue("--st-background-color").trim()
  return {
    text: style.getPropertyValue("--st-text-color").trim(),
    font: style.getPropertyValue("--st-font").trim(),
    background,
    dark: luminance(background) < 0.5,
  }
}

function luminance(colour) {
  const context = document.createElement("canvas").getContext("2d")
  context.fillStyle = colour // any CSS colour comes back as #rrggbb
  const [red, green, blue] = context.fillStyle.match(/[\da-f]{2}/gi).map((part) => parseInt(part, 16))
  return (0.2126 * red + 0.7152 * green + 0.0722 * blue) / 255
}

export function writeCaption(plot, note, title) {
  const [heading, text] = plot.closest("figure").querySelectorAll("figcaption b, figcaption span")
  if (title) heading.textContent = title
  text.textContent = note
  delete text.dataset.note
  plot.setAttribute("aria-label", `Chart: ${heading.textContent}. ${note}`)
}
