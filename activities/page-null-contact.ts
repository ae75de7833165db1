/**
 * Paging nobody, for the self-check: the very code that pages people, and a directory in which there is one person with
 * one way to be reached, which takes every page and tells nobody.
 */
import { ApplicationFailure } from '@temporalio/common';
import { createPage } from './page.ts';
import type { Contact, Directory, Ports } from './ports.ts';
import type { PageActivityInput } from './types.ts';

const NOBODY = 'nobody';
const NULL_CONTACT: Contact = { method: 'null', quiet: true, send: () => Promise.resolve() };
const NULL_DIRECTORY: Directory = {
  resolve: () => ({ isKnown: true, people: [NOBODY] }),
  contacts: () => [NULL_CONTACT],
  displayName: (person) => person,
  quietUntil: () => null,
};

export function createPageNullContact(ports: Ports): (request: PageActivityInput) => Promise<void> {
  const page = createPage({ ...ports, directory: NULL_DIRECTORY });
  return async (request) => {
    const { deliveries } = await page(request);
    if (deliveries.length === 1 && deliveries[0]?.state === 'accepted') return;
    throw ApplicationFailure.nonRetryable('the page to nobody did not leave', 'SelfCheckFailed');
  };
}
