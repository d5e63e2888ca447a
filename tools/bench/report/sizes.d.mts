export function firstVisit(folder: string, language: string): string[];
export function pageSize(folder: string, language?: string): number;
