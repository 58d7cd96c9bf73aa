// What goes wrong with a request, whoever's fault it is.

/** @import { ErrorAnswer } from "../types/rest.d.ts" */

const TEXTS = {
  offline: { en: "The server cannot be reached", ru: "Нет связи с сервером" },
  slow: { en: "The server did not answer in time", ru: "Сервер не ответил вовремя" },
  garbled: { en: "The server answered something else than JSON", ru: "Сервер ответил не тем, чего от него ждали" },
};

/** A refusal of the server's, or no answer at all. `message` is a sentence for the user, in his language. */
export class ApiError extends Error {
  /**
   * @param {number} status of HTTP; 0: there was no answer
   * @param {string} message
   * @param {Partial<ErrorAnswer> & { retryAfter?: number | null }} [more]
   */
  constructor(status, message, more = {}) {
    super(message);
    this.name = "ApiError";
    this.status = status;
    /** Why a right is missing, as the 403 tells it. */
    this.details = more.details ?? null;
    /** What signing in goes on with, if a code is wanted: `client.loginTwoFactor(ticket, code)`. */
    this.twoFactor = more.twoFactor ?? null;
    /** Seconds to wait before asking again. */
    this.retryAfter = more.retryAfter ?? null;
    /** The answer whole: some refusals say more, such as why an account is blocked. */
    this.answer = more;
  }

  /** There was no answer: nothing is wrong with what was asked. */
  get offline() {
    return this.status === 0;
  }
}

/**
 * @param {keyof typeof TEXTS} what
 * @param {string} [language] as Accept-Language has it
 */
export function text(what, language = "ru") {
  return TEXTS[what][language.startsWith("ru") ? "ru" : "en"];
}
