/** A reference to an image, as of https://github.com/distribution/reference. */
const path = "[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*";
const host = "(?:[a-zA-Z0-9](?:[-a-zA-Z0-9]*[a-zA-Z0-9])?)(?:\\.[a-zA-Z0-9](?:[-a-zA-Z0-9]*[a-zA-Z0-9])?)*(?::\\d+)?";
const reference = new RegExp(`^(?:${host}/)?${path}(?:/${path})*(?::[\\w][\\w.-]{0,127})?(?:@sha256:[0-9a-f]{64})?$`);

/** Whether a kubelet can make something of it. */
export function isImageName(image: string): boolean {
  return reference.test(image);
}

/** Whether its registry can be asked: names below `.invalid` never resolve (RFC 6761). */
export function isPullable(image: string): boolean {
  const [registry = ""] = image.split("/");
  return !/\.invalid(:\d+)?$/.test(registry);
}
