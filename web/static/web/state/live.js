// The live side: events as they happen, and what to do while there are none.

import { Live } from "projectvoice";
import { effect } from "../html.js";
import { route } from "../router.js";
import { attend } from "./attention.js";
import { client } from "./client.js";
import { connection, live } from "./connection.js";
import { apply } from "./events.js";
import { loadConversations, loadFriends } from "./friends.js";
import { loadMembers, members } from "./members.js";
import { catchUp, reloadWindows } from "./messages.js";
import { learnPresences, myPresence, presence } from "./presence.js";
import { learnRights } from "./rights.js";
import { learnSeats } from "./seats.js";
import { loadServers } from "./servers.js";
import { atSignIn, me } from "./session.js";
import { atSignOut } from "./store.js";
import { loadUnread } from "./unread.js";

const POLL_MS = 5_000;

const KEY = "projectvoice.seq"; // in sessionStorage, so that a reload goes on where it was

let polling = 0;

function begin(user) {
  const key = `${KEY}.${user.id}`;
  const own = new Live(client, { url: location.origin, since: Number(sessionStorage.getItem(key)) || null });
  own.on("*", (kind, event) => {
    apply(kind, event);
    if (own.seq !== null) sessionStorage.setItem(key, own.seq);
  });
  own.on("subscribed", subscribed);
  own.on("resumed", () => loadUnread().catch(() => {})); // what was replayed was counted already
  own.on("resync", () => resync().catch(() => {}));
  own.onState = (state) => (connection.value = state);
  live.value = own;
  own.connect();
  polling = setInterval(poll, POLL_MS);
}

atSignIn(begin);
atSignOut(() => {
  clearInterval(polling);
  live.peek()?.close();
  live.value = null;
  connection.value = "connecting";
});

function subscribed({ servers, presences, voiceSeats }) {
  for (const { id, permissions, channels } of servers) learnRights(id, { permissions, channels });
  learnPresences(presences);
  learnSeats(voiceSeats);
}

// Events were missed for good: everything is asked for again.
async function resync() {
  const { serverId, channelId } = route.value;
  members.value = new Map();
  await Promise.all([loadServers(me.value), loadUnread(), loadConversations(), loadFriends(), reloadWindows(channelId), serverId && loadMembers(serverId)]);
}

// Where no socket gets through the page still works, some seconds late.
function poll() {
  if (connection.value === "online" || document.visibilityState !== "visible" || !me.value) return;
  const { channelId } = route.value;
  Promise.all([loadUnread(), channelId && catchUp(channelId)]).catch(() => {});
}

attend({ status: () => myPresence.peek(), tell: presence });
effect(() => (document.documentElement.dataset.connection = connection.value));
