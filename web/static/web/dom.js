// Elements without markup strings, so nothing a user typed can become HTML; and redrawing in place, so that focus,
// typed text and a half-made click survive.

const SVG = "http://www.w3.org/2000/svg";
const ICONS = new URL("icons.svg", import.meta.url).pathname;
const HANDLERS = ["onclick", "onsubmit", "oninput", "onchange"];
const brokenPictures = new Set();

// `vars` sets CSS variables (the CSP allows that, but no style attribute).
export function h(tag, props, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(props ?? {})) {
    if (value === false || value === null || value === undefined) continue;
    if (typeof value === "function" || name === "value") element[name] = value;
    else if (name === "vars") for (const [key, one] of Object.entries(value)) element.style.setProperty(key, one);
    else element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...present(children));
  return element;
}

// Makes the container's content look like `children`, keeping elements that are the same by data-key or by place.
export function fill(container, ...children) {
  const keyed = new Map([...container.children].map((child) => [child.dataset.key, child]));
  let at = container.firstChild;
  for (const fresh of present(children)) {
    const node = typeof fresh === "string" ? document.createTextNode(fresh) : fresh;
    const old = keyOf(node) ? keyed.get(keyOf(node)) : at;
    if (!old || !isSame(old, node)) {
      container.insertBefore(node, at);
      continue;
    }
    if (old === at) at = at.nextSibling;
    else container.insertBefore(old, at);
    patch(old, node);
  }
  while (at) {
    const next = at.nextSibling;
    at.remove();
    at = next;
  }
}

function patch(old, fresh) {
  if (old.nodeType === Node.TEXT_NODE) return void (old.data !== fresh.data && (old.data = fresh.data));
  if (old.dataset && "own" in old.dataset) return; // it looks after itself
  for (const { name } of [...old.attributes]) if (name !== "style" && !fresh.hasAttribute(name)) old.removeAttribute(name);
  for (const { name, value } of fresh.attributes) {
    if (name !== "style" && old.getAttribute(name) !== value) old.setAttribute(name, value);
  }
  for (const name of fresh.style) old.style.setProperty(name, fresh.style.getPropertyValue(name));
  for (const name of HANDLERS) old[name] = fresh[name];
  fill(old, [...fresh.childNodes]);
}

const present = (children) =>
  children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false && child !== "");
const keyOf = (node) => node.dataset?.key;
const isSame = (one, other) => one.nodeName === other.nodeName && keyOf(one) === keyOf(other);

export function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  const use = document.createElementNS(SVG, "use");
  svg.setAttribute("class", `icon icon-${name}`);
  svg.setAttribute("aria-hidden", "true");
  use.setAttribute("href", `${ICONS}#${name}`);
  svg.append(use);
  return svg;
}

export function iconButton(name, label, onclick, props = {}) {
  return h("button", { type: "button", class: "icon-button", "aria-label": label, title: label, onclick, ...props }, icon(name));
}

// Spoken by screen readers. The same sentence twice in a row must still be a change.
export function announce(text) {
  const news = document.getElementById("news");
  news.textContent = news.textContent === text ? `${text}\u00a0` : text;
}

export function avatar({ id, name, picture }, extra = "") {
  const face = h("span", { class: `avatar ${extra}`, "aria-hidden": "true", vars: { "--hue": hueOf(id) } }, initials(name));
  if (/^(https?:|data:image\/)/.test(picture ?? "") && !brokenPictures.has(picture)) {
    const image = h("img", { alt: "", src: picture, referrerpolicy: "no-referrer" });
    image.addEventListener("error", () => brokenPictures.add(picture) && image.remove());
    face.append(image);
  }
  return face;
}

function initials(name) {
  const words = name.trim().split(/[\s._-]+/).filter(Boolean);
  const letters = words.length > 1 ? words.slice(0, 2).map((word) => [...word][0]) : [...(words[0] ?? "?")].slice(0, 2);
  return letters.join("").toUpperCase();
}

// The golden angle keeps neighbours apart.
const hueOf = (id) => Math.round((Number(id) * 137.5 + 160) % 360);
