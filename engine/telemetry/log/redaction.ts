/** What stands where a secret stood. */
export const HIDDEN = '[hidden]';

/** Shorter values would hide half of every line. */
const SHORTEST_SECRET = 8;

/** Names of fields, headers and variables whose values nobody may read. */
const SECRET_NAME =
  /secret|passw|token|authori[sz]ation|cookie|credential|api[-_]?key|private[-_]?key|signature|\bdsn\b|_key$|_dsn$/i;

/** How secrets look where nobody says that they are: keys of services, what follows `Bearer`, names and passwords in addresses, links for one sign-in. */
const SHAPES: readonly (readonly [RegExp, string])[] = [
  [/\bsk-[\w-]{16,}/g, HIDDEN],
  [/\b(Bearer|Basic) [\w.~+/=-]{8,}/gi, `$1 ${HIDDEN}`],
  [/\b(\w+:\/\/)[^/\s:@"]+(?::[^/\s@"]*)?@/g, `$1${HIDDEN}@`],
  [/(#login=)[\w.~-]+/g, `$1${HIDDEN}`],
  [/([?&](?:access_token|client_secret|token|key|signature)=)[^&\s"]+/gi, `$1${HIDDEN}`],
  [/-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)/g, HIDDEN],
];

/** `"name":"value"` in a line of JSON, also in one that was quoted once more. */
const JSON_FIELD = /(\\?"([\w.-]+)\\?"\s*:\s*)(\\?")((?:[^"\\]|\\(?!\\?").)*?)\3/g;

/**
 * Takes secrets out of what is written down or sent away, as its very last step, so that no way around it is left: values that were named as
 * secrets, fields that are called like one, and what looks like one.
 */
export class Redaction {
  private known: readonly string[] = [];

  /** Names values that must never be seen, wherever they stand. Short ones are left: they would be found in every line. */
  hide(...secrets: readonly (string | undefined)[]): void {
    const longEnough = secrets.filter((each): each is string => each !== undefined && each.length >= SHORTEST_SECRET);
    // Each in every way in which it may be written: in JSON, in JSON within JSON, in an address. The longest first: one may be a part of another.
    const written = longEnough.flatMap((each) => [each, quoted(each), quoted(quoted(each)), encodeURIComponent(each)]);
    this.known = [...new Set([...this.known, ...written])].sort((a, b) => b.length - a.length);
  }

  /** Names every value of the environment whose variable is called like a secret. */
  hideEnvironment(environment: NodeJS.ProcessEnv): void {
    for (const [name, value] of Object.entries(environment)) if (SECRET_NAME.test(name)) this.hide(value);
  }

  /** Names the texts in plain data that stand under a name of a secret, or below one. */
  hideWithin(data: unknown, isSecret = false): void {
    if (typeof data === 'string') {
      if (isSecret) this.hide(data);
      return;
    }
    if (data === null || typeof data !== 'object' || ArrayBuffer.isView(data)) return;
    for (const [name, value] of Object.entries(data)) this.hideWithin(value, isSecret || SECRET_NAME.test(name));
  }

  /** A text without the values that were named. For what its reader may otherwise see as it is. */
  withoutKnown(text: string): string {
    let safe = text;
    for (const secret of this.known) if (safe.includes(secret)) safe = safe.replaceAll(secret, HIDDEN);
    return safe;
  }

  /** A text, JSON or not, without secrets. */
  of(text: string): string {
    let safe = this.withoutKnown(text);
    safe = safe.replace(JSON_FIELD, (field, name: string, key: string, quote: string) =>
      SECRET_NAME.test(key) ? `${name}${quote}${HIDDEN}${quote}` : field,
    );
    for (const [shape, instead] of SHAPES) safe = safe.replace(shape, instead);
    return safe;
  }
}

function quoted(text: string): string {
  return JSON.stringify(text).slice(1, -1);
}
