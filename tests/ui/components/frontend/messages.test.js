// The messages, with examples that the tests in Python share: see message_examples.py.

import { readFileSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Matrix } from "#frontend/matrix/matrix.js";
import { MessageQueue } from "#frontend/messages/message_queue.js";
import { unpack } from "#frontend/messages/unpack.js";

const folder = new URL("../messages/", import.meta.url);
const bytes = new Uint8Array(readFileSync(new URL("to_browser.bin", folder)));
const fromBrowser = JSON.parse(readFileSync(new URL("from_browser.json", folder), "utf-8"));

describe("a message from Python", () => {
  it("is unpacked with its arrays", () => {
    const { echo, height, says, address, document, maps } = unpack(bytes);
    expect({ echo, height, says }).toEqual({ echo: 7, height: 500, says: "<b>said</b>" });
    expect(address).toEqual({ name: "s", link: "abc", problem: "This link holds a private text." });
    expect(document).toEqual({
      generation: 3,
      words: ["two", "ünï→\n"],
      marker: [
        [0, 1, 0.5],
        ["*", 0, 2],
      ],
      beacon: [[2, "*", -1.5]],
      reading: "gate",
      unit: "token",
      scale: 0.25,
      head_size: 16,
      can_undo: true,
      can_redo: false,
      notice: "The text changed.",
      second: null,
      rows: ["红", "苹", "果"],
      columns: null,
      steps: true,
      causal: false,
    });
    expect(Array.from(maps.baseline)).toEqual([0.25, 0.75]);
    expect(Array.from(maps.edited)).toEqual([1, 0, 0.5, 0.5, 0.125, 0.875]);
    expect(Array.from(maps.divergence)).toEqual([0, 1, 2, 3, 4, 5]);
    expect([maps.layers, maps.heads, maps.layer, maps.head]).toEqual([2, 3, 1, null]);
  });

  it("is unpacked at any place of a buffer", () => {
    for (const offset of [1, 2, 3, 4]) {
      const buffer = new Uint8Array(bytes.length + offset);
      buffer.set(bytes, offset);
      expect(unpack(buffer.subarray(offset))).toEqual(unpack(bytes));
    }
  });
});

describe("messages to Python", () => {
  /** @type {[kind: string, value: any][]} */
  let sent;
  /** @type {boolean[]} */
  let busy;
  /** @type {MessageQueue} */
  let queue;

  beforeEach(() => {
    vi.useFakeTimers({ now: 1000 });
    sent = [];
    busy = [];
    queue = new MessageQueue((state) => busy.push(state));
    queue.send = (kind, value) => sent.push([kind, value]);
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  /** @param {number} stroke */
  const edit = (stroke) => ({ generation: 1, stroke, marker: [], beacon: [] });
  const seqs = () => sent.map(([, { seq }]) => seq);

  it("are those that Python reads", () => {
    const marker = new Matrix("marker", "gate", 3, 3);
    marker.put(0, 2, 5);
    marker.put(-1, 1, 0.5);
    marker.put(0, 2, 1);
    marker.put(0, 2, 0);
    const beacon = new Matrix("beacon", "gate", 3, 3);
    beacon.put(1, -1, -2.5);
    expect(beacon.cells()).toEqual(fromBrowser.edit.beacon);
    const cells = fromBrowser.edit.marker;
    queue.post("edit", { generation: 3, stroke: 11, marker: cells, beacon: beacon.cells() });
    queue.post("command", { name: "redo" });
    queue.post("view", { layer: 1, head: null });
    queue.echo(1000);
    queue.echo(1001);
    expect(Object.fromEntries(sent)).toEqual(fromBrowser);
  });

  it("wait for the answer to the one before", () => {
    queue.post("command", { name: "undo" });
    queue.post("command", { name: "redo" });
    queue.post("view", { layer: 0, head: 0 });
    expect(seqs()).toEqual([1000]);
    expect(queue.holds("view")).toBe(true);
    queue.echo(999);
    expect(seqs()).toEqual([1000]);
    queue.echo(1000);
    queue.echo(1001);
    expect(seqs()).toEqual([1000, 1001, 1002]);
    expect([queue.holds("view"), busy.at(-1)]).toEqual([false, true]);
    queue.echo(1002);
    expect(busy.at(-1)).toBe(false);
  });

  it("of one stroke replace each other while they wait, and no others", () => {
    queue.post("edit", edit(1));
    queue.post("edit", edit(1));
    queue.post("edit", { ...edit(1), generation: 9 });
    queue.post("edit", edit(2));
    queue.post("view", { layer: 0, head: 0 });
    queue.post("view", { layer: 1, head: 1 });
    for (let k = 0; k < 5; k++) queue.echo(Infinity);
    const order = sent.map(([kind, { stroke, generation, layer }]) => [
      kind,
      stroke ?? layer,
      generation,
    ]);
    expect(order).toEqual([
      ["edit", 1, 1],
      ["edit", 1, 9],
      ["edit", 2, 1],
      ["view", 1, undefined],
    ]);
  });

  it("that belong to a document that is gone are not sent", () => {
    queue.post("view", { layer: 0, head: 0 });
    queue.post("edit", edit(1));
    queue.post("command", { name: "undo" });
    queue.forget("edit");
    queue.echo(1000);
    expect(sent.map(([kind]) => kind)).toEqual(["view", "command"]);
  });

  it("are numbered upwards, by the clock where it is ahead", () => {
    queue.post("command", { name: "undo" });
    vi.setSystemTime(500);
    queue.echo(1000);
    queue.post("command", { name: "undo" });
    vi.setSystemTime(5000);
    queue.echo(1001);
    queue.post("command", { name: "undo" });
    expect(seqs()).toEqual([1000, 1001, 5000]);
  });

  it("go on when Python does not answer", () => {
    queue.post("command", { name: "undo" });
    queue.post("command", { name: "redo" });
    vi.advanceTimersByTime(4999);
    expect(sent).toHaveLength(1);
    vi.advanceTimersByTime(1);
    expect(sent.map(([, { name }]) => name)).toEqual(["undo", "redo"]);
  });

  it("end when the workbench is removed", () => {
    queue.post("command", { name: "undo" });
    queue.post("command", { name: "redo" });
    queue.close();
    vi.runAllTimers();
    queue.echo(Infinity);
    expect(sent).toHaveLength(1);
  });
});
