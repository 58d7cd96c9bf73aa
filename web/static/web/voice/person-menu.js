// How loud somebody is for oneself, how good the line to him is, and what a moderator may do.

import { html, useEffect, useId, useLayoutEffect, useRef, useState } from "../html.js";
import { Icon, IconButton } from "../parts/icon.js";
import { place } from "../parts/menu.js";
import { t } from "../texts/index.js";
import { moderatorActs } from "./moderation.js";
import { inWords } from "./quality.js";
import { setVolume } from "./state.js";
import { volumeOf } from "./taste.js";

export function PersonMenu({ channel, person, name }) {
  const [open, setOpen] = useState(false);
  const button = useRef(null);
  const id = useId();
  if (person.isMe) return null;
  const close = (back = true) => {
    setOpen(false);
    if (back) button.current?.focus();
  };
  return html`<span class="menu-holder">
    <button ref=${button} type="button" class="icon-button small" aria-haspopup="dialog" aria-expanded=${open} aria-controls=${open ? id : undefined} aria-label=${t("personMenu", { name })} title=${t("personMenu", { name })} onClick=${() => setOpen(!open)}><${Icon} name="more" /></button>
    ${open && html`<${Popover} id=${id} channel=${channel} person=${person} name=${name} anchor=${button.current} close=${close} />`}
  </span>`;
}

function Popover({ id, channel, person, name, anchor, close }) {
  const element = useRef(null);
  useLayoutEffect(() => place(element.current, anchor), []);
  useEffect(() => {
    (element.current.querySelector("input") ?? element.current.querySelector("button"))?.focus();
    const outside = ({ target }) => !element.current.contains(target) && !anchor.contains(target) && close(false);
    document.addEventListener("pointerdown", outside);
    return () => document.removeEventListener("pointerdown", outside);
  }, []);
  const onKeyDown = (event) => {
    if (event.key !== "Escape") return;
    event.stopPropagation();
    close();
  };
  const acts = moderatorActs(channel, person);
  return html`<div ref=${element} id=${id} class="menu person-menu" role="dialog" aria-label=${t("personMenu", { name })} onKeyDown=${onKeyDown}>
    <div class="person-head"><strong>${name}</strong>${person.quality && html`<p class="hint">${inWords(person.quality)}</p>`}</div>
    ${person.userId !== null && html`<${Volume} userId=${person.userId} />`}
    ${acts.length > 0 && html`<hr />`}
    ${acts.map(({ label, icon, act, danger }) => html`<button key=${label} type="button" class=${danger ? "danger" : ""} onClick=${() => (close(), act())}><${Icon} name=${icon} />${label}</button>`)}
  </div>`;
}

function Volume({ userId }) {
  const id = useId();
  const volume = volumeOf(userId);
  return html`<div class="volume">
    <label for=${id}>${t("volume")}</label>
    <output for=${id}>${Math.round(volume * 100)} %</output>
    <${IconButton} icon=${volume ? "voice" : "voice-off"} class="small" label=${t(volume ? "silence" : "hearAgain")} onClick=${() => setVolume(userId, volume ? 0 : 1)} />
    <input id=${id} type="range" min="0" max="200" step="5" value=${Math.round(volume * 100)} onInput=${({ target }) => setVolume(userId, Number(target.value) / 100)} />
  </div>`;
}
