// People outside of servers: friends, requests, who is blocked; and the conversations one has with them.

import { api } from "./client.js";
import { asked, hear, reduce } from "./events.js";
import { atSignIn, myId } from "./session.js";
import { amend, drop, personal, put } from "./store.js";

export const MOST_PEOPLE = 10; // in a group, oneself counted

const TALKS = ["conversation-updated", "conversation-left"];
const PEOPLE = ["friend-updated", "friend-removed", "friend-request", "friend-request-removed", "user-blocked", "user-unblocked"];

export const conversations = personal(() => new Map()); // channel id → the object of GET /api/dms
export const friends = personal(() => new Map()); // user id → the object of GET /api/friends
export const requests = personal(() => new Map()); // request id → { id, user, createdAt, direction }
export const blocked = personal(() => new Map()); // user id → { id, username, profilePicture, tag }

const byId = (list) => new Map(list.map((one) => [one.id, one]));

export const loadConversations = () => asked(TALKS, () => api.get("/dms"), (list) => (conversations.value = byId(list)));

export function loadFriends() {
  const ask = () => Promise.all([api.get("/friends"), api.get("/friends/requests"), api.get("/friends/blocked")]);
  return asked(PEOPLE, ask, ([list, { incoming, outgoing }, blocks]) => {
    friends.value = byId(list);
    requests.value = byId([...incoming.map((one) => ({ ...one, direction: "incoming" })), ...outgoing.map((one) => ({ ...one, direction: "outgoing" }))]);
    blocked.value = byId(blocks);
  });
}

atSignIn(() => Promise.all([loadConversations(), loadFriends()]));

// A group's name, or else the others' names.
export function titleOf(conversation) {
  const others = conversation.participants.filter(({ id }) => id !== myId.value);
  return conversation.name || others.map(({ username }) => username).join(", ");
}

// The newest activity first.
export const inOrder = (list) => [...list].sort((one, other) => (other.lastMessageId ?? 0) - (one.lastMessageId ?? 0) || other.id - one.id);

export const requestsTo = (direction) => [...requests.value.values()].filter((one) => one.direction === direction);

// Verbs.

export async function befriend(who) {
  const { request } = await api.post("/friends/request", who);
  if (!requests.value.has(request.id)) await loadFriends(); // the event may be slower, or there may be none
}

export async function accept(requestId) {
  await api.post(`/friends/accept/${requestId}`);
  await loadFriends();
}

// Declines a request, or takes one's own back.
export async function withdraw(requestId) {
  await api.delete(`/friends/${requestId}`);
  drop(requests, requestId);
}

export async function unfriend(userId) {
  await api.delete(`/friends/${userId}`);
  drop(friends, userId);
}

export async function block(person) {
  await api.post(`/friends/block/${person.id}`);
  drop(friends, person.id);
  put(blocked, person.id, person);
  for (const { id, user } of requests.value.values()) if (user.id === person.id) drop(requests, id);
}

export async function unblock(userId) {
  await api.delete(`/friends/block/${userId}`);
  drop(blocked, userId);
}

// The conversation with one person: there already, or new.
export async function openDirect(userId) {
  return keep(await api.post("/dms", { userId }));
}

export const createGroup = async (userIds, name) => keep(await api.post("/dms/groups", { userIds, name }));
export const renameGroup = async (channelId, name) => keep(await api.put(`/dms/${channelId}`, { name }));
export const addToGroup = async (channelId, userId) => keep(await api.put(`/dms/${channelId}/participants/${userId}`));

export async function removeFromGroup(channelId, userId) {
  await api.delete(`/dms/${channelId}/participants/${userId}`);
  if (userId === myId.peek()) drop(conversations, channelId);
  else amend(conversations, channelId, (one) => ({ ...one, participants: one.participants.filter(({ id }) => id !== userId) }));
}

function keep(conversation) {
  put(conversations, conversation.id, conversation);
  return conversation;
}

reduce("conversation-updated", ({ conversation }) => keep(conversation));
reduce("conversation-left", ({ channelId }) => drop(conversations, channelId));
hear("message-created", ({ channelId, message }) => amend(conversations, channelId, (one) => ({ ...one, lastMessageId: message.id })));
reduce("friend-updated", ({ friend }) => put(friends, friend.id, friend));
reduce("friend-removed", ({ userId }) => drop(friends, userId));
reduce("friend-request", ({ request, direction }) => put(requests, request.id, { ...request, direction }));
reduce("friend-request-removed", ({ requestId }) => drop(requests, requestId));
reduce("user-blocked", ({ user }) => put(blocked, user.id, user));
reduce("user-unblocked", ({ userId }) => drop(blocked, userId));
