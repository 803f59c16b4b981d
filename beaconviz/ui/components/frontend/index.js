// What Streamlit loads. It calls the default export for every change of data or theme with
// the same parentElement, so the workbench is kept between calls. The cleanup of an older
// call may run after a newer one: only the newest may tear the workbench down.

import { unpack } from "./link.js";
import { Workbench } from "./workbench.js";

const instances = new WeakMap();

export default function ({ data, parentElement, setStateValue }) {
  let instance = instances.get(parentElement);
  if (!instance) {
    instance = { workbench: new Workbench(parentElement) };
    instances.set(parentElement, instance);
  }
  const token = (instance.token = {});
  instance.workbench.update(unpack(data), setStateValue);
  return () => {
    if (instance.token !== token) return;
    instance.workbench.remove();
    instances.delete(parentElement);
  };
}
