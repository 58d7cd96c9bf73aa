// Push to talk: one is heard while a key or a button is held, and a moment longer, so that no word loses its end.

const RELEASE_MS = 200;
const CAPTURE = { capture: true };

export class PushToTalk {
  held = false;
  #changed;
  #release;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;

  /**
   * @param {(held: boolean) => void} changed
   * @param {number} [release] milliseconds
   */
  constructor(changed, release = RELEASE_MS) {
    this.#changed = changed;
    this.#release = release;
  }

  press() {
    clearTimeout(this.#timer);
    this.#set(true);
  }

  release() {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#set(false), this.#release);
  }

  /**
   * A key of the keyboard, wherever the focus is but in a field. A window that loses the focus lets go.
   * @param {string} code as KeyboardEvent.code names it
   * @param {Window} [target]
   * @returns {() => void} ends it
   */
  listen(code, target = window) {
    const down = (/** @type {KeyboardEvent} */ event) => {
      if (event.code !== code || event.ctrlKey || event.metaKey || event.altKey || isField(event.target)) return;
      event.preventDefault(); // a space would scroll, or press the button that has the focus
      if (!event.repeat) this.press();
    };
    const up = (/** @type {KeyboardEvent} */ event) => event.code === code && this.held && this.release();
    const lost = () => this.held && this.release();
    target.addEventListener("keydown", down, CAPTURE);
    target.addEventListener("keyup", up, CAPTURE);
    target.addEventListener("blur", lost);
    return () => {
      target.removeEventListener("keydown", down, CAPTURE);
      target.removeEventListener("keyup", up, CAPTURE);
      target.removeEventListener("blur", lost);
      this.close();
    };
  }

  close() {
    clearTimeout(this.#timer);
    this.#set(false);
  }

  /** @param {boolean} held */
  #set(held) {
    if (this.held === held) return;
    this.held = held;
    this.#changed(held);
  }
}

/** Whether keys pressed there are text. @param {EventTarget | null} target */
export function isField(target) {
  const element = /** @type {HTMLElement | null} */ (target);
  return Boolean(element?.isContentEditable || element?.closest?.("input:not([type=range], [type=checkbox], [type=radio]), textarea, select, [contenteditable=true]"));
}
