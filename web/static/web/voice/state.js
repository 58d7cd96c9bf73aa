// The call one is in: the SDK's Call, and its snapshot as a signal. One at a time.

import { Call } from "projectvoice";
import { batch, computed, effect, signal } from "../html.js";
import { announce, attempt, toast } from "../parts/toasts.js";
import { api } from "../state/client.js";
import { live } from "../state/connection.js";
import { channels, servers } from "../state/servers.js";
import { atSignOut } from "../state/store.js";
import { t } from "../texts/index.js";
import { pictureOptions, rememberVolume, soundOptions, taste, volumeOf } from "./taste.js";
import { chime } from "./tones.js";

// With ?relay in its address the page takes no way but the relay: whoever runs one hears whether it works.
const RELAY_ONLY = new URLSearchParams(location.search).has("relay");
const CHIMES = { joined: "in", arrived: "in", departed: "out", left: "out", ended: "out", moved: "in" };
const SENTENCES = { arrived: "hasJoined", departed: "hasLeft", muted: "isMuted", unmuted: "isUnmuted", joined: "youJoined", left: "youLeft" };

export const call = signal(null);
export const snapshot = signal(null); // of the call; null without one
export const ending = signal(""); // why the last call ended, if it was not one's own wish
export const callChannel = computed(() => channels.value.get(Number(snapshot.value?.channelId)) ?? null);
export const callServer = computed(() => servers.value.get(callChannel.value?.serverId) ?? null);

export function join(channel) {
  if (call.peek()?.channelId === channel.id) return;
  leave();
  const { mode, releaseDelay, speaker } = taste.peek();
  const own = new Call(live.peek(), {
    channelId: channel.id,
    iceServers: () => api.get("/voice/ice-servers"),
    iceTransportPolicy: RELAY_ONLY ? "relay" : "all",
    constraints: { microphone: soundOptions(), camera: pictureOptions() },
    mode,
    releaseDelay,
    output: speaker,
    volumeOf,
  });
  own.on("change", () => call.peek() === own && (snapshot.value = own.snapshot));
  own.on("news", (news) => hear(own, news));
  batch(() => {
    call.value = own;
    snapshot.value = own.snapshot;
    ending.value = "";
  });
  attempt(() => own.join());
}

export const leave = () => call.peek()?.leave();

export function toggleMuted() {
  const own = call.peek();
  if (!own) return;
  if (own.snapshot.hasMicrophone) own.setMuted(!own.muted);
  else own.setMicrophone(soundOptions());
}

export function toggleDeafened() {
  const own = call.peek();
  own?.setDeafened(!own.deafened);
}

export async function toggleCamera() {
  const on = !mine()?.camera;
  const problem = await attempt(() => call.peek().setCamera(on, pictureOptions()));
  if (problem) toast(t(`camera-${problem}`), { kind: "error" });
}

export function toggleScreen() {
  return attempt(() => call.peek().setScreen(!mine()?.screen));
}

export function setVolume(userId, volume) {
  rememberVolume(userId, volume);
  call.peek()?.setVolume(userId, volume);
}

const mine = () => snapshot.peek()?.people.find(({ isMe }) => isMe);

function hear(own, { kind, person, message, key }) {
  if (call.peek() !== own) return;
  if (kind in CHIMES) chime(CHIMES[kind]);
  const name = person?.username ?? callChannel.peek()?.name ?? "";
  if (kind in SENTENCES) announce(t(SENTENCES[kind], { name }));
  if (kind === "moved") toast(t("youWereMoved", { name }));
  if (kind === "refused") toast(message, { kind: "error" });
  if (kind === "ended") ending.value = message || t(key === "noAnswer" ? "noAnswer" : "callEnded");
  if (kind === "left" || kind === "ended") {
    batch(() => {
      call.value = null;
      snapshot.value = null;
    });
  }
}

atSignOut(leave);
window.addEventListener("pagehide", leave);

// What is chosen in the settings holds at once.
effect(() => {
  const { mode, speaker } = taste.value;
  const own = call.peek();
  if (!own) return;
  if (own.mode !== mode) own.setMode(mode);
  own.setOutput(speaker);
});
let sound = JSON.stringify(soundOptions());
effect(() => {
  const wanted = JSON.stringify((void taste.value, soundOptions()));
  if (wanted === sound) return;
  sound = wanted;
  if (call.peek()?.snapshot.hasMicrophone) call.peek().setMicrophone(soundOptions());
});

// For whoever looks into a call from the browser's console.
window.projectvoice = {
  get call() {
    return call.peek();
  },
};
