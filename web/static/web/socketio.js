// A small Socket.IO v5 client over Engine.IO v4: WebSocket only, one namespace, events both ways.
// Acknowledgements, binary and polling are left out: the signaling needs none of them.

const ENGINE = { open: "0", close: "1", ping: "2", pong: "3", message: "4" };
const PACKET = { connect: "0", disconnect: "1", event: "2", connectError: "4" };
const BACKOFF = { first: 500, most: 15_000 };
const HANDSHAKE_MS = 10_000;

export class Socket {
  #listeners = new Map();
  #ws = null;
  #watchdog = 0;
  #retry = 0;
  #failures = 0;
  #patience = HANDSHAKE_MS;
  #wanted = false;

  constructor(namespace, auth) {
    this.namespace = namespace;
    this.auth = auth;
    this.id = null;
  }

  // Besides the server's events: connect, disconnect (retried by itself) and connect_error (final).
  on(name, listener) {
    this.#listeners.set(name, listener);
    return this;
  }

  connect() {
    this.#wanted = true;
    this.#open();
    window.addEventListener("online", this.#retryNow);
  }

  emit(name, ...values) {
    if (this.id) this.#send(ENGINE.message + PACKET.event + this.namespace + "," + JSON.stringify([name, ...values]));
  }

  close() {
    this.#wanted = false;
    window.removeEventListener("online", this.#retryNow);
    clearTimeout(this.#retry);
    if (this.id) this.#send(ENGINE.message + PACKET.disconnect + this.namespace + ",");
    this.#drop();
  }

  #open() {
    clearTimeout(this.#retry);
    const scheme = location.protocol === "https:" ? "wss:" : "ws:";
    this.#patience = HANDSHAKE_MS;
    this.#ws = new WebSocket(`${scheme}//${location.host}/socket.io/?EIO=4&transport=websocket`);
    this.#ws.onmessage = ({ data }) => this.#receive(data);
    this.#ws.onclose = () => this.#lost();
    this.#watch();
  }

  // Silence longer than the server's own ping rhythm means a dead line, which a WebSocket may not notice for minutes.
  #watch() {
    clearTimeout(this.#watchdog);
    this.#watchdog = setTimeout(() => this.#lost(), this.#patience);
  }

  #send(text) {
    if (this.#ws?.readyState === WebSocket.OPEN) this.#ws.send(text);
  }

  #receive(data) {
    if (typeof data !== "string") return;
    if (this.id) this.#watch(); // before that, one timeout covers the whole handshake
    const body = data.slice(1);
    if (data[0] === ENGINE.open) {
      const { pingInterval, pingTimeout } = JSON.parse(body);
      this.#patience = pingInterval + pingTimeout;
      this.#send(ENGINE.message + PACKET.connect + this.namespace + "," + JSON.stringify(this.auth()));
    } else if (data[0] === ENGINE.ping) this.#send(ENGINE.pong);
    else if (data[0] === ENGINE.close) this.#lost();
    else if (data[0] === ENGINE.message) this.#packet(body);
  }

  #packet(text) {
    const match = /^(\d)(\/[^,]*),(\d*)(.*)$/s.exec(text);
    if (!match || match[2] !== this.namespace) return;
    const value = match[4] ? JSON.parse(match[4]) : null;
    if (match[1] === PACKET.connect) {
      this.id = value.sid;
      this.#failures = 0;
      this.#watch();
      this.#tell("connect");
    } else if (match[1] === PACKET.event) this.#tell(...value);
    else if (match[1] === PACKET.disconnect) this.#lost();
    else if (match[1] === PACKET.connectError) {
      this.close();
      this.#tell("connect_error", value);
    }
  }

  #lost() {
    const wasConnected = this.id !== null;
    this.#drop();
    if (!this.#wanted) return;
    const most = Math.min(BACKOFF.most, BACKOFF.first * 2 ** this.#failures++);
    this.#retry = setTimeout(() => this.#open(), most * (0.5 + Math.random() / 2));
    if (wasConnected) this.#tell("disconnect");
  }

  #retryNow = () => {
    if (this.#wanted && !this.#ws) this.#open();
  };

  #drop() {
    clearTimeout(this.#watchdog);
    if (this.#ws) {
      this.#ws.onmessage = this.#ws.onclose = null;
      this.#ws.close();
    }
    this.#ws = null;
    this.id = null;
  }

  #tell(name, ...values) {
    this.#listeners.get(name)?.(...values);
  }
}
