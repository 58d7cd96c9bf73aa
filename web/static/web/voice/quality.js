// How good a line is, in three bars and in words.

import { html } from "../html.js";
import { t } from "../texts/index.js";

const BARS = { good: 3, fair: 2, poor: 1 };

export function QualityMark({ quality }) {
  if (!quality) return null;
  const label = `${t(`quality-${quality.grade}`)}: ${inWords(quality)}`;
  return html`<span class="quality ${quality.grade}" data-quality=${quality.grade} title=${label}>
    ${[1, 2, 3].map((bar) => html`<i key=${bar} class=${bar <= BARS[quality.grade] ? "lit" : ""} />`)}
    <span class="sr-only">${label}</span>
  </span>`;
}

export function inWords({ rtt, loss, jitter, way, protocol, codec, received }) {
  return [
    rtt !== null && t("qualityDelay", { ms: rtt }),
    loss !== null && t("qualityLoss", { percent: Math.round(loss * 100) }),
    jitter !== null && t("qualityJitter", { ms: jitter }),
    way && t(way === "relay" ? "qualityRelay" : "qualityDirect", { protocol: (protocol ?? "").toUpperCase() }),
    received > 0 && t("qualityRate", { rate: Math.round(received / 1000), codec: codec ?? "" }),
  ]
    .filter(Boolean)
    .join(", ");
}

// The worst of all lines, for the panel.
export function worst(people) {
  const qualities = people.map(({ quality }) => quality).filter(Boolean);
  return qualities.toSorted((one, other) => BARS[one.grade] - BARS[other.grade])[0] ?? null;
}
