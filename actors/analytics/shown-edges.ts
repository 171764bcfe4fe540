/** Places of the edges that the stage shows. */
export const SHOWN = { ATTRIBUTIONS: 0, PERFORMANCES: 1, MARKOUTS: 2 } as const;
