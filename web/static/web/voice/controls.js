// The buttons of a call, the same in the panel, on the stage and on a phone.

import { canShareScreen } from "projectvoice";
import { html } from "../html.js";
import { open } from "../parts/dialog.js";
import { Icon } from "../parts/icon.js";
import { t } from "../texts/index.js";
import { DeviceSettings } from "./devices.js";
import { keyName } from "./keys.js";
import { call, leave, snapshot, toggleCamera, toggleDeafened, toggleMuted, toggleScreen } from "./state.js";
import { taste } from "./taste.js";

export function Microphone({ wide }) {
  const { muted, hasMicrophone, canSpeak } = snapshot.value;
  const off = muted || !hasMicrophone;
  const label = t(!hasMicrophone ? "useMic" : muted ? "unmute" : "mute");
  return html`<${Control} icon=${off || !canSpeak ? "mic-off" : "mic"} label=${label} title=${`${label} (M)`} wide=${wide} off=${off} onClick=${toggleMuted} />`;
}

export function Deafen({ wide }) {
  const { deafened } = snapshot.value;
  const label = t(deafened ? "undeafen" : "deafen");
  return html`<${Control} icon=${deafened ? "headphones-off" : "headphones"} label=${label} title=${`${label} (D)`} wide=${wide} off=${deafened} onClick=${toggleDeafened} />`;
}

export function Camera() {
  const on = Boolean(mine()?.camera);
  return html`<${Control} icon=${on ? "camera" : "camera-off"} label=${t(on ? "cameraOff" : "cameraOn")} pressed=${on} onClick=${toggleCamera} />`;
}

export function Screen() {
  if (!canShareScreen()) return null;
  const on = Boolean(mine()?.screen);
  return html`<${Control} icon="screen" label=${t(on ? "screenOff" : "screenOn")} pressed=${on} onClick=${toggleScreen} />`;
}

export function Devices() {
  return html`<${Control} icon="settings" label=${t("voiceSettings")} onClick=${() => open(DeviceSettings)} />`;
}

export function Leave({ wide }) {
  return html`<${Control} icon="leave" label=${t("leave")} wide=${wide} danger onClick=${leave} />`;
}

// Held by a finger or the mouse; the key does the same.
export function Talk() {
  const { pushed, mode } = snapshot.value;
  if (mode !== "push") return null;
  const press = () => call.peek()?.push.press();
  const release = () => call.peek()?.push.release();
  const key = (event, act) => (event.key === " " || event.key === "Enter") && (event.preventDefault(), act());
  return html`<button type="button" class="talk ${pushed ? "on" : ""}" aria-pressed=${pushed}
    onPointerDown=${press} onPointerUp=${release} onPointerLeave=${release} onPointerCancel=${release} onContextMenu=${(event) => event.preventDefault()}
    onKeyDown=${(event) => key(event, press)} onKeyUp=${(event) => key(event, release)}>
    <${Icon} name="mic" /><span>${t("holdToTalk")}</span><kbd>${keyName(taste.value.pushKey)}</kbd>
  </button>`;
}

const mine = () => snapshot.value.people.find(({ isMe }) => isMe);

function Control({ icon, label, title = label, wide = false, off = false, danger = false, pressed, onClick }) {
  return html`<button type="button" class="control ${off ? "off" : ""} ${danger ? "danger" : ""} ${wide ? "wide" : ""}" aria-label=${label} title=${title} aria-pressed=${pressed} onClick=${onClick}>
    <${Icon} name=${icon} />${wide && html`<span aria-hidden="true">${label}</span>`}
  </button>`;
}
