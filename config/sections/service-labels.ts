/** `serviceLabels`: which labels of an alert may name the service that people are shown. Routes match on labels alone. */
import { z } from 'zod';
import { text } from '../../runtime/setting-schemas.ts';
import type { Section } from '../config.ts';

export const serviceLabelsSection: Section<readonly string[]> = {
  schema: z
    .array(text(256), 'expected a list of label names, the first that an alert has counts')
    .prefault(['service', 'app', 'deployment', 'job', 'namespace']),
};
