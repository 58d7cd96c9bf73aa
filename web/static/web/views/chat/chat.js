// A text channel, or a conversation: its messages, who is writing, and where one writes oneself.

import { html, useEffect, useRef, useState } from "../../html.js";
import { IconButton } from "../../parts/icon.js";
import { currentServer } from "../../state/servers.js";
import { prefer, preferences } from "../../state/preferences.js";
import { may } from "../../state/rights.js";
import { typingIn } from "../../state/presence.js";
import { t } from "../../texts/index.js";
import { drawer, medium, membersOpen, panel } from "../layout.js";
import { TopBar } from "../topbar.js";
import { Composer } from "./composer.js";
import { Log } from "./log.js";
import { PinsPanel, SearchPanel } from "./panels.js";
import { useUploads } from "./uploads.js";

// `channel`: of a server, or { id, serverId: null, name, participants } of a conversation. `messageId`: where to begin.
// `tools`: more buttons for the line above.
export function ChatView({ channel, messageId, tools }) {
  const uploads = useUploads(channel.id);
  const { over, ...dropping } = useDropping(channel, uploads);
  useEffect(() => {
    const onKeyDown = (event) => {
      if ((event.ctrlKey || event.metaKey) && event.code === "KeyF" && !event.shiftKey) {
        event.preventDefault();
        panel.value = "search";
      }
    };
    addEventListener("keydown", onKeyDown);
    return () => removeEventListener("keydown", onKeyDown);
  }, []);
  const toggle = (name) => () => (panel.value = panel.value === name ? null : name);
  const Panel = { search: SearchPanel, pins: PinsPanel }[panel.value];
  return html`<${TopBar} icon=${channel.serverId ? "text" : "people"} title=${channel.name} text=${channel.description}>
      <${IconButton} icon="pin" label=${t("pins")} aria-pressed=${panel.value === "pins"} onClick=${toggle("pins")} />
      <${IconButton} icon="search" label=${t("search")} aria-pressed=${panel.value === "search"} onClick=${toggle("search")} />
      ${currentServer.value && html`<${MembersButton} />`}
      ${tools}
    </${TopBar}>
    <div class="chat" ...${dropping}>
      <section class="chat-main" aria-label=${channel.name}>
        <${Log} key=${channel.id} channel=${channel} messageId=${messageId} />
        <${Typing} channel=${channel} />
        <${Composer} key=${channel.id} channel=${channel} uploads=${uploads} />
      </section>
      ${Panel && html`<${Panel} channel=${channel} close=${() => (panel.value = null)} />`}
      ${over && html`<p class="drop-here">${t("dropHere", { name: channel.name })}</p>`}
    </div>`;
}

function MembersButton() {
  const toggle = () => {
    if (medium.value) drawer.value = drawer.value === "members" ? null : "members";
    else prefer({ membersShown: !membersOpen.value });
    panel.value = null;
  };
  return html`<${IconButton} icon="people" label=${t("memberList")} aria-pressed=${membersOpen.value} onClick=${toggle} />`;
}

// Files that are dragged over the chat.
function useDropping(channel, uploads) {
  const [over, setOver] = useState(false);
  const depth = useRef(0); // dragenter and dragleave come for each element on the way
  const allowed = ({ dataTransfer }) => dataTransfer?.types.includes("Files") && may("ATTACH_FILES", channel.serverId, channel.id);
  return {
    over,
    onDragEnter: (event) => {
      if (!allowed(event)) return;
      depth.current++;
      setOver(true);
    },
    onDragLeave: (event) => {
      if (allowed(event) && --depth.current <= 0) setOver(false);
    },
    onDragOver: (event) => allowed(event) && event.preventDefault(),
    onDrop: (event) => {
      depth.current = 0;
      setOver(false);
      if (!allowed(event)) return;
      event.preventDefault();
      uploads.add([...event.dataTransfer.files]);
    },
  };
}

function Typing({ channel }) {
  const names = typingIn(channel.id).map(({ username }) => username);
  const text = names.length > 3 ? t("manyTyping") : names.length ? t("typing", { n: names.length, names: names.join(", ") }) : "";
  return html`<p class="typing" aria-live="polite">${text && html`<span class="typing-dots" aria-hidden="true"><i /><i /><i /></span>${text}`}</p>`;
}
