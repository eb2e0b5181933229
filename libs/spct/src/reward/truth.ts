/**
 * What is known of an item: which response is best, or of a single response whether it is right. There is exactly one best
 * (arXiv 2504.02495, eq. 10).
 */
export type Truth = { readonly best: number } | { readonly label: 0 | 1 };
