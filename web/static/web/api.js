// The REST side: one function that adds the token, and tells an error by its text.

import { language, t } from "./texts.js";

const TOKEN = "projectvoice.token";

export class ApiError extends Error {
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}

export const session = {
  get token() {
    return localStorage.getItem(TOKEN);
  },
  set token(token) {
    if (token) localStorage.setItem(TOKEN, token);
    else localStorage.removeItem(TOKEN);
  },
  onEnded: () => {},
};

async function request(method, path, body) {
  const token = session.token;
  const headers = { Accept: "application/json", "Accept-Language": language };
  if (token) headers.Authorization = `Bearer ${token}`;
  if (body !== undefined) headers["Content-Type"] = "application/json";
  let response;
  try {
    response = await fetch(`/api/${path}`, { method, headers, body: body && JSON.stringify(body) });
  } catch {
    throw new ApiError(0, t("offline"));
  }
  const answer = response.status === 204 ? null : await response.json().catch(() => null);
  if (response.ok) return answer;
  if (response.status === 401 && token && token === session.token) session.onEnded();
  throw new ApiError(response.status, answer?.error ?? `${response.status} ${response.statusText}`);
}

const get = (path) => request("GET", path);
const post = (path, body = {}) => request("POST", path, body);
const remove = (path) => request("DELETE", path);
const part = encodeURIComponent;

export const api = {
  register: (username, email, password) => post("auth/register", { username, email, password }),
  login: (email, password) => post("auth/login", { email, password }),
  me: () => get("auth/me"),
  logOut: () => remove("auth/sessions/current"),
  servers: () => get("servers"),
  server: (id) => get(`servers/${id}`),
  createServer: (name) => post("servers", { name }),
  deleteServer: (id) => remove(`servers/${id}`),
  leaveServer: (id) => remove(`serverMembers/${id}/members/me`),
  createChannel: (serverId, name, type) => post(`servers/${serverId}/channels`, { name, type }),
  deleteChannel: (serverId, id) => remove(`servers/${serverId}/channels/${id}`),
  createInvite: (serverId) => post(`invite/${serverId}/invite`),
  invite: (token) => get(`invite/invite/${part(token)}`),
  acceptInvite: (token) => post(`invite/invite/${part(token)}/accept`),
  iceServers: () => get("voice/ice-servers"),
};
