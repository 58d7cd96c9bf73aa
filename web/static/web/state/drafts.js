// What is half written in each channel, kept over a reload of the page.

import { atSignOut, personal, put } from "./store.js";

const KEY = "projectvoice.drafts";

function read() {
  try {
    return new Map(JSON.parse(sessionStorage.getItem(KEY) ?? "[]"));
  } catch {
    return new Map();
  }
}

export const drafts = personal(() => read());

atSignOut(() => {
  sessionStorage.removeItem(KEY);
  drafts.value = new Map();
});

export const draftOf = (channelId) => drafts.value.get(channelId) ?? "";

export function keepDraft(channelId, text) {
  put(drafts, channelId, text);
  sessionStorage.setItem(KEY, JSON.stringify([...drafts.value].filter(([, draft]) => draft)));
}

export function insertMention(channelId, username) {
  const draft = draftOf(channelId);
  keepDraft(channelId, `${draft}${draft && !draft.endsWith(" ") ? " " : ""}@${username} `);
  document.querySelector(".composer textarea")?.focus();
}
