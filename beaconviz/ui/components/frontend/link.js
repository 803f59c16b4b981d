// The line to Python: reading its messages, and sending ours one at a time.

const PATIENCE = 5000; // ms without an echo after which the next message goes anyway

// Header length (uint32), JSON header, then baseline, edited and divergence (float32).
export function unpack(bytes) {
  const aligned = bytes.byteOffset % 4 ? bytes.slice() : bytes;
  const { buffer, byteOffset } = aligned;
  const length = new DataView(buffer, byteOffset).getUint32(0, true);
  const header = JSON.parse(new TextDecoder().decode(aligned.subarray(4, 4 + length)));
  const { labels, baseline_labels: before, columns, layers, heads } = header.maps;
  let start = byteOffset + 4 + length;
  const take = (count) => {
    const array = new Float32Array(buffer, start, count);
    start += 4 * count;
    return array;
  };
  const across = (columns ?? labels).length;
  Object.assign(header.maps, {
    baseline: take((before ?? labels).length * across),
    edited: take(labels.length * across),
    divergence: take(layers * heads),
  });
  return header;
}

export class Link {
  constructor(onBusy) {
    this.onBusy = onBusy;
    this.queue = [];
    this.waiting = null; // the seq that Python has not echoed yet
    this.seq = 0;
  }

  // Post a message; one of the same kind and stroke that still waits is replaced.
  post(kind, value) {
    const last = this.queue.at(-1);
    if (last && last.kind === kind && last.value.stroke === value.stroke) this.queue.pop();
    this.queue.push({ kind, value });
    this.flush();
  }

  // Python answered, up to this number.
  echo(seq) {
    if (this.waiting === null || seq >= this.waiting) this.release();
  }

  // Forget unsent messages of one kind: they speak of a document that is gone.
  forget(kind) {
    this.queue = this.queue.filter((message) => message.kind !== kind);
  }

  release() {
    clearTimeout(this.timer);
    this.waiting = null;
    this.flush();
  }

  flush() {
    if (this.waiting === null && this.queue.length) {
      const { kind, value } = this.queue.shift();
      this.seq = Math.max(Date.now(), this.seq + 1);
      this.waiting = this.seq;
      this.timer = setTimeout(() => this.release(), PATIENCE);
      this.sent = performance.now();
      this.send(kind, { ...value, seq: this.seq });
    }
    this.onBusy(this.waiting !== null);
  }

  close() {
    clearTimeout(this.timer);
    this.queue = [];
  }
}
