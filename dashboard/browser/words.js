// Numbers and elements of the page, as every other module writes them.

export function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag)
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value)
  made.append(...children)
  return made
}

export function whole(value) {
  return value.toLocaleString("en-US")
}

export function count(value, noun, ending = "s") {
  return `${whole(value)} ${noun}${value === 1 ? "" : ending}`
}

// As many decimals as asked for, or powers of ten where a run has gone far away.
export function decimals(value, digits) {
  if (!Number.isFinite(value)) return "not finite"
  return Math.abs(value) < 1e6 ? value.toFixed(digits) : value.toExponential(digits)
}

export function pair({ slopeW, slopeB }) {
  return `${small(slopeW)}, ${small(slopeB)}`
}

// A number that may be very small and still have a sign.
export function small(value) {
  return value !== 0 && Math.abs(value) < 1e-3 ? value.toExponential(1) : decimals(value, 4)
}
