// How the owner of this browser likes calls: devices, keys, volumes. Not of the account, for devices differ.

import { signal } from "../html.js";

const KEY = "projectvoice.voice";
const MOST_VOLUMES = 500;
const DEFAULTS = {
  microphone: "",
  camera: "",
  speaker: "",
  echoCancellation: true,
  noiseSuppression: true,
  autoGainControl: true,
  mode: "voice", // or "push"
  pushKey: "Backquote",
  releaseDelay: 200,
  volumes: {}, // by user id, where it is not 1
};

function read() {
  try {
    return { ...DEFAULTS, ...JSON.parse(localStorage.getItem(KEY) ?? "{}") };
  } catch {
    return DEFAULTS;
  }
}

export const taste = signal(read());

export function like(changes) {
  taste.value = { ...taste.value, ...changes };
  localStorage.setItem(KEY, JSON.stringify(taste.value));
}

window.addEventListener("storage", ({ key }) => key === KEY && (taste.value = read()));

export const volumeOf = (userId) => taste.value.volumes[userId] ?? 1;

export function rememberVolume(userId, volume) {
  const { [userId]: _, ...others } = taste.value.volumes;
  like({ volumes: Object.fromEntries(Object.entries(volume === 1 ? others : { ...others, [userId]: volume }).slice(-MOST_VOLUMES)) });
}

// As the SDK takes it.
export const soundOptions = () => {
  const { microphone, echoCancellation, noiseSuppression, autoGainControl } = taste.value;
  return { deviceId: microphone || undefined, echoCancellation, noiseSuppression, autoGainControl };
};
export const pictureOptions = () => ({ deviceId: taste.value.camera || undefined });
