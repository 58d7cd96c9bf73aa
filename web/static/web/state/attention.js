// Whoever has touched nothing for a while is shown as idle, until he does; what he chose himself stays.

const IDLE_MS = 10 * 60_000;
const LOOK_MS = 30_000;
const TOUCHES = ["pointerdown", "pointermove", "keydown", "wheel", "focus"];

// `status()` is what he is shown as, `tell(status)` changes it. Answers the look that is taken now and then.
export function attention(target, { status, tell, now = Date.now }) {
  let touched = now();
  let away = false; // by our doing
  const touch = () => {
    touched = now();
    if (away && status() === "idle") tell("online");
    away = false;
  };
  for (const kind of TOUCHES) target.addEventListener(kind, touch, { capture: true, passive: true });
  return () => {
    if (away || status() !== "online" || now() - touched < IDLE_MS) return;
    away = true;
    tell("idle");
  };
}

export function attend(options) {
  setInterval(attention(window, options), LOOK_MS);
}
