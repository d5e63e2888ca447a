import { createContext } from 'svelte';
import type { Explorer } from './explorer.svelte.ts';

/** The one state of the page, for its panels. Smaller components get what they draw as properties. */
export const [getExplorer, setExplorer] = createContext<Explorer>();
