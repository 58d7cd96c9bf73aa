// Who is signed in.

import { batch, computed, signal } from "../html.js";
import { api, client, keepToken } from "./client.js";
import { reduce } from "./events.js";
import { forgetEverything } from "./store.js";

export const phase = signal(client.token ? "starting" : "out"); // starting, out, in, or "held": see `held`
export const held = signal(null); // "twoFactor", "email": what this instance wants of the account before anything else
export const me = signal(null); // GET /api/auth/me
export const notice = signal(""); // why one was signed out, or why starting failed
export const myId = computed(() => me.value?.id ?? null);

const beginnings = [];

// Stores say what to load once somebody is signed in: atSignIn(async (me) => …).
export function atSignIn(begin) {
  beginnings.push(begin);
}

export async function start() {
  client.onSignedOut = () => end("sessionEnded");
  if (!client.token) return;
  notice.value = "";
  try {
    await enter(await api.get("/auth/me"));
  } catch (error) {
    if (error.status !== 401) notice.value = error.message;
  }
}

// Throws the refusal; with `twoFactor: { ticket }` in it a code is wanted.
export async function signIn(email, password) {
  await entered(await api.signIn({ email, password }));
}

export async function signInByCode(ticket, code) {
  await entered(await api.signInByCode(ticket, code));
}

export async function register(username, email, password) {
  await entered(await api.register({ username, email, password }));
}

async function entered({ token }) {
  keepToken(token);
  await enter(await api.get("/auth/me"));
}

async function enter(user) {
  me.value = user;
  try {
    await Promise.all(beginnings.map((begin) => begin(user)));
  } catch (error) {
    const wanted = error.twoFactor?.required ? "twoFactor" : error.answer?.emailConfirmation?.required ? "email" : null;
    if (!wanted) throw error;
    batch(() => {
      forgetEverything();
      held.value = wanted;
      phase.value = "held";
    });
    return;
  }
  batch(() => {
    phase.value = "in";
    notice.value = "";
  });
}

export async function signOut() {
  await api.signOut().catch(() => {}); // gone here even if the server is away
  end("");
}

function end(why) {
  keepToken(null);
  document.querySelectorAll("dialog[open]").forEach((dialog) => dialog.close());
  batch(() => {
    phase.value = "out";
    notice.value = why;
    me.value = null;
    forgetEverything();
  });
}

reduce("user-updated", ({ user }) => (me.value = { ...me.value, ...user }));
