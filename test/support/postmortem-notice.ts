/** What a story tells once its incident is over, wherever a post-mortem is owed. */

/** The notice to its owner, without the minute: the default team is always at work, so it comes at once. */
export function postmortemNotice(severity = 'SEV2', id = 'INC-2026-001', person = 'ana'): string {
  return (
    `notice ${person}: The post-mortem of ${id}, ${severity} "Checkout fails" is yours, due at DAY HH:MM. ` +
    `Start from the draft: \`tocsin postmortem ${id}\`. Add action items with an owner and a date.`
  );
}
