const THEME = 'volfilter.theme';
const themes = ['amber', 'safe', 'light'];

export function isTheme(name: string): boolean {
  return themes.includes(name);
}

export function setTheme(name: string): void {
  document.documentElement.dataset.theme = name;
  localStorage.setItem(THEME, name);
}

/** The theme that was chosen last, amber on black before. */
export function startTheme(): void {
  const saved = localStorage.getItem(THEME) ?? 'amber';
  document.documentElement.dataset.theme = isTheme(saved) ? saved : 'amber';
}

/** A colour of the theme, for what is drawn on a canvas. */
export function colour(name: 'amber' | 'text' | 'dim' | 'up' | 'down' | 'blue' | 'line' | 'ground'): string {
  return getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
}
