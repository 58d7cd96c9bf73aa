// One RTCPeerConnection to one person, by perfect negotiation: the newcomer of the two is the polite one.

// With ?relay in its address the page takes no way but the relay: whoever runs one hears whether it works.
const iceTransportPolicy = new URLSearchParams(location.search).has("relay") ? "relay" : "all";

export class Link {
  #send;
  #changed;
  #polite;
  #track;
  #makingOffer = false;
  #ignoringOffer = false;
  #early = []; // candidates that came before the description they belong to
  #work = Promise.resolve();

  constructor({ polite, iceServers, track, send, changed, heard, failed }) {
    this.#polite = polite;
    this.#track = track;
    this.#send = send;
    this.#changed = changed;
    this.connection = new RTCPeerConnection({ iceServers, iceTransportPolicy });
    this.connection.onnegotiationneeded = () => this.#offer();
    this.connection.onicecandidate = ({ candidate }) => candidate && send({ type: "candidate", candidate });
    this.connection.ontrack = ({ track: sound, streams }) => heard(streams[0] ?? new MediaStream([sound]));
    this.connection.onconnectionstatechange = () => {
      changed();
      if (this.state === "failed") failed();
    };
  }

  get state() {
    return this.connection.connectionState;
  }

  // Negotiation follows by itself. The newcomer waits for the offer instead.
  start() {
    if (this.connection.getTransceivers().length > 0) return;
    if (this.#track) this.#attach();
    else this.connection.addTransceiver("audio", { direction: "recvonly" });
  }

  setTrack(track) {
    this.#track = track;
    if (this.connection.getTransceivers().length > 0) this.#attach();
  }

  restart(iceServers) {
    if (this.state !== "failed") return;
    this.connection.setConfiguration({ iceServers, iceTransportPolicy });
    this.connection.restartIce();
  }

  // One after the other: a candidate must not overtake the description before it.
  receive(signal) {
    this.#work = this.#work.then(() => this.#handle(signal)).catch((error) => {
      if (this.state !== "closed") console.warn("signal not used:", signal.type, error);
    });
  }

  close() {
    this.connection.onconnectionstatechange = this.connection.onnegotiationneeded = this.connection.ontrack = null;
    this.connection.onicecandidate = null;
    this.connection.close();
  }

  #attach() {
    const sender = this.connection.getTransceivers().find((one) => !one.stopped)?.sender;
    const attached = this.connection.getSenders().some((one) => one.track);
    if (sender && (attached || !this.#track)) return void sender.replaceTrack(this.#track);
    if (this.#track) this.connection.addTrack(this.#track, new MediaStream([this.#track]));
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
    const { type, sdp } = this.connection.localDescription;
    this.#send({ type, sdp });
  }

  async #handle({ type, sdp, candidate }) {
    if (type === "candidate") return this.#candidate(candidate);
    if (type !== "offer" && type !== "answer") return;
    const collision = type === "offer" && (this.#makingOffer || this.connection.signalingState !== "stable");
    this.#ignoringOffer = collision && !this.#polite;
    if (this.#ignoringOffer) return;
    // Some clients send the whole description where others send its text. An own offer is rolled back implicitly.
    await this.connection.setRemoteDescription({ type, sdp: typeof sdp === "object" ? sdp.sdp : sdp });
    for (const early of this.#early.splice(0)) await this.#candidate(early).catch(() => {}); // of an offer that was dropped
    if (type === "answer") return;
    if (this.#track) this.#attach();
    await this.connection.setLocalDescription();
    this.#sendDescription();
    this.#changed();
  }

  async #candidate(candidate) {
    if (!candidate) return;
    if (!this.connection.remoteDescription) return void this.#early.push(candidate);
    const init = typeof candidate === "string" ? { candidate, sdpMLineIndex: 0 } : candidate;
    try {
      await this.connection.addIceCandidate(init);
    } catch (error) {
      if (!this.#ignoringOffer) throw error;
    }
  }
}
