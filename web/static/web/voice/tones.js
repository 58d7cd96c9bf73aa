// Two short sounds: somebody came, somebody went.

import { audioContext, wakeAudio } from "projectvoice";
import { preferences } from "../state/preferences.js";

const TONES = { in: [523.25, 783.99], out: [587.33, 392] }; // hertz, one after the other
const LENGTH = 0.11;
const LOUDNESS = 0.05;

export function chime(kind) {
  if (!preferences.peek().sounds) return;
  const context = audioContext();
  if (context.state !== "running") return;
  TONES[kind].forEach((frequency, at) => tone(context, frequency, context.currentTime + at * LENGTH));
}

// Out of a loudspeaker that is being tried.
export async function playTest(deviceId) {
  await wakeAudio();
  const context = audioContext();
  if (deviceId) await context.setSinkId?.(deviceId).catch(() => {});
  [...TONES.in, ...TONES.out].forEach((frequency, at) => tone(context, frequency, context.currentTime + at * 2 * LENGTH));
}

function tone(context, frequency, start) {
  const oscillator = new OscillatorNode(context, { frequency, type: "sine" });
  const gain = new GainNode(context, { gain: 0 });
  gain.gain.setValueAtTime(0, start);
  gain.gain.linearRampToValueAtTime(LOUDNESS, start + 0.015);
  gain.gain.exponentialRampToValueAtTime(0.0001, start + LENGTH * 1.8);
  oscillator.connect(gain).connect(context.destination);
  oscillator.start(start);
  oscillator.stop(start + LENGTH * 2);
  oscillator.onended = () => gain.disconnect();
}
