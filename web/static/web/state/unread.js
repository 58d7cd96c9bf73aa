// How far one has read: Map(channel id → { lastReadId, unread }), and where one was mentioned.

import { computed } from "../html.js";
import { route } from "../router.js";
import { api } from "./client.js";
import { reduce } from "./events.js";
import { channels } from "./servers.js";
import { atSignIn, myId } from "./session.js";
import { drop, personal, put } from "./store.js";

export const unread = personal(() => new Map());
export const mentioned = personal(() => new Map()); // channel id → count

export async function loadUnread() {
  const list = await api.get("/messages/unread");
  unread.value = new Map(list.map(({ channelId, lastReadId, unread: count }) => [channelId, { lastReadId, unread: count }]));
}

atSignIn(loadUnread);

export const unreadIn = (channelId) => unread.value.get(channelId)?.unread ?? 0;
export const mentionsIn = (channelId) => mentioned.value.get(channelId) ?? 0;

// server id → { unread, mentions }: sums over its channels.
export const unreadByServer = computed(() => {
  const sums = new Map();
  for (const [id, { unread: count }] of unread.value) {
    const serverId = channels.value.get(id)?.serverId;
    if (!serverId) continue;
    const sum = sums.get(serverId) ?? { unread: 0, mentions: 0 };
    sums.set(serverId, { unread: sum.unread + count, mentions: sum.mentions + mentionsIn(id) });
  }
  return sums;
});

export async function markRead(channelId, messageId) {
  const known = unread.value.get(channelId);
  if (known && known.unread === 0 && (known.lastReadId ?? 0) >= messageId) return;
  put(unread, channelId, { lastReadId: Math.max(messageId, known?.lastReadId ?? 0), unread: 0 });
  drop(mentioned, channelId);
  readState(await api.put("/messages/read", { channelId, messageId }));
}

export async function markServerRead(server) {
  const open = server.channels.filter(({ id }) => unreadIn(id) > 0);
  for (const { id } of open) {
    const { messages } = await api.get("/messages", { channelId: id, limit: 1 });
    if (messages.length) await markRead(id, messages[0].id);
  }
}

function readState({ channelId, lastReadId, unread: count }) {
  put(unread, channelId, { lastReadId, unread: count });
  if (!count) drop(mentioned, channelId);
}

// A new message counts as unread until the view that shows it says that it was read.
export function countUnread({ channelId, userId }) {
  if (userId === myId.peek()) return;
  const known = unread.value.get(channelId) ?? { lastReadId: null, unread: 0 };
  put(unread, channelId, { ...known, unread: known.unread + 1 });
}

reduce("read-state", readState);
reduce("mention", ({ channelId }) => {
  const seen = route.peek().channelId === channelId && document.visibilityState === "visible";
  if (!seen) put(mentioned, channelId, (mentioned.value.get(channelId) ?? 0) + 1);
});
