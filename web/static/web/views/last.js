// The place one was at last, in all and by server: opening a server goes where one was in it.

import { effect } from "../html.js";
import { paths, route } from "../router.js";
import { servers } from "../state/servers.js";
import { myId } from "../state/session.js";

const KEY = "projectvoice.places";

function read() {
  try {
    const all = JSON.parse(localStorage.getItem(KEY));
    return all?.userId === myId.peek() ? all : null;
  } catch {
    return null;
  }
}

const exists = (serverId, channelId) => servers.value.get(serverId)?.channels.some(({ id }) => id === channelId);

export function lastPlace() {
  const { last, channels } = read() ?? {};
  return last && exists(last, channels[last]) ? paths.server(last, channels[last]) : null;
}

export function lastChannel(serverId) {
  const channelId = read()?.channels[serverId];
  return exists(serverId, channelId) ? channelId : null;
}

effect(() => {
  const { name, serverId, channelId } = route.value;
  if (name !== "server" || !channelId || !myId.value || !exists(serverId, channelId)) return;
  const channels = { ...read()?.channels, [serverId]: channelId };
  localStorage.setItem(KEY, JSON.stringify({ userId: myId.value, last: serverId, channels }));
});
