// A link that lets people in.

import { html, useRef, useState } from "../../html.js";
import { Dialog, useAsked } from "../../parts/dialog.js";
import { Field } from "../../parts/form.js";
import { Icon } from "../../parts/icon.js";
import { api } from "../../state/client.js";
import { t } from "../../texts/index.js";

const DAYS = [0, 1, 7, 30];
const USES = [0, 1, 5, 25, 100];

export function InviteDialog({ server, close }) {
  const [{ days, uses }, setTerms] = useState({ days: 0, uses: 0 });
  const [told, setTold] = useState("");
  const link = useRef(null);
  const ask = async () => {
    const expiresAt = days ? new Date(Date.now() + days * 86_400_000).toISOString() : null;
    const { invite } = await api.post(`/invite/${server.id}/invite`, { expiresAt, maxUses: uses || null });
    return `${location.origin}/invite/${invite.token}`;
  };
  const [made, setMade] = useState(0);
  const [url, error] = useAsked(ask, [made]);
  const copy = async () => {
    link.current.select();
    setTold(t((await copied(url)) ? "copied" : "copyByHand"));
  };
  const choose = (name) => ({ target }) => {
    setTold("");
    setTerms((terms) => ({ ...terms, [name]: Number(target.value) }));
    setMade(made + 1);
  };
  return html`<${Dialog} title=${t("invite")} close=${close}>
    <div class="form">
      <p class="lead">${t("inviteText", { server: server.name })}</p>
      <div class="copy-row">
        <input ref=${link} class="input" type="text" readonly aria-label=${t("inviteLink")} value=${url ?? ""} onClick=${() => link.current.select()} />
        <button type="button" class="button primary" disabled=${!url} onClick=${copy} autofocus><${Icon} name="copy" />${t("copy")}</button>
      </div>
      <p class="hint told" role="status">${told}</p>
      ${error && html`<p class="error" role="alert">${error.message}</p>`}
      <div class="pair">
        <${Field} as="select" label=${t("expires")} onChange=${choose("days")}>${DAYS.map((n) => html`<option key=${n} value=${n} selected=${n === days}>${n ? t("days", { n }) : t("never")}</option>`)}</${Field}>
        <${Field} as="select" label=${t("maxUses")} onChange=${choose("uses")}>${USES.map((n) => html`<option key=${n} value=${n} selected=${n === uses}>${n || t("unlimited")}</option>`)}</${Field}>
      </div>
      <div class="actions"><button type="button" class="button" onClick=${close}>${t("done")}</button></div>
    </div>
  </${Dialog}>`;
}

// navigator.clipboard exists only on https and localhost.
async function copied(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return document.execCommand("copy");
  }
}
