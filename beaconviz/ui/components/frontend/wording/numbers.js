// Numbers as text.

/** @param {number} value */
export function number(value, digits = 3) {
  if (value === 0) return "0";
  const size = Math.abs(value);
  const scientific = size >= 1e4 || size < 1e-3;
  const text = scientific ? size.toExponential(1) : String(Number(size.toPrecision(digits)));
  return (value < 0 ? "−" : "") + text;
}

/** @param {number} value */
export const signed = (value) => (value > 0 ? "+" : "") + number(value);

/** @param {number} value */
export const percent = (value) => `${(100 * value).toFixed(1)} %`;

/**
 * The factor exp(A · scale) by which a beacon of `value` changes the odds of attending.
 * @param {number} value
 * @param {number} scale what one unit of A adds to a logit
 */
export function odds(value, scale) {
  const factor = Math.exp(Math.abs(value) * scale);
  const size = Number.isFinite(factor) && factor < 1e5 ? number(factor, 2) : "more than 10⁵";
  return (value < 0 ? "÷" : "×") + size;
}
