/** What people's tokens allow. Each role may do all that the one before it may. */
export const TOKEN_ROLES = ['viewer', 'responder', 'admin'] as const;
export type TokenRole = (typeof TOKEN_ROLES)[number];

/** Who speaks: the token's own name, and the person it is bound to, if any. */
export interface Bearer {
  readonly name: string;
  readonly person: string | null;
  readonly role: TokenRole;
  /** Tells the secrets of one name apart, in the audit and in lists; nothing can be done with it. */
  readonly keyId: string;
}

export const mayAct = (has: TokenRole, needs: TokenRole): boolean =>
  TOKEN_ROLES.indexOf(has) >= TOKEN_ROLES.indexOf(needs);

/** The name that goes on the timeline: the person, or the token's own name when it is bound to nobody. */
export const actorOfBearer = ({ name, person }: Pick<Bearer, 'name' | 'person'>): string => person ?? name;
