// One message: who, when, what; and what one can do with it.

import { html, useState } from "../../html.js";
import { Avatar } from "../../parts/avatar.js";
import { confirm, open } from "../../parts/dialog.js";
import { QUICK } from "../../parts/emoji.js";
import { pickEmoji } from "../../parts/emoji-picker.js";
import { Icon, IconButton } from "../../parts/icon.js";
import { plain } from "../../parts/markdown.js";
import { Menu } from "../../parts/menu.js";
import { RichText } from "../../parts/richtext.js";
import { clock, moment, when } from "../../parts/time.js";
import { attempt, toast } from "../../parts/toasts.js";
import { go, paths } from "../../router.js";
import { colourOf, memberOf, nameOf } from "../../state/members.js";
import { giveUp, intend, intents, originalOf, pin, react, remove, sendAgain } from "../../state/messages.js";
import { may, mayPin } from "../../state/rights.js";
import { me, myId } from "../../state/session.js";
import { t } from "../../texts/index.js";
import { ReportDialog } from "../dialogs/report.js";
import { MemberMenu } from "../member-menu.js";
import { Attachments } from "./attachments.js";
import { EditBox } from "./edit.js";
import { knownIn } from "./people.js";

export function Message({ channel, message, first, marked }) {
  const [active, setActive] = useState(false);
  const { id, content, user, createdAt, isEdited, isPinned, replyToId } = message;
  const mine = message.userId === myId.value;
  const called = !mine && (message.mentions?.includes(myId.value) || message.mentionsEveryone);
  const editing = intents.value.get(channel.id)?.editing === id;
  const leave = ({ currentTarget, relatedTarget }) => !currentTarget.contains(relatedTarget) && !currentTarget.matches(":focus-within") && setActive(false);
  const blur = ({ currentTarget, relatedTarget }) => !currentTarget.contains(relatedTarget) && setActive(false);
  const kinds = [first && "first", marked && "marked", called && "called", active && "active"].filter(Boolean).join(" ");
  return html`<li id=${`m-${id}`} class="message ${kinds}" tabindex="-1" onMouseEnter=${() => setActive(true)} onMouseLeave=${leave} onFocusIn=${() => setActive(true)} onFocusOut=${blur}>
    ${replyToId !== null && html`<${Original} channel=${channel} id=${replyToId} />`}
    ${first ? html`<${Face} channel=${channel} user=${user} />` : html`<time class="message-clock" datetime=${createdAt} aria-hidden="true">${clock(createdAt)}</time>`}
    <div class="message-body">
      ${first
        ? html`<p class="message-head"><${Name} channel=${channel} user=${user} /><time datetime=${createdAt} title=${moment(createdAt)}>${when(createdAt)}</time>${isPinned && html`<span class="pinned" title=${t("pinned")}><${Icon} name="pin" size="13px" /><span class="sr-only">${t("pinned")}</span></span>`}</p>`
        : html`<span class="sr-only">${nameOf(channel.serverId, user) || t("deletedUser")}, ${clock(createdAt)}: </span>`}
      ${editing ? html`<${EditBox} message=${message} />` : html`<${RichText} text=${content} known=${knownIn(channel)} />${isEdited && html`<small class="edited" title=${moment(message.updatedAt)}>${t("edited")}</small>`}`}
      ${message.attachments.length > 0 && html`<${Attachments} message=${message} />`}
      ${message.reactions.length > 0 && html`<${Reactions} channel=${channel} message=${message} />`}
    </div>
    ${active && !editing && html`<${Tools} channel=${channel} message=${message} mine=${mine} />`}
  </li>`;
}

function Face({ channel, user }) {
  const member = memberOf(channel.serverId, user?.id);
  const face = html`<${Avatar} id=${user?.id ?? 0} name=${nameOf(channel.serverId, user) || "?"} picture=${user?.avatar} size=${38} />`;
  return html`<span class="message-face">${member ? html`<${MemberMenu} server=${{ id: channel.serverId }} member=${member} class="bare">${face}</${MemberMenu}>` : face}</span>`;
}

function Name({ channel, user }) {
  if (!user) return html`<strong class="author gone">${t("deletedUser")}</strong>`;
  return html`<strong class="author" style=${{ "--role": colourOf(channel.serverId, user.id) ?? undefined }}>${nameOf(channel.serverId, user)}</strong>${user.isBot && html`<span class="badge">${t("bot")}</span>`}`;
}

function Original({ channel, id }) {
  const original = originalOf(channel.id, id);
  const text = original ? plain(original.content) || t("attachment") : original === null ? t("originalGone") : "…";
  return html`<button type="button" class="original" disabled=${!original} onClick=${() => go(paths.channel(channel, id))}>
    <${Icon} name="reply" size="14px" />
    ${original?.user && html`<strong>${nameOf(channel.serverId, original.user)}</strong>`}
    <span class="original-text">${text}</span>
  </button>`;
}

function Reactions({ channel, message }) {
  const allowed = may("ADD_REACTIONS", channel.serverId, channel.id);
  return html`<ul class="reactions" aria-label=${t("reactions")}>
    ${message.reactions.map(
      ({ emoji, count, me: mine }) => html`<li key=${emoji}>
        <button type="button" class="reaction" aria-pressed=${mine} aria-label=${t("reactionOf", { emoji, n: count })} disabled=${!allowed && !mine} onClick=${() => attempt(() => react(message, emoji, !mine))}><span>${emoji}</span><span class="reaction-count">${count}</span></button>
      </li>`,
    )}
  </ul>`;
}

function Tools({ channel, message, mine }) {
  const { serverId, id: channelId } = channel;
  const reacts = may("ADD_REACTIONS", serverId, channelId);
  const writes = may("SEND_MESSAGES", serverId, channelId);
  const choose = ({ currentTarget }) => pickEmoji(currentTarget, (emoji) => attempt(() => react(message, emoji, !message.reactions.some((one) => one.emoji === emoji && one.me))));
  const items = [
    { label: t("copyText"), icon: "copy", act: () => copy(message.content) },
    { label: t("copyLink"), icon: "link", act: () => copy(location.origin + paths.channel(channel, message.id)) },
    mayPin(channel) && { label: t(message.isPinned ? "unpin" : "pin"), icon: "pin", act: () => attempt(() => pin(message, !message.isPinned)) },
    (mine || may("MANAGE_MESSAGES", serverId, channelId)) && { label: t("deleteMessage"), icon: "trash", danger: true, act: () => confirmRemoval(message) },
    !mine && message.userId !== null && { label: t("report"), icon: "flag", danger: true, act: () => open(ReportDialog, { message }) },
  ];
  return html`<div class="message-tools" role="group" aria-label=${t("messageTools")}>
    ${reacts && QUICK.slice(0, 3).map((emoji) => html`<button key=${emoji} type="button" class="icon-button small quick" aria-label=${t("reactWith", { emoji })} title=${t("reactWith", { emoji })} onClick=${() => attempt(() => react(message, emoji, !message.reactions.some((one) => one.emoji === emoji && one.me)))}>${emoji}</button>`)}
    ${reacts && html`<${IconButton} icon="smile" label=${t("react")} class="small" onClick=${choose} />`}
    ${writes && html`<${IconButton} icon="reply" label=${t("reply")} class="small" onClick=${() => reply(channelId, message)} />`}
    ${mine && writes && html`<${IconButton} icon="edit" label=${t("edit")} class="small" onClick=${() => intend(channelId, { editing: message.id })} />`}
    <${Menu} label=${t("more")} class="icon-button small" items=${items} />
  </div>`;
}

function reply(channelId, message) {
  intend(channelId, { replyTo: message });
  document.querySelector(".composer textarea")?.focus();
}

function confirmRemoval(message) {
  confirm({ title: t("deleteMessage"), text: t("deleteMessageText"), label: t("remove"), act: () => remove(message) });
}

async function copy(text) {
  await attempt(() => navigator.clipboard.writeText(text));
  toast(t("copiedText"));
}

// One's own message on its way, or refused.
export function Outgoing({ channel, entry }) {
  const { content, failed, nonce, attachments } = entry;
  return html`<li class="message first outgoing ${failed ? "failed" : ""}">
    <span class="message-face"><${Avatar} id=${myId.value} name=${me.value.username} picture=${me.value.profilePicture} size=${38} /></span>
    <div class="message-body">
      <p class="message-head"><strong class="author">${nameOf(channel.serverId, me.value)}</strong><span>${failed ? "" : t("sending")}</span></p>
      <${RichText} text=${content} known=${knownIn(channel)} />
      ${attachments.length > 0 && html`<p class="hint">${attachments.map(({ filename }) => filename).join(", ")}</p>`}
      ${failed &&
      html`<p class="refused" role="alert"><${Icon} name="alert" size="15px" />${failed}
        <button type="button" class="link" onClick=${() => sendAgain(channel.id, nonce)?.catch(() => {})}>${t("sendAgain")}</button>
        <button type="button" class="link" onClick=${() => giveUp(channel.id, nonce)}>${t("discard")}</button>
      </p>`}
    </div>
  </li>`;
}
