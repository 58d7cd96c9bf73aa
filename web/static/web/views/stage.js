// The call itself: a tile for everybody, and what one can do.

import { avatar, h, icon } from "../dom.js";
import { t } from "../texts.js";

const STATES = { new: "stateNew", connecting: "stateConnecting", connected: "stateConnected", disconnected: "stateDisconnected", failed: "stateFailed", closed: "stateClosed" };
const SYMBOLS = { new: "wait", connecting: "wait", connected: "check", disconnected: "wait", failed: "alert", closed: "alert" };

export function stageView(app) {
  const { call } = app;
  const people = [...call.people.values()];
  const count = t(call.state === "joining" ? "joining" : "inTheCall", { n: people.length });
  return h(
    "section",
    { class: "stage", "data-key": "stage", "data-state": call.state },
    h("header", { class: "stage-head" }, h("div", {}, h("h1", {}, icon("voice"), call.channel.name), h("p", { class: "hint" }, call.channel.serverName, " · ", count))),
    h("div", { class: "notes" }, notes(app)),
    h("ul", { class: "tiles", "data-count": Math.min(people.length, 9), "aria-label": count }, people.map((person) => tile(call, person))),
    people.length === 1 && h("p", { class: "alone hint", "data-key": "alone" }, t("alone")),
    controls(call),
  );
}

function notes(app) {
  const { call } = app;
  const found = [];
  if (call.state === "reconnecting") found.push(note("lost", "wait", t("signalLost")));
  if (call.problem) found.push(note("mic", "mic-off", t(call.problem)));
  if (call.soundBlocked) found.push(note("sound", "alert", t("soundBlocked"), [t("soundOn"), () => call.soundOn()]));
  if (app.state.callNote) found.push(note("error", "alert", app.state.callNote));
  for (const person of call.people.values()) {
    if (person.link?.state === "failed") found.push(note(`failed-${person.socketId}`, "alert", t("failedHint", { name: person.username })));
  }
  return found;
}

export function note(key, symbol, text, action) {
  const button = action && h("button", { class: "button", type: "button", onclick: action[1] }, action[0]);
  return h("div", { class: "note", role: "alert", "data-key": `note-${key}` }, icon(symbol), h("p", {}, text), button);
}

function tile(call, person) {
  const isMe = person === call.me;
  const state = isMe ? "self" : (person.link?.state ?? "closed");
  return h(
    "li",
    { class: "tile", "data-key": person.socketId, "data-voice": person.socketId, "data-state": state, "data-muted": `${!person.micOn}` },
    h(
      "div",
      { class: "tile-face" },
      avatar({ id: person.id, name: person.username, picture: person.profilePicture }, "huge"),
      !person.micOn && h("span", { class: "muted-mark" }, icon("mic-off")),
    ),
    h("p", { class: "tile-name" }, person.username, isMe && h("span", { class: "hint" }, ` (${t("you")})`)),
    h("p", { class: "tile-state" }, isMe ? selfState(call) : [icon(SYMBOLS[state]), t(STATES[state])], !person.micOn && !isMe && [h("span", { class: "dot", "aria-hidden": "true" }, "·"), t("muted")]),
  );
}

function selfState(call) {
  if (!call.hasMicrophone) return [icon("mic-off"), t("stateListening")];
  return call.muted ? [icon("mic-off"), t("muted")] : [icon("mic"), t("stateSelf")];
}

function controls(call) {
  const label = call.hasMicrophone ? t(call.muted ? "unmute" : "mute") : t("useMic");
  const toggle = () => (call.hasMicrophone ? call.setMuted(!call.muted) : call.retryMicrophone());
  const off = !call.hasMicrophone || call.muted;
  return h(
    "footer",
    { class: "controls" },
    h(
      "div",
      { class: "controls-row" },
      h("button", { class: `control ${off ? "off" : ""}`, type: "button", "data-key": "mute", "aria-keyshortcuts": "M", title: t("muteKey"), disabled: call.state === "joining", onclick: toggle }, icon(off ? "mic-off" : "mic"), h("span", {}, label), h("kbd", { "aria-hidden": "true" }, "M")),
      h("button", { class: "control leave", type: "button", "data-key": "leave", onclick: () => call.leave() }, icon("leave"), h("span", {}, t("leave"))),
    ),
    h("p", { class: "hint" }, t("meshHint")),
  );
}

// Runs while a call is on: rings follow the voices, in the tiles and in the channel list.
export function followVoices(call) {
  const draw = () => {
    for (const [id, { level, speaking }] of call.levels()) {
      for (const element of document.querySelectorAll(`[data-voice="${CSS.escape(id)}"]`)) {
        element.classList.toggle("speaking", speaking);
        element.style.setProperty("--level", level.toFixed(2));
      }
    }
    if (call.state !== "idle") requestAnimationFrame(draw);
    else running = false;
  };
  let running = true;
  requestAnimationFrame(draw);
  return () => running;
}
