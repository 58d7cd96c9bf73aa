// Giving a server away, deleting it, leaving it.

import { html } from "../../html.js";
import { Dialog, confirm, open } from "../../parts/dialog.js";
import { Field, Form } from "../../parts/form.js";
import { toast } from "../../parts/toasts.js";
import { go } from "../../router.js";
import { membersOf } from "../../state/members.js";
import { handOver } from "../../state/moderation.js";
import { rankOf } from "../../state/rights.js";
import { deleteServer, leaveServer } from "../../state/servers.js";
import { myId } from "../../state/session.js";
import { t } from "../../texts/index.js";
import { Block } from "../block.js";

export function LeaveSection({ server }) {
  const { id, name } = server;
  if (rankOf(id) !== "owner") {
    const leave = () => confirm({ title: t("leaveServer"), text: t("leaveServerText", { name }), label: t("leaveServer"), act: async () => (go("/", { replace: true }), await leaveServer(id)) });
    return html`<${Block} title=${t("leaveServer")} text=${t("leaveServerText", { name })} danger><div class="actions start"><button type="button" class="button danger" onClick=${leave}>${t("leaveServer")}</button></div></${Block}>`;
  }
  return html`<${Block} title=${t("handOver")} text=${t("handOverText")}><div class="actions start"><button type="button" class="button" onClick=${() => open(HandOver, { server })}>${t("handOver")}</button></div></${Block}>
    <${Block} title=${t("deleteServer")} text=${t("deleteServerText", { name })} danger><div class="actions start"><button type="button" class="button danger" onClick=${() => open(DeleteServer, { server })}>${t("deleteServer")}</button></div></${Block}>`;
}

const Typed = ({ name }) => html`<${Field} label=${t("typeToConfirm", { name })} name="typed" required autocomplete="off" spellcheck=${false} />`;

function HandOver({ server, close }) {
  const others = [...(membersOf(server.id)?.values() ?? [])].filter(({ userId }) => userId !== myId.value);
  const submit = async ({ userId, typed }) => {
    if (typed !== server.name) throw new Error(t("nameDiffers"));
    const { message } = await handOver(server.id, Number(userId));
    close();
    toast(message);
  };
  if (!others.length) return html`<${Dialog} title=${t("handOver")} close=${close}><p class="lead">${t("nobodyElse")}</p></${Dialog}>`;
  return html`<${Dialog} title=${t("handOver")} close=${close}>
    <${Form} submit=${submit} label=${t("handOver")} danger cancel=${close}>
      <p class="lead">${t("handOverText")}</p>
      <${Field} as="select" label=${t("newOwner")} name="userId">${others.map(({ userId, user }) => html`<option key=${userId} value=${userId}>${user.username}</option>`)}</${Field}>
      <${Typed} name=${server.name} />
    </${Form}>
  </${Dialog}>`;
}

function DeleteServer({ server, close }) {
  const submit = async ({ typed }) => {
    if (typed !== server.name) throw new Error(t("nameDiffers"));
    await deleteServer(server.id);
    close();
    go("/", { replace: true });
  };
  return html`<${Dialog} title=${t("deleteServer")} close=${close}>
    <${Form} submit=${submit} label=${t("deleteServer")} danger cancel=${close}><p class="lead">${t("deleteServerText", { name: server.name })}</p><${Typed} name=${server.name} /></${Form}>
  </${Dialog}>`;
}
