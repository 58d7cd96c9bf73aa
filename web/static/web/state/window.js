// The part of a channel's messages that is held: a bounded run of neighbours, oldest first. Pure: no page, no network.

export const PAGE = 50;
export const MOST = 200; // what stays in memory and in the document, however long the channel is

// `atStart`, `atEnd`: nothing lies before, after. `missed`: how many came while the end was out of sight.
export const EMPTY = { messages: [], atStart: false, atEnd: false, missed: 0, loaded: false };

// What a page without cursor answered: the newest.
export function newest(messages, limit = PAGE) {
  return { messages, atStart: messages.length < limit, atEnd: true, missed: 0, loaded: true };
}

// Those before a message and those from it on.
export function around(before, after, limit = PAGE / 2) {
  return { messages: [...before, ...after], atStart: before.length < limit, atEnd: after.length < limit, missed: 0, loaded: true };
}

// A page from above; what is too much goes at the bottom.
export function older(window, messages, limit = PAGE) {
  const joined = [...without(messages, window.messages), ...window.messages];
  const kept = joined.slice(0, MOST);
  return { ...window, messages: kept, atStart: messages.length < limit, atEnd: window.atEnd && kept.length === joined.length };
}

// A page from below; what is too much goes at the top.
export function newer(window, messages, limit = PAGE) {
  const joined = [...window.messages, ...without(messages, window.messages)];
  const kept = joined.slice(-MOST);
  const atEnd = messages.length < limit;
  return { ...window, messages: kept, atEnd, atStart: window.atStart && kept.length === joined.length, missed: atEnd ? 0 : window.missed };
}

// A message that has just been written. Out of sight it is counted only: scrolling down will fetch it.
export function arrived(window, message) {
  if (!window.loaded) return window;
  const { messages } = window;
  if (messages.some(({ id }) => id === message.id)) return changed(window, message);
  if (!window.atEnd) return { ...window, missed: window.missed + 1 };
  const at = messages.findLastIndex(({ id }) => id < message.id) + 1; // events of others may overtake one's own answer
  const joined = messages.toSpliced(at, 0, message);
  return { ...window, messages: joined.slice(-MOST), atStart: window.atStart && joined.length <= MOST };
}

// The newest page asked for again, for want of events: what it holds is so, what it lacks of its stretch is gone.
export function renewed(window, messages, limit = PAGE) {
  if (messages.length < limit) return newest(messages, limit);
  const from = messages[0].id;
  if (!window.messages.length || window.messages.at(-1).id < from) return { ...window, atEnd: false, missed: limit };
  const joined = [...window.messages.filter(({ id }) => id < from), ...messages];
  return { ...window, messages: joined.slice(-MOST), atStart: window.atStart && joined.length <= MOST };
}

export function changed(window, message) {
  return amended(window, message.id, (old) => ({ ...message, reactions: withMine(message.reactions, old.reactions) }));
}

export function amended(window, id, change) {
  const at = window.messages.findIndex((message) => message.id === id);
  return at < 0 ? window : { ...window, messages: window.messages.with(at, change(window.messages[at])) };
}

export function gone(window, ids) {
  const left = window.messages.filter(({ id }) => !ids.includes(id));
  return left.length === window.messages.length ? window : { ...window, messages: left };
}

// `count` as the server counts after the act; `mine`: it was oneself.
export function reacted(window, messageId, emoji, count, mine, added) {
  return amended(window, messageId, (message) => {
    const old = message.reactions.find((one) => one.emoji === emoji);
    const fresh = { emoji, count, me: mine ? added : (old?.me ?? false) };
    const rest = message.reactions.map((one) => (one === old ? fresh : one));
    return { ...message, reactions: (old ? rest : [...rest, fresh]).filter((one) => one.count > 0) };
  });
}

// An event is the same for everybody, so it cannot say which reactions are one's own.
function withMine(fresh, old) {
  return fresh.map((one) => ({ ...one, me: one.me || (old.find(({ emoji }) => emoji === one.emoji)?.me ?? false) }));
}

const without = (messages, held) => {
  const ids = new Set(held.map(({ id }) => id));
  return messages.filter(({ id }) => !ids.has(id));
};
