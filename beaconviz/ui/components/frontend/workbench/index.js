// What Streamlit loads. It calls the default export for every change of data or theme with the same
// parentElement, so the workbench is kept between calls. The cleanup of an older call may run after
// a newer one: only that of the newest removes the workbench.

import { unpack } from "../messages/unpack.js";
import { Workbench } from "./workbench.js";

/** @import { Send } from "../messages/message_queue.js" */

/** @type {WeakMap<Element, {workbench: Workbench, newest: symbol}>} */
const instances = new WeakMap();

/** @param {{data: Uint8Array, parentElement: Element, setStateValue: Send}} component */
export default function ({ data, parentElement, setStateValue }) {
  const call = Symbol("call");
  const instance = instances.get(parentElement) ?? {
    workbench: new Workbench(parentElement),
    newest: call,
  };
  instance.newest = call;
  instances.set(parentElement, instance);
  instance.workbench.update(unpack(data), setStateValue);
  return () => {
    if (instance.newest !== call) return;
    instance.workbench.remove();
    instances.delete(parentElement);
  };
}
