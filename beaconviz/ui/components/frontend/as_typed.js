// Sends what is typed into a text area when the typing pauses. Streamlit's own waits until the area
// is left or Ctrl+Enter is pressed; this presses the keys.

const PAUSE = 400; // ms without a key
const EVENTS = ["input", "compositionend"];

/** @type {WeakMap<Element, () => void>} how to stop the call before; this runs again at each run */
const stops = new WeakMap();

/** @param {{data: string, parentElement: Element}} component data: the key of the text area */
export default function ({ data: key, parentElement }) {
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  /** @param {Event} event */
  const listen = (event) => {
    const { target } = event;
    if (!(target instanceof Element) || !target.matches(`.st-key-${key} textarea`)) return;
    clearTimeout(timer);
    const composing = event instanceof InputEvent && event.isComposing;
    if (!composing) timer = setTimeout(pressControlEnter, PAUSE, target);
  };
  stops.get(parentElement)?.();
  for (const name of EVENTS) window.addEventListener(name, listen);
  const stop = () => {
    for (const name of EVENTS) window.removeEventListener(name, listen);
  };
  stops.set(parentElement, stop);
  return stop;
}

/** @param {Element} area */
function pressControlEnter(area) {
  const keys = { key: "Enter", code: "Enter", ctrlKey: true, bubbles: true };
  area.dispatchEvent(new KeyboardEvent("keydown", keys));
}
