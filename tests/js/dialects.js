// One client of each dialect, as small as its documents allow, around the same WebRTC calls: whoever was there offers.
// Loaded into a page, after socket.io's own client.

const ICE = { iceServers: [] };

/** What carries signals: `join` and `leave` tell of others, `signal` hears `(from, kind, content)`. */
const DIALECTS = {
  projectvoice(origin, room, name, token, on) {
    const socket = io(origin, { path: "/socket", query: { token }, forceNew: true });
    socket.on("connect", () => socket.emit("join-room", room, token));
    socket.on("created", () => on.ready(socket.id));
    socket.on("user-connected", (user) => on.join(user.socketId));
    socket.on("user-disconnected", (id) => on.leave(id));
    socket.on("signal", ({ from, type, sdp, candidate }) => on.signal(from, type, sdp ?? candidate));
    socket.on("error", on.error);
    return {
      send: (to, kind, content) =>
        socket.emit("signal", { to, type: kind, ...(kind === "candidate" ? { candidate: content } : { sdp: content }) }),
      close: () => socket.disconnect(),
    };
  },

  "room-signaling"(origin, room, name, token, on) {
    const socket = io(origin, { forceNew: true });
    socket.on("connect", () => socket.emit("join", { room, name, token }));
    socket.on("room_users", () => on.ready(socket.id));
    socket.on("user_joined", ({ user }) => on.join(user.id));
    socket.on("user_left", ({ user }) => on.leave(user.id));
    socket.on("getOffer", ({ sender, sdp }) => on.signal(sender, "offer", sdp));
    socket.on("getAnswer", ({ sender, sdp }) => on.signal(sender, "answer", sdp));
    socket.on("getCandidate", ({ sender, candidate }) => on.signal(sender, "candidate", candidate));
    socket.on("error", on.error);
    return {
      send: (target, kind, content) =>
        socket.emit(kind, { target, ...(kind === "candidate" ? { candidate: content } : { sdp: content }) }),
      close: () => socket.disconnect(),
    };
  },

  "hub-signaling"(origin, room, name, token, on) {
    return bare(origin, "/ws", { room_id: room, client_id: name, token }, on, name, {
      hear: ({ type, from, payload }) =>
        type === "peer-joined" ? on.join(from) : type === "peer-left" ? on.leave(from) : on.signal(from, type, payload),
      say: (to, type, payload) => ({ type, to, payload }),
    });
  },

  zvonim(origin, room, name, token, on) {
    return bare(origin, "/ws", { room_id: room, user_id: name, token }, on, name, {
      first: { type: "join", user_id: name, user_name: name },
      hear: ({ type, from, user_id, sdp, candidate }) => {
        if (type === "user-joined") on.join(user_id);
        else if (type === "user-left") on.leave(user_id);
        else if (type === "ice-candidate") on.signal(from, "candidate", { candidate, sdpMLineIndex: 0 });
        else on.signal(from, type, { type, sdp });
      },
      say: (to, kind, content) =>
        kind === "candidate"
          ? { type: "ice-candidate", from: name, to, candidate: content.candidate }
          : { type: kind, from: name, to, sdp: content.sdp },
    });
  },

  "zvonim-envelope"(origin, room, name, token, on) {
    return bare(origin, `/api/room/${encodeURIComponent(room)}/ws`, { user_id: name, token }, on, name, {
      hear: ({ type, from, data }) => {
        if (type === "user_joined") data.user_id !== name && on.join(data.user_id);
        else if (type === "user_left") on.leave(data.user_id);
        else on.signal(from, type === "ice_candidate" ? "candidate" : type, type === "ice_candidate" ? data.candidate : { type, sdp: data.sdp });
      },
      say: (to, kind, content) =>
        kind === "candidate"
          ? { type: "ice_candidate", to, data: { candidate: content } }
          : { type: kind, to, data: { sdp: content.sdp } },
    });
  },

  "game-signaling"(origin, room, name, token, on) {
    return bare(origin, "/ws", { room, id: name, token }, on, name, {
      hear: ({ type, from, payload }) =>
        type === "peer-joined" ? on.join(from) : type === "peer-left" ? on.leave(from) : on.signal(from, type, payload),
      say: (to, type, payload) => ({ type, to, payload }),
    });
  },
};

function bare(origin, path, query, on, name, { first, hear, say }) {
  const fields = Object.entries(query).filter(([, value]) => value !== undefined && value !== null);
  const socket = new WebSocket(`${origin.replace("http", "ws")}${path}?${new URLSearchParams(fields)}`);
  socket.onopen = () => {
    if (first) socket.send(JSON.stringify(first));
    on.ready(name);
  };
  socket.onmessage = ({ data }) => {
    const message = JSON.parse(data);
    if (message.type === "error") on.error(message);
    else hear(message);
  };
  socket.onclose = ({ code }) => on.closed?.(code);
  return { send: (to, kind, content) => socket.send(JSON.stringify(say(to, kind, content))), close: () => socket.close() };
}

class Caller {
  constructor(dialect, room, name, token = undefined) {
    Object.assign(this, { dialect, room, name, token, links: new Map(), left: [], errors: [] });
  }

  async enter() {
    this.sound = await navigator.mediaDevices.getUserMedia({ audio: true });
    await new Promise((ready, failed) => {
      setTimeout(() => failed(new Error(`${this.dialect} is not in: ${JSON.stringify(this.errors)}`)), 15000);
      this.wire = DIALECTS[this.dialect](location.origin, this.room, this.name, this.token, {
        ready: (id) => ready((this.id = id)),
        join: (id) => this.offer(id),
        leave: (id) => this.drop(id),
        signal: (from, kind, content) => this.hear(from, kind, content),
        error: (error) => this.errors.push(error),
      });
    });
    return this.id;
  }

  link(id) {
    if (!this.links.has(id)) {
      const connection = new RTCPeerConnection(ICE);
      this.sound.getTracks().forEach((track) => connection.addTrack(track, this.sound));
      connection.onicecandidate = ({ candidate }) => candidate?.candidate && this.wire.send(id, "candidate", candidate.toJSON());
      this.links.set(id, { connection, early: [] });
    }
    return this.links.get(id);
  }

  async offer(id) {
    const { connection } = this.link(id);
    await connection.setLocalDescription();
    this.wire.send(id, "offer", connection.localDescription.toJSON());
  }

  async hear(from, kind, content) {
    const link = this.link(from);
    const { connection, early } = link;
    try {
      if (kind === "candidate") {
        if (connection.remoteDescription) await connection.addIceCandidate(content);
        else early.push(content);
        return;
      }
      await connection.setRemoteDescription(content);
      for (const candidate of early.splice(0)) await connection.addIceCandidate(candidate);
      if (kind === "offer") {
        await connection.setLocalDescription();
        this.wire.send(from, "answer", connection.localDescription.toJSON());
      }
    } catch (error) {
      this.errors.push(`${kind} from ${from}: ${error}`);
    }
  }

  drop(id) {
    this.left.push(id);
    this.links.get(id)?.connection.close();
    this.links.delete(id);
  }

  /** Bytes of sound that came from each. */
  async heard() {
    const bytes = {};
    for (const [id, { connection }] of this.links) {
      const reports = [...(await connection.getStats()).values()];
      bytes[id] = reports.find(({ type, kind }) => type === "inbound-rtp" && kind === "audio")?.bytesReceived ?? 0;
    }
    return bytes;
  }

  leave() {
    this.wire.close();
    this.links.forEach(({ connection }) => connection.close());
    this.sound.getTracks().forEach((track) => track.stop());
  }
}

window.Caller = Caller;
