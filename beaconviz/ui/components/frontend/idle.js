// Tells Python when the workbench has drawn no new answer for a moment.

const PAUSE = 250; // ms without a new answer on the canvases

/** @type {WeakMap<Element, () => void>} how to stop the call before; this runs again at each run */
const stops = new WeakMap();

/** @typedef {(name: string, value: number) => void} Trigger */

/** @param {{parentElement: Element, setTriggerValue: Trigger}} component */
export default function ({ parentElement, setTriggerValue }) {
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  const wait = () => {
    clearTimeout(timer);
    timer = setTimeout(() => setTriggerValue("still", Date.now()), PAUSE);
  };
  // A link to another page makes Streamlit forget this page's fragments: to run one of them then
  // would leave that page empty.
  /** @param {Event} event */
  const leave = (event) => {
    const parts = event.composedPath();
    if (parts.some((part) => part instanceof HTMLAnchorElement)) clearTimeout(timer);
  };
  stops.get(parentElement)?.();
  window.addEventListener("beaconviz:drawn", wait);
  window.addEventListener("click", leave, true);
  const stop = () => {
    window.removeEventListener("beaconviz:drawn", wait);
    window.removeEventListener("click", leave, true);
  };
  stops.set(parentElement, stop);
  return stop;
}
