// What calls need of a browser, in memory: connections by the rules of JSEP (RFC 8829), without media. Descriptions are JSON.

import { randomUUID } from "node:crypto";

const connections = new Map();

class FakeTrack extends EventTarget {
  id = randomUUID();
  enabled = true;
  readyState = "live";

  constructor(kind) {
    super();
    this.kind = kind;
  }

  stop() {
    this.readyState = "ended";
  }
}

class FakeStream {
  id = randomUUID();

  constructor(tracks = []) {
    this.tracks = [...tracks];
  }

  getTracks = () => this.tracks;
  getAudioTracks = () => this.tracks.filter(({ kind }) => kind === "audio");
}

const sends = (direction) => direction === "sendrecv" || direction === "sendonly";
const receives = (direction) => direction === "sendrecv" || direction === "recvonly";
const both = (sending, receiving) => (sending ? (receiving ? "sendrecv" : "sendonly") : receiving ? "recvonly" : "inactive");
const mirrored = (direction) => both(receives(direction), sends(direction));
const meeting = (one, other) => both(sends(one) && sends(other), receives(one) && receives(other));

export class FakeConnection {
  signalingState = "stable";
  connectionState = "new";
  localDescription = null;
  remoteDescription = null;
  restarts = 0;
  #id = randomUUID();
  #transceivers = [];
  #mids = 0;
  #fresh = []; // given a mid by the pending offer
  #iceRestart = false;
  #generation = 1;
  #remoteGeneration = 1;
  #checking = false;

  constructor(configuration) {
    this.configuration = configuration;
    connections.set(this.#id, this);
  }

  getTransceivers = () => this.#transceivers;
  getSenders = () => this.#transceivers.map(({ sender }) => sender);
  setConfiguration = (configuration) => void (this.configuration = configuration);

  addTransceiver(what, { direction = "sendrecv", streams = [] } = {}) {
    const track = typeof what === "string" ? null : what;
    return this.#add(track?.kind ?? what, direction, track, streams);
  }

  addTrack(track, ...streams) {
    const free = this.#transceivers.find((one) => one.kind === track.kind && !one.used);
    if (!free) return Object.assign(this.#add(track.kind, "sendrecv", track, streams), { pairs: true }).sender;
    Object.assign(free, { used: true, streams });
    free.sender.track = track;
    free.direction = both(true, receives(free.direction));
    return free.sender;
  }

  restartIce() {
    this.#iceRestart = true;
    this.#check();
  }

  async setLocalDescription() {
    await null;
    if (this.signalingState === "have-remote-offer") return this.#answer();
    if (this.#iceRestart) this.#generation++;
    this.#iceRestart = false;
    for (const one of this.#transceivers) {
      if (one.mid !== null) continue;
      one.mid = `${this.#id}/${this.#mids++}`;
      this.#fresh.push(one);
    }
    this.#describe("offer", ({ direction }) => direction);
    this.signalingState = "have-local-offer";
  }

  async setRemoteDescription({ type, sdp }) {
    await null;
    const { id, lines, generation } = JSON.parse(sdp);
    if (type === "answer" && this.signalingState !== "have-local-offer") throw new Error("no answer was due");
    if (type === "offer" && this.signalingState === "have-local-offer") {
      for (const one of this.#fresh.splice(0)) one.mid = null; // rolled back
    }
    this.remoteDescription = { type, sdp };
    this.peer = id;
    if (generation > this.#remoteGeneration) this.restarts++;
    this.#remoteGeneration = generation;
    for (const { mid, kind, direction, stream } of lines) {
      let one = this.#transceivers.find((known) => known.mid === mid);
      one ??= this.#transceivers.find((free) => free.mid === null && free.pairs && free.kind === kind);
      one ??= this.#add(kind, "recvonly", null, []);
      one.mid = mid;
      one.offered = mirrored(direction);
      if (sends(direction) && !receives(one.currentDirection ?? "")) this.ontrack?.({ track: one.receiver.track, streams: stream ? [Object.assign(new FakeStream([one.receiver.track]), { id: stream })] : [] });
      if (type === "answer") one.currentDirection = meeting(one.direction, one.offered);
    }
    this.signalingState = type === "offer" ? "have-remote-offer" : "stable";
    if (type === "answer") this.#settle();
  }

  async addIceCandidate() {}

  async getStats() {
    return new Map();
  }

  close() {
    this.signalingState = "closed";
    this.connectionState = "closed";
    connections.delete(this.#id);
  }

  /** As if the network did it. */
  becomes(state) {
    this.connectionState = state;
    this.onconnectionstatechange?.();
  }

  #add(kind, direction, track, streams) {
    const one = { kind, mid: null, track, streams, used: Boolean(track), currentDirection: null, receiver: { track: new FakeTrack(kind) }, wanted: direction };
    one.sender = { track, replaceTrack: async (other) => void (one.sender.track = other), getParameters: () => ({ encodings: [{}] }), setParameters: async () => {} };
    Object.defineProperty(one, "direction", {
      get: () => one.wanted,
      set: (value) => {
        one.wanted = value;
        this.#check();
      },
    });
    this.#transceivers.push(one);
    this.#check();
    return one;
  }

  #describe(type, direction) {
    const lines = this.#transceivers
      .filter(({ mid }) => mid !== null)
      .map((one) => ({ mid: one.mid, kind: one.kind, direction: direction(one), stream: one.streams[0]?.id }));
    this.localDescription = { type, sdp: JSON.stringify({ id: this.#id, lines, generation: this.#generation }) };
  }

  #answer() {
    for (const one of this.#transceivers) if (one.mid !== null && one.offered) one.currentDirection = meeting(one.direction, one.offered);
    this.#describe("answer", ({ direction, currentDirection }) => currentDirection ?? direction);
    this.signalingState = "stable";
    this.#settle();
  }

  #settle() {
    this.#fresh = [];
    const other = connections.get(this.peer);
    if (other?.peer === this.#id && other.signalingState === "stable") for (const one of [this, other]) if (one.connectionState !== "connected") queueMicrotask(() => one.becomes("connected"));
    this.#check();
  }

  #check() {
    if (this.#checking) return;
    this.#checking = true;
    queueMicrotask(() => {
      this.#checking = false;
      const open = this.#transceivers.some((one) => one.mid === null || (one.currentDirection !== null && sends(one.direction) !== sends(one.currentDirection)));
      if (this.signalingState === "stable" && (open || this.#iceRestart)) this.onnegotiationneeded?.();
    });
  }
}

/** From then on they are the browser's. */
export function install() {
  Object.assign(globalThis, { RTCPeerConnection: FakeConnection, MediaStream: FakeStream });
}

export const track = (kind) => new FakeTrack(kind);
