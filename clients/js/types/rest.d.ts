// From the paths of the OpenAPI document to what `client.get("/api/servers/7")` takes and answers.

import type { components, paths } from "./schema.d.ts";

export type Schemas = components["schemas"];
export type Method = "get" | "post" | "put" | "patch" | "delete";
export type Me = Schemas["MeOutput"];
export type SignedIn = Schemas["SignedInOutput"];
export type Attachment = Schemas["AttachmentOutput"];

export interface RequestOptions {
  signal?: AbortSignal;
}

/** What a refusal says; some say more. */
export interface ErrorAnswer {
  error?: string;
  code?: number;
  details?: Schemas["MissingPermissionOutput"]["details"] | null;
  twoFactor?: { ticket: string; expiresAt: string } | null;
  retryAfter?: number | null;
  [more: string]: unknown;
}

/** Paths of the document that have the method. */
type Template<M extends Method> = { [K in keyof paths]: M extends keyof paths[K] ? K : never }[keyof paths];
type OperationOf<K extends keyof paths, M extends Method> = M extends keyof paths[K] ? paths[K][M] : never;

/** The same with their ids filled in: `/api/servers/${number}`. */
type Filled<K extends string, Ids> = K extends `${infer Before}{${infer Name}}${infer After}`
  ? `${Before}${Name extends keyof Ids ? Extract<Ids[Name], string | number> : string}${Filled<After, Ids>}`
  : K;
type IdsOf<O> = O extends { parameters: { path: infer Ids } } ? Ids : never;
type Paths<M extends Method> = { [K in Template<M>]: Filled<K, IdsOf<OperationOf<K, M>>> };

export type Path<M extends Method> = Paths<M>[Template<M>];

/** A path of words alone is itself; any other is whichever it fits. */
type TemplateOf<P, M extends Method> = P extends Template<M>
  ? P
  : { [K in Template<M>]: P extends Paths<M>[K] ? K : never }[Template<M>];
type Operation<P, M extends Method> = TemplateOf<P, M> extends infer K extends Template<M> ? OperationOf<K, M> : never;

type Json<T> = T extends { content: { "application/json": infer Body } } ? Body : never;
type Good<O> = O extends { responses: infer Answers } ? Answers[keyof Answers] : never;

/** Null where the server has nothing to say (204). */
export type Answer<P, M extends Method> = Good<Operation<P, M>> extends infer A
  ? A extends { content: unknown } ? Json<A> : null
  : never;

export type Query<P, M extends Method> = Operation<P, M> extends { parameters: { query?: infer Q extends object } } ? Q : Record<string, never>;
export type Body<P, M extends Method> = Operation<P, M> extends { requestBody?: infer B } ? Json<B> : undefined;

/** May be left out if nothing in it is needed. */
type Needed<T> = {} extends T ? [first?: T, options?: RequestOptions] : [first: T, options?: RequestOptions];
export type QueryArguments<P, M extends Method> = Needed<Query<P, M>>;
export type BodyArguments<P, M extends Method> = Operation<P, M> extends { requestBody: unknown }
  ? Needed<Body<P, M>>
  : [body?: Body<P, M>, options?: RequestOptions];
