// A visit to a voice channel: who is there, one's own microphone, camera and screen, and how one listens. Knows no page.

import { Emitter } from "../emitter.js";
import { openCamera, openMicrophone, openScreen } from "./devices.js";
import { IceServers } from "./ice.js";
import { Meter, SILENCE, wakeAudio } from "./levels.js";
import { PushToTalk } from "./push.js";
import { Roster } from "./roster.js";
import { setContextOutput } from "./speaker.js";
import { snapshotOf } from "./snapshot.js";
import { limitUpload } from "./bitrate.js";

/** @import { IceSource } from "./ice.js" */
/** @import { Media, Place } from "./link.js" */
/** @import { Opened, PictureOptions, Problem, SoundOptions } from "./devices.js" */
/** @import { Level } from "./levels.js" */
/** @import { Person } from "./person.js" */
/** @import { CallSnapshot } from "./snapshot.js" */
/** @import { Live } from "../live.js" */
/** @import { Socket } from "../socketio.js" */
/**
 * @typedef {object} CallOptions
 * @property {number | string} channelId
 * @property {string} [token] if the connection was made without one
 * @property {IceSource} [iceServers] a list, or what asks for one: `() => client.get("/api/voice/ice-servers")`
 * @property {RTCIceTransportPolicy} [iceTransportPolicy] `relay`: no other way is taken
 * @property {{ microphone?: SoundOptions, camera?: PictureOptions }} [constraints]
 * @property {boolean} [muted] from the start
 * @property {boolean} [deafened]
 * @property {"voice" | "push"} [mode] `push`: one is heard while `push.press()` holds
 * @property {number} [releaseDelay] of it, in milliseconds
 * @property {string} [output] deviceId of the loudspeaker
 * @property {(userId: number) => number} [volumeOf] 0 to 2, as it was remembered
 */

const LOOK_MS = 2_000;

/**
 * Tells `change` whenever `snapshot` is another one; `quality` every two seconds; `news` {kind, person?, message?, key?} of what
 * one would say aloud: joined, arrived, departed, muted, unmuted, moved, refused, left, ended.
 */
export class Call extends Emitter {
  muted;
  deafened;
  mode;
  /** @type {Problem | null} why there is no microphone */
  problem = null;
  soundBlocked = false;
  /** @type {Media} */
  #media = {
    voice: { track: null, stream: new MediaStream() },
    camera: { track: null, stream: new MediaStream() },
    screen: { track: null, stream: new MediaStream() },
    screenSound: { track: null, stream: new MediaStream() },
  };
  #options;
  #roster;
  #servers;
  /** @type {Meter | null} */
  #ownMeter = null;
  /** @type {RTCIceServer[]} */
  #iceServers = [];
  #output;
  /** @type {Map<number, number>} by user, as set during this call */
  #volumes = new Map();
  #begun = false;
  #attempt = 0; // at opening the microphone: the last one counts
  /** @type {ReturnType<typeof setInterval> | undefined} */
  #look;
  /** @type {CallSnapshot | null} */
  #snapshot = null;

  /**
   * @param {Live | Socket} connection
   * @param {CallOptions} options
   */
  constructor(connection, options) {
    super();
    this.#options = options;
    this.muted = options.muted ?? false;
    this.deafened = options.deafened ?? false;
    this.mode = options.mode ?? "voice";
    this.#output = options.output ?? "";
    this.#media.screenSound.stream = this.#media.screen.stream; // two tracks of one stream
    this.push = new PushToTalk(() => this.#applyMicrophone(), options.releaseDelay);
    this.#servers = new IceServers(options.iceServers ?? [], (servers) => this.#renewed(servers));
    this.#roster = new Roster("socket" in connection ? connection.socket : connection, {
      channelId: options.channelId,
      token: options.token,
      linkOptions: () => ({
        configuration: { iceServers: this.#iceServers, iceTransportPolicy: options.iceTransportPolicy },
        media: this.#media,
        additions: () => ({ deafened: this.deafened }),
        freshServers: async () => (this.#iceServers = await this.#servers.anew()),
      }),
    });
    this.#listen();
  }

  get state() {
    return this.#begun ? this.#roster.state : "idle";
  }

  get channelId() {
    return this.#roster.channelId;
  }

  /** The others. */
  get people() {
    return this.#roster.others;
  }

  /** All of it as it is now: another object whenever something changed, the same one otherwise. */
  get snapshot() {
    this.#snapshot ??= snapshotOf(this, this.#roster, this.#media);
    return this.#snapshot;
  }

  /** Inside a click, since browsers let no sound start otherwise. The microphone comes first, so that no answer waits for it. */
  async join() {
    if (this.#begun) return;
    this.#begun = true;
    this.#changed();
    wakeAudio().catch(() => {});
    const [microphone, servers] = await Promise.all([openMicrophone(this.#options.constraints?.microphone), this.#servers.get()]);
    if (this.state === "left") return microphone.track?.stop();
    this.#iceServers = servers;
    this.#useMicrophone(microphone);
    if (this.#output) setContextOutput(this.#output).catch(() => {});
    this.#look = setInterval(() => this.#lookAtAll(), LOOK_MS);
    this.#roster.enter();
  }

  /** For good: who joins again makes another Call. */
  leave() {
    if (this.state === "left") return;
    this.#begun = true;
    this.#roster.leave();
    this.#close();
    this.tell("news", { kind: "left" });
  }

  /** @param {boolean} muted */
  setMuted(muted) {
    this.muted = muted;
    if (!muted && this.deafened) this.#setDeafened(false);
    this.#tellMicrophone();
  }

  /** Hears nobody, and is heard by nobody. @param {boolean} deafened */
  setDeafened(deafened) {
    this.#setDeafened(deafened);
    this.#tellMicrophone();
  }

  /** @param {"voice" | "push"} mode */
  setMode(mode) {
    this.mode = mode;
    this.#applyMicrophone();
  }

  /**
   * Another device, or other treatment of its sound; also another try at a microphone that did not open.
   * @param {SoundOptions} [options]
   */
  async setMicrophone(options = this.#options.constraints?.microphone) {
    this.#options.constraints = { ...this.#options.constraints, microphone: options };
    const attempt = ++this.#attempt;
    const microphone = await openMicrophone(options);
    if (attempt !== this.#attempt || this.state === "left") return microphone.track?.stop();
    this.#useMicrophone(microphone);
    this.#tellMicrophone();
  }

  /**
   * @param {boolean} on
   * @param {PictureOptions} [options]
   * @returns {Promise<Problem | null>} why it does not open
   */
  async setCamera(on, options = this.#options.constraints?.camera) {
    this.#options.constraints = { ...this.#options.constraints, camera: options };
    const camera = on ? await openCamera(options) : null;
    if (camera?.problem) return camera.problem;
    this.#send({ camera: camera?.track ?? null });
    return null;
  }

  /** @param {boolean} on */
  async setScreen(on) {
    const screen = on ? await openScreen() : null;
    if (on && !screen) return;
    const [picture, sound] = [screen?.getVideoTracks()[0] ?? null, screen?.getAudioTracks()[0] ?? null];
    if (picture) picture.contentHint = "detail";
    this.#send({ screen: picture, screenSound: sound });
  }

  /**
   * @param {number} userId
   * @param {number} volume 0 to 2; remembering it is up to the application
   */
  setVolume(userId, volume) {
    this.#volumes.set(userId, volume);
    for (const person of this.people) if (person.userId === userId) person.listen({ volume });
  }

  /** @param {string} deviceId `""`: the system's choice */
  setOutput(deviceId) {
    this.#output = deviceId;
    setContextOutput(deviceId).catch(() => {});
    for (const person of this.people) person.listen({ output: deviceId || "default" });
  }

  /** After `soundBlocked`, inside a click. */
  async soundOn() {
    await wakeAudio();
    await Promise.all(this.people.map((person) => person.play()));
    this.soundBlocked = false;
    this.#changed();
  }

  /** By socket id, for the page to draw as often as it likes. @returns {Map<string, Level>} */
  levels() {
    const own = this.#isHeard ? (this.#ownMeter?.read() ?? SILENCE) : SILENCE;
    return new Map([...this.#roster.people].map(([id, person]) => [id, person === this.#roster.me ? own : person.level()]));
  }

  /** The way to everybody is looked for anew, as after a change of network. */
  async findWays() {
    if (this.state !== "joined") return; // joining again does the same
    this.#iceServers = await this.#servers.anew();
    for (const { link } of this.people) if (link && !link.polite) link.restart(this.#iceServers);
  }

  get #isHeard() {
    return !this.muted && !this.deafened && (this.mode === "voice" || this.push.held) && (this.#roster.me?.voiceState.canSpeak ?? true);
  }

  #listen() {
    const news = (/** @type {string} */ kind) => (/** @type {Person} */ person) => this.tell("news", { kind, person });
    const tune = (/** @type {Person} */ person) => (person === this.#roster.me ? this.#applyMicrophone() : this.#tune(person));
    this.#roster.on("change", () => this.#changed());
    this.#roster.on("arrived", (person) => {
      this.#tune(person);
      news("arrived")(person);
    });
    this.#roster.on("departed", news("departed"));
    this.#roster.on("kept", tune);
    this.#roster.on("allowed", () => this.#tuneAll());
    this.#roster.on("microphone", (person) => news(person.micOn ? "unmuted" : "muted")(person));
    this.#roster.on("moved", (channelId) => this.tell("news", { kind: "moved", channelId }));
    this.#roster.on("refused", (message) => this.tell("news", { kind: "refused", message }));
    this.#roster.on("seated", ({ isFirst }) => {
      this.#tuneAll();
      this.#tellMicrophone({ changedOnly: true });
      if (isFirst) this.tell("news", { kind: "joined" });
    });
    this.#roster.on("ended", (why) => {
      this.#close();
      this.tell("news", { kind: "ended", ...why });
    });
    globalThis.addEventListener?.("online", this.#networkChanged);
    networkInformation()?.addEventListener("change", this.#networkChanged);
  }

  #networkChanged = () => void this.findWays();

  /** @param {Person} person */
  #tune(person) {
    const silent = this.deafened || Boolean(this.#roster.me?.voiceState.isDeafened);
    const volume = person.userId === null ? 1 : (this.#volumes.get(person.userId) ?? this.#options.volumeOf?.(person.userId) ?? 1);
    const onBlocked = () => {
      this.soundBlocked = true;
      this.#changed();
    };
    person.listen({ silent, volume, output: this.#output, onBlocked });
  }

  #tuneAll() {
    this.people.forEach((person) => this.#tune(person));
    this.#applyMicrophone();
  }

  /** @param {boolean} deafened */
  #setDeafened(deafened) {
    this.deafened = deafened;
    this.#tuneAll();
    this.#roster.tellAdditions();
  }

  #applyMicrophone() {
    const { track } = this.#media.voice;
    if (track) track.enabled = this.#isHeard;
    this.#changed();
  }

  #tellMicrophone({ changedOnly = false } = {}) {
    const on = Boolean(this.#media.voice.track) && !this.muted && !this.deafened;
    this.#applyMicrophone();
    if (!on || !changedOnly) this.#roster.tellMicrophone(on); // a new seat starts as on
    this.#changed();
  }

  /** @param {Opened | null} microphone */
  #useMicrophone(microphone) {
    this.#ownMeter?.close();
    this.#ownMeter = microphone?.stream ? new Meter(microphone.stream) : null;
    this.problem = microphone?.problem ?? null;
    this.#send({ voice: microphone?.track ?? null }, async () => {
      await this.setMicrophone(); // another one, if there is
      if (this.problem === "missing") this.problem = "lost";
      this.#changed();
    });
    this.#applyMicrophone();
  }

  /**
   * @param {Partial<Record<Place, MediaStreamTrack | null>>} tracks
   * @param {() => void} [ended] what to do if one ends by itself; it is no longer sent in any case
   */
  #send(tracks, ended = () => {}) {
    for (const [name, track] of Object.entries(tracks)) {
      const place = this.#media[/** @type {Place} */ (name)];
      place.track?.stop();
      place.track = track;
      track?.addEventListener("ended", () => {
        if (place.track !== track) return;
        this.#send({ [name]: null });
        ended();
      });
    }
    for (const { link } of this.people) link?.publish();
    this.#changed();
  }

  /** @param {RTCIceServer[]} servers */
  #renewed(servers) {
    this.#iceServers = servers;
    for (const { link, quality } of this.people) {
      if (quality?.way === "relay" && this.state === "joined") link?.restart(servers); // before the old credentials expire
      else link?.setServers(servers);
    }
  }

  async #lookAtAll() {
    await Promise.all(this.people.map((person) => person.look().catch(() => {}))); // closed meanwhile
    limitUpload(this.people, this.#media);
    this.#changed();
    this.tell("quality");
  }

  #close() {
    clearInterval(this.#look);
    this.push.close();
    this.#servers.close();
    globalThis.removeEventListener?.("online", this.#networkChanged);
    networkInformation()?.removeEventListener("change", this.#networkChanged);
    this.#attempt++;
    this.#useMicrophone(null);
    this.#send({ camera: null, screen: null, screenSound: null });
  }

  #changed() {
    this.#snapshot = null;
    this.tell("change");
  }
}

/** Not in every browser. @returns {EventTarget | undefined} */
const networkInformation = () => /** @type {any} */ (globalThis.navigator)?.connection;
