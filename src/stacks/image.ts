/** Whether an image has a version or a digest: a tag with a digit in it. Other tags move (latest, stable, main). */
export function isPinned(image: string | undefined): boolean {
  if (image === undefined) return false;
  if (image.includes('@')) return true;
  const tag = /:([^:/]+)$/.exec(image)?.[1];
  return tag !== undefined && /\d/.test(tag);
}
