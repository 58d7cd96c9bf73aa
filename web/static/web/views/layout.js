// How much room there is, and what lies over the middle.

import { computed, effect, signal } from "../html.js";
import { route } from "../router.js";
import { preferences } from "../state/preferences.js";

const NARROW = matchMedia("(max-width: 760px)");
const MEDIUM = matchMedia("(max-width: 1080px)");

export const narrow = signal(NARROW.matches); // a phone
export const medium = signal(MEDIUM.matches); // members lie over the chat
export const drawer = signal(null); // "menu", "members" or null
export const panel = signal(null); // "search", "pins" or null: beside the chat, in the place of the members
export const membersOpen = computed(() => (medium.value ? drawer.value === "members" : preferences.value.membersShown && !panel.value));

NARROW.addEventListener("change", ({ matches }) => (narrow.value = matches));
MEDIUM.addEventListener("change", ({ matches }) => (medium.value = matches));

// Who has gone somewhere wants to see it. Another server's channels are chosen in the drawer itself.
effect(() => {
  const { name, channelId } = route.value;
  if (channelId || name !== "server") drawer.value = null;
});

addEventListener("keydown", (event) => {
  if (event.key === "Escape" && drawer.value && !event.defaultPrevented) drawer.value = null;
});
