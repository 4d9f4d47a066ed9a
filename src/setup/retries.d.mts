export const retriesVariable: string;
export default function setup(): (() => void) | undefined;
export function summary(text: string): string;
