// Addresses by which other programs write into a channel.

import { html, useState } from "../../html.js";
import { Avatar } from "../../parts/avatar.js";
import { confirm, Dialog, open, useAsked } from "../../parts/dialog.js";
import { Empty, Skeleton } from "../../parts/empty.js";
import { Field, Form } from "../../parts/form.js";
import { Icon, IconButton } from "../../parts/icon.js";
import { moment } from "../../parts/time.js";
import { api } from "../../state/client.js";
import { may } from "../../state/rights.js";
import { t } from "../../texts/index.js";
import { SecretDialog } from "../secret.js";

export function WebhookSection({ server }) {
  const [asked, setAsked] = useState(0);
  const channels = server.channels.filter(({ id, type }) => type === "text" && may("MANAGE_WEBHOOKS", server.id, id));
  const path = (channelId) => `/servers/${server.id}/channels/${channelId}/webhooks`;
  const [hooks, error] = useAsked(async () => (await Promise.all(channels.map(({ id }) => api.get(path(id))))).flat(), [server.id, channels.length, asked]);
  const again = () => setAsked((n) => n + 1);
  if (error) return html`<p class="error" role="alert">${error.message}</p>`;
  if (!hooks) return html`<${Skeleton} lines=${4} />`;
  const rotate = ({ id, name }) =>
    confirm({ title: t("newAddress"), text: t("newAddressText", { name }), label: t("newAddress"), act: async () => showAddress(await api.post(`/webhooks/${id}/token`)) });
  const remove = ({ id, name }) => confirm({ title: t("deleteWebhook"), text: t("deleteWebhookText", { name }), label: t("deleteWebhook"), act: async () => (await api.delete(`/webhooks/${id}`), again()) });
  return html`<p class="lead">${t("webhooksText")}</p>
    <div class="actions start"><button type="button" class="button primary" disabled=${!channels.length} onClick=${() => open(CreateWebhook, { channels, path, done: again })}><${Icon} name="plus" />${t("createWebhook")}</button></div>
    ${hooks.length === 0 && html`<${Empty} icon="hook" title=${t("noWebhooks")} />`}
    <ul class="rows">
      ${hooks.map(
        (hook) => html`<li key=${hook.id} class="row">
          <${Avatar} id=${hook.userId} name=${hook.name} picture=${hook.avatarUrl} size=${38} />
          <div class="row-text"><strong>${hook.name}</strong><small class="hint">${t("writesInto", { name: channels.find(({ id }) => id === hook.channelId)?.name ?? "" })} · ${moment(hook.createdAt)}</small></div>
          <${IconButton} icon="key" label=${t("newAddressOf", { name: hook.name })} onClick=${() => rotate(hook)} />
          <${IconButton} icon="trash" label=${t("deleteNamed", { name: hook.name })} class="danger" onClick=${() => remove(hook)} />
        </li>`,
      )}
    </ul>`;
}

function showAddress({ url }) {
  open(SecretDialog, { title: t("webhookAddress"), text: t("webhookAddressText"), secret: location.origin + url });
}

function CreateWebhook({ channels, path, done, close }) {
  const submit = async ({ name, channel, picture }) => {
    const made = await api.post(path(channel), { name, avatarUrl: picture || null });
    close();
    done();
    showAddress(made);
  };
  return html`<${Dialog} title=${t("createWebhook")} close=${close}>
    <${Form} submit=${submit} label=${t("create")} cancel=${close}>
      <${Field} label=${t("username")} name="name" required maxlength="25" autocomplete="off" autofocus />
      <${Field} as="select" label=${t("channelWord")} name="channel">${channels.map(({ id, name }) => html`<option key=${id} value=${id}>${name}</option>`)}</${Field}>
      <${Field} label=${t("avatarAddress")} hint=${t("avatarHint")} name="picture" type="url" maxlength="2048" autocomplete="off" placeholder="https://…" />
    </${Form}>
  </${Dialog}>`;
}
