// The voice side of the page, as the rest of it knows it.

import { html } from "../html.js";
import "./keys.js";
import { CallDock } from "./panel.js";
import "./rings.js";

export { VoiceSettings } from "./devices.js";
export { moderatorActs } from "./moderation.js";
export { CallPanel } from "./panel.js";
export { VoiceChannelSeats } from "./seats.js";
export { VoiceView } from "./stage.js";

// Always there, whatever is open.
export function CallLayer() {
  return html`<${CallDock} />`;
}
