// What stores are made of. A store is a module: signals that views read, and verbs that change them.

import { batch, signal } from "../html.js";

const makers = [];

// A signal that holds what belongs to whoever is signed in: it starts as make(), and does so again at sign-out.
export function personal(make) {
  const store = signal(make());
  makers.push(() => (store.value = make()));
  return store;
}

// At sign-out, for what is no signal.
export function atSignOut(forget) {
  makers.push(forget);
}

export function forgetEverything() {
  batch(() => makers.forEach((begin) => begin()));
}

// Maps in signals are replaced, never written into, so that whoever reads them hears of it.
export const put = (store, key, value) => (store.value = new Map(store.value).set(key, value));

export function drop(store, key) {
  if (!store.value.has(key)) return;
  const rest = new Map(store.value);
  rest.delete(key);
  store.value = rest;
}

// Changes what is there; a key that is not stays away.
export function amend(store, key, change) {
  const old = store.value.get(key);
  if (old === undefined) return;
  const fresh = change(old);
  if (fresh !== old) put(store, key, fresh);
}
