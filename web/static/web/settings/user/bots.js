// Programs of one's own: accounts without a password, which enter by tokens.

import { html, useState } from "../../html.js";
import { Avatar } from "../../parts/avatar.js";
import { confirm, Dialog, open, useAsked } from "../../parts/dialog.js";
import { Empty, Skeleton } from "../../parts/empty.js";
import { Field, Form, Toggle } from "../../parts/form.js";
import { Icon, IconButton } from "../../parts/icon.js";
import { Menu } from "../../parts/menu.js";
import { moment } from "../../parts/time.js";
import { toast } from "../../parts/toasts.js";
import { api } from "../../state/client.js";
import { may } from "../../state/rights.js";
import { servers } from "../../state/servers.js";
import { t } from "../../texts/index.js";
import { SecretDialog } from "../secret.js";

const SCOPES = ["servers.read", "members.read", "messages.read", "messages.write", "servers.manage", "voice", "events"];
const DAYS = [0, 30, 90, 365];

export function BotSection() {
  const [asked, setAsked] = useState(0);
  const [bots, error] = useAsked(() => api.get("/bots"), [asked]);
  const again = () => setAsked((n) => n + 1);
  if (error) return html`<p class="error" role="alert">${error.message}</p>`;
  if (!bots) return html`<${Skeleton} lines=${4} />`;
  return html`<p class="lead">${t("botsText")}</p>
    <div class="actions start"><button type="button" class="button primary" onClick=${() => open(EditBot, { done: again })}><${Icon} name="plus" />${t("createBot")}</button></div>
    ${bots.length === 0 && html`<${Empty} icon="bot" title=${t("noBots")} />`}
    ${bots.map((bot) => html`<${Bot} key=${bot.id} bot=${bot} again=${again} />`)}`;
}

function Bot({ bot, again }) {
  const { id, username, profilePicture, isPublic } = bot;
  const [asked, setAsked] = useState(0);
  const [tokens] = useAsked(() => api.get(`/bots/${id}/tokens`), [id, asked]);
  const renew = () => setAsked((n) => n + 1);
  const manageable = [...servers.value.values()].filter((server) => may("MANAGE_GUILD", server.id));
  const remove = () => confirm({ title: t("deleteBot"), text: t("deleteBotText", { name: username }), label: t("deleteBot"), act: async () => (await api.delete(`/bots/${id}`), again()) });
  const revoke = (token) => confirm({ title: t("revokeToken"), text: t("revokeTokenText", { name: token.name }), label: t("revoke"), act: async () => (await api.delete(`/bots/${id}/tokens/${token.id}`), renew()) });
  const items = [
    { label: t("createToken"), icon: "key", act: () => open(CreateToken, { bot, done: renew }) },
    manageable.length > 0 && { label: t("addToServer"), icon: "plus", act: () => open(AddBot, { bot, list: manageable }) },
    { label: t("edit"), icon: "edit", act: () => open(EditBot, { bot, done: again }) },
    null,
    { label: t("deleteBot"), icon: "trash", danger: true, act: remove },
  ];
  return html`<section class="rows" aria-label=${username}>
    <div class="row">
      <${Avatar} id=${id} name=${username} picture=${profilePicture} size=${38} />
      <div class="row-text"><strong>${username}</strong><small class="hint">${t(isPublic ? "botPublic" : "botPrivate")}</small></div>
      <${Menu} label=${t("moreAbout", { name: username })} items=${items} />
    </div>
    ${tokens?.map(
      (token) => html`<div key=${token.id} class="row">
        <span class="row-mark"><${Icon} name="key" /></span>
        <div class="row-text"><strong>${token.name}</strong><small class="hint">${token.scopes.map((one) => t(`scope-${one}`)).join(", ")} · ${token.expiresAt ? t("until", { when: moment(token.expiresAt) }) : t("forEver")}</small></div>
        <${IconButton} icon="trash" label=${t("revokeTokenNamed", { name: token.name })} class="danger" onClick=${() => revoke(token)} />
      </div>`,
    )}
  </section>`;
}

function EditBot({ bot, done, close }) {
  const submit = async ({ username, isPublic, bio }) => {
    const fields = { username, isPublic, bio: bio || null };
    await (bot ? api.put(`/bots/${bot.id}`, fields) : api.post("/bots", fields));
    close();
    done();
  };
  return html`<${Dialog} title=${t(bot ? "edit" : "createBot")} close=${close}>
    <${Form} submit=${submit} label=${t(bot ? "save" : "create")} cancel=${close}>
      <${Field} label=${t("username")} hint=${t("usernameRule")} name="username" required minlength="3" maxlength="25" autocomplete="off" defaultValue=${bot?.username} autofocus />
      <${Field} as="textarea" label=${t("botAbout")} name="bio" rows="2" maxlength="500" defaultValue=${bot?.bio ?? ""} />
      <${Toggle} label=${t("botPublic")} hint=${t("botPublicHint")} name="isPublic" defaultChecked=${bot?.isPublic} />
    </${Form}>
  </${Dialog}>`;
}

function CreateToken({ bot, done, close }) {
  const [scopes, setScopes] = useState(SCOPES.filter((one) => !one.endsWith("manage")));
  const toggle = (one) => setScopes(scopes.includes(one) ? scopes.filter((other) => other !== one) : [...scopes, one]);
  const submit = async ({ name, days }) => {
    const expiresAt = Number(days) ? new Date(Date.now() + days * 86_400_000).toISOString() : null;
    const { token } = await api.post(`/bots/${bot.id}/tokens`, { name, scopes, expiresAt });
    close();
    done();
    open(SecretDialog, { title: t("botToken"), text: t("botTokenText"), secret: token });
  };
  return html`<${Dialog} title=${t("createToken")} close=${close}>
    <${Form} submit=${submit} label=${t("create")} cancel=${close}>
      <${Field} label=${t("tokenName")} name="name" required maxlength="80" autocomplete="off" autofocus />
      <${Field} as="select" label=${t("expires")} name="days">${DAYS.map((n) => html`<option key=${n} value=${n}>${n ? t("days", { n }) : t("never")}</option>`)}</${Field}>
      <fieldset class="field"><legend>${t("scopes")}</legend><div class="pick-list">${SCOPES.map((one) => html`<label key=${one} class="pick"><span>${t(`scope-${one}`)}</span><input type="checkbox" checked=${scopes.includes(one)} onChange=${() => toggle(one)} /></label>`)}</div></fieldset>
    </${Form}>
  </${Dialog}>`;
}

function AddBot({ bot, list, close }) {
  const submit = async ({ server }) => {
    await api.post(`/servers/${server}/bots`, { botId: bot.id });
    close();
    toast(t("botAdded", { name: bot.username }));
  };
  return html`<${Dialog} title=${t("addToServer")} close=${close}>
    <${Form} submit=${submit} label=${t("add")} cancel=${close}><${Field} as="select" label=${t("serverWord")} name="server">${list.map(({ id, name }) => html`<option key=${id} value=${id}>${name}</option>`)}</${Field}></${Form}>
  </${Dialog}>`;
}
