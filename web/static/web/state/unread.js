// How far one has read: Map(channel id → { lastReadId, unread, mentions }), the last of those that name one.

import { computed } from "../html.js";
import { api } from "./client.js";
import { reduce } from "./events.js";
import { channels } from "./servers.js";
import { atSignIn, myId } from "./session.js";
import { amend, personal, put } from "./store.js";

export const unread = personal(() => new Map());

export async function loadUnread() {
  const list = await api.get("/messages/unread");
  unread.value = new Map(list.map((state) => [state.channelId, entry(state)]));
}

atSignIn(loadUnread);

const entry = ({ lastReadId, unread: count, mentions = 0 }) => ({ lastReadId, unread: count, mentions });

export const unreadIn = (channelId) => unread.value.get(channelId)?.unread ?? 0;
export const mentionsIn = (channelId) => unread.value.get(channelId)?.mentions ?? 0;

// server id → { unread, mentions }: sums over its channels.
export const unreadByServer = computed(() => {
  const sums = new Map();
  for (const [id, { unread: count, mentions }] of unread.value) {
    const serverId = channels.value.get(id)?.serverId;
    if (!serverId) continue;
    const sum = sums.get(serverId) ?? { unread: 0, mentions: 0 };
    sums.set(serverId, { unread: sum.unread + count, mentions: sum.mentions + mentions });
  }
  return sums;
});

export async function markRead(channelId, messageId) {
  const known = unread.value.get(channelId);
  if (known && known.unread === 0 && (known.lastReadId ?? 0) >= messageId) return;
  put(unread, channelId, { lastReadId: Math.max(messageId, known?.lastReadId ?? 0), unread: 0, mentions: 0 });
  readState(await api.put("/messages/read", { channelId, messageId }));
}

export async function markServerRead(server) {
  const open = server.channels.filter(({ id }) => unreadIn(id) > 0);
  for (const { id } of open) {
    const { messages } = await api.get("/messages", { channelId: id, limit: 1 });
    if (messages.length) await markRead(id, messages[0].id);
  }
}

function readState(state) {
  put(unread, state.channelId, entry(state));
}

// A new message counts as unread until the view that shows it says that it was read.
export function countUnread({ channelId, userId }) {
  if (userId === myId.peek()) return;
  const known = unread.value.get(channelId) ?? { lastReadId: null, unread: 0, mentions: 0 };
  put(unread, channelId, { ...known, unread: known.unread + 1 });
}

reduce("read-state", readState);
reduce("mention", ({ channelId }) => amend(unread, channelId, (known) => ({ ...known, mentions: known.mentions + 1 })));
