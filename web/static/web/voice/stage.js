// In the middle when a voice channel is open: a way in, or who is there.

import { html, signal } from "../html.js";
import { Avatar } from "../parts/avatar.js";
import { open } from "../parts/dialog.js";
import { Icon, IconButton } from "../parts/icon.js";
import { may } from "../state/rights.js";
import { t } from "../texts/index.js";
import { TopBar } from "../views/topbar.js";
import { Camera, Deafen, Devices, Leave, Microphone, Screen, Talk } from "./controls.js";
import { Doctor } from "./doctor.js";
import { seatsIn } from "./seats.js";
import { call, callChannel, ending, join, snapshot } from "./state.js";
import { ScreenTile, Tile } from "./tile.js";
import { soundOptions } from "./taste.js";

const focus = signal(null); // `socket id/kind` of what is shown large
const folded = signal(new Set()); // screens that one has made small again

export function VoiceView({ channel }) {
  const here = callChannel.value?.id === channel.id;
  const count = seatsIn(channel).length;
  return html`<${TopBar} icon="voice" title=${channel.name} text=${count ? t("inTheCall", { n: count }) : channel.topic}>
      <${IconButton} icon="doctor" label=${t("whyNot")} onClick=${() => open(Doctor)} />
    </${TopBar}>
    ${here ? html`<${Stage} channel=${channel} />` : html`<${Door} channel=${channel} />`}`;
}

function Door({ channel }) {
  const seats = seatsIn(channel);
  const allowed = may("CONNECT", channel.serverId, channel.id);
  return html`<div class="page door">
    ${ending.value && html`<p class="note" role="alert">${ending.value}</p>`}
    <div class="door-faces" aria-hidden="true">
      ${seats.length ? seats.slice(0, 6).map(({ socketId, user }) => html`<${Avatar} key=${socketId} id=${user.id} name=${user.username} picture=${user.avatar} size=${64} />`) : html`<span class="empty-mark"><${Icon} name="voice" size="30px" /></span>`}
    </div>
    <h2>${channel.name}</h2>
    <p class="lead">${seats.length ? seats.map(({ user }) => user.username).slice(0, 6).join(", ") : t("nobodyHere")}</p>
    ${allowed
      ? html`<button type="button" class="button primary large" onClick=${() => join(channel)}><${Icon} name="voice" />${t("joinChannel", { name: channel.name })}</button>
          ${call.value && html`<p class="hint">${t("leavesOther", { name: callChannel.value?.name ?? "" })}</p>`}`
      : html`<p class="hint">${t("mayNotConnect")}</p>`}
  </div>`;
}

function Stage({ channel }) {
  const { state, people, isCrowded } = snapshot.value;
  return html`<div class="stage" data-state=${state}>
    <${Notes} />
    ${people.length ? html`<${Tiles} channel=${channel} people=${people} />` : html`<p class="stage-wait" role="status"><${Icon} name="wait" size="28px" />${t("joining")} …</p>`}
    ${people.length === 1 && state === "joined" && html`<p class="hint stage-hint">${t("alone")}</p>`}
    ${isCrowded && html`<p class="hint stage-hint" role="status">${t("crowded")}</p>`}
    <${Talk} />
    <div class="controls" role="toolbar" aria-label=${t("theCall")}><${Microphone} wide /><${Deafen} /><${Camera} /><${Screen} /><${Devices} /><${Leave} wide /></div>
  </div>`;
}

function Notes() {
  const { state, problem, soundBlocked, canSpeak, people } = snapshot.value;
  const unreached = people.filter((one) => one.state === "failed");
  return html`
    ${state === "reconnecting" && html`<p class="note warn" role="status">${t("signalLost")}</p>`}
    ${problem && html`<p class="note warn" role="alert">${t(`mic-${problem}`)} <button type="button" class="button small" onClick=${() => call.peek().setMicrophone(soundOptions())}>${t("useMic")}</button></p>`}
    ${!canSpeak && state === "joined" && html`<p class="note" role="status">${t("mayNotSpeak")}</p>`}
    ${soundBlocked && html`<p class="note warn" role="alert">${t("soundBlocked")} <button type="button" class="button small" onClick=${() => call.peek().soundOn()}>${t("soundOn")}</button></p>`}
    ${unreached.length > 0 && html`<p class="note warn" role="status">${t("failedHint", { name: unreached.map(({ username }) => username).join(", ") })} <button type="button" class="link" onClick=${() => open(Doctor)}>${t("whyNot")}</button></p>`}`;
}

function Tiles({ channel, people }) {
  const shown = people.flatMap((person) => [person.screen && [person, "screen"], [person, "camera"]].filter(Boolean));
  const keyOf = ([person, kind]) => `${person.socketId}/${kind}`;
  const chosen = shown.find((one) => keyOf(one) === focus.value && one[0][one[1]]);
  const large = chosen ?? shown.find((one) => one[1] === "screen" && !one[0].isMe && !folded.value.has(keyOf(one)));
  const turn = (socketId, kind) => {
    const key = `${socketId}/${kind}`;
    const wasLarge = large && keyOf(large) === key;
    focus.value = wasLarge ? null : key;
    folded.value = new Set(wasLarge ? [...folded.value, key] : [...folded.value].filter((one) => one !== key));
  };
  const draw = (one) => {
    const Part = one[1] === "screen" ? ScreenTile : Tile;
    return html`<${Part} key=${keyOf(one)} channel=${channel} person=${one[0]} focused=${one === large} focus=${turn} />`;
  };
  return html`<div class="tiles ${large ? "with-large" : ""}" data-count=${Math.min(shown.length, 12)} role="group" aria-label=${t("inTheCall", { n: people.length })}>
    ${large && html`<div class="tiles-large">${draw(large)}</div>`}
    <div class="tiles-all">${shown.filter((one) => one !== large).map(draw)}</div>
  </div>`;
}
