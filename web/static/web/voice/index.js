// The voice side of the page, as the rest of it knows it.

import { html } from "../html.js";
import { Avatar } from "../parts/avatar.js";
import { nameOf } from "../state/members.js";
import { seatsOf } from "../state/seats.js";
import { TopBar } from "../views/topbar.js";

// Below a voice channel in the list: who sits in it.
export function VoiceChannelSeats({ channel }) {
  const seats = seatsOf(channel.id);
  if (!seats.length) return null;
  return html`<ul class="seats">
    ${seats.map(({ socketId, user }) => html`<li key=${socketId}><${Avatar} id=${user.id} name=${user.username} picture=${user.avatar} size=${22} /> ${nameOf(channel.serverId, user)}</li>`)}
  </ul>`;
}

// Above one's own name in the sidebar while one is in a call.
export function CallPanel() {
  return null;
}

// In the middle when a voice channel is open.
export function VoiceView({ channel }) {
  return html`<${TopBar} icon="voice" title=${channel.name} />`;
}

// Always there: what plays sound and outlives a change of view.
export function CallLayer() {
  return null;
}
