// The network's side of a WebSocket, played by the test: what a server says, and how lines break.

export class Wire {
  /** @type {Wire[]} the newest last */
  static all = [];
  readyState = 0;
  sent = [];

  constructor(url) {
    this.url = url;
    Wire.all.push(this);
  }

  static get last() {
    return Wire.all.at(-1);
  }

  send(text) {
    this.sent.push(text);
  }

  close() {
    this.readyState = 3;
  }

  say(text) {
    this.onmessage?.({ data: text });
  }

  event(name, ...values) {
    this.say(`42/socket,${JSON.stringify([name, ...values])}`);
  }

  open() {
    this.readyState = 1;
    this.say('0{"sid":"engine","pingInterval":10000,"pingTimeout":10000}');
    return this;
  }

  accept(sid = "me") {
    this.open().say(`40/socket,{"sid":"${sid}"}`);
    return this;
  }

  refuse(message) {
    this.open().say(`44/socket,${JSON.stringify({ message })}`);
  }

  break() {
    this.readyState = 3;
    this.onclose?.();
  }

  /** Events the client said: `[name, ...values]`. */
  get heard() {
    return this.sent.filter((text) => text.startsWith("42")).map((text) => JSON.parse(text.slice(text.indexOf("["))));
  }
}

/** Time that the test moves, and no chance: waits are the shortest that they may be. */
export function still(mock) {
  Wire.all.length = 0;
  mock.timers.enable({ apis: ["setTimeout", "Date"] });
  mock.method(Math, "random", () => 0);
}
