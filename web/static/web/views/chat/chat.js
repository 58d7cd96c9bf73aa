// A text channel, or a conversation: its messages, and where one writes.

import { html } from "../../html.js";
import { TopBar } from "../topbar.js";

// `channel`: of a server, or { id, serverId: null, name, participants } of a conversation. `messageId`: where to begin.
export function ChatView({ channel }) {
  return html`<${TopBar} icon=${channel.serverId ? "text" : "people"} title=${channel.name} text=${channel.description} />`;
}
