// Who is in the room, as the server tells it, and the connection to each. A seat may be lost and found again, with the line to
// the server: a connection that still works outlives it, and goes on in the next seat of the same person.

import { Emitter } from "../emitter.js";
import { additionsOf } from "./link.js";
import { Person } from "./person.js";

/** @import { Link, LinkOptions, Signal } from "./link.js" */
/** @import { Seat, VoiceState } from "./person.js" */
/** @import { Socket } from "../socketio.js" */
/** @typedef {"joining" | "joined" | "reconnecting" | "left"} RosterState */

const ANSWER_MS = 10_000; // for `created`
const REFUSAL_MS = 1_500; // an error may be about anything said on this socket: without `created` after it, it was about joining
const EARLY_SIGNALS = 64;
const KEPT_MS = 20_000; // longer than a socket takes to come back, in most cases

/**
 * Tells `change`, `seated` {isFirst}, `arrived`, `departed`, `kept`, `microphone` and `allowed` (person), `moved` (channel id),
 * `refused` (text) and `ended` {message, key}.
 */
export class Roster extends Emitter {
  /** @type {RosterState} */
  state = "joining";
  /** @type {Map<string, Person>} by socket id, oneself included */
  people = new Map();
  /** @type {Person | null} */
  me = null;
  #socket;
  #token;
  #linkOptions;
  /** @type {Set<Person>} whose seat is gone; nothing is sent to them and nothing of theirs is heard */
  #parked = new Set();
  /** @type {Map<Person, ReturnType<typeof setTimeout>>} until when a connection without seat is kept */
  #expiry = new Map();
  /** @type {Map<string, boolean>} by socket id: whether one is the polite one towards him */
  #polite = new Map();
  /** @type {Map<string, Signal[]>} of people not yet announced */
  #early = new Map();
  #formerIds = new Set();
  #lastError = "";
  /** @type {(() => void)[]} */
  #offs = [];
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #deadline;

  /**
   * @param {Socket} socket
   * @param {{ channelId: number | string, token?: string, linkOptions: () => Omit<LinkOptions, "polite" | "send" | "report"> }} options
   */
  constructor(socket, { channelId, token, linkOptions }) {
    super();
    this.channelId = channelId;
    this.#socket = socket;
    this.#token = token;
    this.#linkOptions = linkOptions;
  }

  get others() {
    return [...this.people.values()].filter((person) => person !== this.me);
  }

  enter() {
    /** @type {Record<string, (value: any) => void>} */
    const heard = {
      connect: () => this.#ask(),
      disconnect: () => this.#lost(),
      created: (room) => this.#seated(room),
      "user-connected": (seat) => this.#arrived(seat),
      "user-disconnected": (id) => this.#departed(id),
      "user-mic-toggle": ({ socketId, micToggle }) => this.#toggled(socketId, Boolean(micToggle)),
      "voice-state": (state) => this.#allowed(state),
      signal: (signal) => this.#signal(signal),
      error: (error) => this.#refused(error?.message ?? ""),
    };
    this.#offs = Object.entries(heard).map(([name, listener]) => this.#socket.on(name, listener));
    if (this.#socket.connected) this.#ask();
    else this.#socket.connect();
    this.#startDeadline(ANSWER_MS, () => this.#end(null, "noAnswer"));
  }

  leave() {
    if (this.state === "left") return;
    this.#socket.emit("leave-room");
    this.#close();
  }

  /** @param {boolean} on */
  tellMicrophone(on) {
    if (this.me) this.me.micOn = on;
    this.#socket.emit("toggle-mic", on);
  }

  /** To everybody whose client understands it: what one's own end says of itself. */
  tellAdditions() {
    for (const { link } of this.others) link?.tellAdditions();
  }

  /** @param {Person} person */
  #connect(person, polite = this.#polite.get(person.socketId) ?? true) {
    return person.connect({
      polite,
      send: (to, signal) => this.#socket.emit("signal", { to, ...signal }),
      report: (to, state, way) => this.#socket.emit("link-state", { to, state, way }),
      ...this.#linkOptions(),
    });
  }

  /** @param {Seat} seat */
  #newcomer(seat) {
    return new Person(seat, (person) => {
      if (this.#parked.has(person) && !person.isKeepable) this.#forget(person);
      else this.tell("change");
    });
  }

  #ask() {
    this.#socket.emit("join-room", this.channelId, ...(this.#token ? [this.#token] : []));
  }

  #lost() {
    if (this.state !== "joined") return;
    clearTimeout(this.#deadline);
    this.#set("reconnecting");
  }

  /**
   * @param {number} patience
   * @param {() => void} over what to do unless one is seated by then
   */
  #startDeadline(patience, over) {
    clearTimeout(this.#deadline);
    this.#deadline = setTimeout(over, patience);
  }

  /** @param {{ roomId: number | string, participants: Seat[] }} room */
  #seated({ roomId, participants }) {
    clearTimeout(this.#deadline);
    if (String(roomId) !== String(this.channelId)) {
      for (const person of [...this.people.values(), ...this.#parked]) this.#forget(person);
      this.channelId = roomId;
      this.tell("moved", roomId);
    }
    const former = [...this.people.values()].filter((person) => person.link);
    this.people = new Map();
    this.#polite.clear();
    for (const seat of participants) {
      const isMe = seat.socketId === this.#socket.id;
      if (!isMe && this.#formerIds.has(seat.socketId)) continue; // one's own seat from before the line broke
      if (isMe) this.people.set(seat.socketId, (this.me = new Person(seat)));
      else this.#meet(seat, former);
    }
    for (const person of former) if (!this.people.has(person.socketId)) this.#miss(person);
    this.#formerIds.add(this.#socket.id);
    const isFirst = this.state === "joining";
    this.#set("joined");
    this.tell("seated", { isFirst });
  }

  // The newcomer waits for offers, over a connection that was there before or a new one.
  /**
   * @param {Seat} seat
   * @param {Person[]} former
   */
  #meet(seat, former) {
    const same = former.find(({ socketId }) => socketId === seat.socketId) ?? this.#formerOf(seat, former);
    this.#polite.set(seat.socketId, true);
    const person = same ? this.#sitDown(same, seat) : this.#newcomer(seat);
    this.people.set(seat.socketId, person);
    if (!person.link) this.#connect(person);
    else person.awaitOffer(() => person.link?.offerAgain());
  }

  /** @param {Seat} seat */
  #arrived(seat) {
    if (seat.socketId === this.#socket.id || this.#formerIds.has(seat.socketId)) return;
    if (!this.#polite.has(seat.socketId)) this.#polite.set(seat.socketId, false); // introduced again he keeps his part
    if (this.people.has(seat.socketId)) this.#departed(seat.socketId, { silently: true });
    const former = this.#formerOf(seat, [...this.#parked, ...this.others.filter(({ isAway }) => isAway)]);
    const wasShown = former && this.people.get(former.socketId) === former;
    if (former) this.people.delete(former.socketId);
    const person = former ? this.#sitDown(former, seat) : this.#newcomer(seat);
    this.people.set(seat.socketId, person);
    const early = this.#early.get(seat.socketId) ?? [];
    this.#early.delete(seat.socketId);
    if (former?.link) former.link.restart(this.#servers(former.link));
    else {
      const link = this.#connect(person, this.#polite.get(seat.socketId));
      if (early.length === 0 && !link.polite) link.start();
    }
    for (const signal of early) this.#signal(signal);
    this.tell("change");
    if (!wasShown) this.tell("arrived", person);
  }

  /** @param {Link} link */
  #servers(link) {
    return link.connection.getConfiguration().iceServers ?? [];
  }

  /**
   * @param {Seat} seat
   * @param {Person[]} among
   */
  #formerOf({ userData }, among) {
    const userId = userData?.id ?? null;
    return userId === null ? undefined : among.find((person) => person.userId === userId && person.isKeepable);
  }

  /**
   * @param {Person} person
   * @param {Seat} seat
   */
  #sitDown(person, seat) {
    clearTimeout(this.#expiry.get(person));
    this.#expiry.delete(person);
    this.#parked.delete(person);
    person.sitDown(seat);
    if (person.link) person.link.polite = this.#polite.get(seat.socketId) ?? true;
    person.link?.setPaused(false);
    person.listen({ silent: false });
    this.tell("kept", person);
    return person;
  }

  // He is not back in the room yet, as the server was away or we were. He goes on talking for a while.
  /** @param {Person} person */
  #miss(person) {
    if (!person.isKeepable) return person.disconnect();
    person.isAway = true;
    this.people.set(person.socketId, person);
    this.#expire(person, () => {
      this.#departed(person.socketId, { lost: true });
    });
  }

  // The server says that his seat is gone: no word passes until he has one again.
  /** @param {Person} person */
  #park(person) {
    this.#parked.add(person);
    person.link?.setPaused(true);
    person.listen({ silent: true });
    this.#expire(person, () => this.#forget(person));
  }

  /**
   * @param {Person} person
   * @param {() => void} over
   */
  #expire(person, over) {
    clearTimeout(this.#expiry.get(person));
    this.#expiry.set(person, setTimeout(over, KEPT_MS));
  }

  /** @param {Person} person */
  #forget(person) {
    clearTimeout(this.#expiry.get(person));
    this.#expiry.delete(person);
    this.#parked.delete(person);
    if (this.people.get(person.socketId) === person) this.people.delete(person.socketId);
    person.disconnect();
  }

  /**
   * @param {string} id
   * @param {{ silently?: boolean, lost?: boolean }} [how]
   */
  #departed(id, { silently = false, lost = false } = {}) {
    this.#early.delete(id);
    if (id === this.#socket.id) return this.#end(this.#lastError);
    const person = this.people.get(id);
    if (!person) return;
    this.people.delete(id);
    if (person.isKeepable && !lost && !silently) this.#park(person);
    else this.#forget(person);
    if (silently) return;
    this.tell("change");
    this.tell("departed", person);
  }

  /**
   * @param {string} id
   * @param {boolean} on
   */
  #toggled(id, on) {
    const person = this.people.get(id);
    if (!person) return;
    person.micOn = on;
    this.tell("change");
    this.tell("microphone", person);
  }

  /** @param {{ socketId: string } & VoiceState} state */
  #allowed({ socketId, isMuted, isDeafened, canSpeak }) {
    const person = this.people.get(socketId);
    if (!person) return;
    person.voiceState = { isMuted, isDeafened, canSpeak };
    this.tell("allowed", person);
    this.tell("change");
  }

  /** @param {Signal} signal */
  #signal(signal) {
    const from = signal?.from ?? "";
    const person = this.people.get(from);
    if (!person) {
      const early = this.#early.get(from) ?? [];
      if (early.push(signal) <= EARLY_SIGNALS) this.#early.set(from, early);
    } else if (signal.type === "anew") this.#beginAnew(person);
    else if (this.#isOurs(person, signal)) person.receive(signal);
  }

  // A description tells which two ends it is between, so that an old connection is not taken for a new one.
  /**
   * @param {Person} person
   * @param {Signal} signal
   * @returns {boolean}
   */
  #isOurs(person, signal) {
    const { link } = person;
    const call = additionsOf(signal);
    if (!call) return true;
    const [theirs, ours] = [call.link, call.to];
    if (link && (!link.other || link.other.link === theirs) && (!ours || ours === link.id)) return true;
    if (signal.type === "answer") return false;
    if (!ours) { // he began anew
      this.#connect(person);
      return true;
    }
    const former = [...this.#parked, ...this.others].find((one) => one.userId === person.userId && one.link?.id === ours && one.link.other?.link === theirs);
    if (!former) {
      this.#socket.emit("signal", { to: person.socketId, type: "anew" });
      return false;
    }
    person.inherit(former);
    this.#forget(former);
    if (person.link) person.link.polite = this.#polite.get(person.socketId) ?? true;
    person.link?.setPaused(false);
    return true;
  }

  // The connection that one goes on with is no more known to him.
  /** @param {Person} person */
  #beginAnew(person) {
    const link = this.#connect(person);
    if (!link.polite) link.start();
    this.tell("change");
  }

  /** @param {string} message */
  #refused(message) {
    this.#lastError = message;
    if (this.state === "joined") this.tell("refused", message);
    else if (this.#socket.connected) this.#startDeadline(REFUSAL_MS, () => this.#end(message));
  }

  /**
   * @param {string | null} message
   * @param {"ended" | "noAnswer"} [key]
   */
  #end(message, key = "ended") {
    this.#close();
    this.tell("ended", { message, key });
  }

  #close() {
    clearTimeout(this.#deadline);
    for (const off of this.#offs.splice(0)) off();
    for (const person of [...this.people.values(), ...this.#parked]) this.#forget(person);
    this.#early.clear();
    this.#set("left");
  }

  /** @param {RosterState} state */
  #set(state) {
    if (this.state === "left") return;
    this.state = state;
    this.tell("change");
  }
}
