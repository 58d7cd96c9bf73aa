// What one may do. The server decides anyway; this only avoids buttons that would be refused.

import { personal, put } from "./store.js";

export const BITS = Object.fromEntries(
  (
    "CREATE_INSTANT_INVITE KICK_MEMBERS BAN_MEMBERS ADMINISTRATOR MANAGE_CHANNELS MANAGE_GUILD ADD_REACTIONS VIEW_AUDIT_LOG " +
    "PRIORITY_SPEAKER STREAM VIEW_CHANNEL SEND_MESSAGES SEND_TTS_MESSAGES MANAGE_MESSAGES EMBED_LINKS ATTACH_FILES " +
    "READ_MESSAGE_HISTORY MENTION_EVERYONE USE_EXTERNAL_EMOJIS VIEW_GUILD_INSIGHTS CONNECT SPEAK MUTE_MEMBERS DEAFEN_MEMBERS " +
    "MOVE_MEMBERS USE_VAD CHANGE_NICKNAME MANAGE_NICKNAMES MANAGE_ROLES MANAGE_WEBHOOKS MANAGE_EMOJIS_AND_STICKERS " +
    "USE_APPLICATION_COMMANDS REQUEST_TO_SPEAK MANAGE_EVENTS MANAGE_THREADS CREATE_PUBLIC_THREADS CREATE_PRIVATE_THREADS " +
    "USE_EXTERNAL_STICKERS SEND_MESSAGES_IN_THREADS USE_EMBEDDED_ACTIVITIES MODERATE_MEMBERS"
  )
    .split(" ")
    .map((name, bit) => [name, 1n << BigInt(bit)]),
);
const RANKS = ["member", "moderator", "admin", "owner"];
// What a member role opens by itself, whatever the bits say.
const BY_RANK = { MANAGE_CHANNELS: "moderator", CREATE_INSTANT_INVITE: "moderator", MANAGE_MESSAGES: "moderator", MANAGE_GUILD: "admin" };

// server id → { permissions: bigint, rank, memberId, channels: Map(channel id → bigint) }
export const rights = personal(() => new Map());

export function learnRights(serverId, { permissions, rank, memberId, channels }) {
  const old = rights.value.get(serverId) ?? { permissions: 0n, rank: "member", memberId: null, channels: new Map() };
  put(rights, serverId, {
    permissions: permissions === undefined ? old.permissions : BigInt(permissions),
    rank: rank ?? old.rank,
    memberId: memberId ?? old.memberId,
    channels: channels ? new Map(channels.map(({ id, permissions: bits }) => [id, BigInt(bits)])) : old.channels,
  });
}

export const rankOf = (serverId) => rights.value.get(serverId)?.rank ?? null;

// may("MANAGE_CHANNELS", serverId), may("SEND_MESSAGES", serverId, channelId). Without a server, in a conversation: see below.
export function may(permission, serverId, channelId) {
  if (!serverId) return IN_CONVERSATIONS.includes(permission);
  const mine = rights.value.get(serverId);
  if (!mine) return false;
  const bits = mine.channels.get(channelId) ?? mine.permissions;
  return mine.rank === "owner" || holds(bits, permission) || RANKS.indexOf(mine.rank) >= RANKS.indexOf(BY_RANK[permission] ?? "owner");
}

export const holds = (bits, permission) => (bits & (BITS[permission] | BITS.ADMINISTRATOR)) !== 0n;

const IN_CONVERSATIONS = ["VIEW_CHANNEL", "SEND_MESSAGES", "ADD_REACTIONS", "ATTACH_FILES", "READ_MESSAGE_HISTORY"];

// Everybody pins in a conversation; in a channel who moderates it.
export const mayPin = (channel) => (channel.serverId ? may("MANAGE_MESSAGES", channel.serverId, channel.id) : true);
