// What a message's marks mean: text in, a tree out. Pure; it makes no HTML, so nothing in it can become any.
//
// Blocks: { type: "paragraph" | "quote", children } and { type: "code", language, text }.
// Inline: strings, { type: "bold" | "italic" | "strike" | "spoiler", children }, { type: "code", text },
// { type: "link", href }, { type: "mention", name } and { type: "everyone", name }.

const DEEPEST = 8; // marks inside marks; what is deeper stays as it was written

export function parse(text) {
  const blocks = [];
  const fence = /```(?:([\w+#.-]{1,20})\n)?([\s\S]+?)```/g;
  let at = 0;
  for (const found of text.matchAll(fence)) {
    blocks.push(...lines(text.slice(at, found.index)));
    blocks.push({ type: "code", language: found[1] ?? "", text: found[2].replace(/^\n|\n$/g, "") });
    at = found.index + found[0].length;
  }
  blocks.push(...lines(text.slice(at)));
  return blocks;
}

// Neighbouring lines of one kind are one block.
function lines(text) {
  const blocks = [];
  for (const line of text.replace(/^\n+|\s+$/g, "").split("\n")) {
    const quoted = /^> ?(.*)$/.exec(line);
    const type = quoted ? "quote" : "paragraph";
    const content = quoted ? quoted[1] : line;
    if (blocks.at(-1)?.type === type) blocks.at(-1).text += `\n${content}`;
    else if (content || quoted) blocks.push({ type, text: content });
  }
  return blocks.map(({ type, text: content }) => ({ type, children: inline(content.replace(/\n+$/, "")) }));
}

const MARKS = [
  [/`([^`\n]+)`/y, ([, text]) => ({ type: "code", text })],
  [/https?:\/\/[^\s<>"]+/y, link],
  [/\*\*(?=\S)([\s\S]*?\S\**?)\*\*(?!\*)/y, nested("bold")],
  [/\*(?=[^\s*])([^*\n]*?[^\s*])\*(?!\*)/y, nested("italic")],
  [/(?<![\p{L}\p{N}_])_(?=[^\s_])([^\n]*?[^\s_])_(?![\p{L}\p{N}_])/uy, nested("italic")],
  [/~~(?=\S)([\s\S]*?\S)~~/y, nested("strike")],
  [/\|\|(?=\S)([\s\S]*?\S)\|\|/y, nested("spoiler")],
  [/(?<![\p{L}\p{N}_.@])@(everyone|here)(?![\p{L}\p{N}_])/uy, ([, name]) => ({ type: "everyone", name })],
  [/(?<![\p{L}\p{N}_.@])@([\p{L}\p{N}_](?:[\p{L}\p{N}_.-]{0,23}[\p{L}\p{N}_])?)/uy, ([, name]) => ({ type: "mention", name })],
];
const BEGINS = /[`*_~|@h\\]/g;

export function inline(text, depth = 0) {
  const nodes = [];
  let plain = "";
  let at = 0;
  const add = (node) => {
    if (plain) nodes.push(plain);
    plain = "";
    nodes.push(node);
  };
  while (at < text.length) {
    BEGINS.lastIndex = at;
    const next = BEGINS.exec(text)?.index ?? text.length;
    plain += text.slice(at, next);
    at = next;
    if (at === text.length) break;
    if (text[at] === "\\" && /[`*_~|@\\>]/.test(text[at + 1] ?? "")) {
      plain += text[at + 1];
      at += 2;
      continue;
    }
    const [node, length] = depth < DEEPEST ? marked(text, at, depth) : [];
    if (node) add(node);
    else plain += text[at];
    at += node ? length : 1;
  }
  if (plain) nodes.push(plain);
  return nodes;
}

function marked(text, at, depth) {
  for (const [pattern, make] of MARKS) {
    pattern.lastIndex = at;
    const found = pattern.exec(text);
    if (found) return [make(found, depth), found.used ?? found[0].length];
  }
  return [];
}

function nested(type) {
  return (found, depth) => ({ type, children: inline(found[1], depth + 1) });
}

// What ends a sentence does not belong to an address, nor does a bracket that the address did not open.
function link(found) {
  let href = found[0];
  for (;;) {
    const last = href.at(-1);
    const open = { ")": "(", "]": "[" }[last];
    if (open ? count(href, last) > count(href, open) : /[.,;:!?'"*_~|]/.test(last)) href = href.slice(0, -1);
    else break;
  }
  found.used = href.length;
  return { type: "link", href };
}

const count = (text, letter) => text.split(letter).length - 1;

// What is left without marks, in one line: for places too small for them.
export function plain(text) {
  const words = (nodes) => nodes.map((node) => (typeof node === "string" ? node : (node.text ?? node.href ?? (node.children ? words(node.children) : `@${node.name}`)))).join("");
  return parse(text)
    .map(({ type, text: code, children }) => (type === "code" ? code : words(children)))
    .join(" ")
    .replace(/\s+/g, " ");
}

// Nothing but a few emoji: shown large.
export function onlyEmoji(text) {
  return text.length <= 60 && /^(?:\p{Emoji_Presentation}|\p{Extended_Pictographic}\uFE0F?|\p{Emoji_Modifier}|\u200D|\p{Regional_Indicator}|\s){1,24}$/u.test(text) && /\S/.test(text);
}
