// One person's sound, as loud as one likes it, out of the device one chose.

import { audioContext } from "./levels.js";

const LOUDEST = 2;

/**
 * Up to 100 % a media element plays the stream by itself, which echo cancellation knows best. Beyond, a gain does; the
 * element stays attached, silently, since Chromium feeds a remote stream into a graph only while an element has it.
 */
export class Speaker {
  #element = new Audio();
  #stream;
  #volume = 1;
  #silent = false;
  /** @type {{ source: MediaStreamAudioSourceNode, gain: GainNode } | null} */
  #boost = null;

  /**
   * @param {MediaStream} stream
   * @param {() => void} onBlocked the browser wants a click first
   */
  constructor(stream, onBlocked) {
    this.#stream = stream;
    this.#element.srcObject = stream;
    this.play().catch((error) => error.name === "NotAllowedError" && onBlocked());
  }

  /** How loud it is now: 0 to 2. */
  get loudness() {
    if (this.#boost) return this.#boost.gain.gain.value;
    return this.#element.muted ? 0 : this.#element.volume;
  }

  /** @param {number} volume 0 to 2 */
  setVolume(volume) {
    this.#volume = Math.min(LOUDEST, Math.max(0, volume));
    this.#apply();
  }

  /** @param {boolean} silent whatever the volume */
  setSilent(silent) {
    this.#silent = silent;
    this.#apply();
  }

  /** @param {string} deviceId `""`: the system's choice. Where devices cannot be chosen nothing happens */
  async setOutput(deviceId) {
    const element = /** @type {HTMLAudioElement & { setSinkId?: (id: string) => Promise<void> }} */ (this.#element);
    await element.setSinkId?.(deviceId);
  }

  play() {
    return this.#element.play();
  }

  close() {
    this.#endBoost();
    this.#element.pause();
    this.#element.srcObject = null;
  }

  #apply() {
    const volume = this.#silent ? 0 : this.#volume;
    this.#element.volume = Math.min(1, volume);
    const boosted = volume > 1 || (volume > 0 && this.#element.volume !== volume); // iOS has volumes for fingers only
    if (!boosted) this.#endBoost();
    else {
      this.#boost ??= this.#beginBoost();
      this.#boost.gain.gain.value = volume;
    }
    this.#element.muted = boosted || volume === 0;
  }

  #beginBoost() {
    const context = audioContext();
    const source = context.createMediaStreamSource(this.#stream);
    const gain = new GainNode(context);
    source.connect(gain).connect(context.destination);
    return { source, gain };
  }

  #endBoost() {
    this.#boost?.source.disconnect();
    this.#boost?.gain.disconnect();
    this.#boost = null;
  }
}

/**
 * Where boosted voices and the application's own sounds come out.
 * @param {string} deviceId
 */
export async function setContextOutput(deviceId) {
  const context = /** @type {AudioContext & { setSinkId?: (id: string) => Promise<void> }} */ (audioContext());
  await context.setSinkId?.(deviceId);
}

/** Whether this browser lets one choose. */
export const canChooseOutput = () => "setSinkId" in (globalThis.HTMLMediaElement?.prototype ?? {});
