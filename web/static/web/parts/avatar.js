import { html, useState } from "../html.js";
import { t } from "../texts/index.js";

// A picture, or else initials on a colour of one's own. `status`: a presence to show on it.
export function Avatar({ id, name = "", picture, size = 36, square = false, status }) {
  const [broken, setBroken] = useState(null);
  const shown = /^(https?:|data:image\/|\/)/.test(picture ?? "") && broken !== picture;
  return html`<span class="avatar ${square ? "square" : ""}" style=${{ "--hue": hueOf(id), "--size": `${size}px` }}>
    <span class="avatar-face" aria-hidden="true">
      ${initials(name)}${shown && html`<img alt="" src=${picture} loading="lazy" referrerpolicy="no-referrer" onError=${() => setBroken(picture)} />`}
    </span>
    ${status && html`<span class="presence ${status}"><span class="sr-only">${t(status)}</span></span>`}
  </span>`;
}

function initials(name) {
  const words = name.trim().split(/[\s._-]+/).filter(Boolean);
  const letters = words.length > 1 ? words.slice(0, 2).map((word) => [...word][0]) : [...(words[0] ?? "?")].slice(0, 2);
  return letters.join("").toUpperCase();
}

// The golden angle keeps neighbours apart.
export const hueOf = (id) => Math.round((Number(id) * 137.5 + 160) % 360);
