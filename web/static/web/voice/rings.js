// Rings and bars that follow the voices, drawn on the elements themselves: too often to draw components anew.

import { effect } from "../html.js";
import { call } from "./state.js";

effect(() => {
  const own = call.value;
  if (!own) return undefined;
  let frame = requestAnimationFrame(draw);
  function draw() {
    for (const [id, { level, speaking }] of own.levels()) {
      for (const element of document.querySelectorAll(`[data-voice="${CSS.escape(id)}"]`)) {
        element.classList.toggle("speaking", speaking);
        element.style.setProperty("--level", level.toFixed(2));
      }
    }
    frame = requestAnimationFrame(draw);
  }
  return () => cancelAnimationFrame(frame);
});
