// A form on its way. fetch tells no progress of what it sends, XMLHttpRequest does: it is taken where there is one.

/**
 * @param {string} url
 * @param {FormData} form
 * @param {{ headers: Record<string, string>, onProgress?: (share: number) => void, signal?: AbortSignal }} options
 * @returns {Promise<{ status: number, header: (name: string) => string | null, text: string }>}
 */
export async function upload(url, form, { headers, onProgress, signal }) {
  if (onProgress && globalThis.XMLHttpRequest) return uploadTelling(url, form, { headers, onProgress, signal });
  const response = await fetch(url, { method: "POST", headers, body: form, signal });
  const text = await response.text();
  if (response.ok) onProgress?.(1);
  return { status: response.status, header: (name) => response.headers.get(name), text };
}

/**
 * @param {string} url
 * @param {FormData} form
 * @param {{ headers: Record<string, string>, onProgress: (share: number) => void, signal?: AbortSignal }} options
 * @returns {ReturnType<typeof upload>}
 */
function uploadTelling(url, form, { headers, onProgress, signal }) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    const abort = () => request.abort();
    request.open("POST", url);
    for (const [name, value] of Object.entries(headers)) request.setRequestHeader(name, value);
    request.upload.onprogress = ({ loaded, total }) => onProgress(total ? loaded / total : 0);
    request.onload = () => {
      if (request.status < 300) onProgress(1);
      resolve({ status: request.status, header: (name) => request.getResponseHeader(name), text: request.responseText });
    };
    request.onerror = () => reject(new TypeError("The upload broke off"));
    request.onabort = () => reject(signal?.reason);
    request.onloadend = () => signal?.removeEventListener("abort", abort);
    if (signal?.aborted) return reject(signal.reason);
    signal?.addEventListener("abort", abort);
    request.send(form);
  });
}
