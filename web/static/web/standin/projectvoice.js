// Stands in for the SDK until it is merged: its surface, without the live part.

export class ApiError extends Error {
  constructor(message, fields) {
    super(message);
    Object.assign(this, fields);
  }
}

export class Client {
  onSignedOut = () => {};

  constructor({ baseUrl = "", token = null, language } = {}) {
    Object.assign(this, { baseUrl, token, language });
  }

  get(path, query) {
    const given = Object.entries(query ?? {}).filter(([, value]) => value !== undefined && value !== null);
    return this.#ask("GET", path + (given.length ? `?${new URLSearchParams(given)}` : ""));
  }

  post = (path, body) => this.#ask("POST", path, body ?? {});
  put = (path, body) => this.#ask("PUT", path, body ?? {});
  patch = (path, body) => this.#ask("PATCH", path, body ?? {});
  delete = (path, body) => this.#ask("DELETE", path, body);

  upload(file, { channelId, onProgress, signal }) {
    return new Promise((resolve, reject) => {
      const request = new XMLHttpRequest();
      const form = new FormData();
      form.append("channelId", channelId);
      form.append("file", file, file.name);
      request.open("POST", `${this.baseUrl}/api/attachments`);
      for (const [name, value] of Object.entries(this.#headers())) request.setRequestHeader(name, value);
      request.upload.onprogress = ({ loaded, total }) => onProgress?.(loaded / total);
      request.onload = () => {
        const data = JSON.parse(request.responseText || "{}");
        if (request.status < 300) resolve(data);
        else reject(this.#error(request.status, data));
      };
      request.onerror = () => reject(new ApiError("", { status: 0 }));
      request.onabort = () => reject(new DOMException("", "AbortError"));
      signal?.addEventListener("abort", () => request.abort());
      request.send(form);
    });
  }

  #headers() {
    return { "Accept-Language": this.language, ...(this.token && { Authorization: `Bearer ${this.token}` }) };
  }

  async #ask(method, path, body) {
    let response;
    try {
      response = await fetch(`${this.baseUrl}/api${path}`, {
        method,
        headers: { Accept: "application/json", ...this.#headers(), ...(body && { "Content-Type": "application/json" }) },
        body: body && JSON.stringify(body),
      });
    } catch {
      throw new ApiError("", { status: 0 });
    }
    const data = response.status === 204 ? null : await response.json().catch(() => null);
    if (!response.ok) throw this.#error(response.status, data ?? {}, response.headers.get("Retry-After"));
    return data;
  }

  #error(status, data, retryAfter) {
    if (status === 401 && this.token) this.onSignedOut();
    return new ApiError(data.error ?? `HTTP ${status}`, { status, details: data.details, twoFactor: data.twoFactor, retryAfter: Number(retryAfter) || undefined });
  }
}

export class Live {
  state = "offline";
  seq = null;
  connect() {}
  close() {}
  on() {
    return () => {};
  }
  onState() {
    return () => {};
  }
  typing() {}
  presence() {}
}
