// Where one is: the page's address, and nothing else. Views never look at `location`.

import { computed, signal } from "./html.js";

const PATTERNS = [
  [/^\/$/, "home"],
  [/^\/invite\/(?<token>[^/]+)$/, "invite"],
  [/^\/channels\/(?<serverId>\d+)(?:\/(?<channelId>\d+)(?:\/(?<messageId>\d+))?)?$/, "server"],
  [/^\/direct\/(?<channelId>\d+)(?:\/(?<messageId>\d+))?$/, "direct"],
  [/^\/friends$/, "friends"],
  [/^\/settings(?:\/(?<section>.+))?$/, "settings"],
  [/^\/reset-password$/, "reset"],
  [/^\/confirm-email$/, "confirm"],
];

const place = signal({ path: location.pathname }); // another one whenever somebody goes, be it to where he is

// { name, serverId?, channelId?, messageId?, token?, section? }: ids are numbers. An unknown address is home.
export const route = computed(() => parse(place.value.path));

export function parse(pathname) {
  const bare = pathname.length > 1 ? pathname.replace(/\/$/, "") : pathname;
  for (const [pattern, name] of PATTERNS) {
    const found = bare.match(pattern)?.groups;
    if (found === undefined && !pattern.test(bare)) continue;
    const values = Object.entries(found ?? {}).filter(([, value]) => value !== undefined);
    return { name, ...Object.fromEntries(values.map(([key, value]) => [key, key.endsWith("Id") ? Number(value) : decodeURIComponent(value)])) };
  }
  return { name: "home" };
}

export function go(to, { replace = false } = {}) {
  if (to !== location.pathname) history[replace ? "replaceState" : "pushState"](null, "", to);
  place.value = { path: location.pathname };
}

// Props of an <a> that changes the address without a reload; with a modifier key the browser does what it always does.
export function link(to, before) {
  const onClick = (event) => {
    if (event.defaultPrevented || event.button || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    before?.();
    go(to);
  };
  return { href: to, onClick };
}

export const paths = {
  server: (serverId, channelId, messageId) => ["/channels", serverId, channelId, messageId].filter(Boolean).join("/"),
  direct: (channelId, messageId) => ["/direct", channelId, messageId].filter(Boolean).join("/"),
  channel: ({ id, serverId }, messageId) => (serverId ? paths.server(serverId, id, messageId) : paths.direct(id, messageId)),
};

window.addEventListener("popstate", () => (place.value = { path: location.pathname }));
