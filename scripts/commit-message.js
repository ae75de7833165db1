/** The commit-msg hook: the subject is a conventional commit. Its argument is the file that holds the message. */
import { readFileSync } from 'node:fs';

const TYPES = ['feat', 'fix', 'perf', 'refactor', 'docs', 'test', 'build', 'ci', 'chore', 'revert'];
const SUBJECT = new RegExp(`^(${TYPES.join('|')})(\\([a-z0-9][a-z0-9,/-]*\\))?!?: \\S.*$`);
/** Git writes these itself; the last two are gone after a rebase with autosquash. */
const BY_GIT = /^(Merge |Revert "|fixup! |squash! |amend! )/;
const LONGEST = 100;

const lines = readFileSync(process.argv[2], 'utf8')
  .split('\n')
  .filter((line) => !line.startsWith('#'));
const [subject = '', second = ''] = lines;
const problems = [];
if (!BY_GIT.test(subject)) {
  if (!SUBJECT.test(subject))
    problems.push(`the subject is not "type(scope): summary" with a type of ${TYPES.join(', ')}`);
  if (subject.length > LONGEST) problems.push(`the subject has ${subject.length} characters, more than ${LONGEST}`);
  if (subject.endsWith('.')) problems.push('the subject ends with a full stop');
  if (second.trim() !== '') problems.push('the second line is not empty');
}
for (const problem of problems) console.error(`commit message: ${problem}`);
if (problems.length > 0) {
  console.error('  for example: feat(escalation): page all levels together from the second cycle on');
  process.exitCode = 1;
}
