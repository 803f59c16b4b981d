// Reads a message from Python; `pack` in workbench.py writes it.

/** @import * as Messages from "./types.d.ts" */

/**
 * Little-endian: the header's length (uint32), the JSON header padded to a multiple of four bytes,
 * then baseline, edited and divergence (float32), which are read in place.
 * @param {Uint8Array} bytes
 * @returns {Messages.Message}
 */
export function unpack(bytes) {
  const aligned = bytes.byteOffset % 4 ? bytes.slice() : bytes;
  const { buffer, byteOffset } = aligned;
  const length = new DataView(buffer, byteOffset).getUint32(0, true);
  const header = JSON.parse(new TextDecoder().decode(aligned.subarray(4, 4 + length)));
  const { labels, baseline_labels: baselineLabels, columns, layers, heads } = header.maps;
  let start = byteOffset + 4 + length;
  /** @param {number} count */
  const take = (count) => {
    const array = new Float32Array(buffer, start, count);
    start += 4 * count;
    return array;
  };
  const width = (columns ?? labels).length;
  const arrays = {
    baseline: take((baselineLabels ?? labels).length * width),
    edited: take(labels.length * width),
    divergence: take(layers * heads),
  };
  return { ...header, maps: { ...header.maps, ...arrays } };
}
