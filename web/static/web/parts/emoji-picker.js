// Emoji to choose from, beside the button that asked: pickEmoji(button, (emoji) => …).

import { html, signal, useEffect, useLayoutEffect, useRef, useState } from "../html.js";
import { t } from "../texts/index.js";
import { findEmoji } from "./emoji.js";
import { place } from "./menu.js";

const COLUMNS = 8;
const shown = signal(null); // { anchor, choose }

export function pickEmoji(anchor, choose) {
  shown.value = { anchor, choose };
}

export function EmojiLayer() {
  return shown.value && html`<${Picker} ...${shown.value} close=${() => (shown.value = null)} />`;
}

function Picker({ anchor, choose, close }) {
  const [query, setQuery] = useState("");
  const element = useRef(null);
  const found = findEmoji(query);
  useLayoutEffect(() => {
    place(element.current, anchor);
    element.current.querySelector("input").focus();
  }, []);
  useEffect(() => {
    const outside = ({ target }) => !element.current?.contains(target) && close();
    document.addEventListener("pointerdown", outside);
    return () => document.removeEventListener("pointerdown", outside);
  }, []);
  const done = (emoji) => {
    close();
    if (anchor.isConnected) anchor.focus();
    if (emoji) choose(emoji);
  };
  const onKeyDown = (event) => {
    const buttons = [...element.current.querySelectorAll(".emoji-grid button")];
    const at = buttons.indexOf(document.activeElement);
    const step = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: COLUMNS, ArrowUp: -COLUMNS }[event.key];
    if (event.key === "Escape") done();
    else if (event.key === "Enter" && at < 0 && found.length) done(found[0].emoji);
    else if (step && (at >= 0 || event.key === "ArrowDown")) (at < 0 ? buttons[0] : (buttons[at + step] ?? buttons[at])).focus();
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  return html`<div ref=${element} class="emoji-picker" role="dialog" aria-label=${t("emoji")} onKeyDown=${onKeyDown}>
    <input class="input" type="search" aria-label=${t("findEmoji")} placeholder=${t("findEmoji")} onInput=${({ target }) => setQuery(target.value)} />
    <div class="emoji-grid">${found.map(({ emoji, words }) => html`<button key=${emoji} type="button" aria-label=${`${emoji} ${words[0]}`} title=${words[0]} onClick=${() => done(emoji)}>${emoji}</button>`)}</div>
    ${!found.length && html`<p class="hint">${t("nothingFound")}</p>`}
  </div>`;
}
