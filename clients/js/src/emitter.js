// Who listens to what. A listener that throws hurts nobody else.

/** @typedef {(...values: any[]) => void} Listener */

export class Emitter {
  /** @type {Map<string, Set<Listener>>} */
  #listeners = new Map();

  /**
   * @param {string} name `*`: everything, the name first
   * @param {Listener} listener
   * @returns {() => void} ends it
   */
  on(name, listener) {
    const listeners = this.#listeners.get(name) ?? new Set();
    this.#listeners.set(name, listeners.add(listener));
    return () => void listeners.delete(listener);
  }

  /**
   * @param {string} name
   * @param {...any} values
   */
  tell(name, ...values) {
    for (const listener of [...(this.#listeners.get(name) ?? [])]) attempt(listener, values);
    for (const listener of [...(this.#listeners.get("*") ?? [])]) attempt(listener, [name, ...values]);
  }
}

/**
 * @param {Listener} listener
 * @param {any[]} values
 */
function attempt(listener, values) {
  try {
    listener(...values);
  } catch (error) {
    console.error("A listener failed:", error);
  }
}
