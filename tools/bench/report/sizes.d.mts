export function firstVisit(folder: string): string[];
export function pageSize(folder: string): number;
