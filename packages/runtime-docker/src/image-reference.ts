/** The parts of an image reference, as the engine wants them one by one. */
export interface ImageReference {
  /** With the registry, if there is one: `registry:5000/team/tools`. */
  readonly name: string;
  readonly tag: string | undefined;
  /** `sha256:…`: decides, whatever the tag. */
  readonly digest: string | undefined;
}

const host = String.raw`(?:[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?|\[[0-9a-fA-F:]+\])(?::\d+)?`;
const part = String.raw`[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*`;
/** The grammar of https://pkg.go.dev/github.com/distribution/reference: a colon before the last slash is a port. */
const grammar = new RegExp(
  String.raw`^(?<name>(?:${host}/)?${part}(?:/${part})*)(?::(?<tag>\w[\w.-]{0,127}))?(?:@(?<digest>sha256:[0-9a-f]{64}))?$`,
);

/** Whether `text` is an image reference: `[registry[:port]/]name[:tag][@sha256:…]`. */
export function isImageReference(text: string): boolean {
  return text.length <= 512 && grammar.test(text);
}

/** Takes an image reference apart; throws when it is none. */
export function parseImageReference(text: string): ImageReference {
  const groups = grammar.exec(text)?.groups;
  const name = groups?.["name"];
  if (name === undefined) throw new Error(`Not an image reference: ${text}`);
  return { name, tag: groups?.["tag"], digest: groups?.["digest"] };
}

/** What a container is created from: the digest where there is one, for engines take no tag beside it. */
export function imageToRun({ name, tag, digest }: ImageReference): string {
  return digest === undefined ? `${name}:${tag ?? "latest"}` : `${name}@${digest}`;
}

/** What is pulled. The version is always said: an engine that hears none pulls every tag there is. */
export function imageToPull({ name, tag, digest }: ImageReference): {
  readonly fromImage: string;
  readonly tag: string;
} {
  return { fromImage: name, tag: digest ?? tag ?? "latest" };
}
