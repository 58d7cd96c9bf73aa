// When to look for a new way, as the old one breaks off. Both ends see that; the polite one lets the other try first.

const DISCONNECTED_MS = 4_000; // many interruptions end by themselves
const COURTESY_MS = 2_500;
const AGAIN_MS = { first: 6_000, most: 30_000 };

export class Recovery {
  #options;
  #attempts = 0;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;

  /** @param {{ patient: () => boolean, isUp: () => boolean, recover: () => Promise<void> }} options */
  constructor(options) {
    this.#options = options;
  }

  /** @param {RTCPeerConnectionState} state */
  watch(state) {
    if (state === "connected") {
      this.close();
      this.#attempts = 0;
    } else if (state === "failed" && this.#attempts === 0) this.#plan(0);
    else if (state === "disconnected") this.#plan(DISCONNECTED_MS);
  }

  close() {
    clearTimeout(this.#timer);
  }

  /** @param {number} delay */
  #plan(delay) {
    clearTimeout(this.#timer);
    const courtesy = this.#options.patient() && this.#attempts === 0 ? COURTESY_MS : 0;
    this.#timer = setTimeout(() => this.#try(), delay + courtesy);
  }

  async #try() {
    if (this.#options.isUp()) return;
    const wait = Math.min(AGAIN_MS.most, AGAIN_MS.first * 2 ** this.#attempts++);
    await this.#options.recover();
    if (!this.#options.isUp()) this.#plan(wait);
  }
}
