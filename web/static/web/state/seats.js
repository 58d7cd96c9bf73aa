// Who sits in which voice channel: Map(channel id → seats), as `voice-seats` tells it.

import { reduce } from "./events.js";
import { personal, put } from "./store.js";

export const seats = personal(() => new Map());
export const seatsOf = (channelId) => seats.value.get(channelId) ?? [];

export function learnSeats(list) {
  seats.value = new Map(list.map(({ channelId, seats: taken }) => [channelId, taken]));
}

reduce("voice-seats", ({ channelId, seats: taken }) => put(seats, channelId, taken));
