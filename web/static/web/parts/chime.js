// Two soft notes, made on the spot.

const NOTES = [659.25, 880]; // hertz
const LENGTH_S = 0.12;
const LOUDNESS = 0.06;

let context = null;

// Silent until the browser lets the page make sound, which takes a click somewhere.
export function chime() {
  context ??= new AudioContext();
  context.resume().catch(() => {});
  NOTES.forEach((frequency, at) => {
    const start = context.currentTime + at * LENGTH_S;
    const gain = new GainNode(context, { gain: 0 });
    gain.gain.setValueAtTime(0, start);
    gain.gain.linearRampToValueAtTime(LOUDNESS, start + 0.01);
    gain.gain.exponentialRampToValueAtTime(0.0001, start + 2 * LENGTH_S);
    const note = new OscillatorNode(context, { frequency });
    note.connect(gain).connect(context.destination);
    note.start(start);
    note.stop(start + 2 * LENGTH_S);
    note.onended = () => gain.disconnect();
  });
}
