/** The hues of the roles where a canvas needs them; styles/theme.css has the same. */
import type { Theme } from './color.ts';
import type { Role } from './flow/stations.ts';

/** What is written on a role's hue. */
export const paperInks: Record<Theme, string> = { light: '#fafaf7', dark: '#11161c' };

export const roleInks: Record<Theme, Record<Role, string>> = {
  light: {
    residual: '#56636f',
    query: '#2257bf',
    key: '#ab2f68',
    value: '#7a6100',
    mlp: '#7046b3',
    probability: '#14737c',
  },
  dark: {
    residual: '#a6b2bd',
    query: '#82adff',
    key: '#f48bb6',
    value: '#d9bd53',
    mlp: '#bd9df5',
    probability: '#6fbcbd',
  },
};

/** For those who ask for more contrast. */
const contrastInks: Record<Theme, Partial<Record<Role, string>>> = {
  light: { query: '#16418f', key: '#87204f', probability: '#0c5960' },
  dark: { query: '#a9c6ff', key: '#f9b3cf', probability: '#93d6d6' },
};

/** The hues of all roles; `more` contrast where `prefers-contrast` asks for it. */
export const inksOf = (theme: Theme, more: boolean): Record<Role, string> => ({
  ...roleInks[theme],
  ...(more ? contrastInks[theme] : {}),
});
