// Live events: what happens on the instance, in order, each once, also across interruptions.

import { Emitter } from "./emitter.js";
import { ApiError } from "./errors.js";
import { Socket } from "./socketio.js";

/** @import { Client } from "./client.js" */
/** @import { EventMap, Handler, Presence } from "../types/words.d.ts" */
/** @typedef {"connecting" | "online" | "offline"} LiveState */
/**
 * @typedef {object} LiveOptions
 * @property {string} [url] where the instance is; by default where the client's is
 * @property {number | null} [since] the last `seq` one knows of: what came later is told first
 * @property {number[]} [servers] only these servers, and one's conversations
 * @property {new (url: string) => any} [WebSocket] where there is no global one, as in Node 20: that of the package `ws`
 */

const TYPING_MS = 3_000; // the server tells others no more often
const SUBSCRIBE_MS = 10_000;

export class Live {
  /** @type {LiveState} `online`: subscribed. `offline`: closed, or waiting for the next attempt */
  state = "offline";
  /** @type {((state: LiveState) => void) | null} */
  onState = null;
  /** @type {number | null} of the last event: keep it, and give it as `since` next time */
  seq;
  #client;
  #servers;
  #emitter = new Emitter();
  /** @type {Presence | null} */
  #presence = null;
  /** @type {Map<number, number>} when one was last told to be typing, by channel */
  #typed = new Map();
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #again;

  /**
   * @param {Client} client
   * @param {LiveOptions} [options]
   */
  constructor(client, { url = client.baseUrl, since = null, servers, WebSocket } = {}) {
    this.#client = client;
    this.#servers = servers;
    this.seq = since;
    /** The connection, which calls share. It has a new `id` after each interruption. */
    this.socket = new Socket({ url, auth: () => (client.token ? { token: client.token } : {}), WebSocket });
    this.socket.on("*", (name, event) => this.#heard(name, event));
  }

  connect() {
    if (!this.#client.token) throw new Error("Sign in first");
    this.socket.connect();
  }

  close() {
    this.socket.close();
    this.#unsubscribed("offline");
  }

  /**
   * @template {keyof EventMap | "*"} K
   * @param {K} kind `*`: all of them, the kind first
   * @param {Handler<K>} handler
   * @returns {() => void} ends it
   */
  on(kind, handler) {
    return this.#emitter.on(kind, handler);
  }

  /**
   * One is typing there. May be called at each key.
   * @param {number} channelId
   */
  typing(channelId) {
    if (Date.now() - (this.#typed.get(channelId) ?? -Infinity) < TYPING_MS) return;
    if (this.state === "online" && this.socket.emit("typing", { channelId })) this.#typed.set(channelId, Date.now());
  }

  /**
   * How one is there, on this device. It is said again after each interruption.
   * @param {Presence} status
   */
  presence(status) {
    this.#presence = status;
    if (this.state === "online") this.socket.emit("presence", { status });
  }

  /**
   * @param {string} name
   * @param {any} event
   */
  #heard(name, event) {
    if (name === "connecting") this.#set("connecting");
    else if (name === "connect") this.#connected();
    else if (name === "disconnect") this.#unsubscribed("offline");
    else if (name === "connect_error") this.#refused(event);
    else if (name === "subscribed") this.#subscribed(event);
    else if (name === "resumed" || name === "resync") this.#reached(name, event);
    else if (typeof event?.seq !== "number") this.#emitter.tell(name, event);
    else if (this.seq === null || event.seq > this.seq) {
      this.seq = event.seq;
      this.#emitter.tell(name, event);
    }
  }

  #connected() {
    if (this.#client.token) this.#subscribe();
    else this.close(); // signed out meanwhile
  }

  // The server may have let it fall, being busy: it is said again until it is answered.
  #subscribe() {
    this.socket.emit("subscribe", {
      ...(this.seq === null ? {} : { since: this.seq }),
      ...(this.#servers ? { servers: this.#servers } : {}),
    });
    this.#again = setTimeout(() => this.#subscribe(), SUBSCRIBE_MS);
  }

  // With a `since` it is `resumed` or `resync` that says how far one is: before them events may be missing.
  /** @param {{ seq: number }} event */
  #subscribed(event) {
    clearTimeout(this.#again);
    this.seq ??= event.seq;
    this.#set("online");
    if (this.#presence) this.socket.emit("presence", { status: this.#presence });
    this.#emitter.tell("subscribed", event);
  }

  /**
   * @param {"resumed" | "resync"} name
   * @param {{ seq: number }} event
   */
  #reached(name, event) {
    this.seq = event.seq; // of another log after a `resync`, so it may be lower
    this.#emitter.tell(name, event);
  }

  // Whether it was the token is what REST says; anything else passes, and is tried again.
  /** @param {{ message?: string } | null} refusal */
  async #refused(refusal) {
    this.#set("offline");
    if (!refusal) return; // nobody answered
    const { token } = this.#client;
    try {
      await this.#client.me();
    } catch (error) {
      const isRefused = error instanceof ApiError && (error.status === 401 || error.status === 403);
      if (isRefused && (this.#client.token ?? token) === token) this.close(); // else somebody has signed in meanwhile
    }
  }

  /** @param {LiveState} state */
  #unsubscribed(state) {
    clearTimeout(this.#again);
    this.#typed.clear();
    this.#set(state);
  }

  /** @param {LiveState} state */
  #set(state) {
    if (this.state === state) return;
    this.state = state;
    this.onState?.(state);
  }
}
