/** The folder that holds models/ and properties/: the project's own, or dist/ once it is built. */
export const home = new URL('../', import.meta.url);
