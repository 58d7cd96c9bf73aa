// The servers that help connections find their way, asked again before their credentials expire.

/** @typedef {{ iceServers: RTCIceServer[], ttl?: number }} IceAnswer as `GET /api/voice/ice-servers` gives it; `ttl` in seconds */
/** @typedef {RTCIceServer[] | (() => Promise<IceAnswer>)} IceSource */

const SHARE = 0.8; // of the lifetime: what is left must be enough to connect with
const PAUSE_MS = 5_000; // between two questions; many connections may fail at once
const LONGEST_MS = 2 ** 31 - 1; // of a timer

export class IceServers {
  #source;
  #renewed;
  /** @type {RTCIceServer[]} */
  #servers = [];
  /** @type {Promise<RTCIceServer[]> | null} */
  #answer = null;
  #asked = -Infinity;
  #closed = false;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;

  /**
   * @param {IceSource} source
   * @param {(servers: RTCIceServer[]) => void} renewed there are new ones, for connections that run on the old
   */
  constructor(source, renewed) {
    this.#source = source;
    this.#renewed = renewed;
  }

  /** Those at hand. @returns {Promise<RTCIceServer[]>} */
  get() {
    this.#answer ??= this.#ask();
    return this.#answer;
  }

  /** Those at hand did not help, and may have been refused. @returns {Promise<RTCIceServer[]>} */
  anew() {
    if (Date.now() - this.#asked > PAUSE_MS) this.#answer = this.#ask();
    return this.get();
  }

  close() {
    this.#closed = true;
    clearTimeout(this.#timer);
  }

  async #ask() {
    if (Array.isArray(this.#source)) return this.#source;
    this.#asked = Date.now();
    clearTimeout(this.#timer);
    let again = PAUSE_MS;
    try {
      const { iceServers, ttl } = await this.#source();
      this.#servers = iceServers;
      again = ttl ? Math.max(PAUSE_MS, ttl * SHARE * 1000) : LONGEST_MS;
    } catch {
      // Those of before still serve, or none do: people on the same network reach each other all the same.
    }
    if (!this.#closed) this.#timer = setTimeout(() => this.#renew(), Math.min(again, LONGEST_MS));
    return this.#servers;
  }

  async #renew() {
    const before = this.#servers;
    this.#answer = this.#ask();
    const servers = await this.#answer;
    if (!this.#closed && servers !== before) this.#renewed(servers);
  }
}
