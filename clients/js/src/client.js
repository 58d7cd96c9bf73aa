// The REST side: paths, queries and bodies as the OpenAPI document has them; a token beside them, errors by their text.

import { ApiError, text } from "./errors.js";
import { upload } from "./upload.js";

/**
 * @import { Answer, ErrorAnswer, Path, QueryArguments, BodyArguments, RequestOptions, SignedIn, Attachment, Me } from "../types/rest.d.ts"
 */
/**
 * @typedef {object} ClientOptions
 * @property {string} [baseUrl] where the instance is, such as `https://voice.example.com`; in its own pages: nothing
 * @property {string | null} [token] of a session that was begun earlier
 * @property {string} [language] of texts for people, as Accept-Language has it
 * @property {number} [timeout] milliseconds that a request may take
 */

const TIMEOUT_MS = 30_000;

export class Client {
  /** @type {(() => void) | null} called when the server no longer takes the token, which is forgotten by then */
  onSignedOut = null;

  /** @param {ClientOptions} [options] */
  constructor({ baseUrl = "", token = null, language, timeout = TIMEOUT_MS } = {}) {
    this.baseUrl = baseUrl.replace(/\/$/, "");
    /** @type {string | null} */
    this.token = token;
    this.language = language ?? globalThis.navigator?.language ?? "en";
    this.timeout = timeout;
  }

  /**
   * @template {Path<"get">} P
   * @param {P} path
   * @param {QueryArguments<P, "get">} rest `query, options`
   * @returns {Promise<Answer<P, "get">>}
   */
  get(path, ...[query, options]) {
    return this.request("GET", path, { query, ...options });
  }

  /**
   * @template {Path<"post">} P
   * @param {P} path
   * @param {BodyArguments<P, "post">} rest `body, options`
   * @returns {Promise<Answer<P, "post">>}
   */
  post(path, ...[body, options]) {
    return this.request("POST", path, { body, ...options });
  }

  /**
   * @template {Path<"put">} P
   * @param {P} path
   * @param {BodyArguments<P, "put">} rest `body, options`
   * @returns {Promise<Answer<P, "put">>}
   */
  put(path, ...[body, options]) {
    return this.request("PUT", path, { body, ...options });
  }

  /**
   * @template {Path<"patch">} P
   * @param {P} path
   * @param {BodyArguments<P, "patch">} rest `body, options`
   * @returns {Promise<Answer<P, "patch">>}
   */
  patch(path, ...[body, options]) {
    return this.request("PATCH", path, { body, ...options });
  }

  /**
   * @template {Path<"delete">} P
   * @param {P} path
   * @param {BodyArguments<P, "delete">} rest `body, options`
   * @returns {Promise<Answer<P, "delete">>}
   */
  delete(path, ...[body, options]) {
    return this.request("DELETE", path, { body, ...options });
  }

  /**
   * Begins a session; the token is kept. If the account wants a second factor: an ApiError whose `twoFactor` holds a ticket.
   * @param {{ email: string, password: string, twoFactorCode?: string }} credentials
   * @returns {Promise<SignedIn>}
   */
  login(credentials) {
    return this.#signIn("/api/auth/login", credentials);
  }

  /**
   * @param {string} ticket of the ApiError
   * @param {string} code of the authenticator, or a recovery code
   * @returns {Promise<SignedIn>}
   */
  loginTwoFactor(ticket, code) {
    return this.#signIn("/api/auth/two-factor/login", { ticket, code });
  }

  /**
   * A new account, signed in.
   * @param {{ username: string, email: string, password: string }} account
   * @returns {Promise<SignedIn>}
   */
  register(account) {
    return this.#signIn("/api/auth/register", account);
  }

  /** Ends the session. The token is forgotten even if the server cannot be told. */
  async logout() {
    const token = this.token;
    this.token = null;
    try {
      await this.request("DELETE", "/api/auth/sessions/current", { token });
    } catch (error) {
      if (!(error instanceof ApiError) || error.status !== 401) throw error;
    }
  }

  /** @returns {Promise<Me>} */
  me() {
    return this.request("GET", "/api/auth/me");
  }

  /**
   * A file for a message yet to be written: give its id in `attachmentIds`.
   * @param {Blob} file
   * @param {{ channelId: number, filename?: string, onProgress?: (share: number) => void, signal?: AbortSignal }} options
   *   `onProgress` hears 0 to 1; where there is no XMLHttpRequest only the 1 at the end
   * @returns {Promise<Attachment>}
   */
  async upload(file, { channelId, filename, onProgress, signal }) {
    const form = new FormData();
    form.set("channelId", String(channelId));
    form.set("file", file, filename ?? ("name" in file ? String(file.name) : "file"));
    const token = this.token;
    const answer = await upload(`${this.baseUrl}/api/attachments`, form, { headers: this.#headers(token), onProgress, signal })
      .catch((error) => this.#unreachable(error, signal));
    return this.#read(answer, token);
  }

  /**
   * Any request, unchecked: for paths that the types do not know.
   * @param {string} method
   * @param {string} path
   * @param {{ query?: object, body?: unknown, token?: string | null } & RequestOptions} [options]
   * @returns {Promise<any>} the answer's JSON; null if it has none (204)
   */
  async request(method, path, { query, body, token = this.token, signal } = {}) {
    const headers = this.#headers(token);
    if (body !== undefined) headers["Content-Type"] = "application/json";
    const controller = new AbortController();
    const give = () => controller.abort(signal?.reason);
    if (signal?.aborted) give();
    signal?.addEventListener("abort", give);
    const timer = setTimeout(() => controller.abort(new ApiError(0, text("slow", this.language))), this.timeout);
    let answer;
    try {
      const response = await fetch(this.baseUrl + path + search(query), {
        method,
        headers,
        body: body === undefined ? undefined : JSON.stringify(body),
        signal: controller.signal,
      });
      answer = { status: response.status, header: (/** @type {string} */ name) => response.headers.get(name), text: await response.text() };
    } catch (error) {
      return this.#unreachable(error, signal);
    } finally {
      clearTimeout(timer);
      signal?.removeEventListener("abort", give);
    }
    return this.#read(answer, token);
  }

  /**
   * @param {string} path
   * @param {object} body
   */
  async #signIn(path, body) {
    const answer = await this.request("POST", path, { body, token: null });
    this.token = answer.token;
    return answer;
  }

  /**
   * @param {string | null} token
   * @returns {Record<string, string>}
   */
  #headers(token) {
    const headers = { Accept: "application/json", "Accept-Language": this.language };
    return token ? { ...headers, Authorization: `Bearer ${token}` } : headers;
  }

  /**
   * @param {unknown} error
   * @param {AbortSignal | undefined} signal
   * @returns {never}
   */
  #unreachable(error, signal) {
    if (signal?.aborted || error instanceof ApiError) throw error;
    throw Object.assign(new ApiError(0, text("offline", this.language)), { cause: error });
  }

  /**
   * @param {{ status: number, header: (name: string) => string | null, text: string }} answer
   * @param {string | null} token that was sent along
   */
  #read({ status, header, text: body }, token) {
    const good = status >= 200 && status < 300;
    if (good && !body) return null;
    /** @type {any} */
    let json;
    try {
      json = JSON.parse(body);
    } catch {
      throw new ApiError(status, good ? text("garbled", this.language) : `HTTP ${status}`);
    }
    if (good) return json;
    if (status === 401 && token && token === this.token) {
      this.token = null;
      this.onSignedOut?.();
    }
    /** @type {ErrorAnswer} */
    const refusal = typeof json === "object" && json ? json : {};
    const seconds = Number(header("Retry-After") ?? refusal.retryAfter);
    throw new ApiError(status, refusal.error ?? `HTTP ${status}`, { ...refusal, retryAfter: seconds > 0 ? seconds : null });
  }
}

/** @param {object | undefined} query */
function search(query) {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query ?? {})) {
    for (const one of Array.isArray(value) ? value : [value]) {
      if (one !== undefined && one !== null) parameters.append(name, String(one));
    }
  }
  const text = parameters.toString();
  return text && `?${text}`;
}
