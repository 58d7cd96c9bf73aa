// How loud a stream is, and whether that is a voice. One AudioContext for the page: browsers allow few.

/** @typedef {{ level: number, speaking: boolean }} Level `level` is 0 to 1, for a ring or a bar */

const FLOOR = 0.012; // root mean square; quiet speech lies near 0.03, a silent room below 0.005
const ABOVE_NOISE = 2.5; // a voice is that much louder than what is there all the time
const MEMORY_MS = 3_000; // nobody speaks that long without a gap; a fan does
const HOLD_MS = 350; // bridges the gaps between syllables

/** @type {Level} */
export const SILENCE = Object.freeze({ level: 0, speaking: false });

/** @type {AudioContext | null} */
let shared = null;

export function audioContext() {
  shared ??= new AudioContext();
  return shared;
}

/** Browsers let sound start only from a click or a key: call it inside one. */
export async function wakeAudio() {
  const context = audioContext();
  if (context.state !== "running") await context.resume();
}

/** Tells a voice from noise that does not stop, by its gaps. */
export class VoiceDetector {
  /** @type {{ at: number, loudness: number }[]} the quietest of late, ever louder */
  #quietest = [];
  #loudUntil = -Infinity;

  /**
   * @param {number} loudness root mean square of a moment
   * @param {number} now milliseconds
   * @returns {boolean}
   */
  hears(loudness, now) {
    const quietest = this.#quietest;
    while (quietest[0] && quietest[0].at < now - MEMORY_MS) quietest.shift();
    while (quietest.length && /** @type {{ loudness: number }} */ (quietest.at(-1)).loudness >= loudness) quietest.pop();
    const noise = quietest[0]?.loudness ?? loudness;
    quietest.push({ at: now, loudness });
    if (loudness > Math.max(FLOOR, noise * ABOVE_NOISE)) this.#loudUntil = now + HOLD_MS;
    return now < this.#loudUntil;
  }
}

export class Meter {
  #source;
  #analyser;
  #samples;
  #detector = new VoiceDetector();

  /** @param {MediaStream} stream with a sound track. A remote one must also be attached to a media element to be heard at all */
  constructor(stream) {
    const context = audioContext();
    this.#source = context.createMediaStreamSource(stream);
    this.#analyser = new AnalyserNode(context, { fftSize: 1024 });
    this.#samples = new Float32Array(this.#analyser.fftSize);
    this.#source.connect(this.#analyser);
  }

  /** @returns {Level} */
  read(now = performance.now()) {
    this.#analyser.getFloatTimeDomainData(this.#samples);
    const sum = this.#samples.reduce((total, sample) => total + sample * sample, 0);
    const loudness = Math.sqrt(sum / this.#samples.length);
    return { level: Math.min(1, loudness * 6), speaking: this.#detector.hears(loudness, now) };
  }

  close() {
    this.#source.disconnect();
  }
}
