// The messages of a channel. Few of them are held (state/window.js): near either end the next ones are asked for, and
// what one is reading stays where it is on the screen.

import { html, useEffect, useLayoutEffect, useRef, useState } from "../../html.js";
import { Empty, Skeleton } from "../../parts/empty.js";
import { Icon } from "../../parts/icon.js";
import { attempt } from "../../parts/toasts.js";
import { day, dayKey } from "../../parts/time.js";
import { go, paths, route } from "../../router.js";
import { openChannel, outgoingOf, showMessage, showNewer, showOlder, windowOf } from "../../state/messages.js";
import { myId } from "../../state/session.js";
import { markRead, unread } from "../../state/unread.js";
import { t } from "../../texts/index.js";
import { Message, Outgoing } from "./message.js";
import { rows } from "./rows.js";

const NEAR = 800; // pixels to either end when more is asked for
const AT_END = 60; // as good as at the end
const READ_MS = 400;

export function Log({ channel, messageId }) {
  const { id } = channel;
  const box = useRef(null);
  const view = useRef({ stuck: true, anchor: null, goal: messageId, opened: false, scrollTop: 0 });
  const [error, setError] = useState("");
  const [away, setAway] = useState(false);
  const [target, setTarget] = useState(null);
  const lastRead = useRef(lastReadAtOpening(id));
  const held = windowOf(id);
  const sending = outgoingOf(id);

  const load = async () => {
    setError("");
    Object.assign(view.current, { goal: messageId ?? null, stuck: !messageId, scrollTop: 0 });
    if (!messageId) setTarget(null);
    try {
      await (messageId ? showMessage(id, messageId) : openChannel(id));
      if (messageId) view.current.goal = nearest(windowOf(id).messages, messageId);
      settle();
    } catch (refusal) {
      setError(refusal.message);
    }
  };
  useEffect(() => void load(), [id, messageId]);

  // Puts the view back to where it belongs after its content changed.
  const settle = () => {
    const element = box.current;
    const state = view.current;
    if (!element || !windowOf(id).loaded) return;
    if (state.goal) {
      const found = element.querySelector(`#m-${state.goal}`);
      if (!found) return;
      found.scrollIntoView({ block: "center" });
      found.focus({ preventScroll: true });
      if (state.goal === messageId) setTarget(messageId);
      Object.assign(state, { goal: null, stuck: false, opened: true });
    } else if (!state.opened) {
      const fresh = element.querySelector(".divider.fresh");
      if (fresh) element.scrollTop = fresh.offsetTop - element.clientHeight / 3;
      else element.scrollTop = element.scrollHeight;
      Object.assign(state, { opened: true, stuck: !fresh || toEnd(element) < AT_END });
    } else if (state.stuck && element.scrollTop >= state.scrollTop) {
      element.scrollTop = element.scrollHeight;
    } else if (state.anchor && !state.stuck) {
      const found = element.querySelector(`#m-${state.anchor.id}`);
      if (found) element.scrollTop += found.getBoundingClientRect().top - state.anchor.top;
    }
    look();
  };

  // What is seen, and whether more is needed around it.
  const look = () => {
    const element = box.current;
    const state = view.current;
    const now = windowOf(id);
    if (!element || !now.loaded || !state.opened) return;
    state.scrollTop = element.scrollTop;
    state.anchor = anchorOf(element);
    state.stuck = now.atEnd && toEnd(element) < AT_END;
    setAway(!state.stuck && (!now.atEnd || toEnd(element) > element.clientHeight));
    if (element.scrollTop < NEAR && !now.atStart) attempt(() => showOlder(id));
    else if (toEnd(element) < NEAR && !now.atEnd) attempt(() => showNewer(id));
    if (state.stuck) readSoon();
  };

  const timer = useRef(0);
  const readSoon = () => {
    clearTimeout(timer.current);
    timer.current = setTimeout(() => {
      const last = windowOf(id).messages.at(-1);
      if (last && view.current.stuck && document.visibilityState === "visible" && route.peek().channelId === id) markRead(id, last.id).catch(() => {});
    }, READ_MS);
  };

  useLayoutEffect(settle, [held, sending]);
  useEffect(() => {
    const observer = new ResizeObserver(settle);
    observer.observe(box.current);
    observer.observe(box.current.firstElementChild);
    document.addEventListener("visibilitychange", readSoon);
    return () => {
      observer.disconnect();
      clearTimeout(timer.current);
      document.removeEventListener("visibilitychange", readSoon);
    };
  }, [id]);

  const toPresent = async () => {
    if (route.peek().messageId) return go(paths.channel(channel), { replace: true });
    Object.assign(view.current, { stuck: true, scrollTop: 0 });
    await attempt(() => openChannel(id));
    settle();
  };

  const list = rows(held.messages, lastRead.current, myId.value);
  return html`<div class="log-holder">
    <div ref=${box} class="log" role="log" aria-label=${t("messagesIn", { name: channel.name })} aria-live=${held.atEnd && !away ? "polite" : "off"} aria-busy=${!held.loaded} tabindex="0" onScroll=${look} onKeyDown=${walk}>
      <div class="log-inner">
        ${held.loaded && held.atStart && html`<${Beginning} channel=${channel} />`}
        ${(!held.loaded && !error) || (held.loaded && !held.atStart) ? html`<${Skeleton} lines=${held.loaded ? 3 : 12} />` : null}
        ${error && html`<${Empty} icon="alert" title=${error}><button type="button" class="button" onClick=${load}>${t("tryAgain")}</button></${Empty}>`}
        <ol class="messages">
          ${list.flatMap(({ message, day: newDay, fresh, first }) => [
            newDay && html`<${Day} key=${`day-${message.id}`} date=${message.createdAt} />`,
            fresh && html`<li key="fresh" class="divider fresh"><span>${t("newMessages")}</span></li>`,
            html`<${Message} key=${message.id} channel=${channel} message=${message} first=${first} marked=${target === message.id} />`,
          ])}
          ${held.atEnd && sending.map((entry) => html`<${Outgoing} key=${entry.nonce} channel=${channel} entry=${entry} />`)}
        </ol>
        ${held.loaded && !held.atEnd && html`<${Skeleton} />`}
      </div>
    </div>
    ${away && html`<button type="button" class="to-present" onClick=${toPresent}><${Icon} name="down" />${held.missed ? t("newBelow", { n: held.missed }) : t("toPresent")}</button>`}
  </div>`;
}

// Undefined if all was read: then nothing is marked as new.
function lastReadAtOpening(channelId) {
  const state = unread.peek().get(channelId);
  return state?.unread ? state.lastReadId : undefined;
}

// The message itself, or what stands where it stood.
function nearest(messages, messageId) {
  return (messages.find(({ id }) => id >= messageId) ?? messages.at(-1))?.id ?? null;
}

const toEnd = (element) => element.scrollHeight - element.clientHeight - element.scrollTop;

function anchorOf(element) {
  const top = element.getBoundingClientRect().top;
  for (const message of element.querySelectorAll(".message[id]")) {
    const at = message.getBoundingClientRect();
    if (at.bottom > top) return { id: message.id.slice(2), top: at.top };
  }
  return null;
}

// Arrow keys walk from message to message.
function walk(event) {
  if (event.key !== "ArrowUp" && event.key !== "ArrowDown") return;
  if (event.target.closest("textarea, input, [role=menu], button, a")) return;
  const all = [...event.currentTarget.querySelectorAll(".message[id]")];
  const at = all.indexOf(event.target.closest(".message"));
  const next = at < 0 ? all.at(-1) : all[at + (event.key === "ArrowUp" ? -1 : 1)];
  if (!next) return;
  event.preventDefault();
  next.focus();
  next.scrollIntoView({ block: "nearest" });
}

function Day({ date }) {
  return html`<li class="divider"><time datetime=${dayKey(date)}>${day(date)}</time></li>`;
}

function Beginning({ channel }) {
  return html`<div class="beginning">
    <span class="empty-mark"><${Icon} name=${channel.serverId ? "text" : "people"} size="28px" /></span>
    <h2>${channel.name}</h2>
    <p class="lead">${channel.description || t(channel.serverId ? "beginningOfChannel" : "beginningOfConversation", { name: channel.name })}</p>
  </div>`;
}
