// A small Socket.IO v5 client over Engine.IO v4: WebSocket only, one namespace, events both ways.
// Acknowledgements, binary and polling are left out: neither calls nor live events need them.

import { Emitter } from "./emitter.js";

/** @import { Listener } from "./emitter.js" */
/**
 * @typedef {object} SocketOptions
 * @property {string} [url] where the instance is; the page's own origin by default
 * @property {string} [path]
 * @property {string} [namespace]
 * @property {() => Record<string, unknown>} [auth] asked at each handshake
 * @property {new (url: string) => any} [WebSocket] where there is no global one, as in Node 20: that of the package `ws`
 */

const ENGINE = { open: "0", close: "1", ping: "2", pong: "3", message: "4" };
const PACKET = { connect: "0", disconnect: "1", event: "2", connectError: "4" };
const OPEN = 1; // WebSocket.OPEN, which constructors of other packages need not have
const BACKOFF = { first: 500, most: 15_000 };
const HANDSHAKE_MS = 10_000;
const GLANCE_MS = 5_000; // how often the clock is looked at: a machine that slept is noticed that soon
const SLACK_MS = 2_000; // how late a ping may be when there is reason to doubt the line

/**
 * A connection that comes back by itself until it is closed. Besides the server's events listeners hear
 * - `connect`: also after each interruption, with a new `id`;
 * - `disconnect`: it is being retried;
 * - `connect_error` {message}: the server refused the handshake. It is retried all the same: who knows better calls `close`.
 */
export class Socket {
  /** @type {string | null} the server's name for this connection; null without one */
  id = null;
  #emitter = new Emitter();
  /** @type {any} */
  #ws = null;
  #wanted = false;
  #failures = 0;
  #heardAt = 0;
  #rhythm = { pingInterval: 0, pingTimeout: HANDSHAKE_MS };
  #patience = HANDSHAKE_MS;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #watchdog;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #retry;

  /** @param {SocketOptions} [options] */
  constructor({ url, path = "/socket.io", namespace = "/socket", auth = () => ({}), WebSocket = globalThis.WebSocket } = {}) {
    if (!WebSocket) throw new TypeError("There is no WebSocket here: pass one as an option");
    const base = (url || globalThis.location.origin).replace(/^http/, "ws").replace(/\/$/, "");
    this.url = `${base}${path}/?EIO=4&transport=websocket`;
    this.namespace = namespace;
    this.auth = auth;
    this.WebSocket = WebSocket;
  }

  get connected() {
    return this.id !== null;
  }

  /** An attempt is under way: not connected yet, and not waiting for the next one either. */
  get connecting() {
    return !this.connected && this.#ws !== null;
  }

  /**
   * @param {string} name `*`: everything, the name first
   * @param {Listener} listener
   * @returns {() => void} ends it
   */
  on(name, listener) {
    return this.#emitter.on(name, listener);
  }

  /** Does nothing while it is already wanted. */
  connect() {
    if (this.#wanted) return;
    this.#wanted = true;
    this.#failures = 0;
    globalThis.addEventListener?.("online", this.#doubt);
    globalThis.addEventListener?.("pageshow", this.#doubt);
    globalThis.document?.addEventListener("visibilitychange", this.#doubt);
    this.#open();
  }

  /**
   * @param {string} name
   * @param {...unknown} values
   * @returns {boolean} whether it was sent: without a connection it is not, and is not kept either
   */
  emit(name, ...values) {
    return this.connected && this.#send(ENGINE.message + this.#packet(PACKET.event, [name, ...values]));
  }

  close() {
    this.#wanted = false;
    globalThis.removeEventListener?.("online", this.#doubt);
    globalThis.removeEventListener?.("pageshow", this.#doubt);
    globalThis.document?.removeEventListener("visibilitychange", this.#doubt);
    clearTimeout(this.#retry);
    if (this.connected) this.#send(ENGINE.message + this.#packet(PACKET.disconnect));
    this.#drop();
  }

  #open() {
    clearTimeout(this.#retry);
    const ws = (this.#ws = new this.WebSocket(this.url));
    ws.onmessage = (/** @type {{ data: unknown }} */ { data }) => this.#receive(data);
    ws.onclose = () => this.#lost();
    ws.onerror = () => {}; // a close follows
    this.#heardAt = Date.now(); // one patience covers the whole handshake
    this.#patience = HANDSHAKE_MS;
    this.#watch();
    this.#emitter.tell("connecting");
  }

  // Silence longer than the server's own ping rhythm means a dead line, which a WebSocket may not notice for minutes. It is
  // measured by the clock, since timers stand still while the machine sleeps.
  #watch() {
    clearTimeout(this.#watchdog);
    const left = this.#patience - (Date.now() - this.#heardAt);
    if (left <= 0) this.#lost();
    else this.#watchdog = setTimeout(() => this.#watch(), Math.min(left, GLANCE_MS));
  }

  #alive() {
    this.#heardAt = Date.now();
    this.#patience = this.#rhythm.pingInterval + this.#rhythm.pingTimeout;
  }

  // The network changed, or somebody looks again: a line that missed one ping is not waited for.
  #doubt = () => {
    if (globalThis.document?.visibilityState === "hidden") return;
    if (!this.#ws) return this.#open();
    if (!this.connected) return;
    this.#patience = this.#rhythm.pingInterval + Math.min(SLACK_MS, this.#rhythm.pingTimeout);
    this.#watch();
  };

  /** @param {string} text */
  #send(text) {
    if (this.#ws?.readyState !== OPEN) return false;
    this.#ws.send(text);
    return true;
  }

  /**
   * @param {string} type
   * @param {unknown} [value]
   */
  #packet(type, value) {
    const place = this.namespace === "/" ? "" : `${this.namespace},`;
    return type + place + (value === undefined ? "" : JSON.stringify(value));
  }

  /** @param {unknown} data */
  #receive(data) {
    if (typeof data !== "string") return;
    if (this.connected) this.#alive();
    const body = data.slice(1);
    if (data[0] === ENGINE.open) {
      this.#rhythm = JSON.parse(body);
      this.#send(ENGINE.message + this.#packet(PACKET.connect, this.auth()));
    } else if (data[0] === ENGINE.ping) {
      this.#failures = 0; // it held for a while: the next loss is a first one
      this.#send(ENGINE.pong);
    } else if (data[0] === ENGINE.close) this.#lost();
    else if (data[0] === ENGINE.message) this.#understand(body);
  }

  /** @param {string} text */
  #understand(text) {
    const match = /^(\d)(?:(\/[^,]*),)?\d*(.*)$/s.exec(text);
    if (!match || (match[2] ?? "/") !== this.namespace) return;
    const [, type, , json] = match;
    const value = json ? JSON.parse(json) : null;
    if (type === PACKET.connect) {
      this.id = value.sid;
      this.#alive();
      this.#emitter.tell("connect");
    } else if (type === PACKET.event) {
      const [name, ...values] = value;
      this.#emitter.tell(name, ...values);
    } else if (type === PACKET.disconnect) this.#lost();
    else if (type === PACKET.connectError) this.#lost(value);
  }

  /** @param {unknown} [refusal] */
  #lost(refusal) {
    const wasConnected = this.connected;
    this.#drop();
    if (!this.#wanted) return;
    const most = Math.min(BACKOFF.most, BACKOFF.first * 2 ** this.#failures++);
    this.#retry = setTimeout(() => this.#open(), most * (0.5 + Math.random() / 2)); // not all at once after a restart
    if (wasConnected) this.#emitter.tell("disconnect");
    else this.#emitter.tell("connect_error", refusal ?? null);
  }

  #drop() {
    clearTimeout(this.#watchdog);
    if (this.#ws) {
      this.#ws.onmessage = this.#ws.onclose = null;
      this.#ws.close();
    }
    this.#ws = null;
    this.id = null;
  }
}
