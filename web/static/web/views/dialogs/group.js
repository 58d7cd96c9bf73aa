// Groups: making one, naming it, bringing a friend in.

import { html, useState } from "../../html.js";
import { Avatar } from "../../parts/avatar.js";
import { Dialog } from "../../parts/dialog.js";
import { Field, Form } from "../../parts/form.js";
import { go, paths } from "../../router.js";
import { addToGroup, createGroup, friends, MOST_PEOPLE, renameGroup } from "../../state/friends.js";
import { t } from "../../texts/index.js";

export function CreateGroup({ close }) {
  const [chosen, setChosen] = useState([]);
  const room = MOST_PEOPLE - 1;
  const toggle = (id) => setChosen(chosen.includes(id) ? chosen.filter((one) => one !== id) : [...chosen, id]);
  const submit = async ({ name }) => {
    if (!chosen.length) throw new Error(t("groupNeedsPeople"));
    const group = await createGroup(chosen, name.trim());
    close();
    go(paths.direct(group.id));
  };
  return html`<${Dialog} title=${t("createGroup")} close=${close}>
    <${Form} submit=${submit} label=${t("create")} cancel=${close}>
      <p class="lead">${t("groupText", { n: room })}</p>
      <${Field} label=${t("groupName")} hint=${t("groupNameHint")} name="name" maxlength="100" autocomplete="off" />
      <fieldset class="field"><legend>${t("groupPeople", { n: chosen.length, most: room })}</legend>
        ${friends.value.size === 0 && html`<p class="hint">${t("noFriendsText")}</p>`}
        <div class="pick-list">
          ${[...friends.value.values()].map(
            ({ id, username, profilePicture }) => html`<label key=${id} class="pick">
              <${Avatar} id=${id} name=${username} picture=${profilePicture} size=${28} /><span>${username}</span>
              <input type="checkbox" checked=${chosen.includes(id)} disabled=${!chosen.includes(id) && chosen.length >= room} onChange=${() => toggle(id)} />
            </label>`,
          )}
        </div>
      </fieldset>
    </${Form}>
  </${Dialog}>`;
}

export function RenameGroup({ conversation, close }) {
  const submit = async ({ name }) => (await renameGroup(conversation.id, name.trim()), close());
  return html`<${Dialog} title=${t("renameGroup")} close=${close}>
    <${Form} submit=${submit} label=${t("save")} cancel=${close}>
      <${Field} label=${t("groupName")} hint=${t("groupNameHint")} name="name" maxlength="100" autocomplete="off" defaultValue=${conversation.name} autofocus />
    </${Form}>
  </${Dialog}>`;
}

export function AddToGroup({ conversation, close }) {
  const inside = new Set(conversation.participants.map(({ id }) => id));
  const others = [...friends.value.values()].filter(({ id }) => !inside.has(id));
  const submit = async ({ userId }) => (await addToGroup(conversation.id, Number(userId)), close());
  return html`<${Dialog} title=${t("addToGroup")} close=${close}>
    ${others.length === 0
      ? html`<p class="lead">${t("everyFriendIsIn")}</p>`
      : html`<${Form} submit=${submit} label=${t("add")} cancel=${close}>
          <${Field} as="select" label=${t("friend")} name="userId">${others.map(({ id, username }) => html`<option key=${id} value=${id}>${username}</option>`)}</${Field}>
        </${Form}>`}
  </${Dialog}>`;
}
