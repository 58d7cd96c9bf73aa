// The instance this page came from, by way of the SDK.

import { ApiError, Client } from "projectvoice";
import { effect, signal } from "../html.js";
import { language, t } from "../texts/index.js";

const KEY = "projectvoice.token";

export const client = new Client({ token: localStorage.getItem(KEY), language: language.peek() });

effect(() => (client.language = language.value));

// Whether the last request reached the server at all.
export const reachable = signal(true);

export function keepToken(token) {
  client.token = token;
  if (token) localStorage.setItem(KEY, token);
  else localStorage.removeItem(KEY);
}

async function told(asked) {
  try {
    const answer = await asked;
    reachable.value = true;
    return answer;
  } catch (error) {
    if (error instanceof ApiError) reachable.value = !error.offline;
    if (error.offline) error.message = t("unreachable");
    throw error;
  }
}

// Paths are those of the API, without /api: api.get("/messages", { channelId }). Errors carry `status` and a `message` for people.
export const api = {
  get: (path, query, options) => told(client.get(`/api${path}`, query, options)),
  post: (path, body) => told(client.post(`/api${path}`, body)),
  put: (path, body) => told(client.put(`/api${path}`, body)),
  patch: (path, body) => told(client.patch(`/api${path}`, body)),
  delete: (path, body) => told(client.delete(`/api${path}`, body)),
  upload: (file, options) => told(client.upload(file, options)),
  signIn: (credentials) => told(client.login(credentials)),
  signInByCode: (ticket, code) => told(client.loginTwoFactor(ticket, code)),
  register: (account) => told(client.register(account)),
  signOut: () => told(client.logout()),
};
