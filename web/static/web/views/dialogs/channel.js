// Making, changing and moving channels and categories.

import { html, useState } from "../../html.js";
import { Dialog } from "../../parts/dialog.js";
import { Choice, Field, Form } from "../../parts/form.js";
import { duration } from "../../parts/time.js";
import { go, paths } from "../../router.js";
import { arrangeChannels, saveCategory, saveChannel } from "../../state/servers.js";
import { t } from "../../texts/index.js";
import { moved } from "../moving.js";

const SLOWMODES = [0, 5, 10, 30, 60, 300, 900, 3600, 21600];

// With `channel` it is changed, else one is made.
export function ChannelDialog({ server, channel, categoryId = null, close }) {
  const [type, setType] = useState(channel?.type ?? "text");
  const submit = async ({ name, description, slowmode, userLimit, category, type: chosen }) => {
    const fields = { name, description: description || null, categoryId: Number(category) || null };
    if (type === "text") fields.slowmode = Number(slowmode);
    else fields.userLimit = Number(userLimit) || 0;
    const saved = await saveChannel(server.id, channel ? fields : { ...fields, type: chosen }, channel?.id);
    close();
    if (!channel && saved.type === "text") go(paths.server(server.id, saved.id));
  };
  const kinds = ["text", "voice"].map((kind) => [kind, t(kind), t(`${kind}Hint`)]);
  return html`<${Dialog} title=${t(channel ? "editChannel" : "createChannel")} close=${close}>
    <${Form} submit=${submit} label=${t(channel ? "save" : "create")} cancel=${close}>
      ${!channel && html`<${Choice} legend=${t("channelType")} name="type" value=${type} choices=${kinds} onChange=${setType} />`}
      <${Field} label=${t("channelName")} name="name" defaultValue=${channel?.name} required maxlength="100" autocomplete="off" autofocus />
      ${type === "text" && html`<${Field} label=${t("topic")} name="description" as="textarea" rows="2" maxlength="1000" defaultValue=${channel?.description ?? ""} />`}
      ${server.categories.length > 0 && html`<${CategorySelect} server=${server} value=${channel ? channel.categoryId : categoryId} />`}
      ${type === "text" &&
      html`<${Field} label=${t("slowmode")} hint=${t("slowmodeHint")} name="slowmode" as="select">
        ${[...new Set([...SLOWMODES, channel?.slowmode ?? 0])].sort((one, other) => one - other).map((seconds) => html`<option key=${seconds} value=${seconds} selected=${seconds === (channel?.slowmode ?? 0)}>${seconds ? duration(seconds) : t("off")}</option>`)}
      </${Field}>`}
      ${type === "voice" && html`<${Field} label=${t("userLimit")} hint=${t("userLimitHint")} name="userLimit" type="number" min="0" max="99" defaultValue=${channel?.userLimit ?? 0} />`}
    </${Form}>
  </${Dialog}>`;
}

function CategorySelect({ server, value }) {
  return html`<${Field} label=${t("category")} name="category" as="select">
    <option value="">${t("noCategory")}</option>
    ${server.categories.map(({ id, name }) => html`<option key=${id} value=${id} selected=${id === value}>${name}</option>`)}
  </${Field}>`;
}

export function CategoryDialog({ server, category, close }) {
  const submit = async ({ name }) => (await saveCategory(server.id, { name }, category?.id), close());
  return html`<${Dialog} title=${t(category ? "editCategory" : "createCategory")} close=${close}>
    <${Form} submit=${submit} label=${t(category ? "save" : "create")} cancel=${close}>
      <${Field} label=${t("categoryName")} name="name" defaultValue=${category?.name} required maxlength="100" autocomplete="off" autofocus />
    </${Form}>
  </${Dialog}>`;
}

// The way to arrange that needs no mouse.
export function MoveChannel({ server, channel, close }) {
  const [category, setCategory] = useState(channel.categoryId);
  const others = server.channels.filter(({ id, categoryId }) => id !== channel.id && categoryId === category);
  const submit = async ({ before }) => {
    await arrangeChannels(server.id, moved(server.channels, channel.id, category, Number(before) || null));
    close();
  };
  return html`<${Dialog} title=${t("moveChannel")} close=${close}>
    <${Form} submit=${submit} label=${t("move")} cancel=${close}>
      <div onChange=${({ target }) => target.name === "category" && setCategory(Number(target.value) || null)}><${CategorySelect} server=${server} value=${channel.categoryId} /></div>
      <${Field} label=${t("place")} name="before" as="select">
        ${others.map(({ id, name }) => html`<option key=${id} value=${id}>${t("before", { name })}</option>`)}
        <option value="" selected>${t("atTheEnd")}</option>
      </${Field}>
    </${Form}>
  </${Dialog}>`;
}
