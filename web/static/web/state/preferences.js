// What this browser remembers of how its owner likes things. Not of the account: a phone and a desk differ.

import { effect, signal } from "../html.js";

const KEY = "projectvoice.preferences";
const DEFAULTS = { theme: "system", language: "system", density: "cozy", membersShown: true, collapsed: [], sounds: true, messageSounds: true, notifications: false };

function read() {
  try {
    return { ...DEFAULTS, ...JSON.parse(localStorage.getItem(KEY) ?? "{}") };
  } catch {
    return DEFAULTS;
  }
}

export const preferences = signal(read());

// prefer({ theme: "dark" })
export function prefer(changes) {
  preferences.value = { ...preferences.value, ...changes };
  localStorage.setItem(KEY, JSON.stringify(preferences.value));
}

window.addEventListener("storage", ({ key }) => key === KEY && (preferences.value = read()));

effect(() => {
  const { theme, density } = preferences.value;
  document.documentElement.dataset.density = density;
  if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
  else delete document.documentElement.dataset.theme;
});
