// Keys of a call: M mutes, D deafens, and the one that is held to talk.

import { isField } from "projectvoice";
import { effect } from "../html.js";
import { call, toggleDeafened, toggleMuted } from "./state.js";
import { taste } from "./taste.js";

const ACTS = { KeyM: toggleMuted, KeyD: toggleDeafened };

addEventListener("keydown", (event) => {
  const { code, ctrlKey, metaKey, altKey, shiftKey, repeat, target, defaultPrevented } = event;
  if (!call.peek() || defaultPrevented || ctrlKey || metaKey || altKey || shiftKey || repeat) return;
  if (isField(target) || target.closest?.("dialog, [role=menu]") || !(code in ACTS)) return;
  event.preventDefault();
  ACTS[code]();
});

effect(() => {
  const { mode, pushKey } = taste.value;
  if (call.value && mode === "push") return call.value.push.listen(pushKey);
  return undefined;
});

// "Backquote" as it is written on keyboards.
export function keyName(code) {
  return code.replace(/^(Key|Digit)/, "").replace("Backquote", "`").replace(/^Arrow/, "").replace(/(Left|Right)$/, " $1").replace("Numpad", "Num ");
}
