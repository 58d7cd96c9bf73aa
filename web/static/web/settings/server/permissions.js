// Permissions as people choose them: in groups, each with its name.

import { html } from "../../html.js";
import { Icon } from "../../parts/icon.js";
import { Toggle } from "../../parts/form.js";
import { BITS } from "../../state/rights.js";
import { t } from "../../texts/index.js";

const GROUPS = {
  permServer: ["ADMINISTRATOR", "MANAGE_GUILD", "MANAGE_ROLES", "MANAGE_CHANNELS", "MANAGE_WEBHOOKS", "VIEW_AUDIT_LOG", "CREATE_INSTANT_INVITE"],
  permPeople: ["MODERATE_MEMBERS", "KICK_MEMBERS", "BAN_MEMBERS", "MANAGE_NICKNAMES", "CHANGE_NICKNAME"],
  permText: ["VIEW_CHANNEL", "READ_MESSAGE_HISTORY", "SEND_MESSAGES", "ATTACH_FILES", "ADD_REACTIONS", "MENTION_EVERYONE", "MANAGE_MESSAGES"],
  permVoice: ["CONNECT", "SPEAK", "MUTE_MEMBERS", "DEAFEN_MEMBERS", "MOVE_MEMBERS"],
};
const NAMED = new Set(Object.values(GROUPS).flat());
const REST = Object.keys(BITS).filter((name) => !NAMED.has(name)); // kept for other clients: nothing here asks for them
const OF_THE_SERVER = new Set(
  ("KICK_MEMBERS BAN_MEMBERS ADMINISTRATOR MANAGE_GUILD VIEW_AUDIT_LOG VIEW_GUILD_INSIGHTS CHANGE_NICKNAME MANAGE_NICKNAMES " + "MANAGE_EMOJIS_AND_STICKERS MODERATE_MEMBERS").split(" "),
);
const HINTED = new Set(["ADMINISTRATOR", "VIEW_CHANNEL", "MANAGE_ROLES", "MENTION_EVERYONE"]);

export const permissionName = (name) => t(`perm-${name}`);
export const PERMISSIONS = [...NAMED, ...REST];

// row(name): how one of them is shown. `inChannel`: only those that a channel can give or take.
function Groups({ inChannel = false, row }) {
  const kept = (names) => names.filter((name) => !inChannel || !OF_THE_SERVER.has(name));
  return html`${Object.entries(GROUPS)
      .map(([title, names]) => [title, kept(names)])
      .filter(([, names]) => names.length)
      .map(([title, names]) => html`<fieldset key=${title} class="permissions"><legend>${t(title)}</legend>${names.map(row)}</fieldset>`)}
    <details class="permissions-rest"><summary>${t("permRest")}</summary><p class="hint">${t("permRestHint")}</p><div class="permissions">${kept(REST).map(row)}</div></details>`;
}

// `value`: a bigint of all 63 bits, of which those without a name stay as they are.
export function PermissionChecks({ value, onChange }) {
  const row = (name) => html`<${Toggle} key=${name} label=${permissionName(name)} hint=${HINTED.has(name) && t(`perm-${name}-hint`)} checked=${(value & BITS[name]) !== 0n} onChange=${({ target }) => onChange(target.checked ? value | BITS[name] : value & ~BITS[name])} />`;
  return html`<${Groups} row=${row} />`;
}

const STANCES = [["deny", "close"], ["neutral", null], ["allow", "check"]];

// What a channel gives and takes: { allow, deny } as bigints.
export function OverwriteChecks({ value, onChange }) {
  const choose = (name, stance) => {
    const bit = BITS[name];
    onChange({ allow: stance === "allow" ? value.allow | bit : value.allow & ~bit, deny: stance === "deny" ? value.deny | bit : value.deny & ~bit });
  };
  const row = (name) => {
    const stance = value.allow & BITS[name] ? "allow" : value.deny & BITS[name] ? "deny" : "neutral";
    return html`<div key=${name} class="stance-row" role="radiogroup" aria-label=${permissionName(name)}>
      <span>${permissionName(name)}</span>
      <span class="stances">
        ${STANCES.map(
          ([one, icon]) => html`<label key=${one} class="stance ${one}" title=${t(one)}>
            <input type="radio" class="over" name=${`stance-${name}`} aria-label=${t(one)} checked=${stance === one} onChange=${() => choose(name, one)} />
            ${icon ? html`<${Icon} name=${icon} />` : html`<span aria-hidden="true">/</span>`}
          </label>`,
        )}
      </span>
    </div>`;
  };
  return html`<${Groups} inChannel row=${row} />`;
}
