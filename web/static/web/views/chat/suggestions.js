// Names after an @ while one writes: a list to choose from.

import { html, useState } from "../../html.js";
import { Avatar } from "../../parts/avatar.js";
import { may } from "../../state/rights.js";
import { t } from "../../texts/index.js";
import { peopleOf } from "./people.js";

const MOST = 8;
const NONE = { begun: null, at: 0, chosen: 0 }; // what was typed behind the @, where it stands, the chosen one

export function useSuggestions(area, channel, write) {
  const [{ begun, at, chosen }, setState] = useState(NONE);
  const found = begun === null ? [] : matches(channel, begun);
  const close = () => setState(NONE);
  const look = () => {
    const { value, selectionStart } = area.current;
    const name = /(?:^|[\s(])@([\p{L}\p{N}_.-]{0,25})$/u.exec(value.slice(0, selectionStart))?.[1];
    setState(name === undefined ? NONE : { begun: name.toLowerCase(), at: selectionStart - name.length, chosen: 0 });
  };
  const choose = ({ username }) => {
    const { value, selectionStart } = area.current;
    const text = `${value.slice(0, at)}${username} `;
    write(text + value.slice(selectionStart).replace(/^ /, ""));
    close();
    area.current.focus();
    requestAnimationFrame(() => area.current?.setSelectionRange(text.length, text.length));
  };
  // True: the key was for the list.
  const onKeyDown = (event) => {
    if (!found.length) return false;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") setState({ begun, at, chosen: (chosen + (event.key === "ArrowDown" ? 1 : found.length - 1)) % found.length });
    else if (event.key === "Enter" || event.key === "Tab") choose(found[chosen]);
    else if (event.key === "Escape") close();
    else return false;
    event.preventDefault();
    return true;
  };
  const aria = found.length ? { "aria-autocomplete": "list", "aria-controls": "suggestions", "aria-activedescendant": `suggestion-${chosen}` } : { "aria-autocomplete": "list" };
  return { found, chosen, choose, look, close, onKeyDown, aria };
}

function matches(channel, begun) {
  const everyone = may("MENTION_EVERYONE", channel.serverId, channel.id) ? [{ id: 0, username: "everyone", nickname: t("everybody") }] : [];
  const begins = (text) => text?.toLowerCase().startsWith(begun);
  return [...peopleOf(channel), ...everyone].filter(({ username, nickname }) => begins(username) || begins(nickname)).slice(0, MOST);
}

export function Suggestions({ found, chosen, choose }) {
  if (!found.length) return null;
  return html`<ul id="suggestions" class="suggestions" role="listbox" aria-label=${t("people")}>
    ${found.map(
      (one, at) => html`<li key=${one.id} id=${`suggestion-${at}`} role="option" aria-selected=${at === chosen} onMouseDown=${(event) => (event.preventDefault(), choose(one))}>
        <${Avatar} id=${one.id} name=${one.username} picture=${one.picture} size=${24} /><strong>${one.username}</strong>${one.nickname && html`<span class="hint">${one.nickname}</span>`}
      </li>`,
    )}
  </ul>`;
}
