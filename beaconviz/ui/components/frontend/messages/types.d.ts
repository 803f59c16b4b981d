// Made from beaconviz/ui/components/workbench.py by
// python -m beaconviz.ui.components.message_types. Do not edit.

export type Cell = [number | "*", number | "*", number];
export type Command = "undo" | "redo" | "reset";

export interface EditorState {
  generation: number;
  words: string[];
  marker: Cell[];
  beacon: Cell[];
  reading: "product" | "gate" | "mask";
  unit: "word" | "token";
  scale: number;
  head_size: number | null;
  can_undo: boolean;
  can_redo: boolean;
  notice: string | null;
  second: number | null;
  rows: string[] | null;
  columns: string[] | null;
  steps: boolean;
  causal: boolean;
}

export interface SizedMaps {
  labels: string[];
  baseline: Float32Array;
  edited: Float32Array;
  divergence: Float32Array;
  layer: number | null;
  head: number | null;
  words: (number | null)[] | null;
  milliseconds: number | null;
  segments: (number | null)[] | null;
  pair: number;
  columns: string[] | null;
  column_words: (number | null)[] | null;
  baseline_labels: string[] | null;
  layers: number;
  heads: number;
}

export interface Address {
  name: string;
  link: string;
  problem: string | null;
}

export interface Message {
  echo: number;
  height: number;
  says: string;
  address: Address | null;
  document: EditorState;
  maps: SizedMaps;
}

export interface EditMessage {
  seq: number;
  generation: number;
  stroke: number;
  marker: Cell[];
  beacon: Cell[];
}

export interface Press {
  seq: number;
  name: Command;
}

export interface Look {
  seq: number;
  layer: number | null;
  head: number | null;
}

export interface WorkbenchState {
  edit: EditMessage | null;
  command: Press | null;
  view: Look | null;
}
