// Sends messages to Python one at a time, each when Python has answered the one before.

/** @import * as Messages from "./types.d.ts" */

const PATIENCE = 5000; // ms without an echo after which the next message is sent anyway

/** @typedef {Messages.WorkbenchState} State */
/** @typedef {keyof State} MessageKind */
/** @typedef {{[Kind in MessageKind]: NonNullable<State[Kind]>}} Sent */
/** @typedef {{kind: MessageKind, value: {stroke?: number}}} Waiting */
/** @typedef {(kind: string, value: unknown) => void} Send */

export class MessageQueue {
  /** @param {(busy: boolean) => void} onBusy called with whether an answer is awaited */
  constructor(onBusy) {
    this.onBusy = onBusy;
    /** @type {Waiting[]} */
    this.queue = [];
    /** @type {number | null} the seq that Python has not echoed yet */
    this.awaited = null;
    this.seq = 0;
    /** @type {number | undefined} when the last message was sent, in ms of the page */
    this.sentAt = undefined;
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.timer = undefined;
    /** @type {Send} */
    this.send = () => {};
  }

  /**
   * Posts a message; one of the same kind and stroke that still waits is replaced.
   * @template {MessageKind} Kind
   * @param {Kind} kind
   * @param {Omit<Sent[Kind], "seq">} value
   */
  post(kind, value) {
    const message = { kind, value: /** @type {{stroke?: number}} */ (value) };
    const last = this.queue.at(-1);
    if (last?.kind === kind && last.value.stroke === message.value.stroke) this.queue.pop();
    this.queue.push(message);
    this.flush();
  }

  /**
   * Python has answered up to this number.
   * @param {number} seq
   */
  echo(seq) {
    if (this.awaited === null || seq >= this.awaited) this.release();
  }

  /**
   * Forgets unsent messages of a kind, such as edits of a document that was replaced.
   * @param {MessageKind} kind
   */
  forget(kind) {
    this.queue = this.queue.filter((message) => message.kind !== kind);
  }

  /** @param {MessageKind} kind */
  holds(kind) {
    return this.queue.some((message) => message.kind === kind);
  }

  release() {
    clearTimeout(this.timer);
    this.awaited = null;
    this.flush();
  }

  flush() {
    const message = this.awaited === null ? this.queue.shift() : undefined;
    if (message) {
      this.seq = Math.max(Date.now(), this.seq + 1);
      this.awaited = this.seq;
      this.timer = setTimeout(() => this.release(), PATIENCE);
      this.sentAt = performance.now();
      this.send(message.kind, { ...message.value, seq: this.seq });
    }
    this.onBusy(this.awaited !== null);
  }

  close() {
    clearTimeout(this.timer);
    this.queue = [];
  }
}
