// Messages by channel: the window that is held (window.js), what is on its way, and what one is answering or editing.

import { batch, signal } from "../html.js";
import { api } from "./client.js";
import { asked, hear, reduce } from "./events.js";
import { me, myId } from "./session.js";
import { amend, atSignOut, drop, personal, put } from "./store.js";
import { stopTyping } from "./presence.js";
import { countUnread } from "./unread.js";
import * as window_ from "./window.js";

const CHANNELS_HELD = 8; // of which windows stay when one goes elsewhere
const STORY = ["message-created", "message-updated", "message-deleted", "messages-deleted", "reaction-added", "reaction-removed"];

export const windows = personal(() => new Map()); // channel id → window
export const outgoing = personal(() => new Map()); // channel id → [{ nonce, content, replyToId, attachments, failed }]
export const intents = personal(() => new Map()); // channel id → { replyTo } or { editing }: messages
export const originals = personal(() => new Map()); // message id → the message that is answered, null if gone
export const loading = signal(new Set()); // channel ids
const busy = new Map(); // `${channel} ${direction}` → the request that runs

atSignOut(() => busy.clear());

export const windowOf = (channelId) => windows.value.get(channelId) ?? window_.EMPTY;
export const outgoingOf = (channelId) => outgoing.value.get(channelId) ?? [];

const page = (channelId, query) => api.get("/messages", { channelId, limit: window_.PAGE, ...query }).then(({ messages }) => messages);

// One request of a kind at a time: scrolling asks often. Its answer counts only where it was asked for.
function once(channelId, direction, ask) {
  const key = `${channelId} ${direction}`;
  const running = busy.get(key) ?? ask().finally(() => busy.delete(key));
  busy.set(key, running);
  return running;
}

function hold(channelId, window) {
  batch(() => {
    const rest = new Map(windows.value);
    rest.delete(channelId); // the one used last stands last
    rest.set(channelId, window);
    for (const oldest of [...rest.keys()].slice(0, -CHANNELS_HELD)) rest.delete(oldest);
    windows.value = rest;
  });
}

// Its newest messages.
export function openChannel(channelId) {
  const { loaded, atEnd } = windowOf(channelId);
  return loaded && atEnd ? Promise.resolve() : showNewest(channelId);
}

export function showNewest(channelId) {
  return once(channelId, "newest", () => asked(STORY, () => page(channelId), (found) => hold(channelId, window_.newest(found))));
}

export function showMessage(channelId, messageId) {
  if (windowOf(channelId).messages.some(({ id }) => id === messageId)) return Promise.resolve();
  const limit = window_.PAGE / 2;
  const pages = () => Promise.all([page(channelId, { before: messageId, limit }), page(channelId, { after: messageId - 1 || undefined, limit })]);
  return once(channelId, `around ${messageId}`, () => asked(STORY, pages, ([before, after]) => hold(channelId, window_.around(before, after))));
}

export function showOlder(channelId) {
  const { messages, atStart } = windowOf(channelId);
  if (atStart || !messages.length) return Promise.resolve();
  const from = messages[0].id;
  const join = (found) => amend(windows, channelId, (window) => (window.messages[0]?.id === from ? window_.older(window, found) : window));
  return once(channelId, "older", () => asked(STORY, () => page(channelId, { before: from }), join));
}

export function showNewer(channelId) {
  const { messages, atEnd, missed } = windowOf(channelId);
  if (atEnd || !messages.length) return Promise.resolve();
  const from = messages.at(-1).id;
  const join = (found) => amend(windows, channelId, (window) => (window.messages.at(-1)?.id === from ? window_.newer({ ...window, missed }, found) : window));
  return once(channelId, "newer", () => asked(STORY, () => page(channelId, { after: from }), join));
}

// Without live events: what one sees the end of is asked for again.
export async function catchUp(channelId) {
  if (!windowOf(channelId).loaded || !windowOf(channelId).atEnd) return;
  const renew = (found) => amend(windows, channelId, (window) => (same(window.messages, found) ? window : window_.renewed(window, found)));
  await asked(STORY, () => page(channelId), renew);
}

// Links to files differ each time they are told.
const told = (messages) => JSON.stringify(messages, (key, value) => (key === "url" ? undefined : value));
const same = (held, found) => told(held.slice(-found.length)) === told(found);

// After a gap in the events: what is on the screen is asked for again, the rest when it is opened.
export function reloadWindows(channelId) {
  for (const id of windows.value.keys()) if (id !== channelId) drop(windows, id);
  return channelId && windows.value.has(channelId) ? showNewest(channelId) : Promise.resolve();
}

// Sending. A nonce makes a second try harmless: the server answers the message it has.
export function send(channelId, { content, replyTo = null, attachments = [] }) {
  const entry = { nonce: crypto.randomUUID?.() ?? `${Date.now()}-${Math.random()}`, content, replyToId: replyTo?.id ?? null, attachments, failed: "", at: new Date().toISOString() };
  put(outgoing, channelId, [...outgoingOf(channelId), entry]);
  return deliver(channelId, entry);
}

export function sendAgain(channelId, nonce) {
  const entry = outgoingOf(channelId).find((one) => one.nonce === nonce);
  if (!entry) return;
  amendEntry(channelId, nonce, { failed: "" });
  return deliver(channelId, entry);
}

export function giveUp(channelId, nonce) {
  amend(outgoing, channelId, (list) => list.filter((one) => one.nonce !== nonce));
}

async function deliver(channelId, { nonce, content, replyToId, attachments }) {
  try {
    const attachmentIds = attachments.map(({ id }) => id);
    const body = { channelId, content, nonce, ...(replyToId && { replyToId }), ...(attachmentIds.length && { attachmentIds }) };
    const message = await api.post("/messages", body);
    batch(() => {
      giveUp(channelId, nonce);
      amend(windows, channelId, (window) => window_.arrived(window, message));
    });
    return message;
  } catch (error) {
    amendEntry(channelId, nonce, { failed: error.message });
    throw error;
  }
}

function amendEntry(channelId, nonce, changes) {
  amend(outgoing, channelId, (list) => list.map((one) => (one.nonce === nonce ? { ...one, ...changes } : one)));
}

// For links to files, which hold for a day.
export async function refresh(message) {
  changedMessage(await api.get(`/messages/${message.id}`));
}

export async function edit(message, content) {
  changedMessage(await api.put(`/messages/${message.id}`, { content }));
}

export async function remove(message) {
  await api.delete(`/messages/${message.id}`);
  messagesGone({ channelId: message.channelId, messageIds: [message.id] });
}

export async function react(message, emoji, on) {
  const path = `/messages/${message.id}/reactions/${encodeURIComponent(emoji)}`;
  const count = (message.reactions.find((one) => one.emoji === emoji)?.count ?? 0) + (on ? 1 : -1);
  amend(windows, message.channelId, (window) => window_.reacted(window, message.id, emoji, count, true, on));
  try {
    await (on ? api.put(path) : api.delete(path));
  } catch (error) {
    amend(windows, message.channelId, (window) => window_.amended(window, message.id, () => message));
    throw error;
  }
}

export async function pin(message, on) {
  await (on ? api.put(`/messages/${message.id}/pin`) : api.delete(`/messages/${message.id}/pin`));
  amend(windows, message.channelId, (window) => window_.amended(window, message.id, (old) => ({ ...old, isPinned: on })));
}

export const pinsOf = (channelId) => api.get("/messages/pins", { channelId });
export const search = (channelId, query, pageNumber = 1) => api.get("/messages/search", { channelId, query, page: pageNumber, limit: 25 });

// The message that another one answers, from what is held or else from the server.
export function originalOf(channelId, id) {
  const held = windowOf(channelId).messages.find((message) => message.id === id);
  if (held) return held;
  if (!originals.value.has(id) && !busy.has(`original ${id}`)) {
    const asked = api.get(`/messages/${id}`).then((message) => put(originals, id, message), () => put(originals, id, null));
    busy.set(`original ${id}`, asked.finally(() => busy.delete(`original ${id}`)));
  }
  return originals.value.get(id);
}

export function intend(channelId, intent) {
  if (intent) put(intents, channelId, intent);
  else drop(intents, channelId);
}

function changedMessage(message) {
  amend(windows, message.channelId, (window) => window_.changed(window, message));
  if (originals.value.has(message.id)) put(originals, message.id, message);
}

function messagesGone({ channelId, messageIds }) {
  amend(windows, channelId, (window) => window_.gone(window, messageIds));
  for (const id of messageIds) if (originals.value.has(id)) put(originals, id, null);
}

const reaction = (added) => ({ channelId, messageId, userId, emoji, count }) =>
  amend(windows, channelId, (window) => window_.reacted(window, messageId, emoji, count, userId === me.peek()?.id, added));

reduce("message-created", ({ message }) => amend(windows, message.channelId, (window) => window_.arrived(window, message)));
hear("message-created", ({ message: { channelId, userId, content: written } }) => {
  if (userId !== myId.peek()) return;
  const mine = outgoingOf(channelId).find(({ content, failed }) => !failed && content === written); // told before it was answered
  if (mine) giveUp(channelId, mine.nonce);
});
hear("message-created", ({ message }) => countUnread(message));
hear("message-created", ({ message }) => stopTyping(message.channelId, message.userId));
reduce("message-updated", ({ message }) => changedMessage(message));
reduce("message-deleted", ({ channelId, messageId }) => messagesGone({ channelId, messageIds: [messageId] }));
reduce("messages-deleted", messagesGone);
reduce("reaction-added", reaction(true));
reduce("reaction-removed", reaction(false));
