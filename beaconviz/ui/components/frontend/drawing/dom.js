// Builds elements. Text is set as text, never as HTML: words are shown, never run.

/**
 * Attributes, and listeners under names that begin with "on". `true` is an attribute without a
 * value; `false`, `null` and `undefined` leave an attribute out.
 * @typedef {string | number | boolean | null | undefined | ((event: any) => unknown)} Attribute
 * @typedef {Record<string, Attribute>} Attributes
 */

/**
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {Attributes} [attributes]
 * @param {...(Node | string)} children
 * @returns {HTMLElementTagNameMap[Tag]}
 */
export function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") element.addEventListener(name.slice(2), value);
    else if (value === true) element.setAttribute(name, "");
    else if (value !== false && value != null) element.setAttribute(name, String(value));
  }
  element.append(...children);
  return element;
}

/**
 * Sets a text that differs: the browser lays the page out again even for the same text.
 * @param {Element} element
 * @param {string} text
 */
export function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

/**
 * @param {HTMLCanvasElement} canvas
 * @returns {CanvasRenderingContext2D}
 */
export function context2d(canvas) {
  const context = canvas.getContext("2d");
  if (!context) throw new Error("this browser draws no 2D canvas");
  return context;
}

const ICONS = {
  undo: "M9 7 4 12l5 5M4 12h11a5 5 0 0 1 0 10h-3",
  redo: "m15 7 5 5-5 5M20 12H9a5 5 0 0 0 0 10h3",
  reset: "M4 5v5h5M4.6 10A8 8 0 1 1 4 14",
  erase: "m8 20-5-5L14 4l7 7-9 9H8ZM21 20H12M8.5 9.5l7 7",
  out: "M5 12h14",
  in: "M5 12h14M12 5v14",
  fit: "M4 9V4h5M20 9V4h-5M4 15v5h5M20 15v5h-5",
  enlarge: "M14 4h6v6M20 4l-7 7M10 20H4v-6M4 20l7-7",
  shrink: "M20 10h-6V4M14 10l6-6M4 14h6v6M10 14l-6 6",
};

/** @typedef {keyof typeof ICONS} IconName */

/** @param {IconName} name */
export function icon(name) {
  const namespace = "http://www.w3.org/2000/svg";
  const svg = document.createElementNS(namespace, "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  const path = document.createElementNS(namespace, "path");
  path.setAttribute("d", ICONS[name]);
  svg.append(path);
  return svg;
}

/**
 * @param {IconName} name
 * @param {string} title
 * @param {() => unknown} onclick
 */
export function button(name, title, onclick) {
  return make("button", { type: "button", title, "aria-label": title, onclick }, icon(name));
}

/**
 * A row of buttons of which at most one is pressed.
 * @template Value
 * @param {string} label
 * @param {[value: Value, text: string, title: string][]} options
 * @param {(value: Value) => unknown} onpick
 */
export function choice(label, options, onpick) {
  /** @type {Map<Value, HTMLButtonElement>} */
  const buttons = new Map();
  const group = make("div", { class: "choice", role: "group", "aria-label": label });
  for (const [value, text, title] of options) {
    const option = make("button", { type: "button", title, onclick: () => onpick(value) }, text);
    buttons.set(value, option);
    group.append(option);
  }
  /** @param {Value} chosen */
  const show = (chosen) => {
    for (const [value, option] of buttons) {
      option.setAttribute("aria-pressed", String(value === chosen));
    }
  };
  return { group, show };
}
