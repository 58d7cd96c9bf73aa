// Beside the messages: what a search finds, and what is pinned.

import { html, useEffect, useRef, useState } from "../../html.js";
import { useAsked } from "../../parts/dialog.js";
import { Empty, Skeleton } from "../../parts/empty.js";
import { Icon, IconButton } from "../../parts/icon.js";
import { plain } from "../../parts/markdown.js";
import { when } from "../../parts/time.js";
import { attempt } from "../../parts/toasts.js";
import { go, paths } from "../../router.js";
import { nameOf } from "../../state/members.js";
import { pin, pinsOf, search } from "../../state/messages.js";
import { mayPin } from "../../state/rights.js";
import { channels, servers } from "../../state/servers.js";
import { t } from "../../texts/index.js";
import { found } from "./searching.js";

function Panel({ title, close, children }) {
  const onKeyDown = (event) => {
    if (event.key !== "Escape" || event.defaultPrevented) return;
    event.preventDefault();
    close();
    document.querySelector(".composer textarea")?.focus();
  };
  return html`<aside class="panel" aria-label=${title} onKeyDown=${onKeyDown}>
    <header class="side-head"><h2>${title}</h2><${IconButton} icon="close" label=${t("close")} onClick=${close} /></header>
    <div class="side-scroll">${children}</div>
  </aside>`;
}

export function SearchPanel({ channel, close }) {
  const field = useRef(null);
  const [everywhere, setEverywhere] = useState(false);
  const [{ query, results, busy, more, total, error }, setState] = useState({ query: "", results: [], busy: false, more: 0, total: 0 });
  const run = useRef(0);
  useEffect(() => field.current.focus(), []);
  const begin = async (text, all, page = 1) => {
    const mine = ++run.current;
    const change = (changes) => mine === run.current && setState((old) => ({ ...old, ...changes }));
    if (!text.trim()) return setState({ query: "", results: [], busy: false, more: 0, total: 0 });
    setState((old) => ({ ...old, query: text, busy: true, error: "", ...(page === 1 && { results: [], total: 0, more: 0 }) }));
    try {
      if (all) {
        const ids = servers.peek().get(channel.serverId).channels.filter(({ type }) => type === "text").map(({ id }) => id);
        await found(ids, (id) => search(id, text), (results_) => change({ results: results_, total: results_.length }), () => mine === run.current);
      } else {
        const answer = await search(channel.id, text, page);
        setState((old) => (mine === run.current ? { ...old, results: [...old.results, ...answer.messages], total: answer.total, more: page < answer.totalPages ? page + 1 : 0 } : old));
      }
      change({ busy: false });
    } catch (refusal) {
      change({ busy: false, error: refusal.message });
    }
  };
  const timer = useRef(0);
  const onInput = ({ target }) => {
    clearTimeout(timer.current);
    timer.current = setTimeout(() => begin(target.value, everywhere), 300);
  };
  const widen = ({ target }) => {
    setEverywhere(target.checked);
    begin(field.current.value, target.checked);
  };
  return html`<${Panel} title=${t("search")} close=${close}>
    <form class="search-form" role="search" onSubmit=${(event) => (event.preventDefault(), begin(field.current.value, everywhere))}>
      <input ref=${field} class="input" type="search" maxlength="200" aria-label=${t("searchFor")} placeholder=${t("searchFor")} onInput=${onInput} />
      ${channel.serverId && html`<label class="check"><input type="checkbox" checked=${everywhere} onChange=${widen} />${t("wholeServer")}</label>`}
    </form>
    <p class="hint" role="status">${query && !busy ? (total ? t("foundCount", { n: total }) : t("nothingFound")) : ""}</p>
    ${error && html`<p class="error" role="alert">${error}</p>`}
    <${Results} channel=${channel} messages=${results} query=${query} />
    ${busy && html`<${Skeleton} lines=${6} />`}
    ${more > 0 && !busy && html`<button type="button" class="button" onClick=${() => begin(query, false, more)}>${t("showMore")}</button>`}
    ${!query && html`<${Empty} icon="search" title=${t("searchTitle")}><p class="lead">${t("searchText")}</p></${Empty}>`}
  </${Panel}>`;
}

export function PinsPanel({ channel, close }) {
  const [again, setAgain] = useState(0);
  const [pins, error] = useAsked(() => pinsOf(channel.id), [channel.id, again]);
  const unpin = mayPin(channel) && ((message) => attempt(async () => (await pin(message, false), setAgain(again + 1))));
  return html`<${Panel} title=${t("pins")} close=${close}>
    ${error && html`<p class="error" role="alert">${error.message}</p>`}
    ${!pins && !error && html`<${Skeleton} lines=${6} />`}
    ${pins && html`<${Results} channel=${channel} messages=${pins} unpin=${unpin} />`}
    ${pins?.length === 0 && html`<${Empty} icon="pin" title=${t("noPins")}><p class="lead">${t("noPinsText")}</p></${Empty}>`}
  </${Panel}>`;
}

function Results({ channel, messages, query, unpin }) {
  return html`<ul class="results">
    ${messages.map((message) => {
      const place = channels.value.get(message.channelId) ?? channel;
      return html`<li key=${message.id}>
        <button type="button" class="result" onClick=${() => go(paths.channel(place, message.id))}>
          <span class="result-head"><strong>${nameOf(channel.serverId, message.user) || t("deletedUser")}</strong><time datetime=${message.createdAt}>${when(message.createdAt)}</time></span>
          ${place.id !== channel.id && html`<span class="result-place"><${Icon} name="text" size="13px" />${place.name}</span>`}
          <span class="result-text"><${Highlighted} text=${plain(message.content) || t("attachment")} query=${query} /></span>
        </button>
        ${unpin && html`<${IconButton} icon="close" label=${t("unpin")} class="small" onClick=${() => unpin(message)} />`}
      </li>`;
    })}
  </ul>`;
}

const AROUND = 80; // letters before the place that was found

function Highlighted({ text, query }) {
  const at = query ? text.toLowerCase().indexOf(query.trim().toLowerCase()) : -1;
  if (at < 0) return text.slice(0, 280);
  const from = Math.max(0, at - AROUND);
  const to = at + query.trim().length;
  return html`${from > 0 ? "…" : ""}${text.slice(from, at)}<mark>${text.slice(at, to)}</mark>${text.slice(to, to + 200)}`;
}
