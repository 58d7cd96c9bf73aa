// Somebody in the call: the seat, the connection, the sound.

import { Link } from "./link.js";
import { Meter, SILENCE } from "./levels.js";
import { measure } from "./quality.js";
import { Speaker } from "./speaker.js";

/** @import { Additions, Kind, LinkOptions, Signal } from "./link.js" */
/** @import { Counted, Quality } from "./quality.js" */
/** @typedef {{ isMuted: boolean, isDeafened: boolean, canSpeak: boolean }} VoiceState what moderators and roles allow */
/** @typedef {{ socketId: string, userData?: any, micToggle?: boolean, voiceState?: VoiceState }} Seat */
/** @typedef {{ volume: number, silent: boolean, output: string, onBlocked: () => void }} Listening how one listens to him */

const OFFER_MS = 4_000; // some clients wait for the newcomer's offer: then the newcomer makes it
const FREE = { isMuted: false, isDeafened: false, canSpeak: true };

export class Person {
  /** @type {number | null} guests of other dialects have none */
  userId = null;
  username = "?";
  /** @type {string | null} */
  profilePicture = null;
  micOn = true;
  /** @type {VoiceState} */
  voiceState = FREE;
  /** @type {Link | null} */
  link = null;
  /** @type {Quality | null} */
  quality = null;
  /** He was there before the line to the server broke, and is not back yet. */
  isAway = false;
  /** @type {Speaker | null} */
  speaker = null;
  /** @type {Meter | null} */
  #meter = null;
  /** @type {MediaStream | null} */
  #voice = null;
  /** @type {Speaker | null} of what he shows */
  #screenSpeaker = null;
  /** @type {MediaStream | null} */
  #screen = null;
  /** @type {Counted | null} */
  #counted = null;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #patience;
  /** @type {Listening} */
  #listening = { volume: 1, silent: false, output: "", onBlocked: () => {} };

  /** @type {(person: Person) => void} */
  #changed;

  /**
   * @param {Seat} seat
   * @param {(person: Person) => void} [changed] in his connection
   */
  constructor(seat, changed = () => {}) {
    this.socketId = seat.socketId;
    this.#changed = changed;
    this.sitDown(seat);
  }

  /** @param {Seat} seat */
  sitDown({ socketId, userData, micToggle = true, voiceState = FREE }) {
    this.socketId = socketId;
    if (this.link) this.link.to = socketId;
    this.userId = userData?.id ?? null;
    this.username = userData?.username ?? "?";
    this.profilePicture = userData?.profilePicture ?? null;
    this.micOn = Boolean(micToggle);
    this.voiceState = voiceState;
    this.isAway = false;
  }

  /** His own client says so; no moderator did. */
  get isDeafened() {
    return Boolean(this.link?.other?.deafened);
  }

  get incoming() {
    return this.link?.incoming ?? {};
  }

  /** Whether the connection may outlive the seat: somebody we know by his account, on a client that keeps it too. */
  get isKeepable() {
    return this.userId !== null && this.link?.state === "connected" && this.link.other !== null;
  }

  /** @param {LinkOptions} options */
  connect(options) {
    this.disconnect();
    this.#take(new Link(options));
    if (options.polite) this.awaitOffer();
    return /** @type {Link} */ (this.link);
  }

  /** The newcomer waits for an offer, but not for ever. @param {() => void} [otherwise] */
  awaitOffer(otherwise = () => this.link?.start()) {
    clearTimeout(this.#patience);
    this.#patience = setTimeout(otherwise, OFFER_MS);
  }

  /** @param {Signal} signal */
  receive(signal) {
    if (signal.type === "offer") clearTimeout(this.#patience);
    return this.link?.receive(signal);
  }

  disconnect() {
    clearTimeout(this.#patience);
    this.link?.close();
    this.link = null;
    this.quality = this.#counted = null;
    this.#hearVoice(null);
    this.#hearScreen(null);
  }

  /** The connection of a seat he had before goes on in this one. @param {Person} former */
  inherit(former) {
    this.disconnect();
    this.#take(former.link);
    former.link = null;
    former.disconnect();
    this.hear();
  }

  /** Plays what comes now. */
  hear() {
    const { voice = null, screen = null } = this.incoming;
    if (voice !== this.#voice) this.#hearVoice(voice);
    const sounding = screen?.getAudioTracks().length ? screen : null;
    if (sounding !== this.#screen) this.#hearScreen(sounding);
  }

  /** @param {Partial<Listening>} listening */
  listen(listening) {
    Object.assign(this.#listening, listening);
    this.#apply();
  }

  play() {
    return Promise.all([this.speaker?.play(), this.#screenSpeaker?.play()]);
  }

  level() {
    return (this.micOn && this.voiceState.canSpeak && this.#meter?.read()) || SILENCE;
  }

  async look() {
    if (!this.link || this.link.state === "closed") return;
    const { connection } = this.link;
    const { quality, counted } = measure([...(await connection.getStats()).values()], this.#counted);
    if (this.link?.connection !== connection) return;
    this.quality = this.link.state === "connected" ? quality : null;
    this.#counted = counted;
  }

  /** @param {Link | null} link */
  #take(link) {
    this.link = link;
    if (!link) return;
    link.to = this.socketId;
    link.onchange = () => {
      this.hear();
      this.#changed(this);
    };
  }

  /** @param {MediaStream | null} stream */
  #hearVoice(stream) {
    this.speaker?.close();
    this.#meter?.close();
    this.#voice = stream;
    this.speaker = stream && new Speaker(stream, () => this.#listening.onBlocked());
    this.#meter = stream && new Meter(stream);
    this.#apply();
  }

  /** @param {MediaStream | null} stream */
  #hearScreen(stream) {
    this.#screenSpeaker?.close();
    this.#screen = stream;
    this.#screenSpeaker = stream && new Speaker(stream, () => this.#listening.onBlocked());
    this.#apply();
  }

  #apply() {
    const { volume, silent, output } = this.#listening;
    for (const speaker of [this.speaker, this.#screenSpeaker]) {
      speaker?.setVolume(volume);
      speaker?.setSilent(silent || !this.voiceState.canSpeak);
      if (output) speaker?.setOutput(output).catch(() => {}); // it was unplugged: the system's choice plays on
    }
  }
}
