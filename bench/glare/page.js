// Two kinds of client in one page, each over its own real Socket.IO connection. Run by run.py.
// A delay on every connection, the same order kept, stands in for a network.

const pause = ms => new Promise(done => setTimeout(done, ms));

function delayed(milliseconds) {
  let last = Promise.resolve();
  return deed => {
    const due = performance.now() + milliseconds * (0.8 + 0.4 * Math.random());
    last = last.then(() => pause(Math.max(0, due - performance.now()))).then(deed);
  };
}

class Client {
  constructor(token, stream, milliseconds, address) {
    this.token = token;
    this.stream = stream;
    this.links = {};
    this.errors = [];
    this.names = [];
    this.outward = delayed(milliseconds);
    this.inward = delayed(milliseconds);
    const way = address === '/socket' ? { path: '/socket', query: { token } } : { auth: { token } };
    this.socket = io(address === '/socket' ? '/' : '/socket', { ...way, transports: ['websocket'], forceNew: true, reconnection: false });
    this.on('created', ({ participants }) => participants.filter(p => p.socketId !== this.socket.id).forEach(p => this.open(p.socketId)));
    this.on('user-connected', ({ socketId }) => this.open(socketId));
    this.on('user-disconnected', socketId => this.close(socketId));
    this.on('signal', message => this.signal(message));
    this.on('error', ({ message }) => this.errors.push(message));
  }
  on(name, deed) {
    this.socket.on(name, data => this.inward(() => { this.names.push(name + (data?.type ? ':' + data.type : '')); deed(data); }));
  }
  send(to, type, body) {
    const message = JSON.parse(JSON.stringify({ to, type, ...body }));
    this.outward(() => this.socket.emit('signal', message));
  }
  connection(to) {
    const pc = new RTCPeerConnection({ iceServers: [] });
    this.stream.getTracks().forEach(track => pc.addTrack(track, this.stream));
    pc.onicecandidate = ({ candidate }) => candidate && this.send(to, 'candidate', { candidate });
    return pc;
  }
  close(id) { this.links[id]?.pc.close(); delete this.links[id]; }
}

// Offers from both sides, and answers whatever comes, as the sample of seed 002 does.
class SampleClient extends Client {
  open(to) {
    const pc = this.connection(to);
    this.links[to] = { pc };
    pc.onnegotiationneeded = async () => {
      try {
        const offer = await pc.createOffer();
        await pc.setLocalDescription(offer);
        this.send(to, 'offer', { sdp: offer });
      } catch (error) { this.errors.push('offer ' + error.name); }
    };
  }
  async signal({ from, type, sdp, candidate }) {
    try {
      const { pc } = this.links[from];
      if (type === 'offer') {
        await pc.setRemoteDescription(new RTCSessionDescription(sdp));
        const answer = await pc.createAnswer();
        await pc.setLocalDescription(answer);
        this.send(from, 'answer', { sdp: answer });
      } else if (type === 'answer') {
        await pc.setRemoteDescription(new RTCSessionDescription(sdp));
      } else if (type === 'candidate') {
        await pc.addIceCandidate(new RTCIceCandidate(candidate));
      }
    } catch (error) { this.errors.push(type + ' ' + error.name); }
  }
}

// W3C's perfect negotiation.
class PerfectClient extends Client {
  open(to) {
    const pc = this.connection(to);
    const link = this.links[to] = { pc, making: false, ignoring: false, polite: this.socket.id > to };
    pc.onnegotiationneeded = async () => {
      try {
        link.making = true;
        await pc.setLocalDescription();
        this.send(to, pc.localDescription.type, { sdp: pc.localDescription });
      } catch (error) { this.errors.push('offer ' + error.name); } finally { link.making = false; }
    };
  }
  async signal({ from, type, sdp, candidate }) {
    const link = this.links[from];
    try {
      if (type === 'candidate') {
        try { await link.pc.addIceCandidate(candidate); } catch (error) { if (!link.ignoring) throw error; }
        return;
      }
      const collision = type === 'offer' && (link.making || link.pc.signalingState !== 'stable');
      link.ignoring = !link.polite && collision;
      if (link.ignoring) return;
      await link.pc.setRemoteDescription(sdp);
      if (type === 'offer') {
        await link.pc.setLocalDescription();
        this.send(from, 'answer', { sdp: link.pc.localDescription });
      }
    } catch (error) { this.errors.push(type + ' ' + error.name); }
  }
}

async function hears(client, id) {
  const pc = client.links[id]?.pc;
  if (pc?.connectionState !== 'connected') return false;
  let bytes = 0;
  (await pc.getStats()).forEach(row => { if (row.type === 'inbound-rtp' && row.kind === 'audio') bytes += row.bytesReceived; });
  return bytes > 0;
}

// Everybody joins the room, one every 30 ms; resolves when all hear all, or after `patience` milliseconds.
window.trial = async ({ kind, tokens, room, delays, patience, address }) => {
  const audio = new AudioContext();
  const clients = tokens.map((token, i) => {
    const tone = audio.createOscillator(), out = audio.createMediaStreamDestination();
    tone.connect(out); tone.start();
    const Kind = kind === 'perfect' || (kind === 'mixed' && i % 2) ? PerfectClient : SampleClient;
    return new Kind(token, out.stream, delays[i % 2], address);
  });
  await Promise.all(clients.map(c => new Promise(done => c.socket.on('connect', done))));
  const started = performance.now();
  for (const client of clients) {
    client.outward(() => client.socket.emit('join-room', room, client.token));
    await pause(tokens.length > 2 ? 30 : 0);
  }
  let ok = false;
  while (!ok && performance.now() - started < patience) {
    await pause(50);
    ok = true;
    for (const one of clients) for (const other of clients) if (one !== other) ok = await hears(one, other.socket.id) && ok;
  }
  const result = { ok, ms: Math.round(performance.now() - started), errors: clients.flatMap(c => c.errors),
    states: clients.map(c => Object.values(c.links).map(l => l.pc.connectionState + '/' + l.pc.signalingState)), names: clients.map(c => c.names) };
  clients.forEach(c => { Object.keys(c.links).forEach(id => c.close(id)); c.socket.disconnect(); });
  await audio.close();
  return result;
};
