/** What a delivery was, read off its key, which is made of nothing else. Pure. */

/** Notices and stakeholder updates only tell; every other key is a page, by the chain or by the edge itself. */
const ONLY_TELLS = /^[^/]+\/(?:notice|stakeholder-update)\//;

/** Whether it was a page: something that wants an answer. */
export const isPage = ({ key }: { readonly key: string }): boolean => !ONLY_TELLS.test(key);
