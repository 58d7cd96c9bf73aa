// Tells of what is meant for oneself while one looks elsewhere: a mention, a direct message, somebody who wants to be friends.

import { chime } from "../parts/chime.js";
import { go, paths, route } from "../router.js";
import { t } from "../texts/index.js";
import { hear } from "./events.js";
import { blocked, conversations, titleOf } from "./friends.js";
import { preferences } from "./preferences.js";
import { myPresence } from "./presence.js";
import { channels, servers } from "./servers.js";
import { myId } from "./session.js";
import { atSignOut } from "./store.js";

const FRESH_MS = 60_000; // what is replayed after an absence is told by counts, not by noise
const LENGTH = 140;

const told = new Set(); // ids of messages: one that comes twice, as a mention and a direct message, is told once
atSignOut(() => told.clear());

const looking = (channelId) => document.visibilityState === "visible" && document.hasFocus() && route.peek().channelId === channelId;

function notify(title, { body, tag, to }) {
  const { notifications, messageSounds } = preferences.peek();
  if (myPresence.peek() === "dnd") return;
  if (messageSounds) chime();
  if (!notifications || document.hasFocus() || Notification.permission !== "granted") return;
  try {
    const notice = new Notification(title, { body: body?.slice(0, LENGTH), tag, icon: new URL("../logo.svg", import.meta.url).href });
    notice.onclick = () => {
      window.focus();
      go(to);
      notice.close();
    };
  } catch {
    // Some phones want a service worker for it.
  }
}

function tell({ message }) {
  const { id, channelId, user, userId, content, createdAt } = message;
  if (userId === myId.peek() || told.has(id) || blocked.peek().has(userId)) return;
  if (looking(channelId) || Date.now() - new Date(createdAt) > FRESH_MS) return;
  told.add(id);
  const channel = channels.peek().get(channelId);
  const group = conversations.peek().get(channelId);
  const where = channel ? `#${channel.name}, ${servers.peek().get(channel.serverId)?.name ?? ""}` : group?.type === "group" ? titleOf(group) : "";
  const title = where ? `${user?.username ?? ""} (${where})` : (user?.username ?? "");
  notify(title, { body: content || t("attachment"), tag: `m${channelId}`, to: paths.channel({ id: channelId, serverId: channel?.serverId }, id) });
}

hear("mention", tell);
hear("message-created", (event) => !event.serverId && tell(event));
hear("friend-request", ({ request, direction, at }) => {
  if (direction !== "incoming" || Date.now() - new Date(at) > FRESH_MS) return;
  notify(t("newRequest", { name: request.user.username }), { tag: `f${request.id}`, to: "/friends" });
});
