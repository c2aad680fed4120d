// @ts-check
// Whether two values are the same, part by part.

/**
 * @param {unknown} one numbers, texts, arrays of them, or plain objects of all these
 * @param {unknown} other
 * @returns {boolean}
 */
export function isEqual(one, other) {
  if (Object.is(one, other)) return true
  if (typeof one !== "object" || typeof other !== "object" || one === null || other === null) return false
  if (ArrayBuffer.isView(one) || ArrayBuffer.isView(other)) return areEqual(one, other)
  const [own, others] = [Object.entries(one), new Map(Object.entries(other))]
  return own.length === others.size && own.every(([key, part]) => others.has(key) && isEqual(part, others.get(key)))
}

/**
 * @param {object} one
 * @param {object} other
 */
function areEqual(one, other) {
  if (one.constructor !== other.constructor) return false
  const [values, others] = /** @type {ArrayLike<number>[]} */ ([one, other])
  if (values.length !== others.length) return false
  for (let k = 0; k < values.length; k++) if (!Object.is(values[k], others[k])) return false
  return true
}
