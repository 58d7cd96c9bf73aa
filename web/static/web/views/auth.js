// Sign in, with the second step if there is one; sign up; a forgotten password.

import { html, useState } from "../html.js";
import { Field, Form } from "../parts/form.js";
import { Icon } from "../parts/icon.js";
import { api } from "../state/client.js";
import { notice, register, signIn, signInByCode } from "../state/session.js";
import { t } from "../texts/index.js";

const SIZES = { username: [3, 25], password: 8 };

// `begin`: "in" or "up"; `children` stand above the form.
export function AuthView({ begin = "in", children }) {
  const [step, setStep] = useState({ name: begin });
  const Step = { in: SignIn, up: SignUp, code: Code, forgot: Forgot }[step.name];
  return html`<${Cover}>
    ${children}
    ${notice.value && html`<p class="error" role="alert">${t(notice.value)}</p>`}
    <${Step} key=${step.name} step=${step} to=${(name, more) => setStep({ name, ...more })} />
  </${Cover}>`;
}

// The frame of all pages one sees without being inside.
export function Cover({ children }) {
  return html`<main class="cover">
    <section class="cover-pitch">
      <p class="brand"><${Icon} name="brand" size="30px" />ProjectVoice</p>
      <h1>${t("tagline")}</h1>
      <p>${t("pitch")}</p>
      <${Waves} />
    </section>
    <section class="cover-card">${children}</section>
  </main>`;
}

// A quiet picture of what this is for: a voice.
function Waves() {
  const heights = [16, 34, 22, 58, 40, 78, 52, 96, 62, 84, 44, 66, 30, 48, 20, 28, 12];
  return html`<div class="waves" aria-hidden="true">${heights.map((height, at) => html`<i key=${at} style=${{ height: `${height}%` }} />`)}</div>`;
}

const Switch = ({ question, label, onClick }) =>
  html`<p class="switch">${question && html`${question} `}<button type="button" class="link" onClick=${onClick}>${label}</button></p>`;

const Email = (props) => html`<${Field} label=${t("email")} name="email" type="email" required spellcheck=${false} ...${props} />`;

export function NewPassword({ label = t("password"), name = "password" }) {
  return html`<${Field} label=${label} name=${name} type="password" autocomplete="new-password" required minlength=${SIZES.password} hint=${t("passwordRule")} />`;
}

function SignIn({ to }) {
  const submit = async ({ email, password }) => {
    try {
      await signIn(email, password);
    } catch (error) {
      if (!error.twoFactor) throw error;
      to("code", { ticket: error.twoFactor.ticket });
    }
  };
  return html`<h2>${t("signIn")}</h2>
    <${Form} submit=${submit} label=${t("signIn")} wide>
      <${Email} autocomplete="username" />
      <${Field} label=${t("password")} name="password" type="password" autocomplete="current-password" required />
    </${Form}>
    <${Switch} label=${t("forgotPassword")} onClick=${() => to("forgot")} />
    <${Switch} question=${t("newHere")} label=${t("signUp")} onClick=${() => to("up")} />`;
}

function SignUp({ to }) {
  const [least, most] = SIZES.username;
  return html`<h2>${t("signUp")}</h2>
    <${Form} submit=${({ username, email, password }) => register(username, email, password)} label=${t("signUp")} wide>
      <${Field} label=${t("username")} name="username" autocomplete="nickname" required minlength=${least} maxlength=${most} hint=${t("usernameRule")} />
      <${Email} autocomplete="email" />
      <${NewPassword} />
    </${Form}>
    <${Switch} question=${t("haveAccount")} label=${t("signIn")} onClick=${() => to("in")} />`;
}

function Code({ step, to }) {
  return html`<h2>${t("twoFactor")}</h2>
    <p class="lead">${t("twoFactorText")}</p>
    <${Form} submit=${({ code }) => signInByCode(step.ticket, code.trim())} label=${t("signIn")} wide>
      <${Field} label=${t("code")} name="code" autocomplete="one-time-code" required autofocus spellcheck=${false} maxlength="40" />
    </${Form}>
    <${Switch} label=${t("back")} onClick=${() => to("in")} />`;
}

function Forgot({ to }) {
  const [sent, setSent] = useState(false);
  const submit = async ({ email }) => (await api.post("/auth/password/forgot", { email }), setSent(true));
  return html`<h2>${t("forgotPassword")}</h2>
    ${sent ? html`<p class="lead" role="status">${t("forgotSent")}</p>` : html`<p class="lead">${t("forgotText")}</p><${Form} submit=${submit} label=${t("sendLink")} wide><${Email} autocomplete="username" /></${Form}>`}
    <${Switch} label=${t("backToSignIn")} onClick=${() => to("in")} />`;
}
