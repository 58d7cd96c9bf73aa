// Servers with their categories, channels and roles: Map(id → the object of GET /api/servers). Members: members.js.

import { batch, computed } from "../html.js";
import { route } from "../router.js";
import { api } from "./client.js";
import { asked, reduce } from "./events.js";
import { learnRights, rights } from "./rights.js";
import { atSignIn } from "./session.js";
import { amend, drop, personal, put } from "./store.js";

const STORY = ["channel-created", "channel-updated", "channel-deleted", "category-created", "category-updated", "category-deleted", "role-created", "role-updated", "role-deleted", "server-updated", "server-left"];

export const servers = personal(() => new Map());
export const serversLoaded = personal(() => false);

// Channels by id, of all servers: what the address, unread counts and search ask for.
export const channels = computed(() => new Map([...servers.value.values()].flatMap((server) => server.channels.map((one) => [one.id, one]))));
export const currentServer = computed(() => servers.value.get(route.value.serverId) ?? null);
export const currentChannel = computed(() => {
  const { serverId, channelId } = route.value;
  return serverId ? (servers.value.get(serverId)?.channels.find(({ id }) => id === channelId) ?? null) : null;
});

const byPlace = (one, other) => one.position - other.position || one.id - other.id;
const bare = ({ members, ...server }) => ({ ...server, channels: server.channels.toSorted(byPlace), categories: server.categories.toSorted(byPlace) });

export async function loadServers(me) {
  await asked(STORY, () => api.get("/servers"), (list) => {
    servers.value = new Map(list.map((server) => [server.id, bare(server)]));
    for (const { id, ownerId, members } of list) {
      const mine = members.find(({ userId }) => userId === me.id);
      if (mine) learnRights(id, rightsOf(mine));
      else if (ownerId === me.id) learnRights(id, { rank: "owner" });
    }
    serversLoaded.value = true;
  });
  const unknown = [...servers.value.values()].filter(({ id }) => !rights.value.has(id)); // the list of members was cut before oneself
  await Promise.all(unknown.map(({ id }) => loadRights(id)));
}

atSignIn(loadServers);

const rightsOf = (member) => ({ permissions: member.totalPermissions, rank: member.role, memberId: member.id });

export async function loadRights(serverId) {
  learnRights(serverId, rightsOf(await api.get(`/serverMembers/${serverId}/members/me`)));
}

// All of one server anew: after rights changed, since other channels may be seen.
export async function reloadServer(serverId) {
  const ask = () => Promise.all([api.get(`/servers/${serverId}`), loadRights(serverId)]);
  await asked(STORY, ask, ([server]) => addServer(server));
}

export function addServer(server) {
  put(servers, server.id, bare(server));
}

export function dropServer(serverId) {
  batch(() => {
    drop(servers, serverId);
    drop(rights, serverId);
  });
}

// Verbs. Each changes the store by the answer, and so by the event that tells the same.

export async function createServer(fields) {
  const server = await api.post("/servers", fields);
  addServer(server);
  await loadRights(server.id);
  return server;
}

export async function leaveServer(serverId) {
  await api.delete(`/serverMembers/${serverId}/members/me`);
  dropServer(serverId);
}

export async function deleteServer(serverId) {
  await api.delete(`/servers/${serverId}`);
  dropServer(serverId);
}

export async function saveChannel(serverId, fields, channelId) {
  const channel = await (channelId ? api.put(`/servers/${serverId}/channels/${channelId}`, fields) : api.post(`/servers/${serverId}/channels`, fields));
  putChannel(channel);
  return channel;
}

export async function deleteChannel({ serverId, id }) {
  await api.delete(`/servers/${serverId}/channels/${id}`);
  dropChannel({ serverId, channelId: id });
}

export async function saveCategory(serverId, fields, categoryId) {
  const category = await (categoryId ? api.put(`/servers/${serverId}/categories/${categoryId}`, fields) : api.post(`/servers/${serverId}/categories`, fields));
  putCategory(category);
  return category;
}

export async function deleteCategory({ serverId, id }) {
  await api.delete(`/servers/${serverId}/categories/${id}`);
  dropCategory({ serverId, categoryId: id });
}

// places: [{ id, position, categoryId }]
export async function arrangeChannels(serverId, places) {
  const list = await api.put(`/servers/${serverId}/channels/order`, { channels: places });
  amend(servers, serverId, (server) => ({ ...server, channels: list.toSorted(byPlace) }));
}

const withOne = (list, one) => [...list.filter(({ id }) => id !== one.id), one];

function putChannel(channel) {
  amend(servers, channel.serverId, (server) => ({ ...server, channels: withOne(server.channels, channel).sort(byPlace) }));
}

function dropChannel({ serverId, channelId }) {
  amend(servers, serverId, (server) => ({ ...server, channels: server.channels.filter(({ id }) => id !== channelId) }));
}

function putCategory(category) {
  amend(servers, category.serverId, (server) => ({ ...server, categories: withOne(server.categories, category).sort(byPlace) }));
}

// Its channels stay, without a category.
function dropCategory({ serverId, categoryId }) {
  amend(servers, serverId, (server) => ({
    ...server,
    categories: server.categories.filter(({ id }) => id !== categoryId),
    channels: server.channels.map((channel) => (channel.categoryId === categoryId ? { ...channel, categoryId: null } : channel)),
  }));
}

export function putRole(role) {
  amend(servers, role.serverId, (server) => ({ ...server, roles: withOne(server.roles, role).sort((one, other) => other.position - one.position || one.id - other.id) }));
}

export function dropRole({ serverId, roleId }) {
  amend(servers, serverId, (server) => ({ ...server, roles: server.roles.filter(({ id }) => id !== roleId) }));
}

export function changeServer(server) {
  amend(servers, server.id, (old) => ({ ...old, ...bare({ ...server, channels: old.channels, categories: old.categories }), roles: old.roles }));
}

reduce("channel-created", ({ channel }) => putChannel(channel));
reduce("channel-updated", ({ channel }) => putChannel(channel));
reduce("channel-deleted", dropChannel);
reduce("category-created", ({ category }) => putCategory(category));
reduce("category-updated", ({ category }) => putCategory(category));
reduce("category-deleted", dropCategory);
reduce("role-created", ({ role }) => putRole(role));
reduce("role-updated", ({ role }) => putRole(role));
reduce("role-deleted", dropRole);
reduce("server-updated", ({ server }) => changeServer(server));
reduce("server-joined", ({ server }) => {
  if (server.channels) addServer(server);
  reloadServer(server.id).catch(() => {});
});
reduce("server-left", ({ serverId }) => dropServer(serverId));
// One's own rights, whenever they changed: what is no more seen goes at once, what is new is asked for.
reduce("rights", ({ serverId, permissions, channels: visible }) => {
  if (permissions === null) return dropServer(serverId);
  learnRights(serverId, { permissions, channels: visible });
  const seen = new Set(visible.map(({ id }) => id));
  const known = servers.value.get(serverId)?.channels ?? [];
  amend(servers, serverId, (server) => ({ ...server, channels: server.channels.filter(({ id }) => seen.has(id)) }));
  if (visible.some(({ id }) => !known.some((channel) => channel.id === id))) reloadServer(serverId).catch(() => {});
});
