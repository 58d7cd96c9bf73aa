// Who is there, and who is writing. Both are states: told anew, never replayed.

import { live } from "./connection.js";
import { reduce } from "./events.js";
import { myId } from "./session.js";
import { amend, atSignOut, drop, personal, put } from "./store.js";

const TYPING_MS = 8_000;
const TELL_MS = 3_000;

export const myPresence = personal(() => "online"); // of this device: online, idle, dnd, invisible
export const presences = personal(() => new Map()); // user id → online, idle, dnd
export const typists = personal(() => new Map()); // channel id → Map(user id → { username, until })
const told = new Map(); // channel id → when one's own typing was told last
let sweeping = 0;

atSignOut(() => told.clear());

// "offline" if nothing was told of him.
export const presenceOf = (userId) => presences.value.get(userId) ?? "offline";

export function learnPresences(list) {
  presences.value = new Map(list.map(({ userId, status }) => [userId, status]));
}

export function presence(status) {
  myPresence.value = status;
  live.peek()?.presence(status);
}

export function tellTyping(channelId) {
  const now = Date.now();
  if (now - (told.get(channelId) ?? 0) < TELL_MS) return;
  told.set(channelId, now);
  live.peek()?.typing(channelId);
}

export const typingIn = (channelId) => [...(typists.value.get(channelId)?.values() ?? [])];

function sweep() {
  const now = Date.now();
  for (const [channelId, list] of typists.value) {
    const left = [...list].filter(([, { until }]) => until > now);
    if (left.length < list.size) put(typists, channelId, new Map(left));
  }
  sweeping = [...typists.value.values()].some(({ size }) => size) ? setTimeout(sweep, 1_000) : 0;
}

// Who has written is no longer writing.
export function stopTyping(channelId, userId) {
  amend(typists, channelId, (list) => {
    const rest = new Map(list);
    return rest.delete(userId) ? rest : list;
  });
}

reduce("presence", ({ userId, status }) => {
  if (status === "offline") drop(presences, userId);
  else put(presences, userId, status);
});
reduce("typing", ({ channelId, userId, username }) => {
  if (userId === myId.peek()) return;
  put(typists, channelId, new Map(typists.value.get(channelId)).set(userId, { userId, username, until: Date.now() + TYPING_MS }));
  sweeping ||= setTimeout(sweep, 1_000);
});
