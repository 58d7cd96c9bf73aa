// Microphone, camera and screen: opening them, and saying why they do not open.

/**
 * Why there is no microphone or camera. `insecure`: the page was not opened over https; `lost`: it was unplugged.
 * @typedef {"denied" | "missing" | "busy" | "insecure" | "lost"} Problem
 */
/**
 * @typedef {object} SoundOptions
 * @property {string} [deviceId] one that is gone counts as none: the system's choice is taken
 * @property {boolean} [echoCancellation]
 * @property {boolean} [noiseSuppression]
 * @property {boolean} [autoGainControl]
 */
/** @typedef {{ deviceId?: string }} PictureOptions */
/** @typedef {{ stream: MediaStream, track: MediaStreamTrack, problem?: undefined } | { problem: Problem, stream?: undefined, track?: undefined }} Opened */

const SOUND = { echoCancellation: true, noiseSuppression: true, autoGainControl: true };
const PICTURE = { width: { ideal: 1280 }, height: { ideal: 720 }, frameRate: { ideal: 30, max: 30 } };
const SCREEN = { video: { frameRate: { ideal: 15, max: 30 } }, audio: true, systemAudio: "exclude", selfBrowserSurface: "exclude", surfaceSwitching: "include" };
/** @type {Record<string, Problem>} */
const CAUSES = { NotAllowedError: "denied", SecurityError: "denied", NotFoundError: "missing" };
const GONE = ["OverconstrainedError", "NotFoundError"];

/**
 * @param {SoundOptions} [options]
 * @returns {Promise<Opened>}
 */
export function openMicrophone({ deviceId, ...options } = {}) {
  return open("audio", { ...SOUND, ...options }, deviceId);
}

/**
 * @param {PictureOptions} [options]
 * @returns {Promise<Opened>}
 */
export function openCamera({ deviceId } = {}) {
  return open("video", PICTURE, deviceId);
}

/**
 * The user picks what is shown.
 * @returns {Promise<MediaStream | null>} null: he picked nothing
 */
export async function openScreen() {
  try {
    return await navigator.mediaDevices.getDisplayMedia(/** @type {DisplayMediaStreamOptions} */ (SCREEN));
  } catch (error) {
    if (/** @type {Error} */ (error).name === "NotAllowedError") return null;
    throw error;
  }
}

export const canShareScreen = () => Boolean(globalThis.navigator?.mediaDevices && "getDisplayMedia" in navigator.mediaDevices);

/**
 * What is plugged in. Names are told only once a microphone or camera was allowed.
 * @returns {Promise<Record<"audioinput" | "videoinput" | "audiooutput", { deviceId: string, label: string }[]>>}
 */
export async function listDevices() {
  const devices = (await navigator.mediaDevices?.enumerateDevices()) ?? [];
  const of = (/** @type {string} */ kind) =>
    devices.filter((one) => one.kind === kind && one.deviceId).map(({ deviceId, label }) => ({ deviceId, label }));
  return { audioinput: of("audioinput"), videoinput: of("videoinput"), audiooutput: of("audiooutput") };
}

/**
 * @param {"audio" | "video"} kind
 * @param {MediaTrackConstraints} constraints
 * @param {string | undefined} deviceId
 * @returns {Promise<Opened>}
 */
async function open(kind, constraints, deviceId) {
  if (!navigator.mediaDevices?.getUserMedia) return { problem: "insecure" };
  try {
    const wanted = deviceId ? { ...constraints, deviceId: { exact: deviceId } } : constraints;
    const stream = await navigator.mediaDevices.getUserMedia({ [kind]: wanted });
    return { stream, track: /** @type {MediaStreamTrack} */ (stream.getTracks()[0]) };
  } catch (error) {
    const { name } = /** @type {Error} */ (error);
    if (deviceId && GONE.includes(name)) return open(kind, constraints, undefined);
    return { problem: CAUSES[name] ?? "busy" };
  }
}
