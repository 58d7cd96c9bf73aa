// A message as people see it: the tree of markdown.js in elements.

import { html, useMemo, useState } from "../html.js";
import { go } from "../router.js";
import { me } from "../state/session.js";
import { t } from "../texts/index.js";
import { onlyEmoji, parse } from "./markdown.js";

// `known(name)`: the person of this name, or nothing: only people who are there stand out.
export function RichText({ text, known }) {
  const blocks = useMemo(() => parse(text), [text]);
  const large = useMemo(() => onlyEmoji(text), [text]);
  return html`<div class="rich ${large ? "large" : ""}">${blocks.map((block, at) => html`<${Block} key=${at} block=${block} known=${known} />`)}</div>`;
}

function Block({ block, known }) {
  if (block.type === "code") return html`<pre tabindex="0"><code>${block.text}</code></pre>`;
  const inside = html`<${Inline} nodes=${block.children} known=${known} />`;
  return block.type === "quote" ? html`<blockquote>${inside}</blockquote>` : html`<p>${inside}</p>`;
}

function Inline({ nodes, known }) {
  return nodes.map((node, at) => (typeof node === "string" ? node : html`<${Marked} key=${at} node=${node} known=${known} />`));
}

function Marked({ node, known }) {
  const inside = () => html`<${Inline} nodes=${node.children} known=${known} />`;
  if (node.type === "bold") return html`<strong>${inside()}</strong>`;
  if (node.type === "italic") return html`<em>${inside()}</em>`;
  if (node.type === "strike") return html`<s>${inside()}</s>`;
  if (node.type === "code") return html`<code>${node.text}</code>`;
  if (node.type === "spoiler") return html`<${Spoiler}>${inside()}</${Spoiler}>`;
  if (node.type === "link") return html`<${Link} href=${node.href} />`;
  const person = node.type === "everyone" || known?.(node.name);
  if (!person) return `@${node.name}`;
  const mine = node.type === "everyone" || node.name.toLowerCase() === me.value?.username.toLowerCase();
  return html`<span class="mention ${mine ? "mine" : ""}">@${node.name}</span>`;
}

function Spoiler({ children }) {
  const [shown, setShown] = useState(false);
  if (shown) return html`<span class="spoiler shown">${children}</span>`;
  return html`<button type="button" class="spoiler" aria-label=${t("spoiler")} onClick=${() => setShown(true)}><span aria-hidden="true">${children}</span></button>`;
}

function Link({ href }) {
  const here = href.startsWith(`${location.origin}/`) && /^\/(channels|invite|direct)\//.test(href.slice(location.origin.length));
  const onClick = (event) => {
    if (!here || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    go(href.slice(location.origin.length));
  };
  return html`<a href=${href} target=${here ? undefined : "_blank"} rel="noopener noreferrer nofollow" onClick=${onClick}>${href}</a>`;
}
