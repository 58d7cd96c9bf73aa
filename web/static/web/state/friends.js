// Conversations without a server: Map(channel id → the object of GET /api/dms).

import { api } from "./client.js";
import { reduce } from "./events.js";
import { atSignIn, myId } from "./session.js";
import { drop, personal, put } from "./store.js";

export const conversations = personal(() => new Map());

export async function loadConversations() {
  conversations.value = new Map((await api.get("/dms")).map((one) => [one.id, one]));
}

atSignIn(loadConversations);

// A group's name, or else the others' names.
export function titleOf(conversation) {
  const others = conversation.participants.filter(({ id }) => id !== myId.value);
  return conversation.name || others.map(({ username }) => username).join(", ");
}

reduce("conversation-updated", ({ conversation }) => put(conversations, conversation.id, conversation));
reduce("conversation-left", ({ channelId }) => drop(conversations, channelId));
