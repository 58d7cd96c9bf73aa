// How others see one.

import { html, useState } from "../../html.js";
import { Avatar } from "../../parts/avatar.js";
import { Choice, Field, Form } from "../../parts/form.js";
import { toast } from "../../parts/toasts.js";
import { api } from "../../state/client.js";
import { myPresence, presence } from "../../state/presence.js";
import { me } from "../../state/session.js";
import { t } from "../../texts/index.js";
import { Block } from "../block.js";

const STATUSES = ["online", "idle", "dnd", "invisible"];

export function ProfileSection() {
  const { id, username, profilePicture, bio, tag } = me.value;
  const [shown, setShown] = useState({ name: username, picture: profilePicture });
  const submit = async ({ name, picture, about }) => {
    const saved = await api.put("/users", { username: name, profilePicture: picture || null, bio: about || null });
    me.value = { ...me.value, username: saved.username, profilePicture: saved.profilePicture, bio: saved.bio };
    toast(t("saved"));
  };
  return html`<div class="profile-card">
      <${Avatar} id=${id} name=${shown.name} picture=${shown.picture} size=${72} status=${myPresence.value} />
      <div><strong>${shown.name}</strong><p class="hint">${tag}</p></div>
    </div>
    <${Form} submit=${submit} label=${t("save")}>
      <${Field} label=${t("username")} hint=${t("usernameRule")} name="name" required minlength="3" maxlength="25" defaultValue=${username} autocomplete="nickname" onInput=${({ target }) => setShown({ ...shown, name: target.value })} />
      <${Field} label=${t("avatarAddress")} hint=${t("avatarHint")} name="picture" type="url" maxlength="2048" defaultValue=${profilePicture ?? ""} placeholder="https://…" autocomplete="off" onInput=${({ target }) => setShown({ ...shown, picture: target.value })} />
      <${Field} as="textarea" label=${t("bio")} name="about" rows="4" maxlength="500" defaultValue=${bio ?? ""} />
    </${Form}>
    <${Block} title=${t("status")} text=${t("statusText")}>
      <${Choice} legend=${html`<span class="sr-only">${t("status")}</span>`} name="status" value=${myPresence.value} choices=${STATUSES.map((one) => [one, t(one)])} onChange=${presence} />
    </${Block}>`;
}
