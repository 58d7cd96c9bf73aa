// What a server is called and looks like.

import { html, useState } from "../../html.js";
import { Avatar } from "../../parts/avatar.js";
import { Field, Form } from "../../parts/form.js";
import { toast } from "../../parts/toasts.js";
import { updateServer } from "../../state/moderation.js";
import { t } from "../../texts/index.js";

export function OverviewSection({ server }) {
  const [shown, setShown] = useState({ name: server.name, picture: server.icon });
  const submit = async ({ name, icon, description }) => {
    await updateServer(server.id, { name, icon: icon || null, description: description || null });
    toast(t("saved"));
  };
  return html`<div class="profile-card">
      <${Avatar} id=${server.id} name=${shown.name} picture=${shown.picture} size=${72} square />
      <div><strong>${shown.name}</strong><p class="hint">${t("members", { n: server.memberCount })}</p></div>
    </div>
    <${Form} submit=${submit} label=${t("save")}>
      <${Field} label=${t("serverName")} name="name" required maxlength="100" defaultValue=${server.name} autocomplete="off" onInput=${({ target }) => setShown({ ...shown, name: target.value })} />
      <${Field} label=${t("iconAddress")} hint=${t("avatarHint")} name="icon" type="url" maxlength="2048" defaultValue=${server.icon ?? ""} placeholder="https://…" autocomplete="off" onInput=${({ target }) => setShown({ ...shown, picture: target.value })} />
      <${Field} as="textarea" label=${t("description")} name="description" rows="4" maxlength="1000" defaultValue=${server.description ?? ""} />
    </${Form}>`;
}
