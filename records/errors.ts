/** What the records throw on purpose. */

/** The database is away, or did not answer in time. Whether it took what it was given is not known. */
export class RecordsDown extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'RecordsDown';
  }
}

/** Not a cursor that `list` gave. */
export class BadCursor extends Error {
  constructor() {
    super('not a cursor of this list');
    this.name = 'BadCursor';
  }
}
