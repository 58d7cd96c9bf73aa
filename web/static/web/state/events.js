// Live events: one reducer per kind. A store registers those that change it; whoever carries events calls apply().

import { batch } from "../html.js";

const reducers = new Map();
const listeners = new Map();

// reduce("channel-created", (event) => …): changes a store, without asking the server if that can be avoided.
export function reduce(kind, reducer) {
  if (reducers.has(kind)) throw new Error(`${kind} has a reducer`);
  reducers.set(kind, reducer);
}

// Hears of an event after its reducer: for sounds, notices, focus. Returns how to stop.
export function hear(kind, listener) {
  const all = listeners.get(kind) ?? listeners.set(kind, new Set()).get(kind);
  all.add(listener);
  return () => all.delete(listener);
}

export function apply(kind, event) {
  batch(() => reducers.get(kind)?.(event));
  listeners.get(kind)?.forEach((listener) => listener(event));
}
