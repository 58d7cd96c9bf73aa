// The call, wherever else one looks: a bar above one's own name, and on a phone at the foot of the window.

import { html } from "../html.js";
import { Icon } from "../parts/icon.js";
import { link, paths, route } from "../router.js";
import { t } from "../texts/index.js";
import { narrow } from "../views/layout.js";
import { Camera, Deafen, Devices, Leave, Microphone, Screen, Talk } from "./controls.js";
import { QualityMark, worst } from "./quality.js";
import { call, callChannel, callServer, snapshot } from "./state.js";

export function CallPanel() {
  if (!call.value) return null;
  return html`<section class="call-panel" aria-label=${t("theCall")}>
    <div class="call-line"><${Where} /><${Leave} /></div>
    <${Talk} />
    <div class="call-tools"><${Microphone} /><${Deafen} /><${Camera} /><${Screen} /><${Devices} /></div>
  </section>`;
}

// On a phone the panel lies in a drawer, and settings cover it everywhere: then this is in sight instead.
export function CallDock() {
  const onStage = route.value.channelId === callChannel.value?.id && route.value.name === "server";
  if (!call.value || onStage || (!narrow.value && route.value.name !== "settings")) return null;
  return html`<section class="call-dock" aria-label=${t("theCall")}><${Where} /><${Microphone} /><${Leave} /></section>`;
}

function Where() {
  const { state, people } = snapshot.value;
  const channel = callChannel.value;
  const name = channel?.name ?? "";
  const text = t({ joining: "joining", reconnecting: "reconnecting" }[state] ?? "voiceConnected");
  return html`<a class="call-where ${state}" title=${t("backToCall", { name })} ...${link(channel ? paths.channel(channel) : "/")}>
    ${state === "joined" && people.length > 1 ? html`<${QualityMark} quality=${worst(people)} />` : html`<${Icon} name=${state === "joined" ? "voice" : "wait"} size="18px" />`}
    <span><strong>${text}</strong><small>${[name, callServer.value?.name].filter(Boolean).join(" · ")}</small></span>
  </a>`;
}
