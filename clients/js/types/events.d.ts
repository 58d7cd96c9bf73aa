// Made by `manage.py sdk_types` from the catalogue of events.

import type { Schemas } from "./rest.d.ts";

/** `seq` is its place in the log, `at` when it was announced. */
interface Logged { seq: number; at: string }

export interface LoggedEvents {
  "message-created": Logged & { serverId?: number; channelId: number; message: Schemas["MessageOutput"] };
  "message-updated": Logged & { serverId?: number; channelId: number; message: Schemas["MessageOutput"] };
  "message-deleted": Logged & { serverId?: number; channelId: number; messageId: number };
  "messages-deleted": Logged & { serverId?: number; channelId: number; messageIds: number[] };
  "reaction-added": Logged & { serverId?: number; channelId: number; messageId: number; userId: number; emoji: string; count: number };
  "reaction-removed": Logged & { serverId?: number; channelId: number; messageId: number; userId: number; emoji: string; count: number };
  "channel-created": Logged & { serverId?: number; channelId: number; channel: Schemas["ChannelOutput"] };
  "channel-updated": Logged & { serverId?: number; channelId: number; channel: Schemas["ChannelOutput"] };
  "channel-deleted": Logged & { serverId: number; channelId: number };
  "category-created": Logged & { serverId: number; category: Schemas["CategoryOutput"] };
  "category-updated": Logged & { serverId: number; category: Schemas["CategoryOutput"] };
  "category-deleted": Logged & { serverId: number; categoryId: number };
  "role-created": Logged & { serverId: number; role: Schemas["RoleOutput"] };
  "role-updated": Logged & { serverId: number; role: Schemas["RoleOutput"] };
  "role-deleted": Logged & { serverId: number; roleId: number };
  "server-updated": Logged & { serverId: number; server: Pick<Schemas["ServerOutput"], "id" | "name" | "description" | "icon" | "ownerId" | "isBlocked" | "memberCount" | "createdAt" | "updatedAt"> };
  "member-joined": Logged & { serverId: number; member: Schemas["MemberOutput"] };
  "member-updated": Logged & { serverId: number; member: Schemas["MemberOutput"] };
  "member-left": Logged & { serverId: number; memberId: number; userId: number };
  "member-banned": Logged & { serverId: number; userId: number };
  "member-unbanned": Logged & { serverId: number; userId: number };
  "invite-created": Logged & { serverId: number; invite: Schemas["InviteOutput"] };
  "invite-deleted": Logged & { serverId: number; inviteId: number };
  "server-joined": Logged & { serverId?: number; channelId?: number; server: Pick<Schemas["ServerOutput"], "id" | "name" | "description" | "icon" | "ownerId" | "isBlocked" | "memberCount" | "createdAt" | "updatedAt"> };
  "server-left": Logged & { channelId?: number; serverId: number; reason: string };
  "mention": Logged & { serverId?: number; channelId?: number; message: Schemas["MessageOutput"] };
  "read-state": Logged & { serverId?: number; channelId: number; lastReadId: number; unread: number; mentions: number };
  "friend-updated": Logged & { serverId?: number; channelId?: number; friend: Schemas["FriendOutput"] };
  "friend-removed": Logged & { serverId?: number; channelId?: number; userId: number };
  "friend-request": Logged & { serverId?: number; channelId?: number; request: Schemas["IncomingRequestOutput"]; direction: string };
  "friend-request-removed": Logged & { serverId?: number; channelId?: number; requestId: number };
  "user-blocked": Logged & { serverId?: number; channelId?: number; user: Schemas["PersonOutput"] };
  "user-unblocked": Logged & { serverId?: number; channelId?: number; userId: number };
  "conversation-updated": Logged & { serverId?: number; channelId?: number; conversation: Schemas["ConversationOutput"] };
  "conversation-left": Logged & { serverId?: number; channelId: number };
  "user-updated": Logged & { serverId?: number; channelId?: number; user: Schemas["MeOutput"] };
}
