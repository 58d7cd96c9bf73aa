// One RTCPeerConnection to one person, by perfect negotiation: the newcomer of the two is the polite one.

import { pairIn } from "./quality.js";
import { Recovery } from "./recovery.js";

/** @typedef {"voice" | "camera" | "screen"} Kind what a stream shows */
/** @typedef {"voice" | "camera" | "screen" | "screenSound"} Place what a track is for */
/** @typedef {{ track: MediaStreamTrack | null, stream: MediaStream }} Outgoing `stream` is the same as long as the call lasts */
/** @typedef {Record<Place, Outgoing>} Media all that one sends, or would */
/**
 * What this client adds to its descriptions, and others pass over.
 * @typedef {object} Additions
 * @property {string} link whose end of which connection speaks
 * @property {string} [to] the other end, once known: a connection that outlives its seats is told by the two
 * @property {Record<string, Kind>} streams what each stream shows, by its id
 * @property {boolean} [deafened]
 */
/** @typedef {{ type: string, from?: string, sdp?: any, candidate?: any, call?: Additions }} Signal */
/**
 * @typedef {object} LinkOptions
 * @property {boolean} polite
 * @property {RTCConfiguration} configuration
 * @property {Media} media
 * @property {() => Partial<Additions>} additions
 * @property {(to: string, signal: Signal) => void} send
 * @property {(to: string, state: RTCPeerConnectionState, way?: RTCIceCandidateType) => void} [report] `way`: of this end's candidate
 * @property {() => Promise<RTCIceServer[]>} freshServers for a way that was lost
 */

const EARLY_CANDIDATES = 64;
const PLACES = /** @type {const} */ (["camera", "screen", "screenSound"]);
const RECEIVING = ["sendrecv", "recvonly"];

/**
 * What the other's client adds to a signal; null if it is one that does not.
 * @param {Signal} signal
 * @returns {Additions | null}
 */
export function additionsOf({ call }) {
  if (typeof call?.link !== "string") return null;
  return { ...call, streams: Object(call.streams), deafened: Boolean(call.deafened) };
}

export class Link {
  /** @type {() => void} */
  onchange = () => {};
  /** The other's seat, which may become another one. */
  to = "";
  /** This end, for as long as the connection lives. */
  id = crypto.randomUUID();
  /** @type {Additions | null} of the other end; null: a client that knows sound only */
  other = null;
  #options;
  #recovery;
  #makingOffer = false;
  #ignoringOffer = false;
  #paused = false;
  /** @type {any[]} candidates that came before the description they belong to */
  #early = [];
  #work = Promise.resolve();
  /** @type {Map<string, RTCRtpTransceiver>} of what is sent besides the voice */
  #places = new Map();
  /** @type {Map<MediaStreamTrack, MediaStream>} */
  #heard = new Map();

  /** @param {LinkOptions} options */
  constructor(options) {
    this.#options = options;
    this.polite = options.polite;
    const connection = (this.connection = new RTCPeerConnection(options.configuration));
    this.#recovery = new Recovery({
      patient: () => this.polite,
      isUp: () => this.state === "connected",
      recover: async () => this.restart(await options.freshServers()),
    });
    connection.onnegotiationneeded = () => this.#offer();
    connection.onicecandidate = ({ candidate }) => candidate && options.send(this.to, { type: "candidate", candidate });
    connection.ontrack = ({ track, streams }) => {
      this.#heard.set(track, streams[0] ?? new MediaStream([track]));
      this.onchange();
    };
    connection.onconnectionstatechange = () => {
      this.#recovery.watch(this.state);
      this.#report();
      this.onchange();
    };
  }

  get state() {
    return this.connection.connectionState;
  }

  /** What the other one shows now. @returns {Partial<Record<Kind, MediaStream>>} */
  get incoming() {
    /** @type {Partial<Record<Kind, MediaStream>>} */
    const incoming = {};
    for (const { currentDirection, receiver } of this.connection.getTransceivers()) {
      const stream = this.#heard.get(receiver.track);
      if (!stream || !RECEIVING.includes(currentDirection ?? "")) continue;
      const kind = this.other?.streams[stream.id] ?? (receiver.track.kind === "audio" ? "voice" : undefined);
      if (kind) incoming[kind] = stream;
    }
    return incoming;
  }

  /** Negotiation follows by itself. The newcomer waits for the offer instead. */
  start() {
    if (this.connection.getTransceivers().length > 0) return;
    if (this.#voice) this.#attachVoice();
    else this.connection.addTransceiver("audio", { direction: "recvonly" });
  }

  /** What one sends has changed. */
  publish() {
    if (this.connection.getTransceivers().length === 0) return; // it starts with what there is by then
    this.#attachVoice();
    this.#attachPlaces();
  }

  /** Nothing goes out, while nobody knows whether he may still hear it. @param {boolean} paused */
  setPaused(paused) {
    this.#paused = paused;
    this.publish();
  }

  /** @param {RTCIceServer[]} iceServers for ways yet to be found */
  setServers(iceServers) {
    if (this.state === "closed") return;
    this.connection.setConfiguration({ ...this.#options.configuration, iceServers });
  }

  /** Looks for a way anew. What runs goes on meanwhile. @param {RTCIceServer[]} iceServers */
  restart(iceServers) {
    if (this.state === "closed") return;
    this.setServers(iceServers);
    this.connection.restartIce();
    this.offerAgain();
  }

  /** What this end says of itself has changed. */
  tellAdditions() {
    if (this.other) this.#options.send(this.to, { type: "additions", call: this.#additions() });
  }

  /** An offer that may not have arrived is made once more. */
  offerAgain() {
    const { signalingState, localDescription } = this.connection;
    if (signalingState === "have-local-offer" || (signalingState === "stable" && localDescription)) this.#offer();
  }

  /**
   * One after the other: a candidate must not overtake the description before it.
   * @param {Signal} signal
   */
  receive(signal) {
    this.#work = this.#work.then(() => this.#handle(signal)).catch((error) => {
      if (this.state !== "closed") console.warn("signal not used:", signal.type, error);
    });
    return this.#work;
  }

  close() {
    this.#recovery.close();
    const { connection } = this;
    connection.onconnectionstatechange = connection.onnegotiationneeded = connection.ontrack = null;
    connection.onicecandidate = null;
    this.onchange = () => {};
    connection.close();
  }

  // For the timeline of the call that the server keeps.
  async #report() {
    const { state, to } = this;
    const reports = state === "connected" ? [...(await this.connection.getStats()).values()] : [];
    this.#options.report?.(to, state, pairIn(reports).local?.candidateType);
  }

  get #voice() {
    return this.#paused ? null : this.#options.media.voice.track;
  }

  #attachVoice() {
    const [track, { stream }] = [this.#voice, this.#options.media.voice];
    const mine = new Set([...this.#places.values()].map(({ sender }) => sender));
    const senders = this.connection.getTransceivers().filter((one) => one.receiver.track.kind === "audio" && !mine.has(one.sender));
    const attached = senders.find((one) => RECEIVING[0] === one.direction || one.direction === "sendonly")?.sender;
    if (attached) attached.replaceTrack(track).catch(() => {});
    else if (track) this.connection.addTrack(track, stream);
  }

  // To those alone who can tell a camera from a screen: others know sound only.
  #attachPlaces() {
    if (!this.other) return;
    for (const name of PLACES) {
      const { track, stream } = this.#options.media[name];
      const sent = this.#paused ? null : track;
      const place = this.#places.get(name);
      if (!place && sent) this.#places.set(name, this.connection.addTransceiver(sent, { direction: "sendonly", streams: [stream] }));
      if (!place) continue;
      place.sender.replaceTrack(sent).catch(() => {});
      place.direction = track ? "sendonly" : "inactive";
    }
  }

  async #offer() {
    try {
      this.#makingOffer = true;
      await this.connection.setLocalDescription();
      this.#sendDescription();
    } catch (error) {
      if (this.state !== "closed") console.warn("no offer:", error);
    } finally {
      this.#makingOffer = false;
    }
  }

  #sendDescription() {
    const { type, sdp } = /** @type {RTCSessionDescription} */ (this.connection.localDescription);
    this.#options.send(this.to, { type, sdp, call: this.#additions() });
  }

  /** @returns {Additions} */
  #additions() {
    const { media } = this.#options;
    const streams = { [media.camera.stream.id]: "camera", [media.screen.stream.id]: "screen" };
    return /** @type {Additions} */ ({ link: this.id, ...(this.other && { to: this.other.link }), streams, ...this.#options.additions() });
  }

  /** @param {Signal} signal */
  async #handle(signal) {
    const { type, sdp, candidate } = signal;
    const { connection } = this;
    if (type === "candidate") return this.#candidate(candidate);
    if (type === "additions") return this.#learn(signal);
    if (type !== "offer" && type !== "answer") return;
    if (type === "answer" && connection.signalingState !== "have-local-offer") return; // to an offer that was replaced
    const collision = type === "offer" && (this.#makingOffer || connection.signalingState !== "stable");
    this.#ignoringOffer = collision && !this.polite;
    if (this.#ignoringOffer) return;
    this.#learn(signal);
    // Some clients send the whole description where others send its text. An own offer is rolled back implicitly.
    await connection.setRemoteDescription({ type, sdp: typeof sdp === "object" ? sdp.sdp : sdp });
    for (const early of this.#early.splice(0)) await this.#candidate(early).catch(() => {}); // of an offer that was dropped
    if (type === "offer") {
      if (this.#voice) this.#attachVoice();
      await connection.setLocalDescription();
      this.#sendDescription();
    }
    this.#attachPlaces(); // after the first exchange, when it is known whether he can tell them apart
    this.onchange();
  }

  /** @param {Signal} signal */
  #learn(signal) {
    this.other = additionsOf(signal) ?? this.other;
    if (signal.type === "additions") this.onchange();
  }

  /** @param {any} candidate */
  async #candidate(candidate) {
    if (!candidate) return;
    if (!this.connection.remoteDescription) {
      if (this.#early.length < EARLY_CANDIDATES) this.#early.push(candidate);
      return;
    }
    const init = typeof candidate === "string" ? { candidate, sdpMLineIndex: 0 } : candidate;
    try {
      await this.connection.addIceCandidate(init);
    } catch (error) {
      if (!this.#ignoringOffer) throw error;
    }
  }
}
