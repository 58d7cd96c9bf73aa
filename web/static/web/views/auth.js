// Sign in and sign up.

import { api } from "../api.js";
import { h, icon } from "../dom.js";
import { t } from "../texts.js";
import { field, form } from "./form.js";

const SIZES = { username: [3, 25], password: 8 };

export function authView(app) {
  const { signingUp, invite, notice } = app.state;
  return h(
    "main",
    { class: "auth", "data-key": "auth" },
    h("section", { class: "auth-pitch" }, brand(), h("h1", {}, t("tagline")), h("p", {}, t("pitch")), voices()),
    h(
      "section",
      { class: "auth-card", "data-key": `auth-${signingUp}` },
      invite?.server && invitation(invite.server),
      invite?.error && h("p", { class: "error", role: "alert" }, invite.error),
      notice && h("p", { class: "error", role: "alert" }, notice),
      h("h2", {}, t(signingUp ? "signUp" : "signIn")),
      signingUp ? signUpForm(app) : signInForm(app),
      h(
        "p",
        { class: "switch" },
        t(signingUp ? "haveAccount" : "newHere"),
        " ",
        h("button", { class: "link", type: "button", onclick: () => app.set({ signingUp: !signingUp, notice: "" }) }, t(signingUp ? "signIn" : "signUp")),
      ),
    ),
  );
}

export function brand() {
  return h("p", { class: "brand" }, h("span", { class: "mark", "aria-hidden": "true" }, [1, 2, 3, 4].map(() => h("i"))), "ProjectVoice");
}

function invitation(server) {
  return h("div", { class: "invited" }, icon("invite"), h("p", {}, t("invitedTo"), " ", h("strong", {}, server.name), ". ", t("inviteSignIn")));
}

// A quiet picture of what this is for: people, and one of them speaks.
function voices() {
  const faces = [["A", 172], ["M", 262], ["K", 28]].map(([letter, hue], place) =>
    h("span", { class: `avatar ${place === 1 ? "loud" : ""}`, vars: { "--hue": hue } }, letter),
  );
  return h("div", { class: "voices", "aria-hidden": "true" }, faces);
}

function signInForm(app) {
  return form({
    fields: [emailField("username"), field(t("password"), { name: "password", type: "password", autocomplete: "current-password", required: true })],
    label: t("signIn"),
    submit: async ({ email, password }) => app.signedIn(await api.login(email, password)),
  });
}

function signUpForm(app) {
  const [least, most] = SIZES.username;
  const name = { name: "username", autocomplete: "nickname", required: true, minlength: least, maxlength: most, hint: t("usernameRule") };
  const password = { name: "password", type: "password", autocomplete: "new-password", required: true, minlength: SIZES.password, hint: t("passwordRule") };
  return form({
    fields: [field(t("username"), name), emailField("email"), field(t("password"), password)],
    label: t("signUp"),
    submit: async ({ username, email, password }) => app.signedIn(await api.register(username, email, password)),
  });
}

function emailField(autocomplete) {
  return field(t("email"), { name: "email", type: "email", autocomplete, required: true, spellcheck: "false" });
}
