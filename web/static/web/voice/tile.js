// Somebody on the stage: a face or a picture, a name, how he is.

import { html, useEffect, useRef, useState } from "../html.js";
import { Avatar, hueOf } from "../parts/avatar.js";
import { Icon, IconButton } from "../parts/icon.js";
import { nameOf } from "../state/members.js";
import { t } from "../texts/index.js";
import { PersonMenu } from "./person-menu.js";
import { QualityMark } from "./quality.js";
import { Mark } from "./seats.js";

const STATES = { connecting: "stateConnecting", reconnecting: "stateReconnecting", failed: "stateFailed", away: "stateReconnecting", connected: "stateConnected" };

export function Tile({ channel, person, focused, focus }) {
  const { socketId, userId, username, profilePicture, isMe, camera, state } = person;
  const name = nameOf(channel.serverId, { id: userId, username }) || username;
  return html`<article class="tile ${camera ? "filmed" : ""} ${focused ? "focused" : ""}" data-voice=${socketId} data-state=${state} aria-label=${name} style=${{ "--hue": hueOf(userId ?? 0) }}>
    ${camera ? html`<${Picture} stream=${camera} mirrored=${isMe} label=${t("cameraOf", { name })} />` : html`<${Avatar} id=${userId ?? 0} name=${name} picture=${profilePicture} size=${focused ? 120 : 76} />`}
    <footer class="tile-foot">
      <span class="tile-name">${name}${isMe && html` <small>(${t("you")})</small>`}</span>
      <${Status} person=${person} />
      <${QualityMark} quality=${person.quality} />
    </footer>
    <div class="tile-tools">
      ${camera && html`<${IconButton} icon=${focused ? "shrink" : "expand"} class="small" label=${t(focused ? "showAll" : "showLarge", { name })} onClick=${() => focus(socketId, "camera")} />`}
      <${PersonMenu} channel=${channel} person=${person} name=${name} />
    </div>
  </article>`;
}

export function ScreenTile({ channel, person, focused, focus }) {
  const { socketId, userId, username, isMe, screen } = person;
  const name = nameOf(channel.serverId, { id: userId, username }) || username;
  const element = useRef(null);
  return html`<article ref=${element} class="tile screen ${focused ? "focused" : ""}" aria-label=${t("screenOf", { name })}>
    <${Picture} stream=${screen} label=${t("screenOf", { name })} />
    <footer class="tile-foot"><${Icon} name="screen" size="16px" /><span class="tile-name">${isMe ? t("yourScreen") : t("screenOf", { name })}</span></footer>
    <div class="tile-tools">
      <${IconButton} icon=${focused ? "shrink" : "expand"} class="small" label=${t(focused ? "showAll" : "showLarge", { name })} onClick=${() => focus(socketId, "screen")} />
      ${document.fullscreenEnabled && html`<${IconButton} icon="full" class="small" label=${t("fullScreen")} onClick=${() => (document.fullscreenElement ? document.exitFullscreen() : element.current.requestFullscreen())} />`}
    </div>
  </article>`;
}

function Status({ person: { isMe, micOn, isDeafened, canSpeak, state } }) {
  if (state !== "connected") return html`<small class="tile-state">${t(STATES[state])}</small>`;
  return html`<span class="tile-marks">
    ${isDeafened && html`<${Mark} icon="headphones-off" label=${t("deafened")} />`}
    ${(!micOn || !canSpeak) && html`<${Mark} icon="mic-off" label=${t(canSpeak ? "muted" : "mutedByModerator")} strong=${!canSpeak} />`}
    ${!isMe && html`<span class="sr-only">${t(STATES[state])}</span>`}
  </span>`;
}

// The sound comes by another way: a video that plays it too would be an echo.
function Picture({ stream, mirrored = false, label }) {
  const element = useRef(null);
  const [shown, setShown] = useState(false);
  useEffect(() => {
    element.current.srcObject = stream;
    element.current.play().catch(() => {}); // replaced meanwhile
  }, [stream]);
  return html`<video ref=${element} class=${`${mirrored ? "mirrored" : ""} ${shown ? "shown" : ""}`} muted playsinline autoplay aria-label=${label} onPlaying=${() => setShown(true)} />`;
}
