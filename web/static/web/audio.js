// The microphone, how loud a stream is, and playing what others send.

const CONSTRAINTS = { audio: { echoCancellation: true, noiseSuppression: true, autoGainControl: true } };
const SPEAKING = 0.015; // root mean square; quiet speech lies near 0.03, a silent room below 0.005
const HOLD_MS = 350; // bridges the gaps between syllables

let context = null;

// Browsers let sound start only from a click or key press: call this inside one.
export function wakeAudio() {
  context ??= new AudioContext();
  return context.state === "running" ? Promise.resolve() : context.resume();
}

// Resolves to { track, stream } or to { problem }: a text key that says why there is no microphone.
export async function openMicrophone() {
  if (!navigator.mediaDevices?.getUserMedia) return { problem: "micInsecure" };
  try {
    const stream = await navigator.mediaDevices.getUserMedia(CONSTRAINTS);
    return { stream, track: stream.getAudioTracks()[0] };
  } catch (error) {
    const causes = { NotAllowedError: "micDenied", SecurityError: "micDenied", NotFoundError: "micMissing" };
    return { problem: causes[error.name] ?? "micBusy" };
  }
}

export class Meter {
  #source;
  #analyser;
  #samples;
  #loudUntil = 0;

  constructor(stream) {
    context ??= new AudioContext();
    this.#source = context.createMediaStreamSource(stream);
    this.#analyser = new AnalyserNode(context, { fftSize: 1024 });
    this.#samples = new Float32Array(this.#analyser.fftSize);
    this.#source.connect(this.#analyser);
  }

  // 0 … 1 for the ring, and whether somebody speaks.
  read(now = performance.now()) {
    this.#analyser.getFloatTimeDomainData(this.#samples);
    const sum = this.#samples.reduce((total, sample) => total + sample * sample, 0);
    const loudness = Math.sqrt(sum / this.#samples.length);
    if (loudness > SPEAKING) this.#loudUntil = now + HOLD_MS;
    return { level: Math.min(1, loudness * 6), speaking: now < this.#loudUntil };
  }

  close() {
    this.#source.disconnect();
  }
}

export class Player {
  #element = new Audio();

  constructor(stream, onBlocked) {
    this.#element.srcObject = stream;
    this.play().catch((error) => error.name === "NotAllowedError" && onBlocked());
  }

  play() {
    return this.#element.play();
  }

  close() {
    this.#element.pause();
    this.#element.srcObject = null;
  }
}
