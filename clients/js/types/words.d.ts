// What Live tells: the logged events, which carry a `seq`, and the state of the moment, which does not.

import type { LoggedEvents } from "./events.d.ts";

export type Presence = "online" | "idle" | "dnd" | "invisible";

/** A permission mask is a decimal string, as everywhere. */
export interface ChannelRights {
  id: number;
  permissions: string;
}

export interface Seat {
  userId: number | null;
  user: { id: number | null; username: string; avatar: string | null };
  socketId: string;
  micToggle: boolean;
  isMuted: boolean;
  isDeafened: boolean;
  canSpeak: boolean;
}

export interface Seats {
  serverId: number;
  channelId: number;
  seats: Seat[];
}

export interface StateEvents {
  /** After each connection: what one sees now. Missed events follow if `replaying`, then `resumed`. */
  subscribed: {
    seq: number;
    replaying: boolean;
    user: { id: number; username: string };
    servers: { id: number; permissions: string; channels: ChannelRights[] }[];
    conversations: number[];
    presences: { userId: number; status: string }[];
    voiceSeats: Seats[];
  };
  /** All that was missed has been told. */
  resumed: { seq: number };
  /** Too much was missed: reload over REST, and go on from here. */
  resync: { seq: number; reason: string };
  /** Forget it after eight seconds. */
  typing: { channelId: number; serverId?: number | null; userId: number; username: string };
  presence: { userId: number; status: string };
  /** Everybody in that channel's call. */
  "voice-seats": Seats;
  /** One's own rights there, whenever they change. Null: the server is one's own no more. */
  rights: { serverId: number; permissions: string | null; channels: ChannelRights[] };
  /** Something one said was refused, by the live events or by a call. */
  error: { message: string };
}

export interface EventMap extends LoggedEvents, StateEvents {}

export type Handler<K extends keyof EventMap | "*"> = K extends keyof EventMap
  ? (event: EventMap[K]) => void
  : (kind: string, event: any) => void;
