// Who may be meant by a name in a channel.

import { conversations } from "../../state/friends.js";
import { membersOf } from "../../state/members.js";

// [{ id, username, nickname, picture }]
export function peopleOf(channel) {
  if (!channel.serverId) return (conversations.value.get(channel.id)?.participants ?? []).map(({ id, username, profilePicture }) => ({ id, username, picture: profilePicture }));
  return [...(membersOf(channel.serverId)?.values() ?? [])].map(({ userId, user, nickname }) => ({ id: userId, username: user.username, nickname, picture: user.profilePicture }));
}

const cache = new WeakMap(); // of a list of members: names in small letters

// known(name): whether somebody of this channel is called so.
export function knownIn(channel) {
  const list = channel.serverId ? membersOf(channel.serverId) : conversations.value.get(channel.id);
  if (!list) return undefined;
  if (!cache.has(list)) {
    const names = new Set(peopleOf(channel).map(({ username }) => username.toLowerCase()));
    cache.set(list, (name) => names.has(name.toLowerCase()));
  }
  return cache.get(list);
}
