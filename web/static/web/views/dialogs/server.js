import { html } from "../../html.js";
import { Dialog } from "../../parts/dialog.js";
import { Field, Form } from "../../parts/form.js";
import { go, paths } from "../../router.js";
import { createServer } from "../../state/servers.js";
import { t } from "../../texts/index.js";

export function CreateServer({ close }) {
  const submit = async ({ name }) => {
    const server = await createServer({ name });
    close();
    go(paths.server(server.id));
  };
  return html`<${Dialog} title=${t("createServer")} close=${close}>
    <${Form} submit=${submit} label=${t("create")} cancel=${close}>
      <p class="lead">${t("serverHint")}</p>
      <${Field} label=${t("serverName")} name="name" required maxlength="100" autocomplete="off" autofocus />
    </${Form}>
  </${Dialog}>`;
}
