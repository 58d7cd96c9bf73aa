// The call one is in: who is there, a link to each, one's own microphone. Knows no page; tells it by "change" and "news".

import { session } from "./api.js";
import { Meter, openMicrophone, wakeAudio } from "./audio.js";
import { iceServers } from "./ice.js";
import { Person } from "./person.js";
import { Socket } from "../sdk/socketio.js";

const ANSWER_MS = 10_000; // for `created`
const EARLY_SIGNALS = 64;
const RENEWAL_MS = 30_000; // looks whether those who come later need new credentials

export class Call extends EventTarget {
  state = "idle"; // idle, joining, joined, reconnecting
  channel = null;
  people = new Map(); // by socket id
  muted = false;
  problem = null; // why there is no microphone, a text key
  soundBlocked = false;
  #socket = null;
  #microphone = {};
  #ownMeter = null;
  #iceServers = [];
  #renewal = 0;
  #early = new Map(); // signals of people not yet announced
  #formerIds = new Set();
  #lastError = "";
  #deadline = 0;
  #attempt = 0;

  get me() {
    return this.people.get(this.#socket?.id);
  }

  get hasMicrophone() {
    return Boolean(this.#microphone.track);
  }

  // The microphone comes first, so that the answer to an offer never waits for a permission prompt.
  async join(channel) {
    if (this.channel?.id === channel.id) return;
    this.leave();
    const attempt = ++this.#attempt;
    this.channel = channel;
    this.muted = false;
    this.#set("joining");
    wakeAudio().catch(() => {});
    const [microphone, servers] = await Promise.all([openMicrophone(), iceServers()]);
    if (attempt !== this.#attempt) return microphone.track?.stop();
    this.#iceServers = servers;
    this.#renewal = setInterval(() => this.#renewServers(), RENEWAL_MS);
    this.#useMicrophone(microphone);
    this.#socket = new Socket({ auth: () => ({ token: session.token }) });
    this.#socket.on("connect", () => this.#enter());
    this.#socket.on("disconnect", () => this.#set("reconnecting"));
    this.#socket.on("connect_error", (refusal) => refusal && this.#end(refusal.message));
    this.#socket.on("created", ({ participants }) => this.#seated(participants));
    this.#socket.on("user-connected", (person) => this.#arrived(person));
    this.#socket.on("user-disconnected", (id) => this.#departed(id));
    this.#socket.on("user-mic-toggle", ({ socketId, micToggle }) => this.#toggled(socketId, micToggle));
    this.#socket.on("signal", (signal) => this.#signal(signal));
    this.#socket.on("error", (error) => this.#refused(error?.message ?? ""));
    this.#startDeadline();
    this.#socket.connect();
  }

  leave() {
    if (this.state === "idle") return;
    this.#attempt++;
    this.#socket?.emit("leave-room");
    this.#close();
    this.#news("left");
  }

  setMuted(muted) {
    if (!this.hasMicrophone) return;
    this.muted = muted;
    this.#microphone.track.enabled = !muted;
    this.#tellMicrophone();
    this.#change();
  }

  async retryMicrophone() {
    const microphone = await openMicrophone();
    if (this.state === "idle") return microphone.track?.stop();
    this.#useMicrophone(microphone);
    if (this.hasMicrophone) {
      this.muted = false;
      for (const { link } of this.people.values()) link?.setTrack(microphone.track);
    }
    this.#tellMicrophone();
    this.#change();
  }

  async soundOn() {
    await wakeAudio();
    await Promise.all([...this.people.values()].map((person) => person.play()));
    this.soundBlocked = false;
    this.#change();
  }

  // socket id → { level, speaking }, for the page to draw as often as it likes.
  levels() {
    const silence = { level: 0, speaking: false };
    const own = this.people.get(this.#socket?.id);
    return [...this.people].map(([id, person]) => {
      const meter = person === own ? this.#ownMeter : person.meter;
      return [id, person.micOn && meter ? meter.read() : silence];
    });
  }

  #enter() {
    this.#startDeadline();
    this.#socket.emit("join-room", this.channel.id, session.token);
  }

  #seated(participants) {
    clearTimeout(this.#deadline);
    this.#closeLinks();
    for (const seat of participants) {
      const isMe = seat.socketId === this.#socket.id;
      if (!isMe && this.#formerIds.has(seat.socketId)) continue; // one's own seat from before the line broke
      const person = this.#seat(seat);
      if (!isMe) this.#connect(person, { polite: true });
    }
    this.#formerIds.add(this.#socket.id);
    this.#tellMicrophone({ changedOnly: true });
    const isNew = this.state === "joining";
    this.#set("joined");
    if (isNew) this.#news("joined");
  }

  #arrived(seat) {
    if (seat.socketId === this.#socket.id || this.#formerIds.has(seat.socketId)) return;
    this.#departed(seat.socketId, { silently: true });
    const person = this.#seat({ micToggle: true, ...seat });
    const link = this.#connect(person, { polite: false });
    const early = this.#early.get(seat.socketId);
    this.#early.delete(seat.socketId);
    if (early) early.forEach((signal) => link.receive(signal));
    else link.start();
    this.#change();
    this.#news("arrived", person);
  }

  #departed(id, { silently = false } = {}) {
    this.#early.delete(id);
    if (id === this.#socket.id) return this.#end(this.#lastError);
    const person = this.people.get(id);
    if (!person) return;
    person.disconnect();
    this.people.delete(id);
    if (silently) return;
    this.#change();
    this.#news("departed", person);
  }

  #toggled(id, micOn) {
    const person = this.people.get(id);
    if (!person) return;
    person.micOn = Boolean(micOn);
    this.#change();
    this.#news(person.micOn ? "unmuted" : "muted", person);
  }

  #signal(signal) {
    const person = this.people.get(signal?.from);
    if (person?.link) return person.link.receive(signal);
    const early = this.#early.get(signal?.from) ?? [];
    if (early.push(signal) <= EARLY_SIGNALS) this.#early.set(signal?.from, early);
  }

  #seat(seat) {
    const person = new Person(seat);
    this.people.set(person.socketId, person);
    return person;
  }

  #connect(person, { polite }) {
    return person.connect({
      polite,
      iceServers: this.#iceServers,
      track: this.#microphone.track,
      send: (body) => this.#socket?.emit("signal", { to: person.socketId, ...body }),
      changed: () => this.#change(),
      failed: async () => {
        await this.#renewServers({ anew: true });
        person.link?.restart(this.#iceServers);
      },
      onBlocked: () => {
        this.soundBlocked = true;
        this.#change();
      },
    });
  }

  async #renewServers(options) {
    this.#iceServers = await iceServers(options);
  }

  #useMicrophone(microphone) {
    this.#ownMeter?.close();
    this.#microphone = microphone;
    this.problem = microphone.problem ?? null;
    this.#ownMeter = microphone.stream ? new Meter(microphone.stream) : null;
    microphone.track?.addEventListener("ended", () => {
      if (this.#microphone !== microphone) return;
      this.#useMicrophone({ problem: "micLost" });
      this.#tellMicrophone();
      this.#change();
    });
  }

  #tellMicrophone({ changedOnly = false } = {}) {
    const micOn = this.hasMicrophone && !this.muted;
    if (this.me) this.me.micOn = micOn;
    if (!micOn || !changedOnly) this.#socket?.emit("toggle-mic", micOn); // a new seat starts as on
  }

  #startDeadline() {
    clearTimeout(this.#deadline);
    if (this.state === "joining") this.#deadline = setTimeout(() => this.#end(null, "noAnswer"), ANSWER_MS);
  }

  #refused(message) {
    this.#lastError = message;
    if (this.state === "joined") this.#news("error", { message });
    else this.#end(message);
  }

  #end(message, key = "callEnded") {
    this.#close();
    this.#news("ended", { message, key });
  }

  #close() {
    clearTimeout(this.#deadline);
    clearInterval(this.#renewal);
    this.#socket?.close();
    this.#closeLinks();
    this.#microphone.track?.stop();
    this.#useMicrophone({});
    this.#formerIds.clear();
    this.#socket = this.channel = null;
    this.#lastError = "";
    this.soundBlocked = false;
    this.#set("idle");
  }

  #closeLinks() {
    for (const person of this.people.values()) person.disconnect();
    this.people.clear();
    this.#early.clear();
  }

  #set(state) {
    this.state = state;
    this.#change();
  }

  #change() {
    this.dispatchEvent(new Event("change"));
  }

  #news(kind, about = {}) {
    this.dispatchEvent(new CustomEvent("news", { detail: { kind, ...about } }));
  }
}
