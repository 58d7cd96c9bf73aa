// Below a voice channel in the list: who sits in it.

import { html } from "../html.js";
import { Avatar } from "../parts/avatar.js";
import { Icon } from "../parts/icon.js";
import { nameOf } from "../state/members.js";
import { seatsOf } from "../state/seats.js";
import { t } from "../texts/index.js";
import { callChannel, snapshot } from "./state.js";

export function VoiceChannelSeats({ channel }) {
  const seats = seatsIn(channel);
  if (!seats.length) return null;
  return html`<ul class="seats" aria-label=${t("inTheCall", { n: seats.length })}>
    ${seats.map(
      ({ socketId, user, micOn, deafened, canSpeak }) => html`<li key=${socketId} data-voice=${socketId}>
        <${Avatar} id=${user.id} name=${user.username} picture=${user.avatar} size=${22} />
        <span class="seat-name">${nameOf(channel.serverId, user)}</span>
        ${deafened ? html`<${Mark} icon="headphones-off" label=${t("deafened")} />` : null}
        ${!micOn || !canSpeak ? html`<${Mark} icon="mic-off" label=${t("muted")} strong=${!canSpeak} />` : null}
      </li>`,
    )}
  </ul>`;
}

// What the call itself knows is newer, and knows who deafened himself.
export function seatsIn(channel) {
  if (callChannel.value?.id === channel.id && snapshot.value.people.length) {
    return snapshot.value.people.map(({ socketId, userId, username, profilePicture, micOn, isDeafened, canSpeak }) => ({
      socketId,
      user: { id: userId, username, avatar: profilePicture },
      micOn,
      deafened: isDeafened,
      canSpeak,
    }));
  }
  return seatsOf(channel.id).map(({ socketId, user, micToggle, isDeafened, canSpeak }) => ({ socketId, user, micOn: micToggle, deafened: isDeafened, canSpeak }));
}

export function Mark({ icon, label, strong = false }) {
  return html`<span class="mark ${strong ? "strong" : ""}" title=${label}><${Icon} name=${icon} size="15px" /><span class="sr-only">${label}</span></span>`;
}
