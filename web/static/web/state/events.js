// Live events: one reducer per kind. A store registers those that change it; whoever carries events calls apply().

import { batch } from "../html.js";

const reducers = new Map();
const listeners = new Map();
const unanswered = new Set(); // of each question that is on its way: what happened since

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
  for (const since of unanswered) since.push([kind, event]);
  listeners.get(kind)?.forEach((listener) => listener(event));
}

// Asks the server, and takes its answer into a store. An event may overtake an answer that was made before it: those of
// these kinds that came meanwhile are reduced again, so their reducers must not mind that the answer has them already.
export async function asked(kinds, ask, take) {
  const since = [];
  unanswered.add(since);
  try {
    const answer = await ask();
    batch(() => {
      take(answer);
      for (const [kind, event] of since) if (kinds.includes(kind)) reducers.get(kind)(event);
    });
  } finally {
    unanswered.delete(since);
  }
}
